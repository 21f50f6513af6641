package linetest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/dispatch"
	"crmhook/shared/job"
	"crmhook/shared/linetest"
)

const (
	automatic = `,"schedules":[{"name":"s","frequencyMinutes":15,"batchSize":6,"bucketSize":1}]`
	manual    = `,"schedules":[{"name":"s","launch":"manual","batchSize":6,"bucketSize":1}]`
)

// asking is a line on which people ask for things. While dispatch sleeps between two passes the senders go on.
func asking(t *testing.T, configuration string, window int) *linetest.World {
	t.Helper()
	w := linetest.NewWorld(t, configuration)
	ready(w)
	if _, err := w.Backlog.Save(t.Context(), backlog.State{Lane: w.Lane, Window: backlog.Window{Size: window}}); err != nil {
		t.Fatal(err)
	}
	return w
}

func ready(w *linetest.World) {
	w.OnDispatch = func(h *dispatch.Handler) {
		h.Sleep = func(ctx context.Context, d time.Duration) {
			if w.Drain(ctx) == nil {
				w.Clock.Advance(d)
			}
			w.Clock.Advance(d)
		}
	}
}

// ask does what people's requests do: the numbers, then the job with the execution's row and the agenda's entry.
func ask(ctx context.Context, w *linetest.World, j job.Job, pieces ...[]string) error {
	j.Lane, j.At, j.Pieces = w.Lane, w.Clock.Now(), len(pieces)
	for _, numbers := range pieces {
		j.Numbers += len(numbers)
	}
	expires := j.At.Add(delivery.LedgerTime)
	if err := w.Backlog.KeepNumbers(ctx, j.Lane, j.ID, pieces, expires); err != nil {
		return err
	}
	var row *backlog.Execution
	if j.Kind.Makes() {
		row = &backlog.Execution{Lane: j.Lane, ID: j.ID, StartedBy: string(j.Kind), At: j.At, Open: true, Numbers: j.Numbers}
	}
	_, err := w.Asked.Put(ctx, j, j.Entry(j.At, j.ID+" "+j.At.String()), row, expires)
	return err
}

// cancelling marks an execution, with the job that does the rest.
func cancelling(ctx context.Context, w *linetest.World, id string) error {
	return ask(ctx, w, job.Job{ID: "c" + id, Kind: job.Cancel, Execution: id})
}

// quiet runs the line until nothing is on the agenda nor in a queue; rows may wait.
func quiet(ctx context.Context, t *testing.T, w *linetest.World) {
	t.Helper()
	for range 500 {
		if len(w.Agenda.All()) == 0 && w.Fast.Len()+w.Slow.Len()+w.Stopped.Len() == 0 {
			return
		}
		must(t, w.Step(ctx))
		w.Jump()
	}
	t.Fatalf("not quiet: agenda %v, jobs %v, queues %d/%d/%d", w.Agenda.All(), w.Backlog.AllJobs(), w.Fast.Len(), w.Slow.Len(), w.Stopped.Len())
}

func exist(w *linetest.World, ids ...string) {
	for _, id := range ids {
		w.Records.Put(linetest.Key(id), linetest.Contact(id, 1))
	}
}

func numbers(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("N%02d", i)
	}
	return list
}

