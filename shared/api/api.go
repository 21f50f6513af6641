// Package api is the HTTP face of the function inbound: the CRM's records and contacts, the triggers of outside platforms
// (CRM360 QueueProcess), and the description of both. It turns requests into calls and refusals into problem documents
// (RFC 9457), and takes paths exactly as they are. It must not know what the calls do, nor by which way requests come.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"crmhook/shared/gate"
	"crmhook/shared/inbound"
	"crmhook/shared/records"
)

// Triggers takes triggers in.
type Triggers interface {
	Accept(ctx context.Context, request inbound.Request) (inbound.Receipt, error)
}

// Config is what the API is made of. Every field is required.
type Config struct {
	Records  *records.Handler
	Triggers Triggers
	Gate     *gate.Gate
	Log      *slog.Logger
	Now      func() time.Time
}

// New is the API. Each request is logged in one line, with the cause where the trouble is ours; tokens, paths and bodies
// are not, since they may be personal.
func New(c Config) http.Handler {
	mux := http.NewServeMux()
	description := describe()
	routes := &routes{config: c, huma: humago.New(mux, huma.Config{
		OpenAPI: description,
		Formats: map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
	})}
	routes.records()
	routes.contacts()
	mux.Handle(queueProcessPath, queueProcess{c.Triggers})
	describeQueueProcess(description)
	mux.Handle("GET "+descriptionPath, newDescription(description))
	return &front{mux: mux, log: c.Log, now: c.Now}
}
