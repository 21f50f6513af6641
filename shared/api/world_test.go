package api_test

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
	"sync"
	"testing"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/api"
	"crmhook/shared/apitest"
	"crmhook/shared/change"
	"crmhook/shared/crm"
	"crmhook/shared/gate"
	"crmhook/shared/inbound"
	"crmhook/shared/record"
	"crmhook/shared/records"
	"crmhook/shared/secret"
	"crmhook/shared/tabletest"
)

var start = time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)

const token = "token-of-demo"

// world is the API on fakes of its tables and queues: organization demo is the customer Demo's database Main.
type world struct {
	*testing.T
	http.Handler
	kill     *tabletest.Kill
	records  *tabletest.Records
	entries  *tabletest.Directory
	once     *tabletest.Once
	triggers *tabletest.Triggers
	queue    *queue
	has      *configuration
	log      *bytes.Buffer
	config   api.Config
}

func open(t *testing.T) *world {
	t.Helper()
	kill := new(tabletest.Kill)
	now := func() time.Time { return start }
	w := &world{
		T: t, kill: kill, records: tabletest.NewRecords(kill), entries: tabletest.NewDirectory(kill), once: tabletest.NewOnce(kill),
		triggers: tabletest.NewTriggers(kill, now), queue: &queue{}, has: &configuration{keys: map[string][]access.Key{}}, log: new(bytes.Buffer),
	}
	w.key(token, "demo", access.RecordsRead, access.RecordsWrite, access.Triggers, access.Messages)
	w.key("token-of-reader", "demo", access.RecordsRead)
	w.key("token-of-other", "other", access.RecordsRead, access.RecordsWrite)
	door := &gate.Gate{Keys: w.has, Shares: w.has}
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	w.config = api.Config{
		Records: &records.Handler{
			CRM: &crm.CRM{
				Records: w.records, Contacts: tabletest.NewContacts(kill, w.records, w.entries), Directory: w.entries, Now: now,
				Pause: func(ctx context.Context, _ int) error { time.Sleep(time.Millisecond); return ctx.Err() },
			},
			Pages: w.records, Claims: w.once, Random: &counter{}, Now: now,
		},
		Triggers: &inbound.Handler{
			Customers: w.has, Sources: w.has, Settings: w.has, Secrets: w.has, Counts: w.once, Gate: door,
			Live: w.queue, Bulk: w.queue, Ledger: w.triggers, Clock: w.queue, Random: &counter{}, Log: log, Now: now,
		},
		Gate: door, Log: log, Now: now,
	}
	w.Handler = api.New(w.config)
	return w
}

func (w *world) key(token, organization string, scopes ...access.Scope) {
	hash := access.HashToken(token)
	w.has.keys[hash] = append(w.has.keys[hash], access.Key{Organization: organization, Name: "key", Hash: hash, Scopes: scopes, Origin: "agent-console"})
}

// target is the world as the malformed requests know it; contact 4711 is there.
func (w *world) target() apitest.Target {
	w.do("PUT", contactPath, `{"role":"MEMBER"}`).is(http.StatusCreated)
	return apitest.Target{Organization: "demo", Token: token, Customer: "Demo", Database: "Main", Contact: "4711"}
}

const (
	recordsPath = "/organizations/demo/records/"
	contactPath = recordsPath + "contact/4711"
)

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
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
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
	decoder := json.NewDecoder(bytes.NewReader(s.body))
	decoder.UseNumber()
	if err := decoder.Decode(&object); err != nil {
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

// kept is a record as it is in the table.
func (w *world) kept(entity, id string) record.Record {
	return w.records.All()[change.Key{Organization: "demo", Entity: entity, ID: id}]
}

// configuration is what the door and the gate read.
type configuration struct {
	keys map[string][]access.Key
	// down fails every read of keys; full leaves nobody a share.
	down, full bool
}

var errDown = errors.New("the table of keys is down: secret-detail")

func (c *configuration) KeysByHash(_ context.Context, hash string) ([]access.Key, error) {
	if c.down {
		return nil, errDown
	}
	return c.keys[hash], nil
}

func (c *configuration) Take(string) (time.Duration, bool) { return 1500 * time.Millisecond, !c.full }

func (c *configuration) Customer(_ context.Context, customer, alias string) (string, error) {
	if customer == "Demo" && alias == "Main" {
		return "demo", nil
	}
	return "", nil
}

func (c *configuration) Sources(context.Context, string, []string) (map[string]access.Source, error) {
	return nil, nil
}

func (c *configuration) OrganizationSettings(context.Context, string, []string) (map[string]string, error) {
	return nil, nil
}

func (c *configuration) Get(context.Context, []secret.Name) (map[secret.Name]secret.Secret, error) {
	return nil, nil
}

// queue holds what triggers became.
type queue struct {
	mu       sync.Mutex
	messages []string
}

func (q *queue) SendLater(_ context.Context, body string, _ time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.messages = append(q.messages, body)
	return nil
}

func (q *queue) At(ctx context.Context, _ string, _ time.Time, _ bool, body string) error {
	return q.SendLater(ctx, body, 0)
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
