package console_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/console"
	"crmhook/shared/erase"
	"crmhook/shared/gate"
	"crmhook/shared/manage"
	"crmhook/shared/tabletest"
)

var start = time.Date(2026, 12, 1, 10, 20, 30, 0, time.UTC)

// The tokens of the keys of a world.
const (
	manager  = "token-of-demo"
	operator = "token-of-operator"
	reader   = "token-of-reader"
	both     = "token-of-two"
)

// world is the console over a fake of what it shows.
type world struct {
	*testing.T
	http.Handler
	has       *has
	manage    console.Manage
	keys      keys
	sessions  *tabletest.Sessions
	eraser    *eraser
	log       *bytes.Buffer
	now       time.Time
	strangers limited
}

func open(t *testing.T, sample *has) *world {
	t.Helper()
	w := &world{T: t, has: sample, manage: sample, keys: keys{}, sessions: tabletest.NewSessions(&tabletest.Kill{}), eraser: &eraser{}, log: new(bytes.Buffer), now: start}
	w.key(manager, "demo", "desk", access.Manage)
	w.key(operator, "", "incident", access.OperateRead, access.OperateReplay)
	w.key(reader, "demo", "reader", access.RecordsRead)
	w.key(both, "demo", "shared", access.Manage)
	w.key(both, "theatre", "shared", access.Manage)
	w.Handler = w.made()
	return w
}

// made is a console of the world's configuration.
func (w *world) made() http.Handler {
	w.Helper()
	handler, err := console.New(w.config())
	if err != nil {
		w.Fatal(err)
	}
	return handler
}

func (w *world) config() console.Config {
	return console.Config{
		Manage: w.manage, Eraser: w.eraser, Gate: &gate.Gate{Keys: w.keys, Shares: unlimited{}, Strangers: w.strangers}, Sessions: w.sessions,
		Random: &counter{}, Log: slog.New(slog.NewJSONHandler(w.log, nil)), Now: func() time.Time { return w.now },
	}
}

func (w *world) key(token, organization, name string, scopes ...access.Scope) {
	hash := access.HashToken(token)
	w.keys[hash] = append(w.keys[hash], access.Key{Organization: organization, Name: name, Hash: hash, Scopes: scopes})
}

// said is an answer.
type said struct {
	*testing.T
	status int
	header http.Header
	body   string
}

// do sends a request as a browser on the console's own page would, with a session where there is a cookie.
func (w *world) do(method, target, cookie string, form url.Values, lines ...string) said {
	w.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(w.Context(), method, target, body)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	return w.send(r)
}

func (w *world) send(r *http.Request) said {
	w.Helper()
	recorder := httptest.NewRecorder()
	w.ServeHTTP(recorder, r)
	result := recorder.Result()
	body, err := io.ReadAll(result.Body)
	if err != nil {
		w.Fatal(err)
	}
	if result.Header.Get("Content-Encoding") == "gzip" {
		body = w.unpacked(body)
	}
	return said{w.T, result.StatusCode, result.Header, string(body)}
}

func (w *world) unpacked(body []byte) []byte {
	w.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		w.Fatal(err)
	}
	return text
}

func (w *world) get(target, cookie string) said {
	w.Helper()
	return w.do("GET", target, cookie, nil)
}

// signIn signs in and answers the cookie.
func (w *world) signIn(token string) string {
	w.Helper()
	answer := w.do("POST", "/console/sign-in", "", url.Values{"key": {token}}).is(http.StatusSeeOther)
	cookie, _, _ := strings.Cut(answer.header.Get("Set-Cookie"), ";")
	return cookie
}

func (s said) is(status int) said {
	s.Helper()
	if s.status != status {
		s.Fatalf("got status %d with %.900s, want %d", s.status, s.body, status)
	}
	return s
}

// has checks that texts are in the page.
func (s said) has(texts ...string) said {
	s.Helper()
	for _, text := range texts {
		if !strings.Contains(s.body, text) {
			s.Errorf("the page does not hold %q", text)
		}
	}
	return s
}

// lacks checks that texts are not in the page.
func (s said) lacks(texts ...string) said {
	s.Helper()
	for _, text := range texts {
		if strings.Contains(s.body, text) {
			s.Errorf("the page holds %q", text)
		}
	}
	return s
}

// leads checks where an answer leads.
func (s said) leads(to string) said {
	s.Helper()
	if got := s.is(http.StatusSeeOther).header.Get("Location"); got != to {
		s.Errorf("leads to %q, want %q", got, to)
	}
	return s
}

type keys map[string][]access.Key

func (k keys) KeysByHash(_ context.Context, hash string) ([]access.Key, error) { return k[hash], nil }

type unlimited struct{}

func (unlimited) Take(string) (time.Duration, bool) { return 0, true }

// limited is the share of strangers: as many tries as there are left, by where they come from; nil for no end.
type limited map[string]int

func (l limited) Take(caller string) (time.Duration, bool) {
	if l == nil {
		return 0, true
	}
	if l[caller] == 0 {
		return 7 * time.Second, false
	}
	l[caller]--
	return 0, true
}

type eraser struct{ asked []string }

func (e *eraser) Erase(_ context.Context, who manage.Who, id string) (erase.Found, error) {
	e.asked = append(e.asked, who.Organization+"/"+id+" by "+who.By)
	return erase.Found{Record: true, Directory: 3, Deliveries: 12, Answers: 4}, nil
}

// counter is randomness that never repeats itself.
type counter struct {
	mu sync.Mutex
	n  byte
}

func (c *counter) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	for i := range p {
		p[i] = c.n
	}
	return len(p), nil
}
