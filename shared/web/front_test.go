package web_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/access"
	"crmhook/shared/refusal"
	"crmhook/shared/web"
)

// open is a front with a thing that is read and written, one that breaks, and one that answers as it likes.
func open(log *bytes.Buffer) http.Handler {
	mux := http.NewServeMux()
	api := web.NewAPI(mux, web.NewDocument())
	door := func(_ context.Context, token, organization string) (access.Key, error) {
		switch {
		case token == "down":
			return access.Key{}, errors.New("secret-detail")
		case token != "good":
			return access.Key{}, refusal.New(http.StatusForbidden, "no")
		}
		return access.Key{Organization: organization, Name: "key"}, nil
	}
	web.Register(api, web.Operation{Operation: huma.Operation{OperationID: "read", Method: http.MethodGet, Path: "/of/{organization}/{id}"}},
		func(ctx context.Context, in *web.Request) (*struct{ Body string }, error) {
			if _, err := in.Admit(ctx, door); err != nil {
				return nil, err
			}
			query, err := in.Query()
			return &struct{ Body string }{in.Path("id") + query.Get("a")}, err
		})
	web.Register(api, web.Operation{Operation: huma.Operation{OperationID: "write", Method: http.MethodPut, Path: "/of/{organization}/{name}"}},
		func(ctx context.Context, in *web.Request) (*struct{ Body string }, error) {
			_, body, err := in.AdmitWith(ctx, door, 5, web.JSON, "text/plain")
			return &struct{ Body string }{in.Path("name") + in.Media() + string(body)}, err
		})
	mux.HandleFunc("/breaks", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("half"))
		panic("broken by secret-detail")
	})
	mux.HandleFunc("POST /own", func(w http.ResponseWriter, r *http.Request) {
		web.AnswerOf(w).Of("demo", "cookie")
		w.WriteHeader(http.StatusTeapot)
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte(web.RequestID(r.Context())))
	})
	return &web.Front{Mux: mux, Log: slog.New(slog.NewJSONHandler(log, nil)), Now: time.Now}
}

func TestFront(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, target, token, kind, body string
		status                            int
		// said is in the answer, logged in the log.
		said, logged string
	}{
		"a read":                     {"GET", "/of/demo/1?a=b", "good", "", "", 200, `"1b"`, `"route":"/of/{organization}/{id}"`},
		"who read":                   {"GET", "/of/demo/1", "good", "", "", 200, `"1"`, `"organization":"demo","key":"key"`},
		"a write":                    {"PUT", "/of/demo/1", "good", web.JSON, "abc", 200, `"1application/jsonabc"`, `"route":"/of/{organization}/{name}"`},
		"of no type":                 {"PUT", "/of/demo/1", "good", "", "abc", 200, `"1abc"`, `"status":200`},
		"of the other type":          {"PUT", "/of/demo/1", "good", "Text/Plain; charset=UTF-8", "abc", 200, `"1text/plainabc"`, `"status":200`},
		"of another type":            {"PUT", "/of/demo/1", "good", "text/html", "abc", 400, `header.Content-Type`, `"status":400`},
		"of another type, by nobody": {"PUT", "/of/demo/1", "bad", "text/html", "abc", 403, `"detail":"no"`, `"organization":"","key":""`},
		"too large, by nobody":       {"PUT", "/of/demo/1", "bad", web.JSON, "abcdef", 413, `more than 5 bytes`, `"status":413`},
		"a query":                    {"GET", "/of/demo/1?a=%zz", "good", "", "", 400, `"location":"query"`, `"status":400`},
		"a method":                   {"DELETE", "/of/demo/1", "good", "", "", 405, `this path takes GET, PUT`, `"status":405`},
		"HEAD":                       {"HEAD", "/of/demo/1", "good", "", "", 405, `this path takes GET, PUT`, `"status":405`},
		"no path":                    {"GET", "/off", "good", "", "", 404, `/openapi.json`, `"route":""`},
		"a path to clean":            {"GET", "/of//demo/1", "good", "", "", 404, `/openapi.json`, `"route":""`},
		"an encoded slash":           {"GET", "/of/demo/a%2Fb", "good", "", "", 404, `/openapi.json`, `"route":""`},
		"our trouble":                {"GET", "/of/demo/1", "down", "", "", 503, `Service Unavailable`, `"error":"secret-detail"`},
		"what breaks":                {"PATCH", "/breaks", "", "", "", 500, `something on our side broke`, `broken by secret-detail`},
		"its own answer":             {"POST", "/own", "", "", "", 418, `id-1`, `"organization":"demo","key":"cookie"`},
	} {
		var log bytes.Buffer
		r := httptest.NewRequestWithContext(web.WithRequestID(t.Context(), "id-1"), c.method, c.target, strings.NewReader(c.body))
		r.Header.Set("Authorization", "bearer  "+c.token)
		if c.kind != "" {
			r.Header.Set("Content-Type", c.kind)
		}
		w := httptest.NewRecorder()
		open(&log).ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.said) || strings.Contains(w.Body.String(), "secret-detail") {
			t.Errorf("%s: got %d %s, want %d with %s", name, w.Code, w.Body, c.status, c.said)
		}
		if !strings.Contains(log.String(), c.logged) || strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), `"request_id":"id-1"`) {
			t.Errorf("%s: the log is %s, want one line with %s", name, log.String(), c.logged)
		}
		if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got headers %v", name, w.Header())
		}
		if problem := w.Header().Get("Content-Type") == web.ProblemType; problem != (c.status >= 400 && c.status != 418) {
			t.Errorf("%s: the answer is of type %s", name, w.Header().Get("Content-Type"))
		}
	}
}
