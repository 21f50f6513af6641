package linetest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
)

const ordered = `,"ordered":true`

// edits are n changes of each of some orders, as a stream has them: the orders take turns.
func edits(orders, n int) []change.Change {
	var list []change.Change
	for i := range n {
		for order := range orders {
			list = append(list, linetest.Edit(order, i*orders+order, fmt.Sprint("edit ", i)))
		}
	}
	return list
}

// ordering is a line whose one interface is ordered, and who watches it.
func ordering(t *testing.T, extra string, answer func(linetest.Request) delivery.Attempt) (*linetest.World, *linetest.Watch) {
	t.Helper()
	w := linetest.NewWorld(t, linetest.EventWebhook(ordered+extra))
	return w, linetest.NewWatch(w, answer)
}

func inOrder(ctx context.Context, t *testing.T, w *linetest.World, watch *linetest.Watch, changes ...change.Change) {
	t.Helper()
	for _, fault := range append(w.EventFaults(ctx, changes...), watch.Faults()...) {
		t.Error(fault)
	}
}

// sometimes fails one request in n.
func sometimes(n int) func(linetest.Request) delivery.Attempt {
	var requests atomic.Int64
	return func(linetest.Request) delivery.Attempt {
		if requests.Add(1)%int64(n) == 0 {
			return linetest.Status(503)
		}
		return linetest.Status(200)
	}
}

// TestEventsOfARecordArriveInOrder: 50 records are changed 20 times each, and the receiver fails one request in five.
func TestEventsOfARecordArriveInOrder(t *testing.T) {
	t.Parallel()
	const records, changes = 50, 20
	ctx := t.Context()
	w, watch := ordering(t, "", sometimes(5))
	list := edits(records, changes)
	watch.Tell(list...)
	must(t, w.Tell(ctx, list...))
	w.Settle(ctx, t, 12*time.Hour)
	inOrder(ctx, t, w, watch, list...)
	taken := map[string][]string{}
	for _, r := range w.Receiver.Requests() {
		if r.Taken {
			of := string(r.Body[strings.Index(string(r.Body), `"record"`):strings.Index(string(r.Body), `,"data"`)])
			taken[of] = append(taken[of], sequence(r))
		}
	}
	total := 0
	for of, sequences := range taken {
		total += len(sequences)
		if !slices.IsSorted(sequences) || len(slices.Compact(sequences)) != changes {
			t.Errorf("%s: %d were taken, in the order %v", of, len(sequences), sequences)
		}
	}
	if len(taken) != records || total != records*changes {
		t.Errorf("%d events of %d records were taken, want %d of %d", total, len(taken), records*changes, records)
	}
}

func sequence(r linetest.Request) string {
	_, rest, _ := strings.Cut(string(r.Body), `"sequence":"`)
	text, _, _ := strings.Cut(rest, `"`)
	return text
}

// TestOtherRecordsAreNotHeldBack by one whose first event is refused, and whose next ones wait.
func TestOtherRecordsAreNotHeldBack(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	refused := atomic.Bool{}
	refused.Store(true)
	w, watch := ordering(t, "", func(r linetest.Request) delivery.Attempt {
		if refused.Load() && strings.Contains(string(r.Body), `"id":"3"`) {
			return linetest.Status(500)
		}
		return linetest.Status(200)
	})
	list := edits(10, 5)
	watch.Tell(list...)
	must(t, w.Tell(ctx, list...))
	must(t, w.Drain(ctx))
	if n, left := len(w.Ended(delivery.Delivered)), len(w.Backlog.Places()); n != 45 || left != 5 || w.Fast.Len() != 1 {
		t.Errorf("%d delivered, %d have places, %d are on their way; want all of nine records, and one record's five of which one goes", n, left, w.Fast.Len())
	}
	refused.Store(false)
	w.Settle(ctx, t, time.Hour)
	inOrder(ctx, t, w, watch, list...)
}

