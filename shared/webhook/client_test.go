package webhook_test

import (
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/webhook"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func client(t *testing.T) *webhook.Client {
	t.Helper()
	return webhook.New(webhook.Config{Version: "1.2.3", Now: func() time.Time { return noon }})
}

func post(url string) delivery.Request {
	return delivery.Request{
		Method: http.MethodPost, URL: url, Body: []byte(`[{"contactNumber":"4711"}]`), Timeout: 10 * time.Second,
		Success: func(status int) bool { return status == http.StatusOK },
	}
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func TestDoSendsTheRequestAsItIs(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var body []byte
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		_, _ = io.WriteString(w, "taken")
	})
	request := post(server.URL + "/v1/a%2Fb%20%26%3F%23%25%7E?tenant=1%202&x=a+b")
	request.Headers = map[string]string{"x-tenant": "12", "content-type": "application/json; charset=utf-8", "user-agent": "other", "X-Api-Key": "dummy-key", "cookie": "session=dummy-session"}
	request.Login, request.Password = "s360", "dummy-password"

	attempt := client(t).Do(t.Context(), request, "d1")

	if want := "/v1/a%2Fb%20%26%3F%23%25%7E?tenant=1%202&x=a+b"; got.RequestURI != want {
		t.Errorf("request line has %q, want %q", got.RequestURI, want)
	}
	if string(body) != string(request.Body) {
		t.Errorf("body is %q, want %q", body, request.Body)
	}
	if login, password, _ := got.BasicAuth(); login != "s360" || password != "dummy-password" {
		t.Errorf("authentication is %q %q, want s360 dummy-password", login, password)
	}
	got.Header.Del("Authorization")
	want := http.Header{
		"User-Agent": {"crmhook/1.2.3"}, "Webhook-Id": {request.WebhookID("d1")}, "Webhook-Timestamp": {"1796126400"},
		"X-Tenant": {"12"}, "Content-Type": {"application/json; charset=utf-8"}, "Content-Length": {"26"}, "X-Api-Key": {"dummy-key"},
		"Cookie": {"session=dummy-session"},
	}
	if diff := cmp.Diff(want, got.Header); diff != "" {
		t.Errorf("received headers differ (-want +got):\n%s", diff)
	}
	wantAttempt := delivery.Attempt{
		At: noon, Status: 200, Answer: "taken",
		Headers: map[string]string{
			"User-Agent": "crmhook/1.2.3", "webhook-id": request.WebhookID("d1"), "webhook-timestamp": "1796126400",
			"X-Tenant": "…", "Content-Type": "application/json; charset=utf-8", "X-Api-Key": "…", "Cookie": "…", "Authorization": "…",
		},
	}
	if diff := cmp.Diff(wantAttempt, attempt); diff != "" {
		t.Errorf("attempt differs (-want +got):\n%s", diff)
	}
}

func TestDoSendsAGetWithoutABody(t *testing.T) {
	t.Parallel()
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.ContentLength != 0 || r.Header.Get("Content-Type") != "" {
			t.Errorf("got %s of %d bytes, type %q; want an empty GET", r.Method, r.ContentLength, r.Header.Get("Content-Type"))
		}
	})
	request := post(server.URL)
	request.Method, request.Body = http.MethodGet, nil
	if attempt := client(t).Do(t.Context(), request, "d1"); !attempt.OK() {
		t.Errorf("attempt failed: %+v", attempt)
	}
}

func TestDoTakesTheDefaultContentType(t *testing.T) {
	t.Parallel()
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Content-Type"); got != "application/json" {
			t.Errorf("content type is %q, want application/json", got)
		}
	})
	if attempt := client(t).Do(t.Context(), post(server.URL), "d1"); !attempt.OK() {
		t.Errorf("attempt failed: %+v", attempt)
	}
}

