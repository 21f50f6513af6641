package scan_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"crmhook/shared/awstest"
	"crmhook/shared/table"
	"crmhook/shared/tabletest"
)

// TestLimitsOnEmulator: twenty changes of one contact in as many shards, which three runs read at once, and again.
func TestLimitsOnEmulator(t *testing.T) {
	t.Parallel()
	limits := table.NewLimits(awstest.Table(t, awstest.Config(t)))
	w := newWorld()
	w.called(t, "", "a")
	w.rule(t, "r", "email.sent", thenA+`,"limits":{"maxPerContact":7}`)
	w.member("1", data{})
	for n := range 20 {
		shard := fmt.Sprint("shard-", n)
		w.stream.Add(shard)
		w.mail(shard, fmt.Sprint("m", n), "1", "sent")
	}
	for range 2 {
		var runs sync.WaitGroup
		for range 3 {
			h := w.handler()
			h.Limits, h.Log = limits, slog.New(slog.DiscardHandler)
			runs.Go(func() {
				if err := w.run(t, h); err != nil {
					t.Error(err)
				}
			})
		}
		runs.Wait()
		if got := len(w.ledger.All()); got != 7 {
			t.Errorf("%d deliveries, want 7", got)
		}
		w.checkpoints = tabletest.NewCheckpoints(w.kill)
	}
}
