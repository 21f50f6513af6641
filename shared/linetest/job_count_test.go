package linetest_test

import (
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
)

// TestACrashDoesNotCountTwice kills dispatch at each step of a job whose messages nobody receives before it is gone on with:
// what the dead step had taken is taken anew, and counts once.
func TestACrashDoesNotCountTwice(t *testing.T) {
	t.Parallel()
	for name, start := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := func(at int) int {
				ctx, w := t.Context(), asking(t, linetest.V2(`,"schedules":[{"name":"s","launch":"manual","bucketSize":2}]`), 100)
				exist(w, numbers(12)...)
				must(t, start(ctx, w))
				w.Kill.At(at)
				_ = w.Dispatch().Run(ctx)
				steps := w.Kill.Steps()
				w.Kill.At(0)
				w.Clock.Advance(2 * time.Minute)
				must(t, w.Dispatch().Run(ctx))
				if e := execution(t, w, "x1"); e.Taken != 12 || e.Merged != 0 || e.Open {
					t.Errorf("step %d: execution %+v, want twelve taken and none merged", at, e)
				}
				return steps
			}
			steps := run(0)
			if steps < 30 {
				t.Fatalf("%d steps: too few to be worth a test", steps)
			}
			for at := 1; at <= steps; at++ {
				run(at)
			}
		})
	}
}

// TestWhatSendersTookOfADeadStepCounts: of a step that died just before it was done some was sent. That has been taken, and
// who is named goes again.
func TestWhatSendersTookOfADeadStepCounts(t *testing.T) {
	t.Parallel()
	for name, start := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := func(at int) (steps int, some bool) {
				ctx, w := t.Context(), asking(t, linetest.V2(`,"schedules":[{"name":"s","launch":"manual"}]`), 100)
				exist(w, numbers(12)...)
				must(t, start(ctx, w))
				w.Kill.At(at)
				_ = w.Dispatch().Run(ctx)
				steps = w.Kill.Steps()
				w.Kill.At(0)
				if _, err := w.Deliver(ctx, w.Fast, 3); err != nil {
					t.Fatal(err)
				}
				some = len(w.Ended(delivery.Delivered)) > 0 && execution(t, w, "x1").Open
				w.Clock.Advance(2 * time.Minute)
				quiet(ctx, t, w)
				e := execution(t, w, "x1")
				if e.Tally.Sent != e.Taken || e.Taken < 12 || e.Merged != 0 || e.Open {
					t.Errorf("step %d: execution %+v, want as many taken as were sent", at, e)
				}
				return steps, some
			}
			steps, _ := run(0)
			seen := false
			for at := 1; at <= steps; at++ {
				_, some := run(at)
				seen = seen || some
			}
			if !seen {
				t.Error("in no run anything was sent of a step that died")
			}
		})
	}
}
