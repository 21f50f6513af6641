// Command manage is the function manage: it answers the HTTP API of operators and their tools, and shows the console.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"
	_ "time/tzdata" // Schedules name zones, and the runtime has no zone files.

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"crmhook/shared/console"
	"crmhook/shared/control"
	"crmhook/shared/environment"
	"crmhook/shared/erase"
	"crmhook/shared/gate"
	"crmhook/shared/gateway"
	"crmhook/shared/manage"
	"crmhook/shared/share"
	"crmhook/shared/web"
)

// The share of each key, in each running function: a person's, and a tool's that goes through lists.
const (
	sharePerSecond = 50
	shareBurst     = 500
	// Keys that are nobody's, of each address: of somebody who copies them wrongly.
	strangersPerSecond = 0.2
	strangersBurst     = 10
	// Writes of configuration, of each organization: Parameter Store takes about three a second of all of them together.
	writesPerSecond = 0.5
	writesBurst     = 10
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	settings, err := environment.Load[environment.Manage]()
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("load aws configuration: %w", err)
	}
	both, err := faces(settings, cfg)
	if err != nil {
		return err
	}
	handler := gateway.Handler{HTTP: both, WithRequestID: web.WithRequestID}
	lambda.Start(handler.Handle)
	return nil
}

// faces are the console for people and the API for tools, over the same use case.
func faces(settings environment.Manage, cfg aws.Config) (http.Handler, error) {
	p := newParts(settings, cfg, slog.New(slog.NewJSONHandler(os.Stdout, nil)).With("stage", settings.Stage))
	door := &gate.Gate{
		Keys: gate.Recent(p.configuration, time.Now), Shares: share.New(sharePerSecond, shareBurst, time.Now),
		Strangers: share.New(strangersPerSecond, strangersBurst, time.Now),
	}
	handler, eraser := p.manage(), eraser{p.eraser()}
	tools := control.New(control.Config{Manage: handler, Eraser: eraser, Gate: door, Log: p.log, Now: time.Now})
	people, err := console.New(console.Config{
		Manage: handler, Eraser: eraser, Gate: door, Sessions: p.sessions, Random: p.random, Log: p.log, Now: time.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("make the console: %w", err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/console" || strings.HasPrefix(r.URL.Path, "/console/") {
			people.ServeHTTP(w, r)
			return
		}
		tools.ServeHTTP(w, r)
	}), nil
}

// eraser is erasure as the faces ask for it.
type eraser struct{ handler *erase.Handler }

func (e eraser) Erase(ctx context.Context, who manage.Who, id string) (erase.Found, error) {
	return e.handler.Erase(ctx, who.Organization, id, who.By)
}
