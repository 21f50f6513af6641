package control

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/access"
	"crmhook/shared/manage"
	"crmhook/shared/setaside"
	"crmhook/shared/web"
)

const asidePath = "/setaside"

// setAsideBody is what was set aside as it is answered.
type setAsideBody struct {
	ID      string          `json:"id" doc:"Its id, to be handed back as it is." example:"c3RyZWFtIzQ3MTE"`
	Source  setaside.Source `json:"source" enum:"stream,queue" doc:"Whether it is a change of a record, or what was made of one, or a message of a queue."`
	At      time.Time       `json:"at" doc:"When it was set aside."`
	Subject string          `json:"subject" doc:"What it seems to be about." example:"contact/4711"`
	Cause   string          `json:"cause" doc:"What could not be read in it."`
	Body    string          `json:"body" doc:"The thing itself, cut where it is long."`
}

func showAside(is manage.SetAside) setAsideBody { return setAsideBody(is) }

func (r *routes) setaside() {
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "listSetAside", Method: http.MethodGet, Path: asidePath, Tags: []string{"audit"},
			Summary: "List what was set aside", Description: "A page of the changes and messages that nobody could read, newest first, until they run again or are dismissed.",
		}, Says: "What was set aside."},
		asked: asked{need: access.Look, list: "setaside", query: times()},
	}, r.listAside)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "replaySetAside", Method: http.MethodPost, Path: asidePath + "/{id}/replay", Tags: []string{"audit"},
			Summary: "Run what was set aside again", Description: "Once it was repaired, it takes its way again, and is set aside no more.", DefaultStatus: http.StatusAccepted,
		}, Refused: []int{http.StatusNotFound, http.StatusConflict}, Texts: conflict("It still cannot run: detail says what to do."), Says: "It runs again, under its id."},
		asked: asked{need: access.Redo, places: []place{asideID()}},
	}, r.replayAside)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "dismissSetAside", Method: http.MethodPost, Path: asidePath + "/{id}/dismiss", Tags: []string{"audit"},
			Summary: "Dismiss what was set aside", Description: "Gives up for good what cannot run again, or need not.",
			Responses: also("204", "It is set aside no more."),
		}, Refused: []int{http.StatusNotFound}},
		asked: asked{need: access.Redo, places: []place{asideID()}},
	}, r.dismissAside)
}

func (r *routes) listAside(ctx context.Context, c *caller) (*pageOutput[setAsideBody], error) {
	p, err := r.config.Manage.SetAside(ctx, c.Organization, c.list)
	return answerPage(c, p, err, showAside)
}

func (r *routes) replayAside(ctx context.Context, c *caller) (*startedOutput, error) {
	id := c.path("id")
	return answerStarted(manage.Started{ID: id}, r.config.Manage.ReplaySetAside(ctx, c.Who, id))
}

func (r *routes) dismissAside(ctx context.Context, c *caller) (*struct{}, error) {
	return done(r.config.Manage.DismissSetAside(ctx, c.Who, c.path("id")))
}
