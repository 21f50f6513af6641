package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/record"
	"crmhook/shared/records"
	"crmhook/shared/web"
)

const (
	recordsPath = "/organizations/{organization}/records/{entity}"
	recordPath  = recordsPath + "/{id}"
)

// Bodies hold at most this many bytes: a record that is written with more blanks than it is kept with; a request and its
// answer as Lambda hands them over.
const (
	mostRecord = 400_000
	mostBulk   = 6 << 20
)

// mergeType is the media type of a merge patch (RFC 7396).
const mergeType = "application/merge-patch+json"

// recordBody is a record as it is answered.
type recordBody struct {
	Entity    string     `json:"entity" doc:"What kind of record it is." example:"contact"`
	ID        string     `json:"id" doc:"The record's id; a contact's is its contactNumber." example:"4711"`
	Version   int64      `json:"version" doc:"Rises with each change; 0 for a record that only other programs wrote." example:"1796119200000"`
	Origin    string     `json:"origin" doc:"Who made the last change." example:"agent-console"`
	UpdatedAt *time.Time `json:"updatedAt,omitempty" doc:"When the last change was made; left out where that is not known."`
	Data      data       `json:"data" doc:"What the record holds. Numbers keep their digits."`
}

// data is written as crmhook writes records everywhere: digit for digit, and no longer than it was measured.
type data map[string]any

// MarshalJSON is of json.Marshaler.
func (d data) MarshalJSON() ([]byte, error) { return contact.AppendJSON(nil, map[string]any(d)) }

// bodyOf is a record as it is answered, its time to the millisecond in which it is kept.
func bodyOf(is record.Record) recordBody {
	body := recordBody{Entity: is.Entity, ID: is.ID, Version: is.Version, Origin: cmp.Or(is.Origin, change.OriginAPI), Data: is.Data}
	if !is.UpdatedAt.IsZero() {
		at := is.UpdatedAt.UTC().Truncate(time.Millisecond)
		body.UpdatedAt = &at
	}
	return body
}

// recordOutput answers a record.
type recordOutput struct {
	Status int
	ETag   string `header:"ETag" doc:"Names this state of the record, for If-Match and If-None-Match."`
	Body   recordBody
}

func recordAnswer(is records.Answer) *recordOutput {
	out := &recordOutput{Status: http.StatusOK, ETag: is.ETag, Body: bodyOf(is.Record)}
	switch {
	case is.Created:
		out.Status = http.StatusCreated
	case is.Known:
		out.Status = http.StatusNotModified
	}
	return out
}

func (r *routes) records() {
	register(r, describeGet(r.huma.OpenAPI()), r.get)
	register(r, describePut(r.huma.OpenAPI()), r.put)
	register(r, describePatch(r.huma.OpenAPI()), r.patch)
	register(r, describeDelete(r.huma.OpenAPI()), r.delete)
	register(r, describeBulk(r.huma.OpenAPI()), r.bulk)
	register(r, describePage(r.huma.OpenAPI()), r.page)
}

func (r *routes) get(ctx context.Context, in *request) (*recordOutput, error) {
	key, err := in.Admit(ctx, r.config.door(access.RecordsRead))
	if err != nil {
		return nil, err
	}
	is, err := r.config.Records.Get(ctx, recordOf(in, key, nil))
	if err != nil {
		return nil, err
	}
	return recordAnswer(is), nil
}

func (r *routes) put(ctx context.Context, in *request) (*recordOutput, error) {
	key, body, err := in.AdmitWith(ctx, r.config.door(access.RecordsWrite), mostRecord, web.JSON)
	if err != nil {
		return nil, err
	}
	is, err := r.config.Records.Put(ctx, recordOf(in, key, body))
	if err != nil {
		return nil, err
	}
	return recordAnswer(is), nil
}

func (r *routes) patch(ctx context.Context, in *request) (*recordOutput, error) {
	key, body, err := in.AdmitWith(ctx, r.config.door(access.RecordsWrite), mostRecord, mergeType, web.JSON)
	if err != nil {
		return nil, err
	}
	is, err := r.config.Records.Patch(ctx, recordOf(in, key, body))
	if err != nil {
		return nil, err
	}
	return recordAnswer(is), nil
}

func (r *routes) delete(ctx context.Context, in *request) (*struct{}, error) {
	key, err := in.Admit(ctx, r.config.door(access.RecordsWrite))
	if err != nil {
		return nil, err
	}
	return nil, r.config.Records.Delete(ctx, recordOf(in, key, nil))
}
