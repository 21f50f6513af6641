package dispatch_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/dispatch"
	"crmhook/shared/hook"
	"crmhook/shared/job"
	"crmhook/shared/linetest"
)

// TestARunGoesOnWhileAJobMakesProgress, with a window that grows with it.
func TestARunGoesOnWhileAJobMakesProgress(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(linetest.Schedule(1440, 100, 1)), drain)
	list := there(w, 5_000)
	ask(t, w, job.Job{ID: "x1", Kind: job.File}, list[:2_000], list[2_000:4_000], list[4_000:])
	must(t, w.Dispatch().Run(ctx))
	if e := w.Ledger.AllExecutions()[0]; e.Open || e.Taken != 5_000 {
		t.Errorf("%d taken, open %t after one run, want 5,000", e.Taken, e.Open)
	}
	if took := w.Clock.Now().Sub(linetest.Start); took > 12*time.Second {
		t.Errorf("it took %s, want the window to grow: 100, 200, 400 …", took)
	}
}

// TestARunThatMeetsAnotherStaysAwake: the other may end, or have died, long before the next minute's begins.
func TestARunThatMeetsAnotherStaysAwake(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(byHand), nil)
	busy := backlog.State{Lane: w.Lane, Busy: "x0", BusyUntil: w.Clock.Now().Add(5 * time.Second)}
	if _, err := w.Backlog.Save(ctx, busy); err != nil {
		t.Fatal(err)
	}
	ask(t, w, job.Job{ID: "x1", Kind: job.File}, there(w, 6))
	must(t, w.Dispatch().Run(ctx))
	if e := w.Ledger.AllExecutions()[0]; e.Open || e.Taken != 6 {
		t.Errorf("%d taken, open %t, want all 6 once the lane was free", e.Taken, e.Open)
	}
	if took := w.Clock.Now().Sub(linetest.Start); took < 5*time.Second || took > 10*time.Second {
		t.Errorf("the run took %s, want somewhat more than the other had", took)
	}
}

// TestARunEndsBeforeTheNextMinutes and leaves the rest due.
func TestARunEndsBeforeTheNextMinutes(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(linetest.Schedule(1440, 100, 1)+`,"retriesBeforeStop":0,"retriesBeforeWarning":0`), drain)
	n := 0
	w.Receiver.Answer = func(linetest.Request) delivery.Attempt { // A failure now and then keeps the window from growing.
		n++
		return linetest.Status(map[bool]int{true: 500, false: 200}[n%3 == 0])
	}
	window(t, w, 10)
	ask(t, w, job.Job{ID: "x1", Kind: job.File}, there(w, 1_500))
	must(t, w.Dispatch().Run(ctx))
	if took := w.Clock.Now().Sub(linetest.Start); took < 50*time.Second || took > 55*time.Second {
		t.Errorf("the run took %s, want nearly 55 s", took)
	}
	if d := diff.Diff([]string{"08:00"}, works(w)); d != "" {
		t.Errorf("agenda (-want +got):\n%s", d)
	}
	if e := w.Ledger.AllExecutions()[0]; e.Taken < 500 || !e.Open {
		t.Errorf("%d taken, open %t, want some hundreds and the rest left", e.Taken, e.Open)
	}
}

// slow is a queue that takes its time.
type slow struct {
	dispatch.Queue
	clock *linetest.Clock
	takes time.Duration
}

func (s slow) Send(ctx context.Context, group string, bodies []any) ([]bool, error) {
	s.clock.Advance(s.takes)
	return s.Queue.Send(ctx, group, bodies)
}

// bounded is a context with the deadline of the test's clock.
type bounded struct {
	context.Context
	at time.Time
}

func (b bounded) Deadline() (time.Time, bool) { return b.at, true }

