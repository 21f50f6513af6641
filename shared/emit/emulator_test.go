package emit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/awstest"
	"crmhook/shared/delivery"
	"crmhook/shared/emit"
	"crmhook/shared/queue"
	"crmhook/shared/table"
)

// TestOnEmulator makes 1,000 events and a large one, twice.
func TestOnEmulator(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	calls := awstest.Count(&config)
	ledger := table.NewLedger(awstest.Table(t, config))
	deliveries := queue.New(awstest.Queue(t, config, nil))
	maker := &emit.Maker{Deliveries: ledger, Ledger: ledger, Queue: deliveries, Now: now}
	events := append(orders(200), order("crm0", 9999, strings.Repeat("👩", 200_000)))
	calls.Take()
	for n, want := range []map[string]int{
		{"BatchExecuteStatement": 41, "BatchWriteItem": 41, "SendMessageBatch": 101},
		{"BatchExecuteStatement": 41, "BatchGetItem": 11, "BatchWriteItem": 41, "SendMessageBatch": 101},
	} {
		began := time.Now()
		aside, err := maker.Make(t.Context(), events)
		if err != nil || len(aside) != 0 {
			t.Fatalf("set aside %v, error %v", aside, err)
		}
		t.Logf("%d events made in %s", len(events), time.Since(began).Round(time.Millisecond))
		if diff := cmp.Diff(want, calls.Take()); diff != "" {
			t.Errorf("time %d: calls differ (-want +got):\n%s", n+1, diff)
		}
	}
	for _, e := range []int{0, 999, 1000} {
		want, err := events[e].Message()
		if err != nil {
			t.Fatal(err)
		}
		if body, err := ledger.Body(t.Context(), want.Ref()); err != nil || body != want.Event.Body {
			t.Errorf("the ledger has a body of %d bytes (%v), want %d", len(body), err, len(want.Event.Body))
		}
		found, err := ledger.Deliveries(t.Context(), []delivery.Ref{want.Ref()})
		if d := found[want.Ref()]; err != nil || d.Status != delivery.Pending || d.Event == nil || d.Event.Type != "order.created" {
			t.Errorf("the ledger has %+v (%v)", d, err)
		}
	}
}
