package control

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/access"
	"crmhook/shared/delivery"
	"crmhook/shared/manage"
	"crmhook/shared/web"
)

const (
	deliveriesPath = "/deliveries"
	deliveryPath   = deliveriesPath + "/{id}"
)

// deliveryBody is a delivery as it is answered.
type deliveryBody struct {
	ID          string          `json:"id" doc:"The delivery's id." example:"01kaqvc9vv8m3c1s2f5h7n0p4r-00000"`
	WebhookID   string          `json:"webhookId" doc:"What its requests' webhook-id begins with." example:"01kaqvc9vv8m3c1s2f5h7n0p4r-00000"`
	Interface   string          `json:"interface" doc:"The interface's name." example:"crm"`
	Execution   string          `json:"execution,omitempty" doc:"The execution that made it; left out for an event." example:"01kaqvc9vv8m3c1s2f5h7n0p4r"`
	Event       string          `json:"event,omitempty" doc:"The event's type; left out for a bucket."`
	Test        bool            `json:"test,omitempty" doc:"Whether it is a sample that somebody asked for."`
	Status      delivery.Status `json:"status" enum:"pending,delivered,stopped,dismissed,replayed,skipped,cancelled" doc:"Where it stands: all but pending are final."`
	Reason      string          `json:"reason,omitempty" doc:"Why it was stopped, skipped or cancelled."`
	Records     []string        `json:"records" nullable:"false" doc:"The records that it concerns; in a list the first 100 of them." example:"[\"contact/4711\"]"`
	RecordCount int             `json:"recordCount" minimum:"0" doc:"How many records it concerns." example:"1"`
	CreatedAt   time.Time       `json:"createdAt" doc:"When it was made."`
	EndedAt     *time.Time      `json:"endedAt" doc:"When it ended."`
	Attempts    int             `json:"attempts" minimum:"0" doc:"How many attempts have begun." example:"1"`
	LastStatus  int             `json:"lastStatus" minimum:"0" doc:"The status that the receiver answered last; 0 where no answer came." example:"200"`
	LastError   delivery.Cause  `json:"lastError,omitempty" enum:"timeout,dns,connect,tls,refused-address,redirect,status,token,too-large,crashed" doc:"Why the last attempt failed."`
	ReplayOf    string          `json:"replayOf,omitempty" doc:"The delivery that it repeats."`
	Log         []attemptBody   `json:"log,omitempty" nullable:"false" doc:"Its attempts. Lists leave them out."`
	Body        string          `json:"body,omitempty" doc:"What an event or a test tells, where that is still kept: while it is pending or stopped. Lists leave it out."`
}

// attemptBody is an attempt as it is answered.
type attemptBody struct {
	Number     int               `json:"number" minimum:"1" doc:"Which attempt it is, from 1." example:"1"`
	At         time.Time         `json:"at" doc:"When it began."`
	DurationMS int64             `json:"durationMs" minimum:"0" doc:"How long it took." example:"84"`
	Status     int               `json:"status,omitempty" doc:"The status that the receiver answered." example:"200"`
	Error      delivery.Cause    `json:"error,omitempty" enum:"timeout,dns,connect,tls,refused-address,redirect,status,token,too-large,crashed" doc:"Why it failed."`
	Detail     string            `json:"detail,omitempty" doc:"The same in words."`
	Answer     string            `json:"answer,omitempty" doc:"The first bytes of the receiver's answer."`
	Headers    map[string]string `json:"headers,omitempty" doc:"The request's headers, without secrets."`
	Records    []string          `json:"records,omitempty" nullable:"false" doc:"The records that were sent, where they are not all of the delivery's."`
}

