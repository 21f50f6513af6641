package send_test

import (
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
	"crmhook/shared/queuetest"
	"crmhook/shared/send"
)

// process is one process of send, which lives on from one invocation to the next.
type process struct {
	*linetest.World
	handler *send.Handler
}

// work lets it work on up to n messages of a queue and deletes what is done.
func (p process) work(t *testing.T, from *queuetest.Queue, n int) {
	t.Helper()
	received := from.Receive(n)
	var messages []send.Message
	for _, m := range received {
		messages = append(messages, send.Message{ID: m.ID, Receipt: m.Receipt, Body: m.Body, Receives: m.Receives, Slow: from == p.Slow})
	}
	failed, err := p.handler.Handle(t.Context(), messages)
	must(t, err)
	again := map[string]bool{}
	for _, id := range failed {
		again[id] = true
	}
	for _, m := range received {
		if !again[m.ID] {
			from.Delete(m.Receipt)
		}
	}
}

func (p process) check(t *testing.T, fast, slow, requests int) {
	t.Helper()
	if f, s, r := p.Fast.Len(), p.Slow.Len(), len(p.Receiver.Requests()); f != fast || s != slow || r != requests {
		t.Errorf("%d messages in the fast queue, %d in the slow one, %d requests; want %d, %d, %d", f, s, r, fast, slow, requests)
	}
}

func timeout(linetest.Request) delivery.Attempt { return delivery.Attempt{Error: delivery.Timeout} }

// TestEventsOfAFailingInterfaceTakeTheSlowQueue until one of them is taken, or time is over.
func TestEventsOfAFailingInterfaceTakeTheSlowQueue(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer   func(linetest.Request) delivery.Attempt
		attempts int
	}{
		"after three failures": {linetest.Always(500), 3}, "after one timeout": {timeout, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := told(t, "", 10)
			p := process{w, w.Send()}
			w.Receiver.Answer = tt.answer
			for range tt.attempts {
				p.work(t, w.Fast, 1)
			}
			p.check(t, 10, 0, tt.attempts)
			p.work(t, w.Fast, 1)
			p.check(t, 9, 1, tt.attempts)
			p.work(t, w.Slow, 1)
			p.check(t, 9, 1, tt.attempts+1)

			other := w.Install(t, "other", linetest.EventWebhook(""))
			w.Lane = other
			tell(t, w, 1)
			w.Receiver.Answer = nil
			p.work(t, w.Fast, 10)
			p.check(t, tt.attempts, 10-tt.attempts, tt.attempts+2)

			w.Clock.Advance(31 * time.Second)
			p.work(t, w.Slow, 1) // It is taken: the interface works again.
			p.work(t, w.Fast, 10)
			if left := w.Fast.Len(); tt.attempts == 3 && left != 0 {
				t.Errorf("%d messages in the fast queue after a success", left)
			}
			w.Settle(t.Context(), t, time.Hour)
			if n := len(w.Ended(delivery.Delivered)); n != 11 {
				t.Errorf("%d delivered, want all", n)
			}
		})
	}
}

// TestAFailingInterfaceIsTriedAgain through the fast queue after ten minutes without an attempt.
func TestAFailingInterfaceIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := told(t, "", 3)
	p := process{w, w.Send()}
	w.Receiver.Answer = timeout
	p.work(t, w.Fast, 1)
	w.Clock.Advance(10*time.Minute - time.Second)
	w.Receiver.Answer = nil
	p.work(t, w.Fast, 1)
	p.check(t, 2, 1, 1)
	w.Clock.Advance(2 * time.Second)
	p.work(t, w.Fast, 1)
	if n := len(w.Receiver.Requests()); n != 2 {
		t.Errorf("%d requests, want one more", n)
	}
}

// TestAnEventThatTimedOutTakesTheSlowQueue in every process, also in one that has just begun.
func TestAnEventThatTimedOutTakesTheSlowQueue(t *testing.T) {
	t.Parallel()
	w := told(t, "", 1)
	w.Receiver.Answer = timeout
	deliver(t, w)
	w.Clock.Advance(31 * time.Second)
	deliver(t, w)
	process{World: w}.check(t, 0, 1, 1)
	w.Receiver.Answer = nil
	w.Settle(t.Context(), t, time.Minute)
	if d := one(t, w); d.Status != delivery.Delivered || d.Attempts != 2 {
		t.Errorf("delivery %+v, want it delivered by the second attempt", d)
	}
}

// TestWhatCannotBePassedOn stays where it is.
func TestWhatCannotBePassedOn(t *testing.T) {
	t.Parallel()
	w := told(t, "", 1)
	w.Receiver.Answer = timeout
	deliver(t, w)
	w.Clock.Advance(31 * time.Second)
	w.Slow.Refuse(1)
	deliver(t, w)
	process{World: w}.check(t, 1, 0, 1)
	if got := next(t, w); got != 10*time.Second {
		t.Errorf("seen again after %s, want ten seconds", got)
	}
}

// TestASecondMessageWaitsForTheDelay: an event that is in the queue twice is not tried before its time.
func TestASecondMessageWaitsForTheDelay(t *testing.T) {
	t.Parallel()
	w := told(t, "", 1)
	tell(t, w, 1)
	w.Receiver.Answer = linetest.Always(500)
	deliver(t, w)
	w.Clock.Advance(12 * time.Second) // The second one was with the first in one batch, and seen again later.
	deliver(t, w)
	process{World: w}.check(t, 2, 0, 1)
	if got := next(t, w); got != 18*time.Second {
		t.Errorf("seen again after %s, want what is left of the delay", got)
	}
	w.Clock.Advance(18 * time.Second)
	deliver(t, w)
	process{World: w}.check(t, 2, 0, 2)
}