func TestStatusDecides(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status int
		want   delivery.Cause
		detail string
	}{
		{200, "", ""},
		{202, delivery.BadStatus, "answered 202 Accepted"},
		{204, delivery.BadStatus, "answered 204 No Content"},
		{301, delivery.Redirect, "answered 301 Moved Permanently to /else: redirects are not followed"},
		{304, delivery.Redirect, "answered 304 Not Modified to /else: redirects are not followed"},
		{308, delivery.Redirect, "answered 308 Permanent Redirect to /else: redirects are not followed"},
		{404, delivery.BadStatus, "answered 404 Not Found"},
		{410, delivery.BadStatus, "answered 410 Gone"},
		{503, delivery.BadStatus, "answered 503 Service Unavailable"},
		{799, delivery.BadStatus, "answered 799"},
	}
	for _, test := range tests {
		t.Run(strconv.Itoa(test.status), func(t *testing.T) {
			t.Parallel()
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "/else?token=hidden")
				w.WriteHeader(test.status)
			})
			got := client(t).Do(t.Context(), post(server.URL), "d1")
			if got.Status != test.status || got.Error != test.want || got.Detail != test.detail {
				t.Errorf("got %d %q %q, want %d %q %q", got.Status, got.Error, got.Detail, test.status, test.want, test.detail)
			}
		})
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.Header().Set("Location", "https://login:dummy@example.com/in?token=hidden#part")
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	got := client(t).Do(t.Context(), post(server.URL), "d1")
	want := "answered 307 Temporary Redirect to https://example.com/in: redirects are not followed"
	if got.Error != delivery.Redirect || got.Detail != want || requests.Load() != 1 {
		t.Errorf("got %q %q after %d requests, want redirect, %q after 1", got.Error, got.Detail, requests.Load(), want)
	}
}

func TestRetryAfterIsReadOf429And503(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status int
		want   time.Duration
	}{{429, 2 * time.Minute}, {503, 2 * time.Minute}, {500, 0}, {200, 0}}
	for _, test := range tests {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", noon.Add(2*time.Minute).Format(http.TimeFormat))
			w.WriteHeader(test.status)
		})
		if got := client(t).Do(t.Context(), post(server.URL), "d1").RetryAfter; got != test.want {
			t.Errorf("after %d: got %v, want %v", test.status, got, test.want)
		}
	}
}

func TestAnEchoedCredentialIsNotKept(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		w.Header().Set("Location", "/"+password)
		w.WriteHeader(http.StatusFound)
		_, _ = io.WriteString(w, r.Header.Get("Authorization")+" is "+password)
	})
	request := post(server.URL)
	request.Login, request.Password = "s360", "dummy-password"
	got := client(t).Do(t.Context(), request, "d1")
	if want := "Basic (secret) is (secret)"; got.Answer != want {
		t.Errorf("answer is %q, want %q", got.Answer, want)
	}
	if strings.Contains(got.Detail, "dummy-password") {
		t.Errorf("detail shows the password: %q", got.Detail)
	}
}

func TestHTTP2IsSpokenWhereOffered(t *testing.T) {
	t.Parallel()
	var protocol atomic.Value
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { protocol.Store(r.Proto) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	c := webhook.New(webhook.Config{Now: time.Now, Roots: roots})
	if got := c.Do(t.Context(), post(server.URL), "d1"); !got.OK() || protocol.Load() != "HTTP/2.0" {
		t.Errorf("got %+v over %v, want success over HTTP/2.0", got, protocol.Load())
	}
}

func TestARequestThatCannotBeMadeDoesNotShowItsURL(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://example.com:port/?token=hidden", "http://login:hid den@example.com", "\x7f?token=hidden", "ftp://example.com/?token=hidden", "/?token=hidden"} {
		got := client(t).Do(t.Context(), post(url), "d1")
		if got.Error != delivery.Connect || got.Detail == "" || strings.Contains(got.Detail, "hid") {
			t.Errorf("%q: got %q %q, want connect and a detail without secrets", url, got.Error, got.Detail)
		}
	}
}
