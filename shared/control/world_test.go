package control_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/control"
	"crmhook/shared/erase"
	"crmhook/shared/gate"
	"crmhook/shared/manage"
)

const token = "token-of-demo"

// world is the API over whatever is managed.
type world struct {
	*testing.T
	http.Handler
	keys   *keys
	eraser *eraser
	log    *bytes.Buffer
	config control.Config
}

// open has organization demo with a manager's key, another organization's, an operator's of each scope, and one that
// manages nothing.
func open(t *testing.T, of *manage.Handler) *world {
	t.Helper()
	w := &world{T: t, keys: &keys{}, eraser: &eraser{}, log: new(bytes.Buffer)}
	w.keys.add(token, "demo", access.Manage)
	w.keys.add("token-of-other", "other", access.Manage)
	w.keys.add("token-of-sender", "demo", access.RecordsRead, access.RecordsWrite, access.Triggers, access.Messages)
	w.keys.add("token-of-reader", "", access.OperateRead)
	w.keys.add("token-of-replayer", "", access.OperateReplay)
	w.config = control.Config{
		Manage: of, Eraser: w.eraser, Gate: &gate.Gate{Keys: w.keys, Shares: w.keys}, Log: slog.New(slog.NewJSONHandler(w.log, nil)), Now: time.Now,
	}
	w.Handler = control.New(w.config)
	return w
}

// said is an answer.
type said struct {
	*testing.T
	status int
	header http.Header
	body   []byte
}

// do sends a request with demo's token, and lines of headers "Name: value".
func (w *world) do(method, target, body string, lines ...string) said {
	w.Helper()
	r := httptest.NewRequestWithContext(w.Context(), method, target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
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
	return said{w.T, result.StatusCode, result.Header, body}
}

func (s said) is(status int) said {
	s.Helper()
	if s.status != status {
		s.Fatalf("got status %d with %.500s, want %d", s.status, s.body, status)
	}
	return s
}

// object is the answer's JSON.
func (s said) object() map[string]any {
	s.Helper()
	var object map[string]any
	if err := json.Unmarshal(s.body, &object); err != nil {
		s.Fatalf("answer %.200q: %v", s.body, err)
	}
	return object
}

// locations are those of the faults that a problem names.
func (s said) locations() []string {
	s.Helper()
	var problem struct {
		Errors []struct{ Location string }
	}
	if err := json.Unmarshal(s.body, &problem); err != nil {
		s.Fatalf("answer %.200q: %v", s.body, err)
	}
	list := []string{}
	for _, e := range problem.Errors {
		list = append(list, e.Location)
	}
	return list
}

// keys are all there are.
type keys struct {
	list []access.Key
	// down fails every read; full leaves nobody a share.
	down, full bool
}

func (k *keys) add(token, organization string, scopes ...access.Scope) {
	k.list = append(k.list, access.Key{Organization: organization, Name: "key", Hash: access.HashToken(token), Scopes: scopes})
}

func (k *keys) KeysByHash(_ context.Context, hash string) ([]access.Key, error) {
	if k.down {
		return nil, errors.New("the table of keys is down: secret-detail")
	}
	var list []access.Key
	for _, key := range k.list {
		if key.Hash == hash {
			list = append(list, key)
		}
	}
	return list, nil
}

func (k *keys) Take(string) (time.Duration, bool) { return 1500 * time.Millisecond, !k.full }

// eraser notes whom it erased.
type eraser struct {
	who manage.Who
	ids []string
}

func (e *eraser) Erase(_ context.Context, who manage.Who, id string) (erase.Found, error) {
	e.who, e.ids = who, append(e.ids, id)
	if id == "down" {
		return erase.Found{}, errors.New("erasing is down: secret-detail")
	}
	return erase.Found{Record: true, Directory: 2, Answers: 3}, nil
}
