package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/dispatch"
	"crmhook/shared/job"
	"crmhook/shared/linetest"
)

// TestJobsThatWaitHoldNoOtherUp, however many they are, nor do they keep a run awake.
func TestJobsThatWaitHoldNoOtherUp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		kind    job.Kind
		prepare func(w *linetest.World)
	}{
		{"immediate ones of a paused interface", job.Immediate, func(w *linetest.World) { w.Pause() }},
		{"files of a paused interface", job.File, func(w *linetest.World) { w.Pause() }},
		{"immediate ones of a failing interface", job.Immediate, func(*linetest.World) {}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), asking(t, linetest.V2(byHand+`,"retriesBeforeStop":0,"retriesBeforeWarning":0`), nil)
			stop(t, w, 20) // The window is one probe now.
			must(t, w.Write(ctx, contacts(20)...))
			ask(t, w, job.Job{ID: "x2", Kind: job.Identifiers, Identifiers: contacts(2)})
			must(t, w.Dispatch().Run(ctx)) // The probe.
			tt.prepare(w)
			for i := range 25 {
				ask(t, w, job.Job{ID: fmt.Sprintf("y%02d", i), Kind: tt.kind}, contacts(1))
			}
			w.Clock.Advance(time.Minute)
			ask(t, w, job.Job{ID: "z1", Kind: job.Dismiss, Matching: job.Matching{Interface: w.Lane.Interface}})
			start := w.Clock.Now()
			must(t, w.Dispatch().Run(ctx))
			if stopped := w.Ended(delivery.Stopped); len(stopped) > 0 {
				t.Errorf("%d are stopped still, want all dismissed", len(stopped))
			}
			if took := w.Clock.Now().Sub(start); took > 0 {
				t.Errorf("the run took %s although all that is left waits", took)
			}
			if n := len(w.Backlog.AllJobs()); n != 25 {
				t.Errorf("%d jobs are left, want those that wait", n)
			}
		})
	}
}

// TestJobsThatWaitDoNotCount among the steps of a pass, even where what waits comes before.
func TestJobsThatWaitDoNotCount(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(byHand), nil)
	there(w, 2)
	ask(t, w, job.Job{ID: "x1", Kind: job.Identifiers, Identifiers: contacts(2)})
	must(t, w.Dispatch().Run(ctx))
	exhaust(t, w, "x1")
	for i := range 15 {
		j := job.Job{Lane: w.Lane, ID: fmt.Sprintf("c%02d", i), Kind: job.Cancel, Execution: "x1", At: w.Clock.Now()}
		put(t, w, j)
	}
	ask(t, w, job.Job{ID: "y1", Kind: job.Identifiers, Identifiers: contacts(1)})
	start := w.Clock.Now()
	must(t, w.Dispatch().Run(ctx))
	if e := execution(t, w, "y1"); e.Open || e.Taken+e.Merged != 1 {
		t.Errorf("execution: %s, want it made", shown(e))
	}
	if took := w.Clock.Now().Sub(start); took > time.Second {
		t.Errorf("the run took %s although all that is left waits", took)
	}
}

// watched looks around when something is decided.
type watched struct {
	dispatch.Replayer
	look func()
}

func (r watched) Dismiss(ctx context.Context, list []delivery.Delivery) ([]bool, error) {
	r.look()
	return r.Replayer.Dismiss(ctx, list)
}

// TestWhatNeedsNoRoomComesFirst, since what does can take long.
func TestWhatNeedsNoRoomComesFirst(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(byHand+`,"retriesBeforeStop":0,"retriesBeforeWarning":0`), nil)
	stop(t, w, 2)
	must(t, w.Write(ctx, "C0007"))
	others, looked := w.OnDispatch, false
	w.OnDispatch = func(h *dispatch.Handler) {
		others(h)
		h.Replayer = watched{h.Replayer, func() {
			if looked = true; !execution(t, w, "x2").Open || execution(t, w, "x2").Taken > 0 {
				t.Error("what waits was taken before the decision")
			}
		}}
	}
	ask(t, w, job.Job{ID: "x2", Kind: job.Immediate})
	w.Clock.Advance(time.Second)
	ask(t, w, job.Job{ID: "z1", Kind: job.Dismiss, Matching: job.Matching{Interface: w.Lane.Interface}})
	must(t, w.Dispatch().Run(ctx))
	if e := execution(t, w, "x2"); !looked || e.Open || e.Taken != 1 {
		t.Errorf("decided: %t, execution: %s; want both done", looked, shown(e))
	}
}

// TestTheRowsAreLookedAtOnce a pass, however many jobs find no room although nothing has been heard for long.
func TestTheRowsAreLookedAtOnce(t *testing.T) {
	t.Parallel()
	read := func(jobs int) int {
		ctx, w := t.Context(), asking(t, linetest.V2(byHand), nil)
		window(t, w, 2)
		list := there(w, 8)
		for i := range jobs {
			ask(t, w, job.Job{ID: fmt.Sprintf("x%02d", i), Kind: job.File}, list)
		}
		must(t, w.Dispatch().Run(ctx))
		w.Clock.Advance(7 * time.Minute) // Nobody receives the messages.
		clear(w.Backlog.Calls)
		must(t, w.Dispatch().Run(ctx))
		return w.Backlog.Calls["Rows"]
	}
	if one, many := read(1), read(20); one == 0 || many != one {
		t.Errorf("%d pages are read for one job, %d for twenty", one, many)
	}
}

