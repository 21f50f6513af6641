package stop_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
)

// given is a line with an event whose one attempt has failed, and its message in the stopped queue.
func given(t *testing.T, extra string) *linetest.World {
	t.Helper()
	w := linetest.NewWorld(t, linetest.EventWebhook(`,"retriesBeforeStop":0`+extra))
	w.Receiver.Answer = linetest.Always(500)
	must(t, w.Tell(t.Context(), []change.Change{linetest.Order(1, "x")}...))
	_, err := w.Deliver(t.Context(), w.Fast, 10)
	must(t, err)
	warnings := w.Stopped.Receive(1) // The warning of the only attempt.
	w.Stopped.Delete(warnings[0].Receipt)
	if w.Stopped.Len() != 1 {
		t.Fatalf("%d messages to stop, want one", w.Stopped.Len())
	}
	return w
}

func onlyOne(t *testing.T, w *linetest.World) delivery.Delivery {
	t.Helper()
	for _, d := range w.Ledger.All() {
		return d
	}
	t.Fatal("no delivery")
	return delivery.Delivery{}
}

func TestAnEventThatIsGivenUp(t *testing.T) {
	t.Parallel()
	w := given(t, "")
	end(t, w)
	d := onlyOne(t, w)
	if d.Status != delivery.Stopped || d.Reason != "its last attempt failed" || !d.Expires.IsZero() || d.LastStatus != 500 {
		t.Errorf("delivery %+v, want it stopped", d)
	}
	if body, err := w.Ledger.Body(t.Context(), d.Ref()); err != nil || !strings.Contains(body, `"id":"1"`) {
		t.Errorf("the ledger has the body %q (%v)", body, err)
	}
	told := w.Mail.Notices()
	if len(told) != 1 || !strings.Contains(told[0].Text, "records: order/1\n") {
		t.Errorf("people were told %v, want the record once", told)
	}
	if w.Backlog.Calls["Settle"]+w.Ledger.Calls["Advance"] != 0 {
		t.Errorf("rows or executions were written: %v, %v", w.Backlog.Calls, w.Ledger.Calls)
	}
}

// TestAnEventWithAttemptsLeftIsSentOn with its body.
func TestAnEventWithAttemptsLeftIsSentOn(t *testing.T) {
	t.Parallel()
	w := given(t, "")
	lenient := *w.Hook
	lenient.RetriesBeforeStop = 3
	w.Set(w.Lane, &lenient, "active")
	end(t, w)
	messages := w.Fast.Receive(10)
	var m delivery.Message
	if len(messages) != 1 || json.Unmarshal([]byte(messages[0].Body), &m) != nil || !m.Valid() || m.ID != onlyOne(t, w).ID {
		t.Errorf("messages %v, want the event's", messages)
	}
}

// TestAnEventOfAPausedInterfaceTellsNobody, also where the message comes again because its stopper died.
func TestAnEventOfAPausedInterfaceTellsNobody(t *testing.T) {
	t.Parallel()
	w := given(t, "")
	w.Pause()
	messages := w.Stopped.Receive(1)
	for range 2 {
		must(t, w.WorkStopped(t.Context(), messages))
		messages[0].Receives++
	}
	if d := onlyOne(t, w); d.Status != delivery.Stopped || !strings.Contains(d.Reason, "can be replayed") || !d.Expires.IsZero() {
		t.Errorf("delivery %+v, want it stopped for a replay", d)
	}
	if n := len(w.Mail.Notices()) + w.Stopped.Len(); n != 0 {
		t.Errorf("people were told %v, or a message is left", w.Mail.Notices())
	}
}

// TestAnEventThatCrashedItsSenders is given up with the crash as its attempt.
func TestAnEventThatCrashedItsSenders(t *testing.T) {
	t.Parallel()
	w := given(t, "")
	d := onlyOne(t, w)
	crashed := d
	crashed.Claim = w.Clock.Now().Add(time.Second)
	took, err := w.Ledger.Update(t.Context(), []delivery.Update{{Was: d, Now: crashed}})
	if must(t, err); !took[0] {
		t.Fatal("the claim was not written")
	}
	w.Clock.Advance(time.Minute)
	end(t, w)
	if d := onlyOne(t, w); d.Status != delivery.Stopped || d.LastError != delivery.Crashed || d.First.Error != delivery.Crashed {
		t.Errorf("delivery %+v, want it stopped after a crash", d)
	}
}
