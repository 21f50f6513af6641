package replay_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/job"
	"crmhook/shared/linetest"
	"crmhook/shared/tabletest"
)

const (
	givenUp = `,"retriesBeforeStop":0,"retriesBeforeWarning":0`
	manual  = `,"schedules":[{"name":"by hand","launch":"manual","batchSize":6,"bucketSize":2}]`
)

// buckets is a line on which two buckets of three contacts were given up.
func buckets(t *testing.T) (*linetest.World, []delivery.Delivery) {
	t.Helper()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(1, 100, 2)+givenUp))
	w.Receiver.Answer = linetest.Always(500)
	must(t, w.Write(ctx, "C1", "C2", "C3"))
	w.Clock.Advance(time.Minute)
	must(t, w.Step(ctx))
	must(t, w.Step(ctx))
	w.Clock.Advance(time.Minute)
	must(t, w.Step(ctx))
	w.Receiver.Answer = nil
	return w, stopped(t, w, 2)
}

// TestBucketsOfWhatDoesNotWork count their records once more, in the lane of the interface as it is now, and wait for it.
func TestBucketsOfWhatDoesNotWork(t *testing.T) {
	t.Parallel()
	run := func(at int) int {
		ctx := t.Context()
		w, list := buckets(t)
		now := w.Lane
		now.Generation = "g2"
		w.Set(now, w.Hook, hook.Paused)
		w.Kill.At(at)
		done, err := w.Replayer().Replay(ctx, list)
		steps, died := w.Kill.Steps(), w.Kill.Dead()
		w.Kill.At(0)
		if died {
			done, err = w.Replayer().Replay(ctx, list)
		}
		must(t, err)
		if at == 0 && cmp.Diff([]bool{true, true}, done) != "" {
			t.Errorf("done %v, want all", done)
		}
		waiting := map[string]bool{}
		for _, row := range w.Backlog.All() {
			waiting[row.Record] = row.Lane == now && row.Delivery == ""
		}
		want := map[string]bool{"contact/C1": true, "contact/C2": true, "contact/C3": true}
		if d := cmp.Diff(want, waiting); d != "" {
			t.Errorf("step %d: rows that wait in the new lane (-want +got):\n%s", at, d)
		}
		planned := slices.ContainsFunc(w.Agenda.All(), func(e backlog.Entry) bool {
			return e.Lane == now && e.Purpose == backlog.Run && !e.Due.After(w.Clock.Now())
		})
		if !planned || len(w.Ended(delivery.Replayed)) != 2 {
			t.Errorf("step %d: agenda %v, %d replayed, want the lane's run and 2", at, w.Agenda.All(), len(w.Ended(delivery.Replayed)))
		}
		return steps
	}
	for at := run(0); at > 0; at-- {
		run(at)
	}
}

// replays are the executions that replays have started.
func replays(w *linetest.World) []backlog.Execution {
	var list []backlog.Execution
	for _, e := range w.Ledger.AllExecutions() {
		if e.StartedBy == job.ByReplay {
			list = append(list, e)
		}
	}
	return list
}

// TestBucketsGoAtOnce, in an execution of the interface as it is now, also where none of its schedules ever runs by itself,
// and once where no process dies. Who dies at any write and replays again asks for no second execution of the same.
func TestBucketsGoAtOnce(t *testing.T) {
	t.Parallel()
	run := func(at int) int {
		ctx := t.Context()
		w, list := buckets(t)
		now := w.Lane
		now.Generation = "g2"
		w.Set(now, linetest.Parse(t, linetest.V2(manual+givenUp), nil), hook.Active)
		before := len(w.Receiver.Requests())
		w.Kill.At(at)
		done, err := w.Replayer().Replay(ctx, list)
		steps, died := w.Kill.Steps(), w.Kill.Dead()
		w.Kill.At(0)
		begun := len(w.Ended(delivery.Replayed)) > 0
		if died {
			done, err = w.Replayer().Replay(ctx, w.Ended(delivery.Stopped))
		}
		must(t, err)
		if slices.Contains(done, false) || len(w.Ended(delivery.Replayed)) != 2 {
			t.Errorf("step %d: done %v, %d replayed, want both", at, done, len(w.Ended(delivery.Replayed)))
		}
		is := replays(w)
		if len(is) != 1 && (len(is) != 2 || !begun) {
			t.Fatalf("step %d: executions %+v, want one", at, is)
		}
		if at == 0 {
			want := backlog.Execution{Lane: now, ID: is[0].ID, Schedule: "by hand", StartedBy: "replay", At: w.Clock.Now(), Open: true, Numbers: 3}
			if diff := cmp.Diff(want, is[0]); diff != "" {
				t.Errorf("execution (-want +got):\n%s", diff)
			}
			if rows := w.Backlog.All(); len(rows) > 0 {
				t.Errorf("rows %v, want the job to count them", rows)
			}
		}
		w.Settle(ctx, t, time.Hour)
		got := map[string]int{}
		for _, r := range w.Receiver.Requests()[before:] {
			for id := range r.Contacts() {
				got[id]++
			}
		}
		for _, id := range []string{"C1", "C2", "C3"} {
			if got[id] == 0 || got[id] != 1 && !begun {
				t.Errorf("step %d: %s was sent %d times", at, id, got[id])
			}
		}
		for _, e := range replays(w) {
			if !e.Done() || e.Taken+e.Merged != e.Numbers || len(w.Backlog.AllJobs())+w.Backlog.Pieces() > 0 {
				t.Errorf("step %d: execution %+v, %d jobs, %d pieces left, want it over", at, e, len(w.Backlog.AllJobs()), w.Backlog.Pieces())
			}
		}
		return steps
	}
	for at := run(0); at > 0; at-- {
		run(at)
	}
}