func showDelivery(is manage.Delivery) deliveryBody {
	body := deliveryBody{
		ID: is.ID, WebhookID: is.WebhookID, Interface: is.Interface, Execution: is.Execution, Event: is.Event, Test: is.Test, Status: is.Status,
		Reason: is.Reason, Records: filled(is.Records), RecordCount: len(is.Records), CreatedAt: is.CreatedAt, EndedAt: is.EndedAt, Attempts: is.Attempts,
		LastStatus: is.LastStatus, LastError: is.LastError, ReplayOf: is.ReplayOf, Body: is.Body,
	}
	for _, a := range is.Log {
		body.Log = append(body.Log, attemptBody{
			a.Number, a.At, a.Duration.Milliseconds(), a.Status, a.Error, a.Detail, a.Answer, a.Headers, a.Records,
		})
	}
	return body
}

// mostListed is how many records of a delivery a list names: 200 deliveries of a thousand each are more than Lambda answers.
const mostListed = 100

func listDelivery(is manage.Delivery) deliveryBody {
	body := showDelivery(is)
	body.Records = body.Records[:min(len(body.Records), mostListed)]
	return body
}

type deliveryOutput struct{ Body deliveryBody }

func (r *routes) deliveries() {
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "listDeliveries", Method: http.MethodGet, Path: deliveriesPath, Tags: []string{"deliveries"}, Summary: "List deliveries",
			Description: "A page of the deliveries that match, newest first. At least one of interface, record and status must be given. Pending " +
				"are those that have failed at least once.",
		}, Says: "Deliveries."},
		asked: asked{
			need: access.Look, list: "deliveries", query: slices.Concat([]parameter{interfaceOf(), deliveryStatus(), recordOf()}, times()),
		},
	}, r.listDeliveries)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "getDelivery", Method: http.MethodGet, Path: deliveryPath, Tags: []string{"deliveries"},
			Summary: "Read a delivery", Description: "With all its attempts.",
		}, Refused: []int{http.StatusNotFound}, Says: "The delivery."},
		asked: asked{need: access.Look, places: []place{deliveryID()}},
	}, r.getDelivery)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "replayDelivery", Method: http.MethodPost, Path: deliveryPath + "/replay", Tags: []string{"deliveries"}, Summary: "Replay a delivery",
			Description: "Sends a stopped delivery anew: contacts as they are now, an event as it was, under the same webhook-id.", DefaultStatus: http.StatusAccepted,
		}, Refused: []int{http.StatusNotFound, http.StatusConflict}, Texts: conflict("The delivery is not stopped, or its interface does not take it any more."), Says: "It goes on by itself; the id is the delivery's."},
		asked: asked{need: access.Redo, places: []place{deliveryID()}},
	}, r.replayDelivery)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "dismissDelivery", Method: http.MethodPost, Path: deliveryPath + "/dismiss", Tags: []string{"deliveries"}, Summary: "Dismiss a delivery",
			Description: "Gives a stopped delivery up for good.", Responses: also("204", "The delivery is dismissed."),
		}, Refused: []int{http.StatusNotFound, http.StatusConflict}, Texts: conflict("The delivery is not stopped.")},
		asked: asked{need: access.Redo, places: []place{deliveryID()}},
	}, r.dismissDelivery)
}

func (r *routes) listDeliveries(ctx context.Context, c *caller) (*pageOutput[deliveryBody], error) {
	p, err := r.config.Manage.Deliveries(ctx, delivery.Selection{
		Organization: c.Organization, Interface: c.one("interface"), Record: c.one("record"), Status: delivery.Status(c.one("status")),
		Since: c.list.Since, Until: c.list.Until,
	}, c.list)
	return answerPage(c, p, err, listDelivery)
}

func (r *routes) getDelivery(ctx context.Context, c *caller) (*deliveryOutput, error) {
	is, err := r.config.Manage.Delivery(ctx, c.Organization, c.path("id"))
	if err != nil {
		return nil, err
	}
	return &deliveryOutput{showDelivery(is)}, nil
}

func (r *routes) replayDelivery(ctx context.Context, c *caller) (*startedOutput, error) {
	return answerStarted(r.config.Manage.Replay(ctx, c.Who, c.path("id")))
}

func (r *routes) dismissDelivery(ctx context.Context, c *caller) (*struct{}, error) {
	return done(r.config.Manage.Dismiss(ctx, c.Who, c.path("id")))
}
