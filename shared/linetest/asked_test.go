package linetest_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/job"
	"crmhook/shared/linetest"
)

// TestIdentifiersOfASchedule go when it is run by hand, changed or not, and nothing else does that waits.
func TestIdentifiersOfASchedule(t *testing.T) {
	t.Parallel()
	const named = `,"schedules":[{"name":"s","launch":"manual","batchSize":1,"bucketSize":2,"identifiers":["N00","N01","N02"]}]`
	ctx, w := t.Context(), asking(t, linetest.V2(named), 100)
	exist(w, numbers(12)...)
	must(t, w.Scan(ctx, w.Lane, "N07"))
	must(t, ask(ctx, w, job.Job{ID: "x1", Kind: job.Identifiers, Identifiers: w.Hook.Schedules[0].Identifiers}))
	quiet(ctx, t, w)
	if diff := cmp.Diff(map[string]int{"N00": 1, "N01": 1, "N02": 1}, delivered(w)); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
	if e := execution(t, w, "x1"); !e.Done() || e.Taken != 3 || len(w.Backlog.All()) != 1 {
		t.Errorf("execution %+v, rows %v, want three taken and one waiting", e, w.Backlog.All())
	}
}

// givenUp is a line of whose interface no schedule ever runs, on which twelve contacts were given up.
func givenUp(ctx context.Context, t *testing.T) *linetest.World {
	t.Helper()
	w := asking(t, linetest.V2(strings.Replace(manual, `"bucketSize":1`, `"bucketSize":5`, 1)+`,"retriesBeforeStop":0,"retriesBeforeWarning":0`), 100)
	exist(w, numbers(12)...)
	w.Receiver.Answer = linetest.Always(500)
	must(t, kinds()["file"](ctx, w))
	quiet(ctx, t, w)
	w.Clock.Advance(time.Hour)
	must(t, w.Step(ctx)) // The digest's hour is over.
	w.Receiver.Answer = nil
	if n := len(w.Ended(delivery.Stopped)); n < 3 {
		t.Fatalf("%d stopped", n)
	}
	return w
}

// TestAReplayGoesAtOnce although no schedule ever runs, of many as of one, in spite of a crash at any write of it.
func TestAReplayGoesAtOnce(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(ctx context.Context, w *linetest.World) error{
		"many": func(ctx context.Context, w *linetest.World) error {
			if err := ask(ctx, w, job.Job{ID: "r1", Kind: job.Replay, Matching: job.Matching{Interface: "crm"}}); err != nil {
				return err
			}
			return w.Step(ctx)
		},
		"each": func(ctx context.Context, w *linetest.World) error {
			for _, d := range w.Ended(delivery.Stopped) {
				if _, err := w.Replayer().Replay(ctx, []delivery.Delivery{d}); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := func(at int) int {
				ctx := t.Context()
				w := givenUp(ctx, t)
				w.Kill.At(at)
				err := start(ctx, w)
				steps, died := w.Kill.Steps(), w.Kill.Dead()
				w.Kill.At(0)
				switch {
				case died && (name == "each" || len(w.Backlog.AllJobs()) == 0 && len(w.Ended(delivery.Stopped)) > 0):
					must(t, start(ctx, w)) // It was never asked for, or not of all.
				case !died:
					must(t, err)
				}
				quiet(ctx, t, w)
				got := delivered(w)
				if diff := cmp.Diff(numbers(12), slices.Sorted(maps.Keys(got))); diff != "" {
					t.Errorf("step %d: delivered (-want +got):\n%s", at, diff)
				}
				if n := len(w.Ended(delivery.Stopped)) + len(w.Backlog.All()) + len(w.Backlog.AllJobs()) + w.Backlog.Pieces(); n > 0 {
					t.Errorf("step %d: %d stopped, rows %v, jobs %v, %d pieces are left", at, len(w.Ended(delivery.Stopped)), w.Backlog.All(), w.Backlog.AllJobs(), w.Backlog.Pieces())
				}
				for _, e := range w.Ledger.AllExecutions() {
					if at == 0 && e.StartedBy == job.ByReplay && (!e.Done() || e.Tally.Delivered != e.Numbers) {
						t.Errorf("execution %s: %d of %d delivered", e.ID, e.Tally.Delivered, e.Numbers)
					}
				}
				return steps
			}
			for at := run(0); at > 0; at-- {
				run(at)
			}
		})
	}
}

// TestNothingIsBetweenAskingAndWork: whoever asks and dies at any write has asked for nothing, or for what is worked off
// without anybody asking again.
func TestNothingIsBetweenAskingAndWork(t *testing.T) {
	t.Parallel()
	for name, start := range kinds() {
		for at := 1; ; at++ {
			ctx, w := t.Context(), asking(t, linetest.V2(manual), 100)
			exist(w, numbers(12)...)
			w.Kill.At(at)
			err := start(ctx, w)
			w.Kill.At(0)
			if err == nil {
				break
			}
			asked := len(w.Ledger.AllExecutions()) > 0
			quiet(ctx, t, w)
			if n := len(w.Backlog.AllJobs()); n > 0 {
				t.Errorf("%s, killed at %d: %d jobs are left that nobody looks for", name, at, n)
			}
			for _, e := range w.Ledger.AllExecutions() {
				if !e.Done() {
					t.Errorf("%s, killed at %d: execution %+v runs for ever", name, at, e)
				}
			}
			if asked == (len(delivered(w)) == 0) {
				t.Errorf("%s, killed at %d: asked for: %t, delivered %v", name, at, asked, delivered(w))
			}
		}
	}
}
