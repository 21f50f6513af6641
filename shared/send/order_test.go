package send_test

import (
	"encoding/json"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
)

// standing is a line with three events of one record, the first of which is in the fast queue.
func standing(t *testing.T) *linetest.World {
	t.Helper()
	w := linetest.NewWorld(t, linetest.EventWebhook(`,"ordered":true`))
	must(t, w.Tell(t.Context(), linetest.Edit(1, 1, "a"), linetest.Edit(1, 2, "b"), linetest.Edit(1, 3, "c")))
	if w.Fast.Len() != 1 || len(w.Backlog.Places()) != 3 {
		t.Fatalf("%d messages and %d places, want one and three", w.Fast.Len(), len(w.Backlog.Places()))
	}
	return w
}

// inQueue is the one message that is in the fast queue.
func inQueue(t *testing.T, w *linetest.World) delivery.Message {
	t.Helper()
	w.Clock.Advance(time.Hour)
	received := w.Fast.Receive(10)
	var m delivery.Message
	if len(received) != 1 || json.Unmarshal([]byte(received[0].Body), &m) != nil {
		t.Fatalf("messages %v, want one", received)
	}
	return m
}

// TestAnEndLetsTheNextGo with all that its own message would have had.
func TestAnEndLetsTheNextGo(t *testing.T) {
	t.Parallel()
	w := standing(t)
	second := w.Backlog.Places()[1]
	body, err := w.Ledger.Body(t.Context(), delivery.Ref{Organization: second.Organization, ID: second.Delivery})
	must(t, err)
	deliver(t, w)
	want := delivery.Message{
		ID: second.Delivery, Organization: "demo", Interface: "crm", Generation: "g1", Records: []string{"order/1"},
		Event: &delivery.Event{Type: "order.updated", Body: body, Order: second.Order},
	}
	if d := diff.Diff(want, inQueue(t, w)); d != "" {
		t.Errorf("message (-want +got):\n%s", d)
	}
	if places := w.Backlog.Places(); len(places) != 2 || places[0] != second {
		t.Errorf("places %v, want those of the second and the third", places)
	}
}

func TestAFailureLetsNobodyGo(t *testing.T) {
	t.Parallel()
	w := standing(t)
	first := w.Backlog.Places()[0]
	w.Receiver.Answer = linetest.Always(500)
	deliver(t, w)
	if m := inQueue(t, w); m.ID != first.Delivery || len(w.Backlog.Places()) != 3 {
		t.Errorf("%s is on its way, want the first still", m.ID)
	}
}

// TestAnEndThatCouldNotLetTheNextGo is made good by its own message, which stays.
func TestAnEndThatCouldNotLetTheNextGo(t *testing.T) {
	t.Parallel()
	w := standing(t)
	first, second := w.Backlog.Places()[0], w.Backlog.Places()[1]
	w.Fast.Refuse(1)
	if _, err := w.Deliver(t.Context(), w.Fast, 1); err == nil {
		t.Error("no error, although the queue refused the next")
	}
	if got := next(t, w); got != 10*time.Second || w.Fast.Len() != 1 {
		t.Fatalf("%d messages, seen again after %s; want the first's after ten seconds", w.Fast.Len(), got)
	}
	w.Clock.Advance(10 * time.Second)
	deliver(t, w)
	if m := inQueue(t, w); m.ID != second.Delivery || len(w.Receiver.Requests()) != 1 {
		t.Errorf("%s is on its way after %d requests, want the second, and the first (%s) requested once", m.ID, len(w.Receiver.Requests()), first.Delivery)
	}
}

// TestWhatHasNoPlaceGoesAtOnce: an event that is replayed, without an order.
func TestWhatHasNoPlaceGoesAtOnce(t *testing.T) {
	t.Parallel()
	w := standing(t)
	third := inQueue(t, w)
	third.ID, third.Event.Order = "replayed", ""
	_, err := w.Fast.Send(t.Context(), third.Group(), []any{third})
	must(t, err)
	deliver(t, w)
	if d := w.Ledger.All()[third.Ref()]; d.Status != delivery.Delivered || len(w.Backlog.Places()) != 3 {
		t.Errorf("delivery %+v, want it delivered; %d places", d, len(w.Backlog.Places()))
	}
}
