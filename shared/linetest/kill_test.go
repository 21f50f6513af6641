package linetest_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
)

// A scenario runs the line once from an empty state; it stops at the first error, which is the crash.
type scenario struct {
	name string
	// configuration of the one interface.
	configuration string
	// answer to the n-th request, from 0; nil: always 200.
	answer func(n int) int
	// run is what happens until the crash; nil: see changes.
	run func(ctx context.Context, w *linetest.World) error
	// after brings what the crash has left unfinished to its end, as people and configure would.
	after func(ctx context.Context, t *testing.T, w *linetest.World)
	// lost are contacts whose newest state need not arrive.
	lost []string
	// mayStop says that deliveries may end stopped.
	mayStop bool
	// limit is how long all may last after the crash; 0: four hours.
	limit time.Duration
	// verify looks at what is special about the scenario.
	verify func(t *testing.T, w *linetest.World, at int)
}

// changes writes three contacts, changes one while its request is under way and one between two minutes.
func changes(ctx context.Context, w *linetest.World) error {
	if err := w.Write(ctx, "C1", "C2", "C3"); err != nil {
		return err
	}
	w.Clock.Advance(time.Minute)
	if err := w.Minute(ctx); err != nil {
		return err
	}
	if err := w.Write(ctx, "C2"); err != nil {
		return err
	}
	for range 4 {
		if err := w.Minute(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s scenario) receiver(ctx context.Context, w *linetest.World) func(linetest.Request) delivery.Attempt {
	var requests atomic.Int64
	var once atomic.Bool
	return func(r linetest.Request) delivery.Attempt {
		n := int(requests.Add(1)) - 1
		if s.run == nil && strings.Contains(string(r.Body), `"C1"`) && once.CompareAndSwap(false, true) {
			if err := w.Write(ctx, "C1"); err != nil {
				return delivery.Attempt{Error: delivery.Connect} // The process died while it wrote for us; so did the sender.
			}
		}
		if s.answer == nil {
			return linetest.Status(200)
		}
		return linetest.Status(s.answer(n))
	}
}

// failing answers 500 to the first n requests.
func failing(n int) func(int) int {
	return func(i int) int {
		if i < n {
			return 500
		}
		return 200
	}
}

func TestACrashAtAnyWriteLosesNothingAndBlocksNothing(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			steps := s.check(t, 0)
			if steps < 15 {
				t.Fatalf("%d steps: the scenario writes too little to be worth a test", steps)
			}
			for at := 1; at <= steps; at++ {
				s.check(t, at)
			}
		})
	}
}

// check kills the process at one step, goes on with new processes, and looks at what arrived.
func (s scenario) check(t *testing.T, at int) int {
	t.Helper()
	ctx := t.Context()
	w := linetest.NewWorld(t, s.configuration)
	w.Receiver.Answer = s.receiver(ctx, w)
	w.Kill.At(at)
	run := s.run
	if run == nil {
		run = changes
	}
	err := run(ctx, w)
	steps, died := w.Kill.Steps(), w.Kill.Dead()
	if err != nil && !died {
		t.Fatalf("step %d: %v", at, err)
	}
	w.Kill.At(0)
	// scan reads on from its checkpoint, which the crash left behind the change: it counts it again.
	if died {
		if err := w.Rescan(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if s.after != nil {
		s.after(ctx, t, w)
	}
	limit := s.limit
	if limit == 0 {
		limit = 4 * time.Hour
	}
	w.Settle(ctx, t, limit)
	s.look(t, w, at)
	return steps
}

func (s scenario) look(t *testing.T, w *linetest.World, at int) {
	t.Helper()
	for _, fault := range w.Faults(s.lost...) {
		t.Errorf("step %d: %s", at, fault)
	}
	if stopped := w.Ended(delivery.Stopped); !s.mayStop && len(stopped) > 0 {
		t.Errorf("step %d: delivery %s was stopped after %d attempts", at, stopped[0].ID, stopped[0].Attempts)
	}
	for _, fault := range w.HourFaults(t.Context(), at > 0) {
		t.Errorf("step %d: %s", at, fault)
	}
	for _, e := range w.Ledger.AllExecutions() {
		if at == 0 && e.Ended > 0 && !e.EndedAt.After(e.At.Add(-1)) {
			t.Errorf("without a crash: execution %+v has ended deliveries and no end", e)
		}
		if at == 0 && !e.Done() {
			t.Errorf("without a crash: %d of %d deliveries of execution %s have ended", e.Ended, e.Deliveries, e.ID)
		}
	}
	if s.verify != nil {
		s.verify(t, w, at)
	}
}
