package linetest_test

import (
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
)

// TestCostsOfAnOrder counts what an ordered event costs beyond one that is not (5.1 write units, and 0.6 calls, where ten
// share an invocation): the write that gives its place and the one that takes it, each with others in a call, a look at who
// is next, and its body read.
func TestCostsOfAnOrder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name             string
		records, changes int
		// reads are those calls that read no more than one thing each.
		units, reads, calls float64
	}{
		{"each of another record", 1000, 1, 7.11, 2, 2.8},
		{"50 records, 20 of each", 50, 20, 7.11, 2.05, 2.8},
		{"one record", 1, 200, 8, 2, 9.1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			w := linetest.NewWorld(t, linetest.EventWebhook(ordered))
			must(t, w.Tell(ctx, edits(tt.records, tt.changes)...))
			w.Settle(ctx, t, time.Hour)
			events := float64(tt.records * tt.changes)
			if n := len(w.Ended(delivery.Delivered)); n != int(events) || len(w.Receiver.Requests()) != n {
				t.Errorf("%d delivered in %d requests", n, len(w.Receiver.Requests()))
			}
			units, calls := float64(w.Ledger.Units+w.Backlog.Units)/events, 0.0
			for _, of := range []map[string]int{w.Ledger.Calls, w.Fast.Calls, w.Stopped.Calls, w.Backlog.Calls, w.Records.Calls} {
				for _, count := range of {
					calls += float64(count) / events
				}
			}
			reads := float64(w.Backlog.Calls["First"]+w.Ledger.Calls["Body"]) / events
			t.Logf("%.2f write units, %.2f calls, %.2f of them reads: ledger %v, places %v, fast %v", units, calls, reads, w.Ledger.Calls, w.Backlog.Calls, w.Fast.Calls)
			if units > tt.units || reads > tt.reads || calls > tt.calls {
				t.Errorf("%.2f write units, %.2f reads and %.2f calls, want at most %.2f, %.2f and %.2f", units, reads, calls, tt.units, tt.reads, tt.calls)
			}
		})
	}
}
