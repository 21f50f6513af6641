// Package control is the HTTP face of the function manage for tools: interfaces, rules, secrets, executions, deliveries,
// triggers, what was set aside, the audit and erasure, as package manage has them. It reads paths, queries and cursors, and
// describes all of it. It must not know what the calls do, nor by which way requests come.
package control

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/erase"
	"crmhook/shared/gate"
	"crmhook/shared/manage"
	"crmhook/shared/web"
)

// Eraser removes all that is kept of a contact.
type Eraser interface {
	Erase(ctx context.Context, who manage.Who, id string) (erase.Found, error)
}

// Config is what the API is made of. Every field is required.
type Config struct {
	Manage *manage.Handler
	Eraser Eraser
	Gate   *gate.Gate
	Log    *slog.Logger
	Now    func() time.Time
}

// routes are the operations with what they are made of.
type routes struct {
	config Config
	huma   huma.API
}

// New is the API.
func New(c Config) http.Handler {
	mux := http.NewServeMux()
	(&routes{config: c, huma: web.NewAPI(mux, web.NewDocument())}).register()
	return &web.Front{Mux: mux, Log: c.Log, Now: c.Now}
}

// Describe adds the operations to the description of what else is answered at the same address, which has its Info.
func Describe(doc *huma.OpenAPI) {
	doc.Info.Description += " Beside them: the interfaces, rules, executions and deliveries by which other systems are told of changes."
	doc.Tags = append(doc.Tags, tags()...)
	(&routes{huma: web.NewAPI(http.NewServeMux(), doc)}).register()
}

func tags() []*huma.Tag {
	return []*huma.Tag{
		{Name: "interfaces", Description: "Webhooks of an organization: whom they tell, of what, and when."},
		{Name: "rules", Description: "Automation rules, which call rule webhooks when something happens to a contact."},
		{Name: "secrets", Description: "What interfaces authenticate with. Secrets are written, never read."},
		{Name: "executions", Description: "Runs of interfaces: by schedule, or started by hand."},
		{Name: "deliveries", Description: "Requests on their way to receivers, with all attempts."},
		{Name: "audit", Description: "Who did what, what nobody could read, and erasure."},
	}
}

func (r *routes) register() {
	r.interfaces()
	r.rules()
	r.secrets()
	r.executions()
	r.deliveries()
	r.many()
	r.triggers()
	r.setaside()
	r.audit()
	r.erasure()
}