// TestARunBeginsNoPassThatItMayNotFinish: what its deadline cuts off is done again, and sent twice.
func TestARunBeginsNoPassThatItMayNotFinish(t *testing.T) {
	t.Parallel()
	w := asking(t, linetest.V2(linetest.Schedule(1440, 100, 1)), nil)
	window(t, w, 5_000)
	ask(t, w, job.Job{ID: "x1", Kind: job.File}, there(w, 2_000))
	h := w.Dispatch()
	h.Fast = slow{h.Fast, w.Clock, 17 * time.Second}
	begun := w.Clock.Now()
	must(t, h.Run(bounded{t.Context(), begun.Add(65 * time.Second)}))
	if e := w.Ledger.AllExecutions()[0]; e.Taken != 1_500 || !e.Open {
		t.Errorf("%d taken, open %t, want three steps of 500 and the rest left", e.Taken, e.Open)
	}
	if took := w.Clock.Now().Sub(begun); took > 60*time.Second {
		t.Errorf("the run took %s, of 65 s that it had", took)
	}
}

// TestAJobThatIsHeldUpWaitsForTheNextMinute rather than keep a run awake.
func TestAJobThatIsHeldUpWaitsForTheNextMinute(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		prepare func(t *testing.T, w *linetest.World)
		took    time.Duration
	}{
		{"the interface fails, and its probe is under way", func(t *testing.T, w *linetest.World) {
			t.Helper()
			window(t, w, 1)
			w.Receiver.Answer = linetest.Always(500)
		}, time.Second},
		{"it is paused", func(_ *testing.T, w *linetest.World) { w.Pause() }, 0},
		{"it is invalid", func(_ *testing.T, w *linetest.World) {
			w.Configuration.Set(hook.Interface{
				Organization: w.Lane.Organization, Name: w.Lane.Interface, Generation: w.Lane.Generation, State: hook.Invalid, Type: hook.ContactWebhookV2,
			})
		}, 0},
		{"its receiver hangs", func(t *testing.T, w *linetest.World) { t.Helper(); window(t, w, 2) }, 16 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), asking(t, linetest.V2(linetest.Schedule(1440, 100, 1)), nil)
			tt.prepare(t, w)
			ask(t, w, job.Job{ID: "x1", Kind: job.File}, there(w, 5))
			must(t, w.Dispatch().Run(ctx))
			if took := w.Clock.Now().Sub(linetest.Start); took > tt.took {
				t.Errorf("the run took %s, want at most %s", took, tt.took)
			}
			if d := diff.Diff([]string{"08:01"}, works(w)); d != "" {
				t.Errorf("agenda (-want +got):\n%s", d)
			}
			w.Receiver.Answer = nil
			must(t, w.Resume(ctx))
			for range 30 {
				must(t, w.Step(ctx))
				w.Clock.Advance(time.Minute)
			}
			if e := w.Ledger.AllExecutions(); !slices.ContainsFunc(e, func(e backlog.Execution) bool { return e.ID == "x1" && e.Done() && e.Taken == 5 }) {
				t.Errorf("executions %+v, want the file's done", e)
			}
		})
	}
}

// TestSchedulesGoOnBesideJobs of the same lane and of many others.
func TestSchedulesGoOnBesideJobs(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(linetest.Schedule(1, 100, 1)), drain)
	list := there(w, 2_000)
	for i := range 30 {
		lane := w.Install(t, fmt.Sprintf("i%02d", i), linetest.V2(byHand))
		ask(t, w, job.Job{Lane: lane, ID: fmt.Sprintf("y%02d", i), Kind: job.File}, list)
	}
	ask(t, w, job.Job{ID: "x1", Kind: job.File}, list)
	must(t, w.Write(ctx, "X1"))
	w.Clock.Advance(time.Minute)
	must(t, w.Dispatch().Run(ctx))
	first := map[string]bool{}
	for _, r := range w.Receiver.Requests()[:31*100] {
		first[delivery.ExecutionOf(r.Delivery)] = true
	}
	if len(first) < 31 {
		t.Errorf("%d executions among the first 3,100 requests, want one of each lane", len(first))
	}
	for _, e := range w.Ledger.AllExecutions() {
		if e.StartedBy == "schedule" && (e.At.Sub(linetest.Start) > 62*time.Second || e.Taken != 1) {
			t.Errorf("the schedule's execution: %s, want it in the first pass", shown(e))
		}
		if e.StartedBy == "file" && e.Taken != 2_000 {
			t.Errorf("%s took %d, want all", e.Interface, e.Taken)
		}
	}
}