// TestAStopLetsTheNextGo, and its replay goes by itself, whatever waits.
func TestAStopLetsTheNextGo(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w, watch := ordering(t, `,"retriesBeforeStop":2`, func(r linetest.Request) delivery.Attempt {
		if strings.Contains(string(r.Body), "edit 1") {
			return linetest.Status(500)
		}
		return linetest.Status(200)
	})
	list := edits(3, 4)
	watch.Tell(list...)
	must(t, w.Tell(ctx, list...))
	must(t, w.Drain(ctx))
	if n := len(w.Ended(delivery.Delivered)); n != 3 {
		t.Errorf("%d delivered, want the first of each", n)
	}
	w.Settle(ctx, t, time.Hour)
	inOrder(ctx, t, w, watch, list...)
	stopped := w.Ended(delivery.Stopped)
	if len(stopped) != 3 || len(w.Ended(delivery.Delivered)) != 9 || len(w.Mail.Notices()) == 0 {
		t.Errorf("%d stopped and %d delivered, people told %d times", len(stopped), len(w.Ended(delivery.Delivered)), len(w.Mail.Notices()))
	}
}

// TestAPauseStopsWhatWaits one by one; what is made after it was resumed goes.
func TestAPauseStopsWhatWaits(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var refused atomic.Bool
	refused.Store(true)
	w, watch := ordering(t, "", func(linetest.Request) delivery.Attempt {
		if refused.Load() {
			return linetest.Status(500)
		}
		return linetest.Status(200)
	})
	list := edits(3, 6)
	before, after := list[:15], list[15:]
	watch.Tell(list...)
	must(t, w.Tell(ctx, before...))
	must(t, w.Drain(ctx))
	w.Pause()
	w.Clock.Advance(31 * time.Second)
	must(t, w.Drain(ctx))
	if n := len(w.Ended(delivery.Stopped)); n != 15 || len(w.Receiver.Requests()) != 3 || len(w.Mail.Notices()) != 0 {
		t.Errorf("%d stopped after %d requests, people told %d times", n, len(w.Receiver.Requests()), len(w.Mail.Notices()))
	}
	refused.Store(false)
	must(t, w.Resume(ctx))
	must(t, w.Tell(ctx, after...))
	w.Settle(ctx, t, time.Hour)
	inOrder(ctx, t, w, watch, list...)
	if n := len(w.Ended(delivery.Delivered)); n != 3 {
		t.Errorf("%d delivered, want those made after the pause", n)
	}
}

// TestAnEventThatNeverCameToTheQueue, because its maker died and its interface was paused when its change was read again,
// holds up its record until a later one is made.
func TestAnEventThatNeverCameToTheQueue(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w, watch := ordering(t, "", nil)
	list := edits(2, 3)
	watch.Tell(list...)
	w.Fast.Refuse(1)
	if err := w.Tell(ctx, list[0]); err == nil {
		t.Fatal("the queue took it")
	}
	must(t, w.Tell(ctx, list[1:4]...))
	must(t, w.Drain(ctx))
	if n := len(w.Ended(delivery.Delivered)); n != 2 {
		t.Fatalf("%d delivered, want the other record's", n)
	}
	w.Clock.Advance(time.Hour)
	must(t, w.Tell(ctx, list[4:]...))
	w.Settle(ctx, t, time.Hour)
	inOrder(ctx, t, w, watch, list...)
	if n := len(w.Receiver.Requests()); n != len(list) {
		t.Errorf("%d requests, want %d", n, len(list))
	}
}

// TestTwoMakersOfAnOrder make the same events side by side, while they are delivered.
func TestTwoMakersOfAnOrder(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w, watch := ordering(t, "", sometimes(7))
	list := edits(6, 20)
	watch.Tell(list...)
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			for part := range slices.Chunk(list, 15) {
				if err := w.Tell(ctx, part...); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 3 {
		wait.Go(func() {
			for range 40 {
				if _, err := w.Deliver(ctx, w.Fast, 10); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	w.Settle(ctx, t, 12*time.Hour)
	inOrder(ctx, t, w, watch, list...)
}
