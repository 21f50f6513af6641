package apply_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/apply"
	"crmhook/shared/change"
	"crmhook/shared/crm"
	"crmhook/shared/event"
	"crmhook/shared/hook"
	"crmhook/shared/record"
	"crmhook/shared/setaside"
	"crmhook/shared/tabletest"
	"crmhook/shared/trigger"
)

var start = time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)

const organization = "demo"

// world is apply on fakes that share one process's life.
type world struct {
	*testing.T
	handler   *apply.Handler
	kill      *tabletest.Kill
	records   *tabletest.Records
	directory *tabletest.Directory
	creates   *tabletest.Contacts
	once      *tabletest.Once
	triggers  *tabletest.Triggers
	out       *outside
	mu        sync.Mutex
	now       time.Time
	ids       int
}

func open(t *testing.T) *world {
	kill := new(tabletest.Kill)
	w := &world{T: t, kill: kill, now: start, out: &outside{kill: kill, sources: map[string]access.Source{}, settings: map[string]string{}}}
	w.records, w.directory, w.once = tabletest.NewRecords(kill), tabletest.NewDirectory(kill), tabletest.NewOnce(kill)
	w.triggers, w.creates = tabletest.NewTriggers(kill, w.clock), tabletest.NewContacts(kill, w.records, w.directory)
	w.handler = &apply.Handler{
		CRM: &crm.CRM{
			Records: w.records, Contacts: w.creates, Directory: w.directory,
			Now: w.clock, Pause: func(context.Context, int) error { return nil },
		},
		Sources: w.out, Settings: w.out, Interfaces: w.out, Events: w.out, Claims: w.once, Ledger: w.triggers, Aside: w.out,
		Mailer: w.out, Texter: texter{w.out}, Live: w.out, Bulk: w.out, LiveDead: w.out, BulkDead: w.out, MaxReceives: 5,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: w.clock,
	}
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// trigger is a trigger of an action such as Shopify/Customer/Update with a body.
func (w *world) trigger(action, body string) trigger.Trigger {
	w.Helper()
	w.ids++
	now := w.clock()
	id, err := trigger.NewID(now, strings.NewReader(fmt.Sprintf("%010d", w.ids)))
	if err != nil {
		w.Fatal(err)
	}
	parts := strings.Split(action, "/")
	return trigger.Trigger{
		ID: id, Organization: organization, Platform: parts[0], Entity: parts[1], Action: parts[2], SourceID: 3,
		At: now, Due: now, Event: id, Method: "POST", URI: "/queue", Headers: map[string]string{}, Body: []byte(body),
	}
}

// sample is a trigger with a sample of events/ as its body.
func (w *world) sample(action string) trigger.Trigger {
	w.Helper()
	return w.trigger(action, sampleBody(w.T, action))
}

func sampleBody(t *testing.T, action string) string {
	t.Helper()
	text, err := os.ReadFile("../../events/" + strings.ToLower(strings.ReplaceAll(action, "/", "-")) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// message is a trigger as SQS hands it out for the n-th time.
func (w *world) message(t trigger.Trigger, n int) apply.Message {
	w.Helper()
	body, err := t.Encode()
	if err != nil {
		w.Fatal(err)
	}
	return apply.Message{ID: t.ID, Receipt: t.ID, Body: string(body), Receives: n, Bulk: t.Bulk}
}

// try hands a trigger out once and reports whether it is done.
func (w *world) try(t trigger.Trigger, n int) bool {
	w.Helper()
	failed, err := w.handler.Handle(w.Context(), []apply.Message{w.message(t, n)})
	if err != nil && !w.kill.Dead() {
		w.Fatal(err)
	}
	return len(failed) == 0 && !w.kill.Dead()
}

// done hands a trigger out once; it must be done then.
func (w *world) done(t trigger.Trigger) trigger.Entry {
	w.Helper()
	if !w.try(t, 1) {
		w.Fatalf("%s: not done: %s", t.Name(), w.entry(t).Cause)
	}
	return w.entry(t)
}

// run hands a trigger out as SQS does, after the delays that apply sets, until it is done or has been tried five times.
func (w *world) run(t trigger.Trigger) trigger.Entry {
	w.Helper()
	for n := 1; n <= 5; n++ {
		if w.try(t, n) {
			break
		}
		w.pass(w.out.hidden[t.ID])
	}
	return w.entry(t)
}

func (w *world) entry(t trigger.Trigger) trigger.Entry {
	w.Helper()
	entry, _, err := w.triggers.Entry(w.Context(), t.Organization, t.ID)
	if err != nil {
		w.Fatal(err)
	}
	return entry
}

// record is a record that exists.
func (w *world) record(entity, id string) record.Record {
	w.Helper()
	is := w.records.All()[change.Key{Organization: organization, Entity: entity, ID: id}]
	if !is.Exists() {
		w.Fatalf("there is no %s/%s", entity, id)
	}
	return is
}

// contacts are those that exist.
func (w *world) contacts() []record.Record {
	var list []record.Record
	for key, is := range w.records.All() {
		if key.Entity == change.Contact && is.Exists() {
			list = append(list, is)
		}
	}
	return list
}

// contact writes a contact through the CRM, so that it can be found.
func (w *world) contact(id, fields string) {
	w.Helper()
	var data map[string]any
	decoder := json.NewDecoder(strings.NewReader(fields))
	decoder.UseNumber()
	if err := decoder.Decode(&data); err != nil {
		w.Fatal(err)
	}
	_, err := w.handler.CRM.Change(w.Context(), []crm.Change{{
		Key: change.Key{Organization: organization, Entity: change.Contact, ID: id}, Origin: "agent-console",
		Apply: func(record.Record) (map[string]any, error) { return data, nil },
	}})
	if err != nil {
		w.Fatal(err)
	}
}

// at is the value under a path of a record's data, its steps separated by blanks; a number picks a member of a list.
func at(is record.Record, path string) any {
	var value any = is.Data
	for step := range strings.FieldsSeq(path) {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			var n int
			if _, err := fmt.Sscan(step, &n); err != nil || n >= len(v) {
				return nil
			}
			value = v[n]
		}
	}
	return value
}

// outside is all that apply reaches besides tables.
type outside struct {
	kill     *tabletest.Kill
	sources  map[string]access.Source
	settings map[string]string
	working  hook.Interface

	mu     sync.Mutex
	hidden map[string]time.Duration
	dead   []string
	aside  []setaside.Item
	mails  []string
	texts  []string
	posts  []apply.Letter
	events []event.Event
	// refuses is how often sending fails.
	refuses int
}

func (o *outside) Sources(_ context.Context, _ string, names []string) (map[string]access.Source, error) {
	found := map[string]access.Source{}
	for _, name := range names {
		if source, ok := o.sources[name]; ok {
			found[name] = source
		}
	}
	return found, o.kill.Alive()
}

func (o *outside) OrganizationSettings(_ context.Context, _ string, names []string) (map[string]string, error) {
	found := map[string]string{}
	for _, name := range names {
		if value, ok := o.settings[name]; ok {
			found[name] = value
		}
	}
	return found, o.kill.Alive()
}

func (o *outside) Setting(_ context.Context, name string) (string, error) {
	return o.settings["stage/"+name], o.kill.Alive()
}

func (o *outside) Interfaces(_ context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error) {
	found := map[hook.Key]hook.Interface{}
	for _, key := range keys {
		if key == o.working.Key() {
			found[key] = o.working
		}
	}
	return found, o.kill.Alive()
}

func (o *outside) Make(_ context.Context, events []event.Event) ([]setaside.Item, error) {
	return nil, o.write(func() { o.events = append(o.events, events...) })
}

func (o *outside) SetAside(_ context.Context, items []setaside.Item) error {
	return o.write(func() { o.aside = append(o.aside, items...) })
}

func (o *outside) SendText(_ context.Context, _ string, bodies []string) ([]bool, error) {
	return nil, o.write(func() { o.dead = append(o.dead, bodies...) })
}

func (o *outside) Hide(_ context.Context, after map[string]time.Duration) error {
	return o.write(func() {
		if o.hidden == nil {
			o.hidden = map[string]time.Duration{}
		}
		for receipt, d := range after {
			o.hidden[receipt] = d
		}
	})
}

func (o *outside) write(do func()) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.kill.Write(do)
}

var errRefused = errors.New("the service refused it")

func (o *outside) send(do func()) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refuses > 0 {
		o.refuses--
		return "", errRefused
	}
	return "id-1", o.kill.Write(do)
}

func (o *outside) Send(_ context.Context, from string, to []string, subject, text string) error {
	_, err := o.send(func() {
		o.mails = append(o.mails, fmt.Sprintf("%s→%s: %s\n%s", from, strings.Join(to, ","), subject, text))
	})
	return err
}

func (o *outside) Post(_ context.Context, letter apply.Letter) (string, error) {
	return o.send(func() { o.posts = append(o.posts, letter) })
}

// texter sends text messages.
type texter struct{ *outside }

func (x texter) Send(_ context.Context, to, sender, text string) (string, error) {
	return x.send(func() { x.texts = append(x.texts, to+" "+sender+" "+text) })
}
