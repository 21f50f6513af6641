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
			a.trouble = Broke(broken)
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
	if !Exact(r) {
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

// Broke is the trouble that a handler left by breaking, with where it did; of what recover answers.
func Broke(broken any) error { return fmt.Errorf("handler broke: %v\n%s", broken, debug.Stack()) }

// Exact reports whether a path is one that nobody has to clean: no empty segments, none that are dots, no slash that was
// written as %2F.
func Exact(r *http.Request) bool {
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
	Report(f.Log, "request", r, Line{
		Route: a.route, Status: a.status, Bytes: a.body.Len(), Took: f.Now().Sub(began),
		Organization: a.organization, Key: a.key, Trouble: a.trouble, Sent: sent,
	})
}

// Line is what the log is told of a request beside what it says itself.
type Line struct {
	// Route is the pattern of the path.
	Route         string
	Status, Bytes int
	Took          time.Duration
	// Organization and Key are whose request it was, where that is known.
	Organization, Key string
	// Trouble is why we could not do our part, Sent why the answer did not go out; both nil where all went well.
	Trouble, Sent error
}

// Report writes the line of a request: as an error where the trouble is ours.
func Report(log *slog.Logger, message string, r *http.Request, l Line) {
	level, fields := slog.LevelInfo, []slog.Attr{
		slog.String("request_id", RequestID(r.Context())), slog.String("method", r.Method), slog.String("route", l.Route),
		slog.Int("status", l.Status), slog.Int("bytes", l.Bytes), slog.Int64("duration_ms", l.Took.Milliseconds()),
		slog.String("organization", l.Organization), slog.String("key", l.Key),
	}
	if l.Trouble == nil && l.Sent != nil {
		l.Trouble = fmt.Errorf("send answer: %w", l.Sent)
	}
	if l.Trouble != nil {
		level, fields = slog.LevelError, append(fields, slog.String("error", l.Trouble.Error()))
	}
	log.LogAttrs(r.Context(), level, message, fields...)
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
