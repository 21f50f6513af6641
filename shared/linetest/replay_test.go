package linetest_test

import (
	"context"
	"testing"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
)

// replayed is a line whose changes were told and given up, each after its one attempt.
func replayed(t *testing.T, configuration string, changes ...change.Change) *linetest.World {
	t.Helper()
	w := linetest.NewWorld(t, configuration)
	w.Receiver.Answer = linetest.Always(500)
	must(t, w.Tell(t.Context(), changes...))
	must(t, w.Drain(t.Context()))
	for _, d := range w.Ledger.All() {
		if d.Status != delivery.Stopped {
			t.Fatalf("delivery %+v, want it stopped", d)
		}
	}
	return w
}

// replay replays all that is stopped.
func replay(ctx context.Context, w *linetest.World) error {
	_, err := w.Replayer().Replay(ctx, w.Ended(delivery.Stopped))
	return err
}

// replayFaults says what is wrong with what arrived: under another id than an event's first delivery has, or with another
// body, or never; and what is left that nobody needs.
func replayFaults(t *testing.T, w *linetest.World, first map[string]linetest.Request) {
	t.Helper()
	taken := map[string]bool{}
	for i, r := range w.Receiver.Requests() {
		was, known := first[r.WebhookID(r.Delivery)]
		if !known || string(r.Body) != string(was.Body) || r.URL != was.URL {
			t.Errorf("request %d of %s under the webhook-id %s: %s, want what the first delivery sent, under its id", i, r.URL, r.WebhookID(r.Delivery), r.Body)
		}
		taken[r.Delivery] = taken[r.Delivery] || r.Taken
	}
	delivered := 0
	for _, d := range w.Ledger.All() {
		switch {
		case d.Status == delivery.Delivered && first[d.ReplayOf].Delivery != "":
			delivered++
		case d.Status != delivery.Replayed:
			t.Errorf("delivery %+v, want it replayed, or delivered as the replay of the first", d)
		case d.Expires.IsZero():
			t.Errorf("the replayed %s never expires", d.ID)
		}
	}
	if delivered != len(first) || len(taken) != len(first) || w.Ledger.Bodies() != 0 {
		t.Errorf("%d delivered, %v taken, %d bodies left; want %d", delivered, taken, w.Ledger.Bodies(), len(first))
	}
}

func firstRequests(w *linetest.World) map[string]linetest.Request {
	first := map[string]linetest.Request{}
	for _, r := range w.Receiver.Requests() {
		first[r.Delivery] = r
	}
	return first
}

// TestAReplayedEventKeepsItsID: the same request under the first webhook-id, also when it is stopped and replayed once more.
func TestAReplayedEventKeepsItsID(t *testing.T) {
	t.Parallel()
	const once = `,"retriesBeforeStop":0`
	for name, tt := range map[string]struct {
		configuration string
		changes       []change.Change
		again         int
	}{
		"events":               {linetest.EventWebhook(once), orders(3, "x"), 1},
		"events, twice":        {linetest.EventWebhook(once), orders(3, "x"), 2},
		"ordered events":       {linetest.EventWebhook(once + ordered), edits(2, 3), 2},
		"calls of crm-trigger": {linetest.CRMTrigger(once), []change.Change{linetest.Case(1, change.Create), linetest.Case(2, change.Delete)}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), replayed(t, tt.configuration, tt.changes...)
			first := firstRequests(w)
			for range tt.again - 1 {
				must(t, replay(ctx, w))
				must(t, w.Drain(ctx))
			}
			w.Receiver.Answer = nil
			must(t, replay(ctx, w))
			w.Settle(ctx, t, 4*time.Hour)
			replayFaults(t, w, first)
			if n, want := len(w.Receiver.Requests()), len(tt.changes)*(tt.again+1); n != want {
				t.Errorf("%d requests, want %d", n, want)
			}
			for _, fault := range w.HourFaults(ctx, false) {
				t.Error(fault)
			}
		})
	}
}

// TestACrashAtAnyWriteLosesNoReplay: who replays, sends or stops dies somewhere; people replay what they find stopped.
func TestACrashAtAnyWriteLosesNoReplay(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(linetest.Request) delivery.Attempt{"taken": nil, "stopped again": linetest.Always(500)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for at := 0; ; at++ {
				ctx, w := t.Context(), replayed(t, linetest.EventWebhook(`,"retriesBeforeStop":0`), orders(2, "x")...)
				first := firstRequests(w)
				w.Receiver.Answer = answer
				w.Kill.At(at)
				err := replay(ctx, w)
				if err == nil {
					err = w.Drain(ctx)
				}
				died := w.Kill.Dead()
				if at == 0 && err != nil || at > 0 && err != nil && !died {
					t.Fatalf("step %d: %v", at, err)
				}
				w.Kill.At(0)
				w.Receiver.Answer = nil
				for range 3 {
					must(t, replay(ctx, w))
					w.Settle(ctx, t, 4*time.Hour)
				}
				replayFaults(t, w, first)
				if at > 0 && !died {
					if at < 20 {
						t.Errorf("%d steps: there is too little to die at", at)
					}
					return
				}
			}
		})
	}
}
