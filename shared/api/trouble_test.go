package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"crmhook/shared/api"
	"crmhook/shared/apitest"
	"crmhook/shared/change"
	"crmhook/shared/inbound"
	"crmhook/shared/platform"
)

// calls are a request of each kind, by what it does.
func calls() map[string][3]string {
	return map[string][3]string{
		"get":    {"GET", contactPath, ""},
		"put":    {"PUT", contactPath, "{}"},
		"patch":  {"PATCH", contactPath, "{}"},
		"delete": {"DELETE", contactPath, ""},
		"bulk":   {"POST", recordsPath + "contact", `[{"id":"1","data":{}}]`},
		"page":   {"GET", recordsPath + "contact", ""},
		"find":   {"GET", recordsPath + "contact?email=jane@example.com", ""},
		"save":   {"POST", apitest.Save, `{"individualContactData":{}}`},
		"merge":  {"POST", apitest.Save, `{"individualContactData":{"contactNumber":"4711"}}`},
		"read":   {"POST", apitest.Read, `{"contactNumber":"4711"}`},
	}
}

func TestOurTroubleIsToldToTheLogAlone(t *testing.T) {
	t.Parallel()
	for name, call := range calls() {
		for what, breakIt := range map[string]func(*world){
			"store":  func(w *world) { w.kill.At(1); _ = w.kill.Write(func() {}) },
			"tokens": func(w *world) { w.has.down = true },
		} {
			w := open(t)
			breakIt(w)
			got := w.do(call[0], call[1], call[2]).is(http.StatusServiceUnavailable)
			if got.header.Get("Retry-After") != "5" || got.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s, %s: got headers %v", name, what, got.header)
			}
			if body := string(got.body); strings.Contains(body, "secret-detail") || strings.Contains(body, "killed") {
				t.Errorf("%s, %s: the answer tells the cause: %s", name, what, body)
			}
			if n := strings.Count(w.log.String(), `"level":"ERROR"`); n != 1 || !strings.Contains(w.log.String(), `"error":"`) {
				t.Errorf("%s, %s: the log tells %d times of it: %s", name, what, n, w.log)
			}
		}
	}
}

func TestAShareThatIsUsedUp(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.has.full = true
	for name, call := range calls() {
		if got := w.do(call[0], call[1], call[2]).is(http.StatusTooManyRequests); got.header.Get("Retry-After") != "2" {
			t.Errorf("%s: Retry-After is %q, want 2: whole seconds, and not too early", name, got.header.Get("Retry-After"))
		}
	}
}

// broken is a store that breaks its caller.
type broken struct{}

func (broken) Accept(context.Context, inbound.Request) (inbound.Receipt, error) {
	panic("broken by secret-detail")
}

func TestABrokenHandlerIsAProblemToo(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.config.Triggers = broken{}
	w.Handler = api.New(w.config)
	got := w.do("POST", "/ProcessManagement/Connector/Standard/QueueProcess/Demo/Main/a/b/c", "{}").is(http.StatusInternalServerError)
	if strings.Contains(string(got.body), "secret-detail") || got.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %s", got.body)
	}
	if !strings.Contains(w.log.String(), "broken by secret-detail") || !strings.Contains(w.log.String(), "trouble_test.go") {
		t.Errorf("the log does not tell what broke: %s", w.log)
	}
}

// taker takes every trigger and answers in one way.
type taker struct {
	request inbound.Request
	receipt inbound.Receipt
}

func (a *taker) Accept(_ context.Context, r inbound.Request) (inbound.Receipt, error) {
	a.request = r
	return a.receipt, nil
}

