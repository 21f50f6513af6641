package control

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/access"
	"crmhook/shared/manage"
	"crmhook/shared/trigger"
	"crmhook/shared/web"
)

const (
	triggersPath = "/triggers"
	triggerPath  = triggersPath + "/{id}"
)

// triggerBody is a trigger as it is answered.
type triggerBody struct {
	ID       string         `json:"id" doc:"The trigger's id." example:"01kaqvc9vv8m3c1s2f5h7n0p4r"`
	Platform string         `json:"platform" doc:"The platform that sent it." example:"Shopify"`
	Entity   string         `json:"entity" doc:"What it is about, in the platform's words." example:"Customer"`
	Action   string         `json:"action" doc:"What happened, in the platform's words." example:"Update"`
	SourceID int            `json:"sourceId" doc:"Which of the platform's sources it is." example:"1"`
	At       time.Time      `json:"at" doc:"When it came."`
	EndedAt  *time.Time     `json:"endedAt" doc:"When it was last tried."`
	Status   trigger.Status `json:"status" enum:"waiting,applied,unmatched,duplicate,failed" doc:"What became of it."`
	Cause    string         `json:"cause,omitempty" doc:"Why it failed, or matched nobody."`
	Tries    int            `json:"tries" minimum:"0" doc:"How often it was tried." example:"1"`
	Records  []string       `json:"records" nullable:"false" doc:"The records that it concerned." example:"[\"contact/4711\"]"`
	Kept     bool           `json:"kept" doc:"Whether it is kept itself, so that it can be replayed."`
}

func showTrigger(is manage.Trigger) triggerBody {
	is.Records = filled(is.Records)
	return triggerBody(is)
}

type triggerOutput struct{ Body triggerBody }

func (r *routes) triggers() {
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "listTriggers", Method: http.MethodGet, Path: triggersPath, Tags: []string{"triggers"},
			Summary: "List triggers", Description: "A page of the triggers that came, newest first: of the last 90 days, or those that have failed or wait.",
		}, Says: "Triggers."},
		asked: asked{need: access.Look, list: "triggers", query: append(times(), triggerStatus())},
	}, r.listTriggers)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "getTrigger", Method: http.MethodGet, Path: triggerPath, Tags: []string{"triggers"},
			Summary: "Read a trigger", Description: "What became of it.",
		}, Refused: []int{http.StatusNotFound}, Says: "The trigger."},
		asked: asked{need: access.Look, places: []place{triggerID()}},
	}, r.getTrigger)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "replayTrigger", Method: http.MethodPost, Path: triggerPath + "/replay", Tags: []string{"triggers"},
			Summary: "Replay a trigger", Description: "Takes a failed trigger in again.", DefaultStatus: http.StatusAccepted,
		}, Refused: []int{http.StatusNotFound, http.StatusConflict}, Texts: conflict("The trigger has not failed, or is not kept any more."), Says: "It is taken in again, under its id."},
		asked: asked{need: access.Redo, places: []place{triggerID()}},
	}, r.replayTrigger)
}

func (r *routes) listTriggers(ctx context.Context, c *caller) (*pageOutput[triggerBody], error) {
	p, err := r.config.Manage.Triggers(ctx, c.Organization, c.one("status"), c.list)
	return answerPage(c, p, err, showTrigger)
}

func (r *routes) getTrigger(ctx context.Context, c *caller) (*triggerOutput, error) {
	is, err := r.config.Manage.Trigger(ctx, c.Organization, c.path("id"))
	if err != nil {
		return nil, err
	}
	return &triggerOutput{showTrigger(is)}, nil
}

func (r *routes) replayTrigger(ctx context.Context, c *caller) (*startedOutput, error) {
	id := c.path("id")
	return answerStarted(manage.Started{ID: id}, r.config.Manage.ReplayTrigger(ctx, c.Who, id))
}
