package emit_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/emit"
	"crmhook/shared/event"
	"crmhook/shared/queuetest"
	"crmhook/shared/setaside"
	"crmhook/shared/tabletest"
)

var start = time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)

func now() time.Time { return start }

// order is the event n of an interface.
func order(name string, n int, text string) event.Event {
	id := fmt.Sprint(n)
	return event.Event{
		Interface: name, Generation: "g1", Type: "order.created", Record: change.Key{Organization: "demo", Entity: "order", ID: id}, At: start,
		Sequence: id, Data: map[string]any{"text": text},
	}
}

// orders are events of five interfaces.
func orders(n int) []event.Event {
	var events []event.Event
	for i := range n {
		for lane := range 5 {
			events = append(events, order(fmt.Sprint("crm", lane), i, "x"))
		}
	}
	return events
}

type world struct {
	kill   *tabletest.Kill
	ledger *tabletest.Ledger
	places *tabletest.Backlog
	queue  *queuetest.Queue
}

func newWorld() world {
	kill := new(tabletest.Kill)
	return world{kill, tabletest.NewLedger(kill), tabletest.NewBacklog(kill), queuetest.New(kill, now)}
}

func (w world) maker() *emit.Maker {
	line := &emit.Line{Places: w.places, Bodies: w.ledger, Now: now}
	return &emit.Maker{Deliveries: w.ledger, Ledger: w.ledger, Queue: w.queue, Line: line, Now: now}
}

func (w world) make(t *testing.T, events ...event.Event) []setaside.Item {
	t.Helper()
	aside, err := w.maker().Make(t.Context(), events)
	if err != nil {
		t.Fatal(err)
	}
	return aside
}

// received are the messages in the queue by their delivery, which must be in the ledger before, with the body.
func (w world) received(t *testing.T) map[string]delivery.Message {
	t.Helper()
	messages, all := map[string]delivery.Message{}, w.ledger.All()
	for _, m := range w.queue.Receive(1_000_000) {
		var message delivery.Message
		if err := json.Unmarshal([]byte(m.Body), &message); err != nil || !message.Valid() {
			t.Fatalf("message %.200s cannot be read: %v", m.Body, err)
		}
		messages[message.ID] = message
		if d := all[message.Ref()]; d.Status != delivery.Pending || d.Attempts != 0 || !d.CreatedAt.Equal(start) || !d.Expires.IsZero() {
			t.Errorf("the ledger has %+v of a message in the queue", d)
		}
		if body, err := w.ledger.Body(t.Context(), message.Ref()); err != nil || body != message.Event.Body {
			t.Errorf("the ledger has the body %.50q (%v) of a message in the queue with %.50q", body, err, message.Event.Body)
		}
	}
	return messages
}

func TestMake(t *testing.T) {
	t.Parallel()
	w := newWorld()
	events := []event.Event{order("a", 1, "x"), order("b", 1, "x"), order("a", 1, "x"), order("a", 2, strings.Repeat("👩", 200_000))}
	if aside := w.make(t, events...); len(aside) != 0 {
		t.Errorf("set aside: %v", aside)
	}
	got := w.received(t)
	if len(got) != 3 || w.queue.Len() != 3 {
		t.Fatalf("%d messages of %d deliveries, want one for each event that is another", w.queue.Len(), len(got))
	}
	for _, e := range events {
		want, err := e.Message()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got[e.ID()]); diff != "" {
			t.Errorf("message of %s (-want +got):\n%.500s", e.Record, diff)
		}
	}
}

// TestKilledAnywhere: what is in the queue is in the ledger, and made again nothing is missing.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	events := append(orders(3), order("crm0", 9, strings.Repeat("👩", 200_000)))
	for at := 1; ; at++ {
		w := newWorld()
		w.kill.At(at)
		_, err := w.maker().Make(t.Context(), events)
		if died := w.kill.Dead(); died != errors.Is(err, tabletest.ErrKilled) {
			t.Fatalf("killed at step %d: %v, error %v", at, died, err)
		}
		w.kill.At(0)
		w.received(t)
		if err == nil {
			if at < 60 {
				t.Errorf("only %d steps to die at", at)
			}
			return
		}
		w.make(t, events...)
		if got := w.received(t); len(got) != len(events) || len(w.ledger.All()) != len(events) {
			t.Errorf("killed at step %d: %d messages and %d deliveries, want %d", at, len(got), len(w.ledger.All()), len(events))
		}
	}
}

func TestWhatHasEndedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld()
	ended, open := order("a", 1, "x"), order("a", 2, "x")
	w.make(t, ended, open)
	for ref, d := range w.ledger.All() {
		if ref.ID == ended.ID() {
			if _, err := w.ledger.Update(t.Context(), []delivery.Update{{Was: d, Now: d.End(delivery.Delivered, "", start)}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	before := w.queue.Len()
	w.make(t, ended, open, order("a", 3, "x"))
	if got := w.queue.Len() - before; got != 2 {
		t.Errorf("%d messages, want the open one's and the new one's", got)
	}
	w.make(t, ended)
	if got := w.queue.Len() - before; got != 2 {
		t.Errorf("%d messages, want none for what has ended", got)
	}
}

func TestWhatNoMessageCanCarryIsSetAside(t *testing.T) {
	t.Parallel()
	w := newWorld()
	wrong, large := order("a", 1, "\xff"), order("a", 2, strings.Repeat("x", delivery.LargestBody))
	aside := w.make(t, wrong, order("a", 3, "x"), large, wrong)
	if diff := cmp.Diff(w.ledger.AllAside(), aside, cmp.Transformer("ByID", byID)); diff != "" {
		t.Errorf("returned is not what is kept (-kept +returned):\n%.500s", diff)
	}
	kept := byID(aside)
	for id, cause := range map[string]string{
		wrong.ID(): "the event order.created cannot be told to a: data.text: text is not valid UTF-8",
		large.ID(): "a request at most 5000000",
	} {
		item := kept[id]
		if !strings.Contains(item.Cause, cause) || item.Organization != "demo" || item.Source != setaside.Stream || !strings.HasPrefix(item.Subject, "order/") {
			t.Errorf("set aside %.300v, want the cause %s", item, cause)
		}
		if len(item.Body) > setaside.BodyKept {
			t.Errorf("%d bytes are kept", len(item.Body))
		}
	}
	if got := w.received(t); len(got) != 1 {
		t.Errorf("%d messages, want the neighbour's", len(got))
	}
}

func byID(items []setaside.Item) map[string]setaside.Item {
	by := map[string]setaside.Item{}
	for _, item := range items {
		by[item.ID] = item
	}
	return by
}

func TestWhatTheQueueRefusesIsMadeAgain(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.queue.Refuse(2)
	events := orders(2)
	if _, err := w.maker().Make(t.Context(), events); !errors.Is(err, queuetest.ErrRefused) {
		t.Fatalf("error %v, want the queue's", err)
	}
	w.make(t, events...)
	if got := w.received(t); len(got) != len(events) {
		t.Errorf("%d events in the queue, want %d", len(got), len(events))
	}
}

// TestCalls counts what 1,000 changes that five interfaces are told cost: 0.18 calls and 2 write units an event.
func TestCalls(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.make(t, orders(1000)...)
	want := map[string]int{"Open": 200, "KeepBodies": 200}
	if diff := cmp.Diff(want, w.ledger.Calls); diff != "" {
		t.Errorf("calls of the ledger differ (-want +got):\n%s", diff)
	}
	if got := w.queue.Calls["Send"]; got != 500 {
		t.Errorf("%d calls of the queue, want 500", got)
	}
	if w.ledger.Units != 10_000 || len(w.places.Calls) != 0 {
		t.Errorf("%d write units, want 10,000; calls of places %v, want none", w.ledger.Units, w.places.Calls)
	}
	w.make(t)
	if diff := cmp.Diff(want, w.ledger.Calls); diff != "" {
		t.Errorf("no events: calls of the ledger differ (-want +got):\n%s", diff)
	}
}
