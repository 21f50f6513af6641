package emit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/event"
)

// edit is the n-th event of all, about an order of an interface that is ordered.
func edit(id string, n int) event.Event {
	return event.Event{
		Interface: "crm", Generation: "g1", Type: "order.updated", Record: change.Key{Organization: "demo", Entity: "order", ID: id}, At: start,
		Sequence: fmt.Sprint(n), Data: map[string]any{"n": fmt.Sprint(n)}, Ordered: true,
	}
}

func (w world) line() []string {
	var line []string
	for _, p := range w.places.Places() {
		line = append(line, p.Delivery)
	}
	return line
}

// sent are the ids of the messages that came to the queue since the last look.
func (w world) sent(t *testing.T) []string {
	t.Helper()
	var ids []string
	for id := range w.received(t) {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func sortedIDs(events ...event.Event) []string {
	var ids []string
	for _, e := range events {
		ids = append(ids, e.ID())
	}
	slices.Sort(ids)
	return ids
}

// end writes that an event was delivered, as send does: without its body, and with its place still.
func (w world) end(t *testing.T, e event.Event) delivery.Message {
	t.Helper()
	m, err := e.Message()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.ledger.ForgetBodies(t.Context(), []delivery.Message{m}); err != nil {
		t.Fatal(err)
	}
	is := w.ledger.All()[m.Ref()]
	if took, err := w.ledger.Update(t.Context(), []delivery.Update{{Was: is, Now: is.End(delivery.Delivered, "", start)}}); err != nil || !took[0] {
		t.Fatalf("not ended: %v", err)
	}
	return m
}

func (w world) next(t *testing.T, ended ...delivery.Message) []string {
	t.Helper()
	messages, err := w.maker().Line.Next(t.Context(), ended)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range messages {
		if !m.Valid() || !m.Ordered() {
			t.Errorf("message %+v is not an ordered event's", m)
		}
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	return ids
}

func check(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// TestOnlyTheFirstOfEachRecordIsSent, of events whose sequence numbers have not all as many digits.
func TestOnlyTheFirstOfEachRecordIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld()
	a, b, c, other, free := edit("1", 9), edit("1", 10), edit("1", 100), edit("2", 11), order("free", 1, "x")
	w.make(t, a, b, other, free, c)
	check(t, "sent", w.sent(t), sortedIDs(a, other, free)...)
	check(t, "the lines", w.line(), a.ID(), b.ID(), other.ID(), c.ID())
	check(t, "sent after the first one's end", w.next(t, w.end(t, a)), b.ID())
	check(t, "sent after the other one's end", w.next(t, w.end(t, other)))
	check(t, "the lines", w.line(), b.ID(), c.ID())
	check(t, "sent when that is done twice", w.next(t, w.end(t, b), w.end(t, c)))
	check(t, "the lines", w.line())
}

// TestAnEventWithoutASequenceGoesAtOnce as it comes from no change of the record.
func TestAnEventWithoutASequenceGoesAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	of := edit("1", 0)
	of.Sequence, of.Source = "", "trigger-1"
	w.make(t, edit("1", 1), of)
	check(t, "sent", w.sent(t), sortedIDs(edit("1", 1), of)...)
	check(t, "the lines", w.line(), edit("1", 1).ID())
}

// TestWhoIsFirstAndHasEndedMakesRoom: it was given its place again by one that made it a second time, was slow, and died.
func TestWhoIsFirstAndHasEndedMakesRoom(t *testing.T) {
	t.Parallel()
	a, b, c := edit("1", 1), edit("1", 2), edit("1", 3)
	for name, again := range map[string][]event.Event{"a later one is made": {c}, "it is made again": {a, b}, "both": {a, b, c}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.make(t, a, b)
			w.queue.Receive(10)
			m := w.end(t, a)
			if got := w.next(t, m); len(got) != 1 {
				t.Fatalf("next are %v", got)
			}
			lane := backlog.Lane{Organization: "demo", Interface: "crm", Generation: "g1"}
			stale := backlog.Place{Ref: backlog.Ref{Lane: lane, Record: "order/1"}, Order: m.Event.Order, Delivery: m.ID, Since: start}
			if err := w.places.Enter(t.Context(), []backlog.Place{stale}); err != nil {
				t.Fatal(err)
			}
			w.make(t, again...)
			if got := w.sent(t); !slices.Contains(got, b.ID()) || slices.Contains(got, c.ID()) || slices.Contains(w.line(), a.ID()) {
				t.Errorf("sent %v, want the second (%s) alone; the line is %v", got, b.ID(), w.line())
			}
		})
	}
}

