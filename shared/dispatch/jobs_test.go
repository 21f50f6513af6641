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
	must(t, w.Backlog.KeepNumbers(ctx, j.Lane, j.ID, pieces))
	if j.Kind.Makes() {
		e := backlog.Execution{Lane: j.Lane, ID: j.ID, Schedule: j.Schedule, StartedBy: string(j.Kind), At: j.At, Open: true}
		must(t, w.Ledger.Begin(ctx, e, j.At.Add(delivery.LedgerTime)))
	}
	must(t, w.Backlog.PutJob(ctx, j))
	must(t, w.Agenda.Put(ctx, []backlog.Entry{j.Entry(w.Clock.Now(), j.ID)}))
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
				t.Errorf("execution %+v, want one without deliveries over", e)
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
			t.Errorf("execution %+v, want one taken and one merged", e)
		}
	}
	w.Settle(ctx, t, time.Hour)
}

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

// overtaken are states between whose reading and all that follows another run begins a step.
type overtaken struct {
	of    dispatch.States
	begin func()
}

func (o overtaken) Save(ctx context.Context, state backlog.State) (bool, error) {
	return o.of.Save(ctx, state)
}

func (o overtaken) States(ctx context.Context, lanes []backlog.Lane) (map[backlog.Lane]backlog.State, error) {
	states, err := o.of.States(ctx, lanes)
	o.begin()
	return states, err
}

// TestARunThatWasOvertakenEndsNothing: what another run has just reserved looks like what a dead one left.
func TestARunThatWasOvertakenEndsNothing(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(byHand), nil)
	ask(t, w, job.Job{ID: "x1", Kind: job.File}, there(w, 6))
	others := w.OnDispatch
	begun := false
	w.OnDispatch = func(h *dispatch.Handler) {
		others(h)
		h.States = overtaken{h.States, func() {
			if begun {
				return
			}
			begun = true
			_, err := w.Backlog.Save(ctx, backlog.State{Lane: w.Lane, Busy: "x1", BusyUntil: w.Clock.Now().Add(time.Hour)})
			must(t, err)
			_, err = w.Ledger.Extend(ctx, w.Lane, "x1", 4, 0, 2)
			must(t, err)
		}}
	}
	must(t, w.Dispatch().Run(ctx))
	if ended := w.Ended(delivery.Cancelled); !begun || len(ended) > 0 {
		t.Errorf("it ended %d deliveries that the other run is just making", len(ended))
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

// TestAJobOfAnInterfaceThatIsGone is dropped, and its execution ends.
func TestAJobOfAnInterfaceThatIsGone(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(t *testing.T, w *linetest.World){
		"deleted": func(_ *testing.T, w *linetest.World) {
			w.Configuration.Remove(hook.Key{Organization: w.Lane.Organization, Name: w.Lane.Interface})
		},
		"another generation": func(_ *testing.T, w *linetest.World) {
			next := w.Lane
			next.Generation = "g2"
			w.Set(next, w.Hook, hook.Active)
		},
		"told events now": func(t *testing.T, w *linetest.World) {
			t.Helper()
			w.Set(w.Lane, linetest.Parse(t, linetest.EventWebhook(""), nil), hook.Active)
		},
	} {
		ctx, w := t.Context(), asking(t, linetest.V2(byHand), nil)
		ask(t, w, job.Job{ID: "x1", Kind: job.File}, there(w, 5))
		ask(t, w, job.Job{ID: "x2", Kind: job.Cancel, Execution: "x0"})
		prepare(t, w)
		must(t, w.Dispatch().Run(ctx))
		e := w.Ledger.AllExecutions()[0]
		if e.Open || !e.Cancelled || len(w.Backlog.AllJobs()) > 0 || w.Backlog.Pieces() > 0 || len(works(w)) > 0 {
			t.Errorf("%s: execution %+v, jobs %v, agenda %v, want all over", name, e, w.Backlog.AllJobs(), works(w))
		}
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
			t.Errorf("the schedule's execution %+v, want it in the first pass", e)
		}
		if e.StartedBy == "file" && e.Taken != 2_000 {
			t.Errorf("%s took %d, want all", e.Interface, e.Taken)
		}
	}
}

