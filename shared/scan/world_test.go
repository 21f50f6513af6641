package scan_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/emit"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
	"crmhook/shared/queuetest"
	"crmhook/shared/scan"
	"crmhook/shared/shard"
	"crmhook/shared/stream"
	"crmhook/shared/streamtest"
	"crmhook/shared/tabletest"
)

// timeout is the function's.
const timeout = 58 * time.Second

// world is everything that scan talks to.
type world struct {
	kill          *tabletest.Kill
	stream        *streamtest.Fake
	checkpoints   *tabletest.Checkpoints
	configuration *tabletest.Configuration
	backlog       *tabletest.Backlog
	agenda        *tabletest.Agenda
	ledger        *tabletest.Ledger
	directory     *tabletest.Directory
	records       *tabletest.Records
	limits        *tabletest.Limits
	deliveries    *queuetest.Queue
	log           *bytes.Buffer
	tokens        int
}

func newWorld() *world {
	kill := &tabletest.Kill{}
	return &world{
		kill: kill, stream: streamtest.NewFake(), checkpoints: tabletest.NewCheckpoints(kill), configuration: tabletest.NewConfiguration(kill),
		backlog: tabletest.NewBacklog(kill), agenda: tabletest.NewAgenda(kill), ledger: tabletest.NewLedger(kill),
		directory: tabletest.NewDirectory(kill), records: tabletest.NewRecords(kill), limits: tabletest.NewLimits(kill),
		deliveries: queuetest.New(kill, time.Now), log: &bytes.Buffer{},
	}
}

// handler is a new process.
func (w *world) handler() *scan.Handler {
	s := stream.Stream{Client: w.stream, ARN: streamtest.ARN}
	w.tokens++
	name, n := w.tokens, make(chan int, 1)
	n <- 0
	return &scan.Handler{
		Stream: s.Label(), Shards: s, Pages: s, Checkpoints: w.checkpoints, Leases: w.checkpoints, Configuration: w.configuration,
		Settings: w.configuration, Backlog: w.backlog, Agenda: w.agenda, Ledger: w.ledger, Directory: w.directory, Records: w.records, Limits: w.limits, Now: time.Now,
		Events: &emit.Maker{Deliveries: w.ledger, Ledger: w.ledger, Queue: w.deliveries, Now: time.Now},
		Token: func() string {
			next := <-n + 1
			n <- next
			return fmt.Sprintf("token-%d-%d", name, next)
		},
		Log: slog.New(slog.NewJSONHandler(w.log, nil)),
	}
}

// run runs a process as Lambda does, with a deadline.
func (w *world) run(t *testing.T, h *scan.Handler) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	return h.Run(ctx)
}

// scan runs a new process, which must succeed.
func (w *world) scan(t *testing.T) {
	t.Helper()
	if err := w.run(t, w.handler()); err != nil {
		t.Fatal(err)
	}
}

// line is the run's one line.
func (w *world) line(t *testing.T) map[string]any {
	t.Helper()
	lines := bytes.Split(bytes.TrimSpace(w.log.Bytes()), []byte("\n"))
	var line map[string]any
	if err := json.Unmarshal(lines[len(lines)-1], &line); err != nil {
		t.Fatal(err)
	}
	return line
}

const configured = `{"type":"contact-webhook-v2","url":"https://crm.example.com/contacts","details":["GENERAL"],
 "schedules":[{"name":"each five minutes","launch":"automatic","frequencyMinutes":5}]%s}`

// save configures an interface; extra is more of its JSON, beginning with a comma.
func (w *world) save(t *testing.T, organization, name, extra string) hook.Interface {
	t.Helper()
	i := parsed(t, organization, name, fmt.Sprintf(configured, extra))
	w.keep(t, i)
	return i
}

func parsed(t testing.TB, organization, name, configuration string) hook.Interface {
	t.Helper()
	seen := time.Now().Add(-time.Minute)
	checked, faults := hook.Parse([]byte(configuration), hook.Context{FirstSeen: seen})
	if faults != nil {
		t.Fatal(faults)
	}
	return hook.Interface{
		Organization: organization, Name: name, Generation: "g1", Version: 1, Modified: seen, FirstSeen: seen, State: checked.State, Type: checked.Type,
		Hook: checked,
	}
}

// told configures an event-webhook of acme; events are a JSON list.
func (w *world) told(t *testing.T, name, events, extra string) {
	t.Helper()
	w.keep(t, parsed(t, "acme", name, fmt.Sprintf(`{"type":"event-webhook","url":"https://crm.example.com/events","events":%s%s}`, events, extra)))
}

// made are the events in the deliveries queue, "interface type record", in the order in which they were sent.
func (w *world) made(t *testing.T) []string {
	t.Helper()
	var made []string
	for _, m := range w.messages(t) {
		made = append(made, m.Interface+" "+m.Event.Type+" "+m.Records[0])
	}
	return made
}

func (w *world) messages(t *testing.T) []delivery.Message {
	t.Helper()
	var messages []delivery.Message
	for _, received := range w.deliveries.Receive(1_000_000) {
		var m delivery.Message
		if err := json.Unmarshal([]byte(received.Body), &m); err != nil || !m.Valid() {
			t.Fatalf("message %.200s cannot be read: %v", received.Body, err)
		}
		messages = append(messages, m)
	}
	return messages
}

// invalid configures an interface that has faults.
func (w *world) invalid(t *testing.T, organization, name string) {
	t.Helper()
	w.keep(t, hook.Interface{
		Organization: organization, Name: name, Generation: "g1", Version: 1, Modified: time.Now(), State: hook.Invalid,
		Faults: fault.List{{Location: "url", Message: "must be a URL"}},
	})
}

func (w *world) keep(t testing.TB, i hook.Interface) {
	t.Helper()
	if _, err := w.configuration.SaveInterfaces(t.Context(), []hook.Checked{{Interface: i}}); err != nil {
		t.Fatal(err)
	}
	w.tokens++
	if err := w.configuration.SaveStamps(t.Context(), []string{i.Organization}, fmt.Sprint("stamp-", w.tokens)); err != nil {
		t.Fatal(err)
	}
}

func (w *world) setting(t *testing.T, name, value string) {
	t.Helper()
	fact := parameter.Fact{Path: parameter.Path{Kind: parameter.Setting, Name: name}, Value: value}
	if _, err := w.configuration.KeepFacts(t.Context(), []parameter.Fact{fact}); err != nil {
		t.Fatal(err)
	}
}

// contact writes a contact of acme to the first shard.
func (w *world) contact(id, name string) string {
	return w.stream.Put(streamtest.First, record("acme#contact", id, name))
}

func record(pk, id, name string) map[string]any {
	return map[string]any{"pk": pk, "sk": id, "data": map[string]any{"contactNumber": id, "name": name}}
}

// waiting is how many changes wait, by "interface record".
func (w *world) waiting() map[string]int64 {
	waiting := map[string]int64{}
	for _, row := range w.backlog.All() {
		waiting[row.Interface+" "+row.Record] = row.Changes
	}
	return waiting
}

func (w *world) checkpoint(id string) shard.Checkpoint {
	return w.checkpoints.All(stream.Stream{ARN: streamtest.ARN}.Label())[id]
}
