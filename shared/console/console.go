// Package console is what people see of crmhook in a browser: the interfaces of an organization and how they fare, their
// executions and deliveries, what came in from outside, and the forms that change the configuration. It renders pages on
// the server, signs people in with an API key, and offers and does only what their key allows. It must not know where
// anything is kept, nor by which way requests come; all links are relative, so that it can be served below any path.
package console

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/erase"
	"crmhook/shared/manage"
)

// Eraser removes a person's data.
type Eraser interface {
	Erase(ctx context.Context, who manage.Who, id string) (erase.Found, error)
}

// Gate says which keys a token is, and whether the key of a session allows something. Its refusals are those of package
// gate.
type Gate interface {
	// Sign are the keys of a token with which somebody at an address may sign in.
	Sign(ctx context.Context, token, address string) ([]access.Key, error)
	// SignedIn are the keys of a session, to say where they lead.
	SignedIn(ctx context.Context, hash string) ([]access.Key, error)
	// ByHash is the key of a token's hash that allows what is needed in an organization.
	ByHash(ctx context.Context, hash, organization string, need access.Need) (access.Key, error)
}

// Sessions keeps who is signed in, by the hash of the session's id.
type Sessions interface {
	Put(ctx context.Context, s access.Session) error
	Get(ctx context.Context, hash string) (access.Session, bool, error)
	Drop(ctx context.Context, hash string) error
}

// Config is what the console is made of. Every field is required.
type Config struct {
	// Manage is the use case, manage.Handler.
	Manage   Manage
	Eraser   Eraser
	Gate     Gate
	Sessions Sessions
	Random   io.Reader
	Log      *slog.Logger
	Now      func() time.Time
}

// New is the console: everything at and below /console. Each request is logged in one line, with the cause where the
// trouble is ours; keys, sessions and what people write are not.
func New(c Config) (http.Handler, error) {
	files, err := loadAssets()
	if err != nil {
		return nil, fmt.Errorf("load assets: %w", err)
	}
	pages, err := loadPages()
	if err != nil {
		return nil, fmt.Errorf("load pages: %w", err)
	}
	s := &site{Config: c, assets: files, pages: pages, mux: http.NewServeMux(), origin: http.NewCrossOriginProtection()}
	s.routes()
	return s, nil
}

// site is the console at work.
type site struct {
	Config
	assets assets
	pages  pages
	mux    *http.ServeMux
	origin *http.CrossOriginProtection
}
