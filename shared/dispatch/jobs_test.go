package dispatch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/dispatch"
	"crmhook/shared/job"
	"crmhook/shared/linetest"
)

// asking is a line whose dispatch works off jobs; between the passes of a run meanwhile happens, nil: nothing.
func asking(t *testing.T, configuration string, meanwhile func(*linetest.World)) *linetest.World {
	t.Helper()
	w := linetest.NewWorld(t, configuration)
	w.OnDispatch = func(h *dispatch.Handler) {
		h.Sleep = func(_ context.Context, d time.Duration) {
			if meanwhile != nil {
				meanwhile(w)
			}
			w.Clock.Advance(d)
		}
	}
	return w
}

func drain(w *linetest.World) { _ = w.Drain(context.Background()) }

// ask does what people's requests do.
func ask(t *testing.T, w *linetest.World, j job.Job, pieces ...[]string) {
	t.Helper()
	ctx := t.Context()
	if j.Lane == (backlog.Lane{}) {
		j.Lane = w.Lane
	}
	j.At, j.Pieces = w.Clock.Now(), len(pieces)
	expires := j.At.Add(delivery.LedgerTime)
	must(t, w.Backlog.KeepNumbers(ctx, j.Lane, j.ID, pieces, expires))
	var row *backlog.Execution
	if j.Kind.Makes() {
		row = &backlog.Execution{Lane: j.Lane, ID: j.ID, Schedule: j.Schedule, StartedBy: string(j.Kind), At: j.At, Open: true}
	}
	asked, err := w.Asked.Put(ctx, j, j.Entry(j.At, j.ID), row, expires)
	if err != nil || !asked {
		t.Fatalf("asked for %s %s: %t, error %v", j.Kind, j.ID, asked, err)
	}
}

func window(t *testing.T, w *linetest.World, size int) {
	t.Helper()
	is := backlog.Window{Size: size}
	if size == backlog.ProbeWindow {
		is.Streak = backlog.FailingStreak
	}
	if _, err := w.Backlog.Save(t.Context(), backlog.State{Lane: w.Lane, Window: is}); err != nil {
		t.Fatal(err)
	}
}

// there makes contacts that nobody has told of.
func there(w *linetest.World, n int) []string {
	list := contacts(n)
	for _, id := range list {
		w.Records.Put(linetest.Key(id), linetest.Contact(id, 1))
	}
	return list
}

func execution(t *testing.T, w *linetest.World, id string) backlog.Execution {
	t.Helper()
	for _, e := range w.Ledger.AllExecutions() {
		if e.ID == id {
			return e
		}
	}
	t.Fatalf("no execution %s", id)
	return backlog.Execution{}
}

func shown(e backlog.Execution) string {
	return fmt.Sprintf("%d taken, %d merged, %d of %d ended, open %t, cancelled %t", e.Taken, e.Merged, e.Ended, e.Deliveries, e.Open, e.Cancelled)
}

// works lists the agenda's entries for jobs by their times.
func works(w *linetest.World) []string {
	var list []string
	for _, e := range w.Agenda.All() {
		if e.Purpose == backlog.Work {
			list = append(list, e.Due.Format("15:04"))
		}
	}
	return list
}

const byHand = `,"schedules":[{"name":"s","launch":"manual","batchSize":3,"bucketSize":2}]`

