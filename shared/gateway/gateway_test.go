package gateway_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/gateway"
)

// seen is what a handler sees of a request.
type seen struct {
	Method, Path, Query, Host, From, ID, Body string
	Header                                    http.Header
}

type idKey struct{}

func withID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, idKey{}, id)
}

// ask has a handler answer an event and tells what it saw.
func ask(t *testing.T, event events.APIGatewayV2HTTPRequest, answer func(w http.ResponseWriter)) (seen, events.APIGatewayV2HTTPResponse) {
	t.Helper()
	var saw seen
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		id, _ := r.Context().Value(idKey{}).(string)
		saw = seen{r.Method, r.URL.Path, r.URL.RawQuery, r.Host, r.RemoteAddr, id, string(body), r.Header}
		answer(w)
	})
	response, err := gateway.Handler{HTTP: handler, WithRequestID: withID}.Handle(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	return saw, response
}

func sample(t *testing.T, name string) events.APIGatewayV2HTTPRequest {
	t.Helper()
	text, err := os.ReadFile("../../events/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(text, &event); err != nil {
		t.Fatal(err)
	}
	return event
}

func TestAnEventIsTheRequestThatItStandsFor(t *testing.T) {
	t.Parallel()
	got, _ := ask(t, sample(t, "inbound-trigger"), func(http.ResponseWriter) {})
	want := seen{
		Method: "POST", Path: "/ProcessManagement/Connector/Standard/QueueProcess/Demo & Co/100%/Adictiz/User/Participate",
		Query: "SourceId=1&BatchMode=false", Host: "abcdef1234.execute-api.eu-west-3.amazonaws.com", From: "192.0.2.1:0",
		ID: "JKJaXmPLvHcESHA=", Body: `{"request_id":"ex4mpl3r3qu","timestamp":1796119200}`,
		Header: http.Header{
			"Accept": {"*/*"}, "Content-Type": {"application/json"}, "Cookie": {"session=example; theme=dark"}, "User-Agent": {"example/1.0"},
			"X-Amzn-Trace-Id": {"Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e"}, "X-Crm360api-Token": {"dummy-token"},
			"X-Forwarded-For": {"192.0.2.1"}, "X-Forwarded-Port": {"443"}, "X-Forwarded-Proto": {"https"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the request differs (-want +got):\n%s", diff)
	}
}

func TestCookiesAreFoundWhereverTheyAre(t *testing.T) {
	t.Parallel()
	event := sample(t, "inbound-get")
	event.Headers["cookie"], event.Cookies = "a=1", []string{"b=2"}
	got, _ := ask(t, event, func(http.ResponseWriter) {})
	if diff := cmp.Diff([]string{"a=1; b=2"}, got.Header["Cookie"]); diff != "" {
		t.Errorf("the cookies differ (-want +got):\n%s", diff)
	}
	if got := got.Header.Get("If-None-Match"); got != `"a","b"` {
		t.Errorf("a joined header is %s", got)
	}
}

func TestABodyThatIsNoBase64FailsWhenItIsRead(t *testing.T) {
	t.Parallel()
	event := sample(t, "inbound-trigger")
	event.Body = "###"
	if _, response := ask(t, event, func(http.ResponseWriter) {}); response.StatusCode != http.StatusBadRequest {
		t.Errorf("got %d", response.StatusCode)
	}
}

func TestAnAnswerIsTakenBackWhole(t *testing.T) {
	t.Parallel()
	_, got := ask(t, sample(t, "inbound-get"), func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("ETag", `"a"`)
		w.Header()["Vary"] = []string{"Accept", "Origin"}
		w.Header()["Set-Cookie"] = []string{"a=1; Path=/", "b=2"}
		w.WriteHeader(http.StatusCreated)
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, `{"a":"é"}`)
	})
	want := events.APIGatewayV2HTTPResponse{
		StatusCode: 201, Headers: map[string]string{"content-type": "application/json", "etag": `"a"`, "vary": "Accept, Origin"},
		Cookies: []string{"a=1; Path=/", "b=2"}, Body: `{"a":"é"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the answer differs (-want +got):\n%s", diff)
	}
}

func TestBodiesThatAreNoTextTravelAsBase64(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body, encoding string
		base64         bool
	}{
		"text":       {"{}", "", false},
		"nothing":    {"", "", false},
		"not UTF-8":  {"\xff\x00", "", true},
		"compressed": {"abc", "gzip", true},
		"long text":  {strings.Repeat("<", 600<<10), "", true},
	} {
		_, got := ask(t, sample(t, "inbound-get"), func(w http.ResponseWriter) {
			if c.encoding != "" {
				w.Header().Set("Content-Encoding", c.encoding)
			}
			_, _ = io.WriteString(w, c.body)
		})
		body := got.Body
		if got.IsBase64Encoded {
			raw, err := base64.StdEncoding.DecodeString(body)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			body = string(raw)
		}
		if got.IsBase64Encoded != c.base64 || body != c.body || got.StatusCode != http.StatusOK {
			t.Errorf("%s: got status %d, base64 %t and %d bytes", name, got.StatusCode, got.IsBase64Encoded, len(body))
		}
	}
}

// TestTheLongestAnswerFits writes 4 MB of what JSON escapes worst, as much as a page of records may be, and looks at what
// Lambda would be handed: it takes 6 MB.
func TestTheLongestAnswerFits(t *testing.T) {
	t.Parallel()
	for _, size := range []int{512 << 10, 4<<20 + 200<<10} {
		_, got := ask(t, sample(t, "inbound-get"), func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, strings.Repeat("<", size))
		})
		text, err := json.Marshal(got)
		if err != nil || len(text) > 6_291_556 {
			t.Errorf("an answer of %d bytes travels as %d (%v)", size, len(text), err)
		}
	}
}

func FuzzRequest(f *testing.F) {
	f.Add("GET", "/a/100%/b", "a=b&c", "Cookie", "a=1", "e30=", true)
	f.Add("", "", "", "", "", "", false)
	f.Add("PUT", "//a/../b?c#d", "%zz;;", "host", "\x00", "###", true)
	f.Fuzz(func(t *testing.T, method, path, query, name, value, body string, base bool) {
		event := events.APIGatewayV2HTTPRequest{
			RawPath: path, RawQueryString: query, Headers: map[string]string{name: value}, Body: body, IsBase64Encoded: base,
		}
		event.RequestContext.HTTP.Method = method
		r := gateway.Request(t.Context(), event)
		if r.URL.Path != path || r.URL.RawQuery != query || r.Method != method {
			t.Errorf("got %s %q %q", r.Method, r.URL.Path, r.URL.RawQuery)
		}
		read, err := io.ReadAll(r.Body)
		if !base && (err != nil || string(read) != body) {
			t.Errorf("got body %q (%v) of %q", read, err, body)
		}
		if base && err == nil {
			if want, wrong := base64.StdEncoding.DecodeString(body); wrong == nil && string(want) != string(read) {
				t.Errorf("got body %q of %q", read, body)
			}
		}
	})
}
