package dispatch_test

import (
	"testing"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/job"
	"crmhook/shared/linetest"
)

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
		must(t, w.Ledger.Begin(ctx, backlog.Execution{Lane: w.Lane, ID: "x0"}, w.Clock.Now().Add(time.Hour)))
		ask(t, w, job.Job{ID: "x2", Kind: job.Cancel, Execution: "x0"})
		prepare(t, w)
		must(t, w.Dispatch().Run(ctx))
		e := execution(t, w, "x1")
		if e.Open || !e.Cancelled || len(w.Backlog.AllJobs()) > 0 || w.Backlog.Pieces() > 0 || len(works(w)) > 0 {
			t.Errorf("%s: execution: %s, jobs %v, agenda %v, want all over", name, shown(e), w.Backlog.AllJobs(), works(w))
		}
	}
}

// TestAClaimedDeliveryIsNotTriedAgain after its execution was cancelled.
func TestAClaimedDeliveryIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(byHand), nil)
	ask(t, w, job.Job{ID: "x1", Kind: job.File}, there(w, 2))
	must(t, w.Dispatch().Run(ctx))
	w.Receiver.Answer = func(linetest.Request) delivery.Attempt { // While its request is under way.
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

// put asks for what manage would refuse.
func put(t *testing.T, w *linetest.World, j job.Job) {
	t.Helper()
	e := execution(t, w, j.Execution)
	e.Cancelled = false
	must(t, w.Ledger.Begin(t.Context(), e, w.Clock.Now().Add(time.Hour)))
	asked, err := w.Asked.Put(t.Context(), j, j.Entry(w.Clock.Now(), j.ID), nil, time.Time{})
	if err != nil || !asked {
		t.Fatalf("asked for %s: %t, error %v", j.ID, asked, err)
	}
}

// exhaust has the first delivery of an execution fail for the last time; what tells stop of it is lost.
func exhaust(t *testing.T, w *linetest.World, id string) delivery.Delivery {
	t.Helper()
	for _, m := range w.Fast.Receive(10) {
		w.Fast.Delete(m.Receipt)
	}
	now := w.Clock.Now()
	d := delivery.Delivery{
		Message: delivery.Message{
			ID: delivery.ID(id, 0), Organization: w.Lane.Organization, Interface: w.Lane.Interface, Generation: w.Lane.Generation, Execution: id,
			Records: []string{"contact/C0000", "contact/C0001"}, Changes: []int64{1, 1},
		},
		Status: delivery.Pending, CreatedAt: now, Attempts: w.Hook.RetriesBeforeStop + 1, Lease: now.Add(backlog.Lease), Seen: []int64{1, 1},
	}
	if took, err := w.Ledger.Open(t.Context(), []delivery.Delivery{d}); err != nil || !took[0] {
		t.Fatalf("opened: %v, error %v", took, err)
	}
	return d
}

// TestAStopThatNeverComes holds a cancellation up until its lease is over: until then the delivery is stop's.
func TestAStopThatNeverComes(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(byHand), nil)
	ask(t, w, job.Job{ID: "x1", Kind: job.File}, there(w, 2))
	must(t, w.Dispatch().Run(ctx))
	d := exhaust(t, w, "x1")
	ask(t, w, job.Job{ID: "x2", Kind: job.Cancel, Execution: "x1"})
	for range 29 {
		must(t, w.Dispatch().Run(ctx))
		if is := w.Ledger.All()[d.Ref()]; is.Status != delivery.Pending || len(w.Backlog.AllJobs()) != 1 {
			t.Fatalf("at %s it is %s, %d jobs; want it left to stop", w.Clock.Now(), is.Status, len(w.Backlog.AllJobs()))
		}
		w.Clock.Advance(time.Minute)
	}
	for range 3 {
		w.Clock.Advance(time.Minute)
		must(t, w.Dispatch().Run(ctx))
	}
	if is := w.Ledger.All()[d.Ref()]; is.Status != delivery.Cancelled || len(w.Backlog.AllJobs()) > 0 {
		t.Errorf("it is %s, jobs %v; want it cancelled and the job over", is.Status, w.Backlog.AllJobs())
	}
	for _, row := range w.Backlog.All() {
		if row.Delivery != "" {
			t.Errorf("%s is held by %s", row.Record, row.Delivery)
		}
	}
}