// given puts stopped deliveries of these records into the ledger of a line.
func given(t *testing.T, w *linetest.World, records ...[]string) []delivery.Delivery {
	t.Helper()
	list := make([]delivery.Delivery, len(records))
	for i, of := range records {
		m := delivery.Message{
			ID: fmt.Sprintf("d-%05d", i), Organization: w.Lane.Organization, Interface: w.Lane.Interface, Generation: w.Lane.Generation, Execution: "d",
			Records: of, Changes: make([]int64, len(of)),
		}
		list[i] = delivery.Delivery{Message: m, CreatedAt: w.Clock.Now()}.End(delivery.Stopped, "", w.Clock.Now().Add(time.Duration(i)*time.Second))
	}
	_, err := w.Ledger.Open(t.Context(), list)
	must(t, err)
	return list
}

// manyRecords are contacts from a number on.
func manyRecords(from, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("contact/%06d", from+i)
	}
	return list
}

// TestARecordOfSeveralDeliveriesGoesOnce in one execution, and waits once.
func TestARecordOfSeveralDeliveriesGoesOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, state := range []hook.State{hook.Active, hook.Paused} {
		w := linetest.NewWorld(t, linetest.V2(manual))
		w.Set(w.Lane, w.Hook, state)
		list := given(t, w, []string{"contact/1", "contact/2"}, []string{"contact/2", "contact/3"}, []string{"contact/2"})
		_, err := w.Replayer().Replay(ctx, list)
		must(t, err)
		if state == hook.Paused {
			for _, row := range w.Backlog.All() {
				if row.Changes != 1 {
					t.Errorf("%s counts %d changes, want 1", row.Record, row.Changes)
				}
			}
			continue
		}
		is := replays(w)
		if len(is) != 1 || is[0].Numbers != 3 {
			t.Fatalf("executions %+v, want one of three", is)
		}
		numbers, err := w.Backlog.Numbers(ctx, w.Lane, is[0].ID, 0)
		if diff := cmp.Diff([]string{"1", "2", "3"}, numbers); err != nil || diff != "" {
			t.Errorf("error %v, numbers (-want +got):\n%s", err, diff)
		}
	}
}

// ending ends deliveries, and tells of each call.
type ending struct {
	*tabletest.Ledger
	before func(updates int)
}

func (e ending) Update(ctx context.Context, updates []delivery.Update) ([]bool, error) {
	e.before(len(updates))
	return e.Ledger.Update(ctx, updates)
}

// TestManyEndGroupByGroup: all of at most 2,000 records is done before the next are begun, so that a function which runs out
// of time has something done; it goes on where it was.
func TestManyEndGroupByGroup(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]hook.State{"replay": hook.Active, "raise": hook.Paused, "dismiss": hook.Active} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := linetest.NewWorld(t, linetest.V2(manual))
			w.Set(w.Lane, w.Hook, state)
			list := given(t, w, manyRecords(0, 1_000), manyRecords(500, 1_000), manyRecords(1_400, 600), manyRecords(0, 2_001), manyRecords(0, 1), manyRecords(7_000, 1))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var ended []int
			r := w.Replayer()
			r.Deliveries = ending{w.Ledger, func(n int) {
				if ended = append(ended, n); len(ended) == 2 {
					cancel()
				}
			}}
			do := r.Replay
			if name == "dismiss" {
				do = r.Dismiss
			}
			done, err := do(ctx, list)
			if !errors.Is(err, context.Canceled) || cmp.Diff([]bool{true, true, true, true, false, false}, done) != "" {
				t.Errorf("done %v, error %v; want the first two groups", done, err)
			}
			_, err = do(t.Context(), w.Ended(delivery.Stopped))
			must(t, err)
			if diff := cmp.Diff([]int{3, 1, 2}, ended); diff != "" || len(w.Ended(delivery.Stopped)) > 0 {
				t.Errorf("%d are stopped still, ended at once (-want +got):\n%s", len(w.Ended(delivery.Stopped)), diff)
			}
			want := map[string]int{"replay": 3}[name]
			if is := replays(w); len(is) != want {
				t.Errorf("executions %+v, want %d", is, want)
			}
		})
	}
}
