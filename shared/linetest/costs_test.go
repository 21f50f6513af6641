package linetest_test

import (
	"fmt"
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
)

// TestCosts counts what a contact costs in write units, and what a run costs in calls, from the change on. Of these, an
// invocation of send or stop takes one each for the hour of each interface, and a bucket of several a unit for each record,
// so that it is found by each, in one call for 25.
func TestCosts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name             string
		contacts, bucket int
		status           int
		units, calls     float64
		// lists are the write units of the lists that deliveries are found by.
		lists float64
	}{
		{"one by one, delivered at once", 100, 1, 200, 5.3, 1.1, 2},
		{"in a bucket of 100, delivered at once", 100, 100, 200, 4.2, 0.4, 1.01},
		{"in a bucket of 100, stopped after 13 attempts", 100, 100, 500, 5.5, 2.3, 1.07},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), linetest.NewWorld(t, v2(tt.bucket, ""))
			w.Receiver.Answer = linetest.Always(tt.status)
			for i := range tt.contacts {
				must(t, w.Write(ctx, fmt.Sprintf("C%03d", i)))
			}
			clear(w.Agenda.Calls) // scan adds a page at once, the test one by one.
			clear(w.Backlog.Calls)
			w.Clock.Advance(time.Minute)
			w.Settle(ctx, t, 2*time.Hour)
			if n := len(w.Ended(delivery.Stopped)); (n > 0) != (tt.status == 500) {
				t.Fatalf("%d deliveries stopped", n)
			}
			n := float64(tt.contacts)
			units, calls := float64(w.Backlog.Units+w.Ledger.Units)/n, 0.0
			for _, of := range []map[string]int{w.Agenda.Calls, w.Backlog.Calls, w.Ledger.Calls, w.Records.Calls, w.Fast.Calls, w.Stopped.Calls} {
				for _, count := range of {
					calls += float64(count)
				}
			}
			calls /= n
			t.Logf("%.2f write units (backlog %.2f, ledger %.2f) and %.2f calls a contact", units, float64(w.Backlog.Units)/n, float64(w.Ledger.Units)/n, calls)
			t.Logf("backlog %v, ledger %v, records %v, agenda %v, fast %v", w.Backlog.Calls, w.Ledger.Calls, w.Records.Calls, w.Agenda.Calls, w.Fast.Calls)
			if units > tt.units || calls > tt.calls {
				t.Errorf("%.2f write units and %.2f calls a contact, want at most %.2f and %.2f", units, calls, tt.units, tt.calls)
			}
			if lists := float64(w.Ledger.IndexUnits) / n; lists > tt.lists {
				t.Errorf("%.2f write units of lists a contact, want at most %.2f", lists, tt.lists)
			}
		})
	}
}

// TestCostsOfEvents counts what 1,000 changes that five interfaces are told cost, made and delivered at once: 5,000
// deliveries, 0 lost.
func TestCostsOfEvents(t *testing.T) {
	t.Parallel()
	const changes, interfaces = 1000, 5
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.EventWebhook(""))
	list := orders(changes, "x")
	for i := range interfaces {
		w.Lane = w.Install(t, fmt.Sprint("crm", i), linetest.EventWebhook(""))
		must(t, w.Tell(ctx, list...))
	}
	w.Settle(ctx, t, time.Hour)
	ids := map[string]bool{}
	for _, r := range w.Receiver.Requests() {
		ids[r.Delivery] = true
	}
	const events = changes * interfaces
	if n := len(w.Ended(delivery.Delivered)); n != events || len(ids) != events || len(w.Receiver.Requests()) != events || w.Ledger.Bodies() != 0 {
		t.Errorf("%d delivered in %d requests, %d bodies left; want %d", n, len(w.Receiver.Requests()), w.Ledger.Bodies(), events)
	}
	units, calls := float64(w.Ledger.Units)/events, 0.0
	for _, of := range []map[string]int{w.Ledger.Calls, w.Fast.Calls, w.Stopped.Calls, w.Backlog.Calls, w.Records.Calls} {
		for _, count := range of {
			calls += float64(count) / events
		}
	}
	t.Logf("%.2f write units and %.2f calls an event: ledger %v, fast %v", units, calls, w.Ledger.Calls, w.Fast.Calls)
	if lists := float64(w.Ledger.IndexUnits) / events; lists != 2 {
		t.Errorf("%.2f write units of lists an event, want 2: its interface's and its record's", lists)
	}
	// 5 units for the event and a tenth for the hour, which ten share; 0.58 calls, and what results that come late do not share.
	if units > 5.11 || calls > 0.7 {
		t.Errorf("%.2f write units and %.2f calls an event, want at most 5.1 and 0.7", units, calls)
	}
}
