package dispatch_test

import (
	"context"
	"testing"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/dispatch"
	"crmhook/shared/job"
	"crmhook/shared/linetest"
)

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
			must(t, w.Ledger.Extend(ctx, backlog.Execution{Lane: w.Lane, ID: "x1", Taken: 4, Deliveries: 2}, 0))
		}}
	}
	must(t, w.Dispatch().Run(ctx))
	if ended := w.Ended(delivery.Cancelled); !begun || len(ended) > 0 {
		t.Errorf("it ended %d deliveries that the other run is just making", len(ended))
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
		t.Errorf("execution: %s, want it done", shown(e))
	}
}

// TestNoNumberIsUsedTwice: those that a step reserved which died then are ended, not used.
func TestNoNumberIsUsedTwice(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(byHand), nil)
	ask(t, w, job.Job{ID: "x1", Kind: job.File}, there(w, 4))
	must(t, w.Ledger.Extend(ctx, backlog.Execution{Lane: w.Lane, ID: "x1", Taken: 4, Deliveries: 2}, 0)) // A step that died here.
	must(t, w.Dispatch().Run(ctx))
	must(t, w.Drain(ctx))
	e := w.Ledger.AllExecutions()[0]
	if !e.Done() || e.Deliveries != 4 || e.Taken != 4 || len(w.Receiver.Requests()) != 2 {
		t.Errorf("execution: %s in %d requests, want two numbers ended and two sent", shown(e), len(w.Receiver.Requests()))
	}
	for _, d := range w.Ended(delivery.Delivered) {
		if d.ID < delivery.ID("x1", 2) {
			t.Errorf("%s was sent, whose number was reserved before", d.ID)
		}
	}
}

// TestWhatAnotherTookOfADeadStepDoesNotCount: when the leases were over a schedule's run took the rows.
func TestWhatAnotherTookOfADeadStepDoesNotCount(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), asking(t, linetest.V2(linetest.Schedule(15, 100, 1)), nil)
	must(t, w.Write(ctx, "C1", "C2", "C3"))
	ask(t, w, job.Job{ID: "x1", Kind: job.Immediate})
	others := w.OnDispatch
	dies(t, w)
	w.OnDispatch = others
	if e := execution(t, w, "x1"); e.Taken != 3 {
		t.Fatalf("%d taken, want the dead step's three", e.Taken)
	}
	w.Clock.Advance(backlog.Lease + time.Minute)
	must(t, w.Dispatch().Run(ctx))
	if e := execution(t, w, "x1"); e.Taken != 0 || e.Open {
		t.Errorf("%d taken, open %t, want none", e.Taken, e.Open)
	}
	if n := w.Fast.Len(); n != 3 {
		t.Errorf("%d messages, want those of the schedule's run", n)
	}
}
