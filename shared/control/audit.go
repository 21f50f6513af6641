package control

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/access"
	"crmhook/shared/manage"
	"crmhook/shared/web"
)

// recordedBody is an entry of the audit as it is answered.
type recordedBody struct {
	ID      string    `json:"id" doc:"The entry's id." example:"01kaqvc9vv8m3c1s2f5h7n0p4r"`
	At      time.Time `json:"at" doc:"When it was done."`
	By      string    `json:"by" doc:"The name of the key: the organization's, or operator/ and the name of an operator's." example:"console"`
	Action  string    `json:"action" doc:"What was done." example:"put-interface"`
	Subject string    `json:"subject" doc:"What it was done to." example:"interface crm"`
	Detail  string    `json:"detail,omitempty" doc:"More in words."`
}

func showRecorded(is manage.Recorded) recordedBody { return recordedBody(is) }

func (r *routes) audit() {
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "listAudit", Method: http.MethodGet, Path: "/audit", Tags: []string{"audit"}, Summary: "List who did what",
			Description: "Who changed, started, replayed, dismissed, cancelled or erased what, newest first.",
		}},
		asked: asked{need: access.Look, list: "audit", query: times()},
	}, r.listAudit)
}

func (r *routes) listAudit(ctx context.Context, c *caller) (*pageOutput[recordedBody], error) {
	p, err := r.config.Manage.Recorded(ctx, c.Organization, c.list)
	return answerPage(c, p, err, showRecorded)
}

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
		}, Texts: map[int]string{http.StatusServiceUnavailable: "Not all of it is erased yet: send it again."}},
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
