package api

import (
	"context"

	"crmhook/shared/access"
	"crmhook/shared/fault"
	"crmhook/shared/records"
	"crmhook/shared/web"
)

// outcomeBody is what became of one record of a bulk write.
type outcomeBody struct {
	ID      string     `json:"id" doc:"The record's id; empty where it could not be read." example:"4711"`
	Status  int        `json:"status" doc:"What PUT would have answered: 201, 200, or 409, 413, 422 or 503 with the reason in detail." example:"201"`
	Version int64      `json:"version,omitempty" doc:"The record's version; left out where nothing was written." example:"1796119200000"`
	Detail  string     `json:"detail,omitempty" doc:"Why nothing was written."`
	Errors  fault.List `json:"errors,omitempty" nullable:"false" doc:"Everything that is wrong with this record; locations are within the item."`
}

type bulkOutput struct {
	Body struct {
		Items []outcomeBody `json:"items" nullable:"false" doc:"One outcome for each record, in the order in which they were sent."`
	} `nameHint:"Outcomes"`
}

type pageOutput struct {
	Body struct {
		Items []recordBody `json:"items" nullable:"false" doc:"The records by their ids. There may be fewer than the limit where records are large."`
		Next  *string      `json:"next" doc:"The cursor of the next page, null at the end."`
	} `nameHint:"Page"`
}

func (r *routes) bulk(ctx context.Context, in *request) (*bulkOutput, error) {
	key, body, err := in.AdmitWith(ctx, r.config.door(access.RecordsWrite), mostBulk, web.JSON)
	if err != nil {
		return nil, err
	}
	outcomes, err := r.config.Records.Bulk(ctx, recordOf(in, key, body))
	if err != nil {
		return nil, err
	}
	out := &bulkOutput{}
	out.Body.Items = make([]outcomeBody, len(outcomes))
	for i, o := range outcomes {
		out.Body.Items[i] = outcomeBody{ID: o.ID, Status: o.Status, Version: o.Version}
		if o.Refused != nil {
			out.Body.Items[i].Detail, out.Body.Items[i].Errors = o.Refused.Detail, o.Refused.Faults
		}
	}
	return out, nil
}

func (r *routes) page(ctx context.Context, in *request) (*pageOutput, error) {
	key, err := in.Admit(ctx, r.config.door(access.RecordsRead))
	if err != nil {
		return nil, err
	}
	query, err := in.Query()
	if err != nil {
		return nil, err
	}
	page, err := r.config.Records.Page(ctx, records.List{Organization: key.Organization, Entity: in.Path("entity"), Query: query})
	if err != nil {
		return nil, err
	}
	out := &pageOutput{}
	out.Body.Items = make([]recordBody, len(page.Items))
	for i, is := range page.Items {
		out.Body.Items[i] = bodyOf(is)
	}
	if page.Next != "" {
		out.Body.Next = &page.Next
	}
	return out, nil
}
