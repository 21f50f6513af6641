package linetest_test

import (
	"context"
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
	"crmhook/shared/send"
	"crmhook/shared/stop"
	"crmhook/shared/tabletest"
)

// repeating is a ledger whose answers to what ends deliveries get lost: the call is repeated, and the repetition finds the
// condition of the first one not fulfilled any more.
type repeating struct{ *tabletest.Ledger }

func (r repeating) Update(ctx context.Context, updates []delivery.Update) ([]bool, error) {
	took, err := r.Ledger.Update(ctx, updates)
	for _, u := range updates {
		if err == nil && u.Now.Final() {
			return r.Ledger.Update(ctx, updates)
		}
	}
	return took, err
}

// TestTheNextEventGoesAfterALostAnswer: whoever ends an ordered event and is told that it did not lets the next one go all
// the same, and people are told of what was stopped.
func TestTheNextEventGoesAfterALostAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		extra     string
		status    int
		delivered int
		stopped   int
	}{
		"delivered": {"", 200, 6, 0},
		"given up":  {`,"retriesBeforeStop":0,"retriesBeforeWarning":0`, 500, 0, 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			w, watch := ordering(t, tt.extra, linetest.Always(tt.status))
			w.OnSend = func(h *send.Handler) { h.Deliveries = repeating{w.Ledger} }
			w.OnStop = func(h *stop.Handler) { h.Deliveries = repeating{w.Ledger} }
			list := edits(2, 3)
			watch.Tell(list...)
			must(t, w.Tell(ctx, list...))
			w.Settle(ctx, t, 4*time.Hour)
			inOrder(ctx, t, w, watch, list...)
			if d, s := len(w.Ended(delivery.Delivered)), len(w.Ended(delivery.Stopped)); d != tt.delivered || s != tt.stopped {
				t.Errorf("%d were delivered and %d stopped, want %d and %d", d, s, tt.delivered, tt.stopped)
			}
			if told := len(w.Mail.Notices()) > 0; told != (tt.stopped > 0) {
				t.Errorf("people were told: %v", told)
			}
		})
	}
}

// TestABucketEndsAfterALostAnswer, delivered or stopped, and nothing of it stays.
func TestABucketEndsAfterALostAnswer(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]delivery.Status{200: delivery.Delivered, 500: delivery.Stopped} {
		ctx, w := t.Context(), linetest.NewWorld(t, v2(2, `,"retriesBeforeStop":0,"retriesBeforeWarning":0`))
		w.Receiver.Answer = linetest.Always(status)
		w.OnSend = func(h *send.Handler) { h.Deliveries = repeating{w.Ledger} }
		w.OnStop = func(h *stop.Handler) { h.Deliveries = repeating{w.Ledger} }
		must(t, w.Write(ctx, "C1", "C2"))
		w.Settle(ctx, t, 4*time.Hour)
		sound(t, w)
		if n := len(w.Ended(want)); n != 1 || len(w.Receiver.Requests()) != 1 {
			t.Errorf("%d: %d deliveries are %s after %d requests, want one of each", status, n, want, len(w.Receiver.Requests()))
		}
		if told := len(w.Mail.Notices()) > 0; told != (status == 500) {
			t.Errorf("%d: people were told: %v", status, told)
		}
	}
}
