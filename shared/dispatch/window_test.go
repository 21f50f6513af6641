package dispatch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
	"crmhook/shared/send"
)

// made runs dispatch at the next minute and says how many messages it put on the queues.
func made(t *testing.T, w *linetest.World) int {
	t.Helper()
	before := w.Fast.Len() + w.Slow.Len()
	w.Clock.Advance(w.Clock.Now().Truncate(time.Minute).Add(time.Minute).Sub(w.Clock.Now()))
	must(t, w.Dispatch().Run(t.Context()))
	return w.Fast.Len() + w.Slow.Len() - before
}

func TestTheWindowBoundsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name            string
		batch, contacts int
		want            []int
	}{
		{"all rows seen", 10_000, 250, []int{100, 0, 0}},
		{"a backlog that no run reads to its end", 60, 900, []int{60, 40, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(1, tt.batch, 1)))
			must(t, w.Write(ctx, contacts(tt.contacts)...))
			for i, want := range tt.want {
				if got := made(t, w); got != want {
					t.Errorf("run %d made %d deliveries, want %d", i+1, got, want)
				}
			}
		})
	}
}

func TestTheWindowGrowsProbesAndIsRestored(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(1, 10_000, 1)+`,"retriesBeforeStop":0,"retriesBeforeWarning":0`))
	must(t, w.Write(ctx, contacts(1_000)...))
	for i, step := range []struct {
		status, want int
		why          string
	}{
		{200, 100, "the first window"},
		{200, 200, "twice as many, since all succeeded"},
		{500, 400, "twice as many again"},
		{500, 1, "a probe, since the last five failed"},
		{200, 1, "a probe, since that failed too"},
		{200, 10, "restored by one success"},
		{200, 20, "growing again"},
	} {
		w.Receiver.Answer = linetest.Always(step.status)
		if got := made(t, w); got != step.want {
			t.Errorf("run %d made %d deliveries, want %d: %s", i+1, got, step.want, step.why)
		}
		must(t, w.Drain(ctx))
	}
}

func TestAfterATimeoutDeliveriesGoThroughTheSlowQueue(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(1, 100, 1)))
	w.Receiver.Answer = func(linetest.Request) delivery.Attempt { return delivery.Attempt{Error: delivery.Timeout} }
	must(t, w.Write(ctx, "C1"))
	made(t, w)
	must(t, w.Drain(ctx))
	must(t, w.Write(ctx, "C2"))
	if made(t, w); w.Slow.Len() != 1 {
		t.Errorf("%d messages in the slow queue after a timeout, want 1", w.Slow.Len())
	}
	w.Receiver.Answer = nil
	must(t, w.Drain(ctx))
	must(t, w.Write(ctx, "C3"))
	w.Clock.Advance(time.Minute)
	if made(t, w); w.Slow.Len() != 0 {
		t.Errorf("%d messages in the slow queue after a success, want 0", w.Slow.Len())
	}
}

// TestNoWaitingRecordStarves changes many records of low keys all the time.
func TestNoWaitingRecordStarves(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(1, 5, 5)))
	must(t, w.Write(ctx, "Z1", "Z2", "Z3", "Z4"))
	for range 12 {
		must(t, w.Write(ctx, contacts(30)...))
		made(t, w)
		must(t, w.Drain(ctx))
	}
	sent := map[string]int{}
	for _, r := range w.Receiver.Requests() {
		for id := range r.Contacts() {
			sent[id]++
		}
	}
	for _, id := range []string{"Z1", "Z2", "Z3", "Z4"} {
		if sent[id] != 1 {
			t.Errorf("%s was sent %d times in twelve runs of five, want once", id, sent[id])
		}
	}
}

// TestARunGoesRoundToTheFirstRows: what waits before the place where the last run stopped does not wait for the run after
// the next.
func TestARunGoesRoundToTheFirstRows(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(15, 30, 30)))
	must(t, w.Write(ctx, contacts(40)...))
	until(t, w, "08:15")
	must(t, w.Step(ctx))
	must(t, w.Write(ctx, contacts(40)...))
	until(t, w, "08:30")
	must(t, w.Step(ctx))
	if got := executions(w)[1]; got != "08:30 s by schedule: 30 records in 1, merged 0" {
		t.Errorf("the second run: %s, want a whole batch: forty records wait", got)
	}
}

// countless is a ledger that cannot count.
type countless struct{ send.Ledger }

func (countless) Advance(context.Context, backlog.Lane, string, backlog.Progress) error {
	return fmt.Errorf("throttled")
}

// TestCountsThatLagBehindDoNotBlock has senders die before they count, in a backlog that no run reads to its end.
func TestCountsThatLagBehindDoNotBlock(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(1, 100, 1)))
	must(t, w.Write(ctx, contacts(500)...))
	made(t, w)
	w.OnSend = func(h *send.Handler) { h.Ledger = countless{h.Ledger} }
	for w.Fast.Len() > 0 {
		if _, err := w.Deliver(ctx, w.Fast, 10); err == nil {
			t.Fatal("no error although nothing could be counted")
		}
	}
	w.OnSend = nil
	w.Clock.Advance(80 * time.Minute)
	if got := made(t, w); got != 0 {
		t.Fatalf("%d deliveries before the counts were looked at, want 0", got)
	}
	if got := made(t, w); got != 100 {
		t.Errorf("%d deliveries although nothing is under way, want 100", got)
	}
}
