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
		}, Says: "What was done."},
		asked: asked{need: access.Look, list: "audit", query: times()},
	}, r.listAudit)
}

func (r *routes) listAudit(ctx context.Context, c *caller) (*pageOutput[recordedBody], error) {
	p, err := r.config.Manage.Recorded(ctx, c.Organization, c.list)
	return answerPage(c, p, err, showRecorded)
}