// TestWhoWasNeverSentIsSentByALaterOne, after a quarter of an hour and not with each.
func TestWhoWasNeverSentIsSentByALaterOne(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.queue.Refuse(1)
	if _, err := w.maker().Make(t.Context(), []event.Event{edit("1", 1)}); err == nil {
		t.Fatal("the queue took it")
	}
	w.make(t, edit("1", 2))
	check(t, "sent at once", w.sent(t))
	late := w.maker()
	late.Line.Now = func() time.Time { return start.Add(15*time.Minute + time.Second) }
	for n := range 2 {
		if _, err := late.Make(t.Context(), []event.Event{edit("1", 3+n)}); err != nil {
			t.Fatal(err)
		}
		if w.queue.Len() != 1 {
			t.Errorf("%d messages after a quarter of an hour and %d more events, want one", w.queue.Len(), n+1)
		}
	}
	check(t, "sent after a quarter of an hour", w.sent(t), edit("1", 1).ID())
}

// TestWhoIsBeingTakenIsLeftAlone: its body is gone, and its sender is about to write down its end.
func TestWhoIsBeingTakenIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld()
	a, b := edit("1", 1), edit("1", 2)
	w.make(t, a, b)
	second, err := b.Message()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.ledger.ForgetBodies(t.Context(), []delivery.Message{second}); err != nil {
		t.Fatal(err)
	}
	check(t, "sent", w.next(t, w.end(t, a)))
	check(t, "the line", w.line(), b.ID())
}

func TestAnOrderOfLargeEvents(t *testing.T) {
	t.Parallel()
	w := newWorld()
	a, b := edit("1", 1), edit("1", 2)
	b.Data["text"] = strings.Repeat("👩", 200_000)
	w.make(t, a, b)
	check(t, "sent", w.next(t, w.end(t, a)), b.ID())
}

// TestFinish puts on the queue what was begun and never came there, in order, and nothing else.
func TestFinish(t *testing.T) {
	t.Parallel()
	events := []event.Event{edit("1", 1), edit("1", 2), order("free", 1, "x"), order("large", 1, strings.Repeat("👩", 90_000))}
	for at := 1; ; at++ {
		w := newWorld()
		w.kill.At(at)
		_, err := w.maker().Make(t.Context(), events)
		w.kill.At(0)
		if err == nil {
			if at < 20 {
				t.Errorf("only %d steps to die at", at)
			}
			return
		}
		begun := w.ledger.All()
		never := []event.Event{edit("1", 3), order("free", 2, "x"), order("free", 3, "\xff")}
		for range 2 {
			if err := w.maker().Finish(t.Context(), append(events, never...)); err != nil {
				t.Fatal(err)
			}
		}
		sent := w.sent(t)
		for _, e := range events {
			_, is := begun[delivery.Ref{Organization: "demo", ID: e.ID()}]
			if waits := e.Sequence == "2" && e.Ordered; slices.Contains(sent, e.ID()) != (is && !waits) {
				t.Errorf("killed at step %d: begun %v, sent %v: %s", at, is, slices.Contains(sent, e.ID()), e.Record)
			}
		}
		if diff := cmp.Diff(begun, w.ledger.All()); diff != "" {
			t.Errorf("killed at step %d: other deliveries were made (-before +after):\n%s", at, diff)
		}
	}
}

// TestFinishLeavesWhatWasTried, or has ended, alone.
func TestFinishLeavesWhatWasTried(t *testing.T) {
	t.Parallel()
	w := newWorld()
	tried, ended := order("a", 1, "x"), order("a", 2, "x")
	w.make(t, tried, ended)
	w.end(t, ended)
	m, err := tried.Message()
	if err != nil {
		t.Fatal(err)
	}
	is := w.ledger.All()[m.Ref()]
	begun := is
	begun.Attempts = 1
	if took, err := w.ledger.Update(t.Context(), []delivery.Update{{Was: is, Now: begun}}); err != nil || !took[0] {
		t.Fatalf("no attempt: %v", err)
	}
	before := w.queue.Len()
	if err := w.maker().Finish(t.Context(), []event.Event{tried, ended}); err != nil {
		t.Fatal(err)
	}
	if n := w.queue.Len() - before; n != 0 {
		t.Errorf("%d messages, want none", n)
	}
}

// TestWhoHasEndedIsPassedOver, delivered and without a body, or stopped, by its own message.
func TestWhoHasEndedIsPassedOver(t *testing.T) {
	t.Parallel()
	w := newWorld()
	a, b, c, d := edit("1", 1), edit("1", 2), edit("1", 3), edit("1", 4)
	w.make(t, a, b, c, d)
	w.end(t, b)
	stopped := w.end(t, c)
	if err := w.ledger.KeepBodies(t.Context(), []delivery.Message{stopped}); err != nil {
		t.Fatal(err)
	}
	check(t, "sent", w.next(t, w.end(t, a)), c.ID())
	check(t, "the line", w.line(), c.ID(), d.ID())
	check(t, "sent after it", w.next(t, stopped), d.ID())
}
