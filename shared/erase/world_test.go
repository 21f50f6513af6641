package erase_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/directory"
	"crmhook/shared/erase"
	"crmhook/shared/hook"
	"crmhook/shared/notice"
	"crmhook/shared/reach"
	"crmhook/shared/record"
	"crmhook/shared/setaside"
	"crmhook/shared/tabletest"
	"crmhook/shared/trigger"
)

const (
	organization = "demo"
	interfaces   = "crm"
)

// start is when all worlds begin.
var start = time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)

// world is everything that erase talks to.
type world struct {
	kill      *tabletest.Kill
	records   *tabletest.Records
	directory *tabletest.Directory
	contacts  *tabletest.Contacts
	ledger    *tabletest.Ledger
	triggers  *tabletest.Triggers
	hooks     configured
	now       time.Time
	made      int
}

// configured are the interfaces that there are.
type configured map[hook.Key]hook.Interface

func (c configured) Interfaces(_ context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error) {
	found := map[hook.Key]hook.Interface{}
	for _, key := range keys {
		if is, there := c[key]; there {
			found[key] = is
		}
	}
	return found, nil
}

// crm is the interface that all deliveries are for.
func crm() configured {
	key := hook.Key{Organization: organization, Name: interfaces}
	return configured{key: {
		Organization: organization, Name: interfaces, Generation: "g1", State: hook.Active, Type: hook.EventWebhook,
		Hook: &hook.Hook{Type: hook.EventWebhook, Events: []string{"contact.*"}},
	}}
}

func newWorld() *world {
	w := &world{kill: &tabletest.Kill{}, now: start, hooks: crm()}
	w.records, w.directory, w.ledger = tabletest.NewRecords(w.kill), tabletest.NewDirectory(w.kill), tabletest.NewLedger(w.kill)
	w.contacts = tabletest.NewContacts(w.kill, w.records, w.directory)
	w.triggers = tabletest.NewTriggers(w.kill, w.clock)
	return w
}

func (w *world) clock() time.Time { return w.now }

func (w *world) handler() *erase.Handler {
	return &erase.Handler{
		Records: w.records, Directory: w.directory, Ledger: w.ledger, Triggers: w.triggers,
		Configuration: w.hooks, Audit: w.ledger,
		Random: rand.Reader, Log: slog.New(slog.DiscardHandler), Now: w.clock,
	}
}

