package control

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/access"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/manage"
	"crmhook/shared/web"
)

const (
	interfacesPath = "/interfaces"
	interfacePath  = interfacesPath + "/{name}"
)

// mostBody is how many bytes a body may have: Parameter Store takes 8 KB, and blanks do not count.
const mostBody = 64 << 10

// interfaceBody is an interface as it is answered.
type interfaceBody struct {
	Name   string     `json:"name" doc:"The interface's name." example:"crm"`
	Type   hook.Type  `json:"type" doc:"One of contact-webhook-v1, contact-webhook-v2, crm-trigger, rule-webhook and event-webhook; empty where the configuration names none of them." example:"contact-webhook-v2"`
	State  hook.State `json:"state" enum:"active,paused,invalid,disabled" doc:"What it does: nothing while it is paused, invalid (it has faults) or disabled (the receiver answered 410)."`
	Faults fault.List `json:"faults" nullable:"false" doc:"Everything that is wrong with the configuration."`

	Configuration any        `json:"configuration" doc:"The configuration as it was written; a text where it is no JSON."`
	NextExecution *time.Time `json:"nextExecution" doc:"When a schedule is due next, should anything wait then."`
	LastExecution *time.Time `json:"lastExecution" doc:"When the last execution was made."`
	Waiting       int        `json:"waiting" minimum:"0" doc:"How many records waited when they were last counted." example:"0"`
	WaitingAsOf   *time.Time `json:"waitingAsOf" doc:"When they were last counted."`

	ETag string     `json:"-"`
	Hook *hook.Hook `json:"-"`
}

func showInterface(is manage.Interface) interfaceBody {
	is.Faults = filled(is.Faults)
	return interfaceBody(is)
}

// interfaceOutput answers an interface.
type interfaceOutput struct {
	Status int
	ETag   string `header:"ETag" doc:"Names this state of the configuration, for If-Match and If-None-Match."`
	Body   interfaceBody
}

func (r *routes) interfaces() {
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "listInterfaces", Method: http.MethodGet, Path: interfacesPath, Tags: []string{"interfaces"},
			Summary: "List interfaces", Description: "A page of the interfaces by their names.",
		}, Says: "Interfaces."},
		asked: asked{need: access.Look, list: "interfaces"},
	}, r.listInterfaces)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "getInterface", Method: http.MethodGet, Path: interfacePath, Tags: []string{"interfaces"}, Summary: "Read an interface",
			Parameters: []*huma.Param{ifNoneMatch("Answers 304 if it still is in one of these states.")},
			Responses:  unchanged(),
		}, Refused: []int{http.StatusNotFound}, Says: "The interface."},
		asked: asked{need: access.Look, places: []place{interfaceName().loose()}, check: conditional},
	}, r.getInterface)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "putInterface", Method: http.MethodPut, Path: interfacePath, Tags: []string{"interfaces"}, Summary: "Write an interface",
			Description: "Checks the configuration, keeps it as it is written, and puts it in force at once. With faults nothing is written.",
			Parameters:  writeConditions(),
			Responses:   made(r.huma.OpenAPI(), reflect.TypeFor[interfaceBody](), "The interface was made."),
		}, Refused: written(), Texts: writing(), Says: "The interface was replaced.", Body: web.BodyOf(interfaceSchema(), interfaceExample(), web.JSON)},
		asked: asked{need: access.Alter, places: []place{interfaceName()}, bodies: jsonBody()},
	}, r.putInterface)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "deleteInterface", Method: http.MethodDelete, Path: interfacePath, Tags: []string{"interfaces"}, Summary: "Delete an interface",
			Description: "What waits for it is not sent any more. Stopped deliveries stay to be read and dismissed.",
			Parameters:  writeConditions(), Responses: also("204", "The interface is gone."),
		}, Refused: append(written(), http.StatusNotFound), Texts: writing()},
		asked: asked{need: access.Alter, places: []place{interfaceName().loose()}},
	}, r.deleteInterface)
}

func (r *routes) listInterfaces(ctx context.Context, c *caller) (*pageOutput[interfaceBody], error) {
	p, err := r.config.Manage.Interfaces(ctx, c.Organization, c.list)
	return answerPage(c, p, err, showInterface)
}

func (r *routes) getInterface(ctx context.Context, c *caller) (*interfaceOutput, error) {
	is, err := r.config.Manage.Interface(ctx, c.Organization, c.path("name"))
	if err != nil {
		return nil, err
	}
	return &interfaceOutput{c.known(is.ETag), is.ETag, showInterface(is)}, nil
}

func (r *routes) putInterface(ctx context.Context, c *caller) (*interfaceOutput, error) {
	is, err := r.config.Manage.PutInterface(ctx, c.Who, c.path("name"), c.write())
	if err != nil {
		return nil, err
	}
	return &interfaceOutput{status(is.Created), is.Is.ETag, showInterface(is.Is)}, nil
}

func (r *routes) deleteInterface(ctx context.Context, c *caller) (*struct{}, error) {
	return done(r.config.Manage.DeleteInterface(ctx, c.Who, c.path("name"), c.write()))
}

// write is the request as a write of configuration.
func (c *caller) write() manage.Write {
	return manage.Write{Body: c.body, IfMatch: c.in.Header("If-Match"), IfNoneMatch: c.in.Header("If-None-Match")}
}

func status(created bool) int {
	if created {
		return http.StatusCreated
	}
	return http.StatusOK
}

func jsonBody() []kind { return []kind{{web.JSON, mostBody}} }
