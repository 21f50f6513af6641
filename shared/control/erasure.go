package control

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/access"
	"crmhook/shared/web"
)

// foundBody is what was found of a person as it is answered.
type foundBody struct {
	Record     bool `json:"record" doc:"Whether there was a record, or the mark of one that was deleted."`
	Directory  int  `json:"directory" minimum:"0" doc:"Addresses, numbers and outside ids by which the contact was found." example:"2"`
	Deliveries int  `json:"deliveries" minimum:"0" doc:"Deliveries that concerned the contact." example:"14"`
	Bodies     int  `json:"bodies" minimum:"0" doc:"Events' bodies that were removed of them." example:"0"`
	Answers    int  `json:"answers" minimum:"0" doc:"Attempts whose answers were removed." example:"14"`
	Cancelled  int  `json:"cancelled" minimum:"0" doc:"Deliveries that were still to be sent, and are not." example:"0"`
	Triggers   int  `json:"triggers" minimum:"0" doc:"Kept triggers that named the person and are removed." example:"1"`
	SetAside   int  `json:"setAside" minimum:"0" doc:"Changes and messages that were set aside and are removed." example:"0"`
}

type foundOutput struct{ Body foundBody }

func (r *routes) erasure() {
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "eraseContact", Method: http.MethodPost, Path: "/contacts/{id}/erase", Tags: []string{"audit"}, Summary: "Erase a contact",
			Description: "Removes a person's data: the record, the mark of its deletion, bodies and answers of deliveries, and triggers. Who asked " +
				"is kept. It may be sent again, which finds what is left.",
		}, Texts: map[int]string{http.StatusServiceUnavailable: "Not all of it is erased yet: send it again."}, Says: "What was found and removed."},
		asked: asked{need: access.Alter, places: []place{contactID()}},
	}, r.erase)
}

func (r *routes) erase(ctx context.Context, c *caller) (*foundOutput, error) {
	found, err := r.config.Eraser.Erase(ctx, c.Who, c.path("id"))
	if err != nil {
		return nil, err
	}
	return &foundOutput{foundBody(found)}, nil
}
