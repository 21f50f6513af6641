package linetest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"crmhook/shared/delivery"
)

// explore does things and then lets the line come to rest; it returns what is wrong.
func (e *explorer) explore(ctx context.Context, things int) []string {
	for range things {
		e.act(ctx)
	}
	e.quiet = true
	e.Fast.Refuse(0)
	if e.paused {
		if err := e.Resume(ctx); err != nil {
			return []string{err.Error()}
		}
	}
	if err := e.SettleWithin(ctx, 24*time.Hour); err != nil {
		return []string{err.Error()}
	}
	faults := append(e.Faults(e.triedInVain()...), e.TestFaults(ctx)...)
	faults = append(faults, e.HourFaults(ctx, true)...)
	for _, x := range e.Ledger.AllExecutions() {
		if !x.Done() && x.StartedBy != "test" { // TestFaults looks at those.
			faults = append(faults, fmt.Sprintf("execution %s is not over: %d of %d", x.ID, x.Ended, x.Deliveries))
		}
	}
	for ref, d := range e.Ledger.All() {
		if !d.Final() && !d.Test && !e.crashed {
			faults = append(faults, "delivery "+ref.ID+" is pending for ever")
		}
	}
	return faults
}

// triedInVain are the contacts of stopped deliveries of which an attempt crashed: it counts although perhaps no request
// was made, since nobody can know.
func (e *explorer) triedInVain() []string {
	var ids []string
	for _, d := range e.Ended(delivery.Stopped) {
		if e.crashed {
			for _, record := range d.Records {
				ids = append(ids, strings.TrimPrefix(record, "contact/"))
			}
		}
	}
	return ids
}

// TestRandomHistories runs 200 histories.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	first, end := seeds(t, 200)
	stopped, crashed, requests := 0, 0, 0
	for seed := first; seed < end; seed++ {
		e := newExplorer(t, seed)
		faults := e.explore(t.Context(), 120)
		if len(faults) > 0 {
			t.Fatalf("seed %d:\n%s\n\n%s", seed, strings.Join(faults, "\n"), strings.Join(e.trace, "\n"))
		}
		stopped, requests = stopped+len(e.Ended(delivery.Stopped)), requests+len(e.Receiver.Requests())
		if e.crashed {
			crashed++
		}
	}
	n := end - first
	t.Logf("%d histories, %d with a crash, %d requests, %d deliveries stopped", n, crashed, requests, stopped)
	if n >= 200 && (stopped == 0 || crashed == 0 || requests < int(n)) {
		t.Errorf("the histories explore too little: %d stopped, %d with a crash, %d requests", stopped, crashed, requests)
	}
}