// TestCountsThatLagBehindDoNotHoldAJobUp for ever: a sender died before it counted.
func TestCountsThatLagBehindDoNotHoldAJobUp(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(byHand), nil)
	window(t, w, 2)
	ask(t, w, job.Job{ID: "x1", Kind: job.File}, there(w, 8))
	must(t, w.Dispatch().Run(ctx))
	for _, m := range w.Fast.Receive(10) {
		w.Fast.Delete(m.Receipt)
	}
	for _, row := range w.Backlog.All() { // Delivered, and not counted.
		_, err := w.Backlog.Settle(ctx, []backlog.Outcome{{Lane: w.Lane, Record: row.Record, Delivery: row.Delivery, Changes: row.Changes, Done: true}})
		must(t, err)
	}
	for range 8 {
		w.Clock.Advance(time.Minute)
		must(t, w.Dispatch().Run(ctx))
		must(t, w.Drain(ctx))
	}
	if e := w.Ledger.AllExecutions()[0]; e.Open || e.Ended != e.Deliveries || e.Taken != 8 {
		t.Errorf("execution %+v, want it done", e)
	}
}

// TestNoNumberIsUsedTwice: those that a step reserved which died then are ended, not used.
func TestNoNumberIsUsedTwice(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(byHand), nil)
	ask(t, w, job.Job{ID: "x1", Kind: job.File}, there(w, 4))
	if _, err := w.Ledger.Extend(ctx, w.Lane, "x1", 4, 0, 2); err != nil { // A step that died here.
		t.Fatal(err)
	}
	must(t, w.Dispatch().Run(ctx))
	must(t, w.Drain(ctx))
	e := w.Ledger.AllExecutions()[0]
	if !e.Done() || e.Deliveries != 4 || len(w.Receiver.Requests()) != 2 {
		t.Errorf("execution %+v in %d requests, want two numbers ended and two sent", e, len(w.Receiver.Requests()))
	}
	for _, d := range w.Ended(delivery.Delivered) {
		if d.ID < delivery.ID("x1", 2) {
			t.Errorf("%s was sent, whose number was reserved before", d.ID)
		}
	}
}

// TestOfTheOrganization replays what is stopped of all its interfaces, page by page, in a lane of the organization only.
func TestOfTheOrganization(t *testing.T) {
	t.Parallel()
	const n = 450
	ctx, w := t.Context(), asking(t, linetest.V2(linetest.Schedule(1440, 1_000, 1)+`,"retriesBeforeStop":0,"retriesBeforeWarning":0`), nil)
	window(t, w, 1_000)
	w.Receiver.Answer = linetest.Always(500)
	ask(t, w, job.Job{ID: "x1", Kind: job.File}, contacts(n))
	there(w, n)
	must(t, w.Step(ctx))
	if stopped := w.Ended(delivery.Stopped); len(stopped) != n {
		t.Fatalf("%d stopped, want %d", len(stopped), n)
	}
	w.Clock.Advance(time.Minute)
	ask(t, w, job.Job{Lane: backlog.Lane{Organization: linetest.Organization}, ID: "r1", Kind: job.Dismiss, Matching: job.Matching{Record: "contact/C0001"}})
	ask(t, w, job.Job{Lane: backlog.Lane{Organization: linetest.Organization}, ID: "r2", Kind: job.Replay})
	must(t, w.Dispatch().Run(ctx))
	if dismissed, replayed := w.Ended(delivery.Dismissed), w.Ended(delivery.Replayed); len(dismissed) != 1 || len(replayed) != n-1 {
		t.Errorf("%d dismissed, %d replayed, want 1 and %d", len(dismissed), len(replayed), n-1)
	}
	if len(works(w)) > 0 || len(w.Backlog.AllJobs()) > 0 {
		t.Errorf("agenda %v, jobs %v, want none", works(w), w.Backlog.AllJobs())
	}
}

// TestAClaimedDeliveryIsNotTriedAgain after its execution was cancelled.
func TestAClaimedDeliveryIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(byHand), nil)
	ask(t, w, job.Job{ID: "x1", Kind: job.File}, there(w, 2))
	must(t, w.Dispatch().Run(ctx))
	w.Receiver.Answer = func(linetest.Request) delivery.Attempt { // While its request is under way.
		if _, err := w.Ledger.CancelExecution(ctx, w.Lane, "x1"); err != nil {
			t.Error(err)
		}
		ask(t, w, job.Job{ID: "x2", Kind: job.Cancel, Execution: "x1"})
		if err := w.Dispatch().Run(ctx); err != nil {
			t.Error(err)
		}
		return linetest.Status(500)
	}
	_, err := w.Deliver(ctx, w.Fast, 1)
	must(t, err)
	must(t, w.Dispatch().Run(ctx))
	w.Clock.Advance(time.Hour)
	must(t, w.Drain(ctx))
	if n := len(w.Receiver.Requests()); n != 1 {
		t.Errorf("%d requests, want the one that was under way", n)
	}
	for _, row := range w.Backlog.All() {
		if row.Delivery != "" {
			t.Errorf("%s is held by %s", row.Record, row.Delivery)
		}
	}
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
