// Package web is what all that answers HTTP here has in common: it takes paths exactly as they are, turns refusals into
// problem documents (RFC 9457), admits callers before it looks at what they ask, describes operations, and logs each request
// in one line, with the cause where the trouble is ours; tokens, paths and bodies are not, since they may be personal. It
// must not know what is asked for, nor by which way requests come.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"crmhook/shared/refusal"
)

// Front stands before all routes: it takes paths exactly, answers what no route takes, and outlives a handler that breaks.
// Handlers of its Mux write to an Answer. Every field is required.
type Front struct {
	Mux *http.ServeMux
	Log *slog.Logger
	Now func() time.Time
}

// ServeHTTP is of http.Handler.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began, a := f.Now(), NewAnswer()
	f.serve(a, r)
	err := a.send(w)
	f.report(r, a, began, err)
}

// serve hands a request to its route.
func (f *Front) serve(a *Answer, r *http.Request) {
	defer func() {
		if broken := recover(); broken != nil {
			a.trouble = fmt.Errorf("handler broke: %v\n%s", broken, debug.Stack())
			a.refuse(ProblemOf(refusal.New(http.StatusInternalServerError, "something on our side broke")))
		}
	}()
	route, allowed := f.route(r)
	a.route = route
	switch {
	case route == "":
		a.Fail(refusal.New(http.StatusNotFound, "there is nothing at this path: /openapi.json lists what there is"))
	case allowed != nil && !slices.Contains(allowed, r.Method):
		refused := refusal.New(http.StatusMethodNotAllowed, "this path takes %s", strings.Join(allowed, ", "))
		refused.Allow = allowed
		a.Fail(refused)
	default:
		f.Mux.ServeHTTP(a, r)
	}
}

// route is the pattern of a path, empty where there is none, with the methods that it takes; nil leaves that to its handler.
// The router itself would take HEAD for GET, and lead callers to other paths than they asked for.
func (f *Front) route(r *http.Request) (pattern string, methods []string) {
	if !exact(r) {
		return "", nil
	}
	probe := &http.Request{Method: "-", URL: r.URL, Host: r.Host}
	handler, pattern := f.Mux.Handler(probe)
	if pattern != "" {
		return pattern, nil
	}
	said := NewAnswer()
	handler.ServeHTTP(said, probe)
	if said.status != http.StatusMethodNotAllowed {
		return "", nil
	}
	for method := range strings.SplitSeq(said.header.Get("Allow"), ",") {
		if method = strings.TrimSpace(method); method != http.MethodHead {
			methods = append(methods, method)
		}
	}
	method := methods[0]
	if slices.Contains(methods, r.Method) {
		method = r.Method
	}
	_, pattern = f.Mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host})
	_, pattern, _ = strings.Cut(pattern, " ")
	return pattern, methods
}

// exact reports whether a path is one that nobody has to clean: no empty segments, none that are dots, no slash that was
// written as %2F.
func exact(r *http.Request) bool {
	if !strings.HasPrefix(r.URL.Path, "/") || strings.Contains(strings.ToLower(r.URL.RawPath), "%2f") {
		return false
	}
	for segment := range strings.SplitSeq(r.URL.Path[1:], "/") {
		if segment == "" || segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

// report is the request's line in the log.
func (f *Front) report(r *http.Request, a *Answer, began time.Time, sent error) {
	level, fields := slog.LevelInfo, []slog.Attr{
		slog.String("request_id", RequestID(r.Context())), slog.String("method", r.Method), slog.String("route", a.route),
		slog.Int("status", a.status), slog.Int("bytes", a.body.Len()), slog.Int64("duration_ms", f.Now().Sub(began).Milliseconds()),
		slog.String("organization", a.organization), slog.String("key", a.key),
	}
	if a.trouble == nil && sent != nil {
		a.trouble = fmt.Errorf("send answer: %w", sent)
	}
	if a.trouble != nil {
		level, fields = slog.LevelError, append(fields, slog.String("error", a.trouble.Error()))
	}
	f.Log.LogAttrs(r.Context(), level, "request", fields...)
}

type requestIDKey struct{}

// WithRequestID lets the log name the request by the id that the gateway gave it.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID is the request's id, "" where it has none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
