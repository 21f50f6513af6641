package control

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/access"
	"crmhook/shared/manage"
	"crmhook/shared/upload"
	"crmhook/shared/web"
)

const (
	executionsPath = interfacePath + "/executions"
	executionPath  = executionsPath + "/{id}"
)

// fileType is the media type of a file that names contacts.
const fileType = "application/octet-stream"

// executionBody is an execution as it is answered.
type executionBody struct {
	ID        string           `json:"id" doc:"The execution's id." example:"01kaqvc9vv8m3c1s2f5h7n0p4r"`
	Schedule  string           `json:"schedule" doc:"The schedule whose sizes count." example:"each minute"`
	StartedBy string           `json:"startedBy" enum:"schedule,immediate,identifiers,file,all,replay,test" doc:"What started it."`
	At        time.Time        `json:"at" doc:"When it was made."`
	EndedAt   *time.Time       `json:"endedAt" doc:"When the last of it ended; null while it runs."`
	Taken     int              `json:"taken" minimum:"0" doc:"Records that it took." example:"100"`
	Merged    int              `json:"merged" minimum:"0" doc:"Records that were in flight already and go after that." example:"0"`
	Sent      int              `json:"sent" minimum:"0" doc:"Records of which a request was made." example:"100"`
	Delivered int              `json:"delivered" minimum:"0" doc:"Records that the receiver took." example:"100"`
	Failed    int              `json:"failed" minimum:"0" doc:"Records whose request failed at least once." example:"0"`
	Stopped   int              `json:"stopped" minimum:"0" doc:"Records that were given up." example:"0"`
	Skipped   int              `json:"skipped" minimum:"0" doc:"Records that were left out, since they do not match any more or are gone." example:"0"`
	Refused   int              `json:"refused" minimum:"0" doc:"Lines of a file that were not taken: no contact's number, or one that came before." example:"0"`
	Numbers   int              `json:"numbers,omitempty" minimum:"0" doc:"Contacts that a file names."`
	Status    string           `json:"status" enum:"running,done,cancelled" doc:"Whether it still runs."`
	Refusals  []upload.Refusal `json:"refusals,omitempty" nullable:"false" doc:"The first of these lines, 1,000 at most, with what is wrong. Lists leave them out."`
}

func showExecution(is manage.Execution) executionBody { return executionBody(is) }

type executionOutput struct{ Body executionBody }

func (r *routes) executions() {
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "startExecution", Method: http.MethodPost, Path: executionsPath, Tags: []string{"executions"}, Summary: "Start an execution",
			Description: "Without more it takes what waits, as a schedule's run does. With identifiers it sends these contacts, changed or not; " +
				"with all, every contact that matches the filter; with a file, the contacts that it names: a contactNumber a line, or a CSV " +
				"with a column contactNumber, up to 4 MB and 100,000 numbers.",
			DefaultStatus: http.StatusAccepted,
		}, Refused: []int{http.StatusNotFound, http.StatusConflict}, Texts: conflict("The interface does not work, or is of a type that has no executions."), Body: startBody(), Says: "It goes on by itself; read it under this id."},
		asked: asked{
			need: access.Alter, places: []place{interfaceName()}, query: []parameter{scheduleOf()},
			bodies: []kind{{web.JSON, mostBody}, {fileType, upload.MostBytes}}, check: scheduleOfFile,
		},
	}, r.start)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "listExecutions", Method: http.MethodGet, Path: executionsPath, Tags: []string{"executions"},
			Summary: "List executions", Description: "A page of an interface's executions, newest first.",
		}, Refused: []int{http.StatusNotFound}, Says: "Executions."},
		asked: asked{need: access.Look, places: []place{interfaceName()}, query: times(), list: "executions"},
	}, r.listExecutions)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "getExecution", Method: http.MethodGet, Path: executionPath, Tags: []string{"executions"},
			Summary: "Read an execution", Description: "Its counts are live while it runs.",
		}, Refused: []int{http.StatusNotFound}, Says: "The execution."},
		asked: asked{need: access.Look, places: []place{interfaceName(), executionID()}},
	}, r.getExecution)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "cancelExecution", Method: http.MethodPost, Path: executionPath + "/cancel", Tags: []string{"executions"},
			Summary:     "Cancel an execution",
			Description: "Ends what has not been sent, and gives its records back to wait where they changed.",
			Responses:   also("204", "The execution is cancelled."),
		}, Refused: []int{http.StatusNotFound, http.StatusConflict}, Texts: conflict("The execution does not run.")},
		asked: asked{need: access.Redo, places: []place{interfaceName(), executionID()}},
	}, r.cancel)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "testInterface", Method: http.MethodPost, Path: interfacePath + "/test", Tags: []string{"executions"}, Summary: "Send a sample",
			Description: "Sends one sample to the receiver, once, also while the interface is paused. The id is a delivery's, which tells the " +
				"request and what was answered.",
			DefaultStatus: http.StatusAccepted,
		}, Refused: []int{http.StatusNotFound, http.StatusConflict}, Texts: conflict("The interface has faults."), Body: testBody(), Says: "The sample is on its way; read its delivery under this id."},
		asked: asked{need: access.Alter, places: []place{interfaceName()}, bodies: jsonBody()},
	}, r.test)
}

// scheduleOfFile refuses a schedule beside a body that names it itself.
func scheduleOfFile(c *caller) {
	if c.query.Has("schedule") && c.in.Media() != fileType {
		c.faults.Add("query.schedule", `goes with a file only: write {"schedule":"…"} in the body`)
	}
}

func (r *routes) start(ctx context.Context, c *caller) (*startedOutput, error) {
	if c.in.Media() == fileType {
		return answerStarted(r.config.Manage.StartFile(ctx, c.Who, c.path("name"), c.one("schedule"), c.body))
	}
	return answerStarted(r.config.Manage.Start(ctx, c.Who, c.path("name"), c.body))
}

func (r *routes) listExecutions(ctx context.Context, c *caller) (*pageOutput[executionBody], error) {
	p, err := r.config.Manage.Executions(ctx, c.Organization, c.path("name"), c.list)
	return answerPage(c, p, err, showExecution)
}

func (r *routes) getExecution(ctx context.Context, c *caller) (*executionOutput, error) {
	is, err := r.config.Manage.Execution(ctx, c.Organization, c.path("name"), c.path("id"))
	if err != nil {
		return nil, err
	}
	return &executionOutput{showExecution(is)}, nil
}

func (r *routes) cancel(ctx context.Context, c *caller) (*struct{}, error) {
	return done(r.config.Manage.Cancel(ctx, c.Who, c.path("name"), c.path("id")))
}

func (r *routes) test(ctx context.Context, c *caller) (*startedOutput, error) {
	return answerStarted(r.config.Manage.Test(ctx, c.Who, c.path("name"), c.body))
}

func conflict(text string) map[int]string { return map[int]string{http.StatusConflict: text} }