func TestWhatAJobTakes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, configuration string
		job                 job.Job
		pieces              [][]string
		contacts, waiting   int
		want                string
	}{
		{"an immediate execution takes what waits, up to the batch", byHand, job.Job{Kind: job.Immediate}, nil, 0, 5, "immediate: 3 taken in 2"},
		{"all there is", byHand, job.Job{Kind: job.Immediate}, nil, 0, 1, "immediate: 1 taken in 1"},
		{"nothing", byHand, job.Job{Kind: job.Immediate}, nil, 0, 0, "immediate: 0 taken in 0"},
		{
			"the schedule that is named", `,"schedules":[{"name":"s","launch":"manual"},{"name":"t","launch":"manual","batchSize":4,"bucketSize":4}]`,
			job.Job{Kind: job.Immediate, Schedule: "t"},
			nil, 0, 5, "immediate: 4 taken in 1",
		},
		{"no schedule at all", ``, job.Job{Kind: job.Identifiers, Identifiers: []string{"C0000", "C0001"}}, nil, 2, 0, "identifiers: 2 taken in 2"},
		{"identifiers, changed or not, each once", byHand, job.Job{Kind: job.Identifiers, Identifiers: []string{"C0000", "C0004", "C0000"}}, nil, 5, 1, "identifiers: 2 taken in 1"},
		{"a file's numbers, each once in a piece", byHand, job.Job{Kind: job.File}, [][]string{{"C0000", "C0001", "C0001"}, {"C0002"}, {}}, 4, 0, "file: 3 taken in 2"},
		{"an empty file", byHand, job.Job{Kind: job.File}, nil, 4, 0, "file: 0 taken in 0"},
		{"all contacts, more than a page", byHand, job.Job{Kind: job.All}, nil, 260, 0, "all: 260 taken in 130"},
		{"all contacts that match", byHand + `,"filter":"contactNumber=C000."`, job.Job{Kind: job.All}, nil, 20, 0, "all: 10 taken in 5"},
		{"none that matches", byHand + `,"filter":"contactNumber=X"`, job.Job{Kind: job.All}, nil, 20, 0, "all: 0 taken in 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), asking(t, linetest.V2(tt.configuration), nil)
			window(t, w, 1_000)
			there(w, tt.contacts)
			w.Records.Put(linetest.Key("D1"), nil)
			must(t, w.Write(ctx, contacts(tt.waiting)...))
			tt.job.ID = "x1"
			ask(t, w, tt.job, tt.pieces...)
			must(t, w.Dispatch().Run(ctx))
			e := w.Ledger.AllExecutions()[0]
			if got := fmt.Sprintf("%s: %d taken in %d", e.StartedBy, e.Taken, e.Deliveries); got != tt.want || e.Open {
				t.Errorf("got %s, open %t, want %s", got, e.Open, tt.want)
			}
			if e.Done() != (e.Deliveries == 0) || e.EndedAt.IsZero() == e.Done() {
				t.Errorf("execution: %s, want one without deliveries over", shown(e))
			}
			if w.Fast.Len() != e.Deliveries || len(works(w)) > 0 || len(w.Backlog.AllJobs()) > 0 {
				t.Errorf("%d messages, agenda %v, jobs %v", w.Fast.Len(), works(w), w.Backlog.AllJobs())
			}
		})
	}
}

// TestWhoIsInFlightIsMerged and goes after its delivery has ended.
func TestWhoIsInFlightIsMerged(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(linetest.Schedule(1, 100, 1)), nil)
	must(t, w.Write(ctx, "C1"))
	w.Clock.Advance(time.Minute)
	must(t, w.Dispatch().Run(ctx))
	w.Records.Put(linetest.Key("C2"), linetest.Contact("C2", 1))
	ask(t, w, job.Job{ID: "x1", Kind: job.Identifiers, Identifiers: []string{"C1", "C2"}})
	must(t, w.Dispatch().Run(ctx))
	for _, e := range w.Ledger.AllExecutions() {
		if e.ID == "x1" && (e.Taken != 1 || e.Merged != 1 || e.Deliveries != 1) {
			t.Errorf("execution: %s, want one taken and one merged", shown(e))
		}
	}
	w.Settle(ctx, t, time.Hour)
}

// TestWithoutJobsNothingIsAsked of them.
func TestWithoutJobsNothingIsAsked(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(linetest.Schedule(1, 100, 1)), nil)
	must(t, w.Write(ctx, "C1"))
	w.Clock.Advance(time.Minute)
	for _, calls := range []map[string]int{w.Agenda.Calls, w.Backlog.Calls, w.Ledger.Calls} {
		clear(calls)
	}
	must(t, w.Dispatch().Run(ctx))
	want := map[string]int{"States": 1, "Rows": backlog.Shards, "Mark": 1, "Save": 2}
	if d := diff.Diff(want, w.Backlog.Calls); d != "" {
		t.Errorf("calls of the backlog (-want +got):\n%s", d)
	}
	if d := diff.Diff(map[string]int{"Begin": 1}, w.Ledger.Calls); d != "" {
		t.Errorf("calls of the ledger (-want +got):\n%s", d)
	}
}