// delivered counts the successful requests of each contact.
func delivered(w *linetest.World) map[string]int {
	got := map[string]int{}
	for _, r := range w.Receiver.Requests() {
		for id := range r.Contacts() {
			if r.Taken {
				got[id]++
			}
		}
	}
	return got
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

// kinds are jobs that make deliveries of contacts N00 to N11.
func kinds() map[string]func(ctx context.Context, w *linetest.World) error {
	all := numbers(12)
	return map[string]func(ctx context.Context, w *linetest.World) error{
		"file": func(ctx context.Context, w *linetest.World) error {
			return ask(ctx, w, job.Job{ID: "x1", Kind: job.File}, all[:5], all[5:10], all[10:])
		},
		"all": func(ctx context.Context, w *linetest.World) error {
			return ask(ctx, w, job.Job{ID: "x1", Kind: job.All})
		},
		"identifiers": func(ctx context.Context, w *linetest.World) error {
			return ask(ctx, w, job.Job{ID: "x1", Kind: job.Identifiers, Identifiers: all})
		},
		"immediate": func(ctx context.Context, w *linetest.World) error {
			for _, id := range all {
				if err := w.Scan(ctx, w.Lane, id); err != nil {
					return err
				}
			}
			return ask(ctx, w, job.Job{ID: "x1", Kind: job.Immediate})
		},
	}
}

// TestACrashAtAnyWriteOfAJobLosesNothing kills the process at each step, of dispatch and of senders, of a job whose numbers
// are many more than the window: every contact is delivered, and the execution ends.
func TestACrashAtAnyWriteOfAJobLosesNothing(t *testing.T) {
	t.Parallel()
	for name, start := range kinds() {
		for _, schedules := range []string{automatic, manual} {
			schedules = strings.Replace(schedules, `"batchSize":6`, `"batchSize":100`, 1)
			t.Run(name+" "+schedules[25:45], func(t *testing.T) {
				t.Parallel()
				run := func(at int) int {
					ctx, w := t.Context(), asking(t, linetest.V2(schedules), 3)
					exist(w, numbers(12)...)
					must(t, start(ctx, w))
					w.Kill.At(at)
					err := w.Step(ctx)
					steps, died := w.Kill.Steps(), w.Kill.Dead()
					if err != nil && !died {
						t.Fatalf("step %d: %v", at, err)
					}
					w.Kill.At(0)
					quiet(ctx, t, w)
					got := delivered(w)
					for _, id := range numbers(12) {
						if got[id] == 0 || at == 0 && got[id] != 1 {
							t.Errorf("step %d: %s was delivered %d times", at, id, got[id])
						}
					}
					if overlaps := w.Receiver.Overlaps(); len(overlaps) > 0 {
						t.Errorf("step %d: overlaps %v", at, overlaps)
					}
					e := execution(t, w, "x1")
					if e.Open || e.Ended > e.Deliveries || len(w.Backlog.AllJobs()) > 0 || w.Backlog.Pieces() > 0 {
						t.Errorf("step %d: execution %+v, jobs %v, %d pieces, want it over", at, e, w.Backlog.AllJobs(), w.Backlog.Pieces())
					}
					if at == 0 && (!e.Done() || e.Taken != 12 || e.Deliveries != 12 || e.Merged != 0 || e.EndedAt.IsZero()) {
						t.Errorf("execution %+v, want twelve taken", e)
					}
					if !e.Done() && schedules == automatic {
						t.Errorf("step %d: %d of %d deliveries have ended", at, e.Ended, e.Deliveries)
					}
					return steps
				}
				steps := run(0)
				if steps < 100 {
					t.Fatalf("%d steps: too few to be worth a test", steps)
				}
				for at := 1; at <= steps; at++ {
					run(at)
				}
			})
		}
	}
}

// TestCancel at any point, with a crash at any write of the cancellation: nothing of the execution is sent afterwards but what
// a sender had in hand, and what was not sent waits again.
func TestCancel(t *testing.T) {
	t.Parallel()
	run := func(before, at int) (steps int, over bool) {
		ctx, w := t.Context(), asking(t, linetest.V2(manual), 4)
		exist(w, numbers(12)...)
		must(t, kinds()["file"](ctx, w))
		var claimed map[string]bool
		w.Kill.At(before)
		_ = w.Step(ctx)
		over = !w.Kill.Dead()
		w.Kill.At(0)
		claimed = map[string]bool{}
		for _, d := range w.Ledger.All() {
			claimed[d.ID] = d.Claim.After(w.Clock.Now())
		}
		sent := len(w.Receiver.Requests())
		must(t, cancelling(ctx, w, "x1"))
		w.Clock.Advance(time.Minute)
		w.Kill.At(at)
		_ = w.Dispatch().Run(ctx)
		steps = w.Kill.Steps()
		w.Kill.At(0)
		quiet(ctx, t, w)
		for _, r := range w.Receiver.Requests()[sent:] {
			if !claimed[r.Delivery] {
				t.Errorf("%d, %d: %s was sent after the cancellation", before, at, r.Delivery)
			}
		}
		waiting := map[string]bool{}
		for _, row := range w.Backlog.All() {
			if waiting[row.Record] = true; row.Delivery != "" {
				t.Errorf("%d, %d: %s is held by %s for ever", before, at, row.Record, row.Delivery)
			}
		}
		e := execution(t, w, "x1")
		if !e.Done() || !over && !e.Cancelled || e.Ended > e.Deliveries || len(w.Backlog.AllJobs()) > 0 {
			t.Errorf("%d, %d: execution %+v, jobs %v, want it over", before, at, e, w.Backlog.AllJobs())
		}
		got := delivered(w)
		for _, d := range w.Ended(delivery.Cancelled) {
			for _, record := range d.Records {
				if !waiting[record] && got[strings.TrimPrefix(record, "contact/")] == 0 {
					t.Errorf("%d, %d: %s neither waits nor was sent", before, at, record)
				}
			}
		}
		return steps, over
	}
	for before := 1; ; before++ {
		steps, over := run(before, 0)
		if over {
			break
		}
		if before%7 == 0 {
			for at := 1; at <= steps; at++ {
				run(before, at)
			}
		}
	}
}

// TestADecisionAboutMany replays or dismisses what is stopped, in spite of a crash at any write.
func TestADecisionAboutMany(t *testing.T) {
	t.Parallel()
	for kind, want := range map[job.Kind]delivery.Status{job.Replay: delivery.Replayed, job.Dismiss: delivery.Dismissed} {
		run := func(at int) int {
			ctx, w := t.Context(), asking(t, linetest.V2(linetest.Schedule(1, 10, 1)+`,"retriesBeforeStop":0,"retriesBeforeWarning":0`), 100)
			w.Receiver.Answer = linetest.Always(500)
			must(t, w.Write(ctx, "C1", "C2", "C3"))
			w.Clock.Advance(time.Minute)
			must(t, w.Step(ctx))
			must(t, w.Step(ctx))
			w.Clock.Advance(time.Minute)
			w.Receiver.Answer = nil
			stopped := w.Ended(delivery.Stopped)
			if len(stopped) != 3 {
				t.Fatalf("%d stopped", len(stopped))
			}
			must(t, ask(ctx, w, job.Job{ID: "r1", Kind: kind, Matching: job.Matching{Interface: "crm"}}))
			w.Kill.At(at)
			_ = w.Dispatch().Run(ctx)
			steps := w.Kill.Steps()
			w.Kill.At(0)
			w.Settle(ctx, t, 4*time.Hour)
			for _, d := range stopped {
				if is := w.Ledger.All()[d.Ref()]; is.Status != want || is.Expires.IsZero() {
					t.Errorf("%s, step %d: %s is %s until %s", kind, at, d.ID, is.Status, is.Expires)
				}
			}
			if n := len(delivered(w)); (n == 3) != (kind == job.Replay) || len(w.Backlog.AllJobs()) > 0 {
				t.Errorf("%s, step %d: %d delivered, jobs %v", kind, at, n, w.Backlog.AllJobs())
			}
			return steps
		}
		for at := run(0); at > 0; at-- {
			run(at)
		}
	}
}

// TestCostsOfAFile counts the calls of dispatch for 1,000 numbers, without those of senders.
func TestCostsOfAFile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ bucket, most int }{{1, 240}, {100, 150}} {
		ctx, w := t.Context(), asking(t, linetest.V2(linetest.Schedule(1440, 100, tt.bucket)), 1_000)
		list := make([]string, 1_000)
		for i := range list {
			list[i] = fmt.Sprintf("%06d", i)
		}
		must(t, ask(ctx, w, job.Job{ID: "x1", Kind: job.File}, list))
		tables := []map[string]int{w.Agenda.Calls, w.Backlog.Calls, w.Ledger.Calls, w.Fast.Calls}
		for _, calls := range tables {
			clear(calls)
		}
		must(t, w.Dispatch().Run(ctx))
		total := 0
		for _, calls := range tables {
			for _, n := range calls {
				total += n
			}
		}
		t.Logf("bucket %d: %d calls, %v", tt.bucket, total, tables)
		if e := execution(t, w, "x1"); e.Taken != 1_000 || e.Open || total > tt.most {
			t.Errorf("bucket %d: %d taken in %d calls, want 1,000 in at most %d", tt.bucket, e.Taken, total, tt.most)
		}
	}
}