// TestALongReadingThatFoundNothingIsEnough for a pass: of a backlog that is too large for one reading all it saw is in flight.
func TestALongReadingThatFoundNothingIsEnough(t *testing.T) {
	t.Parallel()
	var pages []int
	ctx, w := t.Context(), asking(t, linetest.V2(byHand), func(w *linetest.World) {
		pages = append(pages, w.Backlog.Calls["Rows"])
		w.Pause()
	})
	crowd(t, w)
	var marks []backlog.Mark
	for _, row := range w.Backlog.All() {
		marks = append(marks, backlog.Mark{Row: row, Delivery: delivery.ID("x0", 0), Lease: w.Clock.Now().Add(time.Hour)})
	}
	if _, err := w.Backlog.Mark(ctx, marks); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		ask(t, w, job.Job{ID: fmt.Sprintf("x%d", i+1), Kind: job.Immediate})
	}
	must(t, w.Dispatch().Run(ctx))
	if len(pages) != 1 || pages[0] != 25 || len(w.Backlog.AllJobs()) != 3 {
		t.Errorf("pages read before each pause: %v, %d jobs left; want 25 and one pause, and three", pages, len(w.Backlog.AllJobs()))
	}
}

// TestManyShortJobs are worked off one upon another.
func TestManyShortJobs(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(byHand), nil)
	there(w, 40)
	for i := range 40 {
		ask(t, w, job.Job{ID: fmt.Sprintf("x%02d", i), Kind: job.Identifiers, Identifiers: []string{fmt.Sprintf("C%04d", i)}})
	}
	must(t, w.Dispatch().Run(ctx))
	if n, took := len(w.Backlog.AllJobs()), w.Clock.Now().Sub(linetest.Start); n > 0 || took > 0 || w.Fast.Len() != 40 {
		t.Errorf("%d jobs are left after %s, %d messages; want all 40 done without a pause", n, took, w.Fast.Len())
	}
}

// unreadable are jobs that cannot be read in one lane.
type unreadable struct {
	jobs
	lane backlog.Lane
}

// jobs can be embedded, which dispatch.Jobs with its method of the same name cannot.
type jobs = dispatch.Jobs

func (u unreadable) Jobs(ctx context.Context, lane backlog.Lane) ([]job.Job, error) {
	if lane == u.lane {
		return nil, errThrottled
	}
	return u.jobs.Jobs(ctx, lane)
}

// TestAJobThatCannotBeReadHoldsNoOtherLaneUp, nor the schedules of its own.
func TestAJobThatCannotBeReadHoldsNoOtherLaneUp(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(linetest.Schedule(1, 100, 1)), nil)
	other := w.Install(t, "other", linetest.V2(byHand))
	ask(t, w, job.Job{ID: "x1", Kind: job.Identifiers, Identifiers: there(w, 1)})
	ask(t, w, job.Job{Lane: other, ID: "x2", Kind: job.Identifiers, Identifiers: contacts(1)})
	must(t, w.Write(ctx, "C7"))
	others := w.OnDispatch
	w.OnDispatch = func(h *dispatch.Handler) {
		others(h)
		h.Jobs = unreadable{h.Jobs, w.Lane}
	}
	w.Clock.Advance(time.Minute)
	for range 2 {
		if err := w.Dispatch().Run(ctx); !errors.Is(err, errThrottled) {
			t.Errorf("error %v, want %v", err, errThrottled)
		}
	}
	if e := execution(t, w, "x2"); e.Open || e.Taken != 1 || w.Fast.Len() != 2 {
		t.Errorf("execution: %s, %d messages; want the other lane's job done, and the schedule's", shown(e), w.Fast.Len())
	}
	w.OnDispatch = others
	must(t, w.Dispatch().Run(ctx))
	if e := execution(t, w, "x1"); e.Open || e.Taken != 1 {
		t.Errorf("execution: %s, want it made once its job can be read", shown(e))
	}
}

// TestStepsFollowEachOther where there is room, and wait a second where a sender must end something first.
func TestStepsFollowEachOther(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		window int
		want   time.Duration
	}{{"room for all", 10_000, 0}, {"room for half", 4_000, 2 * time.Second}} {
		ctx, w := t.Context(), asking(t, linetest.V2(linetest.Schedule(1440, 100, 1)), drain)
		window(t, w, tt.window)
		list := there(w, 8_000)
		ask(t, w, job.Job{ID: "x1", Kind: job.File}, list[:2_000], list[2_000:4_000], list[4_000:6_000], list[6_000:])
		must(t, w.Dispatch().Run(ctx))
		if e := execution(t, w, "x1"); e.Open || e.Taken != 8_000 {
			t.Errorf("%s: execution: %s, want all taken", tt.name, shown(e))
		}
		if took := w.Clock.Now().Sub(linetest.Start); took > tt.want || tt.want > 0 && took == 0 {
			t.Errorf("%s: the steps took %s besides their work, want %s", tt.name, took, tt.want)
		}
	}
}
