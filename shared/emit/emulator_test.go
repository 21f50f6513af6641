package emit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/awstest"
	"crmhook/shared/delivery"
	"crmhook/shared/emit"
	"crmhook/shared/event"
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
	line := &emit.Line{Places: table.NewBacklog(ledger.Client, ledger.Name), Bodies: ledger, Now: now}
	maker := &emit.Maker{Deliveries: ledger, Ledger: ledger, Queue: deliveries, Line: line, Now: now}
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

// TestOrderOnEmulator makes 20 events of each of 50 records and lets them go one after another.
func TestOrderOnEmulator(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	calls := awstest.Count(&config)
	ledger := table.NewLedger(awstest.Table(t, config))
	line := &emit.Line{Places: table.NewBacklog(ledger.Client, ledger.Name), Bodies: ledger, Now: now}
	maker := &emit.Maker{Deliveries: ledger, Ledger: ledger, Queue: queue.New(awstest.Queue(t, config, nil)), Line: line, Now: now}
	var events []event.Event
	var first []delivery.Message
	for n := range 20 {
		for record := range 50 {
			e := edit(fmt.Sprint(record), n*50+record)
			events = append(events, e)
			if m, err := e.Message(); err != nil {
				t.Fatal(err)
			} else if n == 0 {
				first = append(first, m)
			}
		}
	}
	calls.Take()
	if _, err := maker.Make(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	// Bodies take 40 writes, places too: two for each of 20 rounds. The second half looks what has become of the first.
	want := map[string]int{"BatchExecuteStatement": 40, "BatchWriteItem": 80, "Query": 100, "BatchGetItem": 1, "SendMessageBatch": 5}
	if diff := cmp.Diff(want, calls.Take()); diff != "" {
		t.Errorf("calls to make them (-want +got):\n%s", diff)
	}
	next, err := line.Next(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"BatchWriteItem": 2, "Query": 100}, calls.Take()); diff != "" {
		t.Errorf("calls to let the next ones go (-want +got):\n%s", diff)
	}
	got := map[string]delivery.Message{}
	for _, m := range next {
		got[m.ID] = m
	}
	for _, e := range events[50:100] {
		want, err := e.Message()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got[want.ID]); diff != "" {
			t.Errorf("message of %s (-want +got):\n%s", e.Record, diff)
		}
	}
}