func (w *world) erase(t *testing.T, id string) erase.Found {
	t.Helper()
	found, err := w.handler().Erase(t.Context(), organization, id, "office")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// human is somebody whose data all bear one mark.
type human struct{ number, mark, phone string }

var (
	jane = human{"4711", "jane-mark", "+33612345678"}
	john = human{"4712", "john-mark", "+33698765432"}
)

func (h human) key() change.Key {
	return change.Key{Organization: organization, Entity: change.Contact, ID: h.number}
}

func (h human) email() string { return h.mark + "@example.com" }

func (h human) data() map[string]any {
	return map[string]any{
		"contactNumber": h.number, "role": "MEMBER",
		"individualContact": map[string]any{"individualLastname": h.mark, "email": h.email(), "phoneNumber1": h.phone},
		"identifiers":       []any{map[string]any{"sourceId": "3", "identifier": "id-" + h.mark}},
		"addresses":         []any{map[string]any{"street1": h.mark}},
	}
}

// add makes all that is about this human and nobody else.
func (w *world) add(t *testing.T, h human) {
	t.Helper()
	is := record.Record{Key: h.key()}
	is, _ = is.With(h.data(), "api", start)
	is = is.Took("Shopify-3", record.State{At: start})
	refs := reach.Of(organization, h.data())
	var entries []directory.Entry
	for _, ref := range refs {
		entries = append(entries, directory.Entry{Ref: ref, Contact: h.number})
	}
	claim := directory.Claim{Entry: entries[0]}
	if _, err := w.contacts.Create(t.Context(), is, []directory.Claim{claim}); err != nil {
		t.Fatal(err)
	}
	w.must(t, w.directory.Add(t.Context(), entries))
	for _, status := range []delivery.Status{delivery.Pending, delivery.Delivered, delivery.Stopped, delivery.Replayed, delivery.Cancelled} {
		w.deliver(t, status, true, h.mark, h.key())
		w.deliver(t, status, false, h.mark, h.key())
	}
	for _, status := range []trigger.Status{trigger.Failed, trigger.Waiting} {
		w.trigger(t, status, `{"customer":{"email":"`+strings.ToUpper(h.email())+`"},"name":"`+h.mark+`"}`)
		w.trigger(t, status, `{"contacts":[{"contactNumber":"`+h.number+`","street":"`+h.mark+`"}]}`)
		w.trigger(t, status, `phone=`+strings.TrimPrefix(h.phone, "+")+`&text=`+h.mark)
		w.trigger(t, status, `{"id":"id-`+h.mark+`"}`)
	}
	w.aside(t, h.key().String(), "cut {"+h.mark)
	w.aside(t, "", `{"keys":{"pk":"demo#order"},"new":{"customer":{"contactNumber":"`+h.number+`","name":"`+h.mark+`"}},"old`)
	w.aside(t, "", `{"delivery":"x","records":["`+h.key().String()+`"],"event":{"body":"`+h.mark+`"}}`)
}

// both is what both are in.
func (w *world) both(t *testing.T) {
	t.Helper()
	for _, status := range []delivery.Status{delivery.Pending, delivery.Delivered, delivery.Stopped} {
		w.deliver(t, status, false, jane.mark, jane.key(), john.key())
	}
}

func (w *world) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// deliver makes a delivery with three attempts, whose answers hold the mark, and all that lies beside it.
func (w *world) deliver(t *testing.T, status delivery.Status, event bool, mark string, keys ...change.Key) delivery.Ref {
	t.Helper()
	w.made++
	d := delivery.Delivery{
		Message: delivery.Message{ID: fmt.Sprintf("d%03d", w.made), Organization: organization, Interface: interfaces, Generation: "g1"},
		Status:  delivery.Pending, CreatedAt: start.Add(time.Duration(w.made) * time.Second),
	}
	for _, key := range keys {
		d.Records = append(d.Records, key.String())
	}
	if event {
		d.Event = &delivery.Event{Type: "contact.updated", Body: `{"data":"` + mark + `"}`}
		w.must(t, w.ledger.KeepBodies(t.Context(), []delivery.Message{d.Message}))
	} else {
		d.Execution, d.Changes = "e", make([]int64, len(keys))
	}
	w.must(t, w.ledger.ListRecords(t.Context(), []delivery.Delivery{d}))
	if _, err := w.ledger.Open(t.Context(), []delivery.Delivery{d}); err != nil {
		t.Fatal(err)
	}
	answer := func(n int) delivery.Attempt {
		return delivery.Attempt{Number: n, At: start, Status: 500, Error: delivery.BadStatus, Answer: "no " + mark, Detail: "it said " + mark}
	}
	next, first := d, answer(1)
	next.Attempts, next.First, next.LastStatus, next.LastError, next.Warned = 3, &first, 500, delivery.BadStatus, true
	if status != delivery.Pending {
		next = next.End(status, "", start)
	}
	if done, err := w.ledger.Update(t.Context(), []delivery.Update{{Was: d, Now: next}}); err != nil || !done[0] {
		t.Fatalf("update: %v %v", done, err)
	}
	for n := 2; n <= 3; n++ {
		w.must(t, w.ledger.KeepAttempts(t.Context(), map[delivery.Ref]delivery.Attempt{d.Ref(): answer(n)}, start.Add(delivery.LedgerTime)))
	}
	if status == delivery.Stopped {
		w.must(t, w.ledger.KeepForever(t.Context(), d.Ref(), 3))
	}
	for _, kind := range []notice.Kind{notice.Warning, notice.Stopped} {
		w.must(t, w.ledger.Gather(t.Context(), notice.Of(kind, next, &first, start)))
	}
	return d.Ref()
}

func (w *world) trigger(t *testing.T, status trigger.Status, body string) string {
	t.Helper()
	w.made++
	at := start.Add(time.Duration(w.made) * time.Second)
	id, err := trigger.NewID(at, rand.Reader)
	w.must(t, err)
	is := trigger.Trigger{
		ID: id, Organization: organization, Platform: "Shopify", Entity: "Customer", Action: "Update", SourceID: 3, At: at, Due: at,
		Event: id, Method: "POST", URI: "/x", Body: []byte(body),
	}
	message, err := is.Encode()
	w.must(t, err)
	entry := is.Ended(status, "the platform's content has faults", 5, nil, at, time.Time{})
	entry.Message = message
	w.must(t, w.triggers.Keep(t.Context(), []trigger.Entry{entry}))
	return id
}

func (w *world) aside(t *testing.T, subject, body string) {
	t.Helper()
	w.made++
	w.must(t, w.ledger.SetAside(t.Context(), []setaside.Item{{
		Organization: organization, Source: setaside.Stream, ID: fmt.Sprint(w.made), At: start, Subject: subject, Cause: "unreadable", Body: body,
	}}))
}

// holders are the things of a world that hold a mark, in words.
func (w *world) holders(t *testing.T, mark string) []string {
	t.Helper()
	var list []string
	note := func(what string, is any) {
		text, err := json.Marshal(is)
		w.must(t, err)
		if strings.Contains(strings.ToLower(string(text)), mark) {
			list = append(list, what)
		}
	}
	for key, is := range w.records.All() {
		note("record "+key.ID, is)
	}
	for _, entry := range w.directory.All() {
		note("directory "+string(entry.Kind)+" "+entry.Contact, entry)
	}
	for _, number := range []string{jane.number, john.number} {
		_, claims, err := w.directory.Of(t.Context(), change.Key{Organization: organization, Entity: change.Contact, ID: number})
		w.must(t, err)
		note("claims "+number, claims)
	}
	w.ledgerHolders(t, note)
	for _, entry := range w.triggers.All() {
		note("trigger "+entry.ID, entry)
		note("message "+entry.ID, string(entry.Message))
	}
	slices.Sort(list)
	return list
}

func (w *world) ledgerHolders(t *testing.T, note func(string, any)) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	for ref, d := range w.ledger.All() {
		note("delivery "+ref.ID, d)
		log, err := w.ledger.Log(ctx, ref)
		w.must(t, err)
		note("log "+ref.ID, log)
		body, err := w.ledger.Body(ctx, ref)
		w.must(t, err)
		note("body "+ref.ID, body)
	}
	for _, kind := range []notice.Kind{notice.Warning, notice.Stopped} {
		gathered, err := w.ledger.Gathered(ctx, notice.Notice{Kind: kind, Organization: organization, Interface: interfaces})
		w.must(t, err)
		for _, n := range gathered {
			note("notice "+string(kind)+" "+n.Delivery, n)
		}
	}
	for _, item := range w.ledger.AllAside() {
		note("aside "+item.ID, item)
	}
	entries, _, err := w.ledger.Recorded(ctx, organization, "", time.Time{}, time.Time{}, 200)
	w.must(t, err)
	note("audit", entries)
}
