package erase_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/erase"
)

// A call that runs out of time says what it did, and the next ones go on until all is done.
func TestThousandsOfDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.add(t, jane)
	for range 500 {
		w.deliver(t, delivery.Stopped, true, jane.mark, jane.key())
	}
	h := w.handler()
	var asked atomic.Int64
	h.Now = func() time.Time { return w.now.Add(time.Duration(asked.Add(1)) * 120 * time.Millisecond) }
	var total erase.Found
	rounds := 0
	for ; rounds < 50; rounds++ {
		asked.Store(0)
		found, err := h.Erase(t.Context(), organization, jane.number, "office")
		total.Bodies += found.Bodies
		total.Answers += found.Answers
		if err == nil {
			break
		}
		wantLater(t, err, "time")
		if found.Bodies == 0 && found.Triggers == 0 {
			t.Fatal("a call that came no further")
		}
	}
	if rounds < 3 || total.Bodies != 505 || total.Answers != 3*510 {
		t.Errorf("after %d calls %+v", rounds, total)
	}
	if left := w.holders(t, jane.mark); left != nil {
		t.Errorf("the mark is still in %v", left)
	}
}

// The cost grows with what concerns the contact.
func TestCosts(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.add(t, john)
	for range 250 {
		w.deliver(t, delivery.Delivered, false, jane.mark, jane.key())
	}
	clear(w.ledger.Calls)
	clear(w.triggers.Calls)
	w.erase(t, jane.number)
	want := map[string]int{"Record": 1, "AsidePage": 1, "Listed": 8, "Log": 250, "Rewrite": 20, "Forget": 20, "Update": 10}
	if diff := cmp.Diff(want, w.ledger.Calls); diff != "" {
		t.Errorf("calls to the ledger (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"Open": 2, "Entry": 8}, w.triggers.Calls); diff != "" {
		t.Errorf("calls about triggers (-want +got):\n%s", diff)
	}
	clear(w.ledger.Calls)
	w.erase(t, jane.number)
	if got := fmt.Sprint(w.ledger.Calls); got != "map[AsidePage:1 Listed:8 Record:1]" {
		t.Errorf("calls the second time: %s", got)
	}
}

// A body that somebody kept after a call had removed it goes with the next one.
func TestABodyThatCameBack(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.add(t, jane)
	ref := w.deliver(t, delivery.Pending, true, jane.mark, jane.key())
	w.erase(t, jane.number)
	again := w.ledger.All()[ref].Message
	again.Event = &delivery.Event{Type: "contact.updated", Body: `{"data":"` + jane.mark + `"}`}
	w.must(t, w.ledger.KeepBodies(t.Context(), []delivery.Message{again}))
	if found := w.erase(t, jane.number); found.Bodies != 1 {
		t.Errorf("found %+v", found)
	}
	if left := w.holders(t, jane.mark); left != nil {
		t.Errorf("the mark is still in %v", left)
	}
}
