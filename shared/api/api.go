// Package api is the HTTP face of the function inbound: the CRM's records and contacts, the triggers of outside platforms
// (CRM360 QueueProcess), and the description of both. It turns requests into calls. It must not know what the calls do, nor
// by which way requests come.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/gate"
	"crmhook/shared/inbound"
	"crmhook/shared/records"
	"crmhook/shared/web"
)

// Triggers takes triggers in.
type Triggers interface {
	Accept(ctx context.Context, request inbound.Request) (inbound.Receipt, error)
}

// Config is what the API is made of. Every field but Describers is required.
type Config struct {
	Records  *records.Handler
	Triggers Triggers
	Gate     *gate.Gate
	Log      *slog.Logger
	Now      func() time.Time
	// Describers add to the description what other functions answer at the same address. They are called when it is first
	// asked for.
	Describers []func(*huma.OpenAPI)
}

// New is the API.
func New(c Config) http.Handler {
	mux, doc := http.NewServeMux(), document()
	routes := &routes{config: c, huma: web.NewAPI(mux, doc)}
	routes.records()
	routes.contacts()
	mux.Handle(queueProcessPath, queueProcess{c.Triggers})
	describeQueueProcess(doc)
	mux.Handle("GET "+descriptionPath, newDescription(doc, c.Describers))
	return &web.Front{Mux: mux, Log: c.Log, Now: c.Now}
}

// WithRequestID lets the log name the request by the id that the gateway gave it.
func WithRequestID(ctx context.Context, id string) context.Context { return web.WithRequestID(ctx, id) }