func TestTriggersAreHandedOverAsTheyCame(t *testing.T) {
	t.Parallel()
	w, door := open(t), &taker{}
	w.config.Triggers = door
	w.Handler = api.New(w.config)
	const path = "/ProcessManagement/Connector/Standard/QueueProcess/Demo%20%26%20Co/Main/Shopify/Customer/Update"
	r := httptest.NewRequestWithContext(t.Context(), "POST", path+"?SourceId=1&a=%zz&b=%E9&a=2;3&c", io.NopCloser(strings.NewReader("\x00\xff")))
	r.Header = http.Header{"X-Some": {"1", "2"}, "Cookie": {"a=1", "b=2"}, "Authorization": {"Basic x"}}
	w.send(r).is(http.StatusAccepted)
	got := door.request
	if got.Customer != "Demo & Co" || got.Alias != "Main" || got.Platform != "Shopify" || got.Entity != "Customer" || got.Action != "Update" || got.Method != "POST" {
		t.Errorf("got %+v", got)
	}
	if string(got.Body) != "\x00\xff" || !strings.HasSuffix(got.URI, "/Demo & Co/Main/Shopify/Customer/Update?SourceId=1&a=%zz&b=%E9&a=2;3&c") {
		t.Errorf("got body %q of %s", got.Body, got.URI)
	}
	if q := got.Query; q.Get("SourceId") != "1" || !slices.Equal(q["a"], []string{"%zz", "2;3"}) || q.Get("b") != "\xe9" || !q.Has("c") {
		t.Errorf("got query %q", q)
	}
	if h := got.Headers; h["x-some"] != "1, 2" || h["cookie"] != "a=1; b=2" || h["authorization"] != "Basic x" || h["host"] != "example.com" {
		t.Errorf("got headers %q", h)
	}
}

func TestTriggersAreAnsweredAsPlatformsWantIt(t *testing.T) {
	t.Parallel()
	for answer, want := range map[platform.Answer]string{
		platform.Accepted: `202 application/json {"id":"t-1"}`,
		platform.OK:       `200 application/json {"id":"t-1"}`,
		platform.TextOK:   `200 text/plain; charset=utf-8 OK`,
	} {
		w := open(t)
		w.config.Triggers = &taker{receipt: inbound.Receipt{ID: "t-1", Answer: answer}}
		w.Handler = api.New(w.config)
		got := w.do("GET", "/ProcessManagement/Connector/Standard/QueueProcess/Demo/Main/a/b/c", "")
		if text := fmt.Sprint(got.status, " ", got.header.Get("Content-Type"), " ", string(got.body)); text != want {
			t.Errorf("%v: got %s, want %s", answer, text, want)
		}
	}
}

func TestATriggerGoesOnItsQueue(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.do("POST", "/ProcessManagement/Connector/Standard/QueueProcess/Demo/Main/Adictiz/User/Participate?SourceId=1",
		`{"request_id":"1","timestamp":1796119200,"event_type":"FormSubscribe","data":{"email":"jane@example.com","operation_id":"1"}}`,
		"Authorization: none", "X-Crm360Api-Token: "+token).is(http.StatusAccepted)
	if len(w.queue.messages) != 1 || strings.Contains(w.queue.messages[0], token) {
		t.Errorf("the queue holds %q, want one message without the token", w.queue.messages)
	}
}

// cutOff is a body that ends too early.
type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, errors.New("cut off") }

func TestABodyThatEndsTooEarly(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, path := range []string{contactPath, "/ProcessManagement/Connector/Standard/QueueProcess/Demo/Main/Adictiz/User/Participate"} {
		method := "PUT"
		if path != contactPath {
			method = "POST"
		}
		w.send(httptest.NewRequestWithContext(t.Context(), method, path, cutOff{})).is(http.StatusBadRequest)
	}
	if _, there := w.records.All()[change.Key{Organization: "demo", Entity: "contact", ID: "4711"}]; there {
		t.Error("half a body was written")
	}
}

func TestEncodedSlashesAreNoPath(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, target := range []string{recordsPath + "contact%2F4711", recordsPath + "contact/a%2fb", recordsPath + "contact/..%2f4711", "/openapi.json/", "//openapi.json"} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		var err error
		if r.URL, err = r.URL.Parse("http://example.com" + target); err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		w.send(r).is(http.StatusNotFound)
	}
}
