package linetest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
	"crmhook/shared/queuetest"
	"crmhook/shared/send"
)

// handle lets a new send process work on messages as received, without deleting any.
func handle(ctx context.Context, w *linetest.World, received ...queuetest.Received) ([]string, error) {
	messages := make([]send.Message, len(received))
	for i, m := range received {
		messages[i] = send.Message{ID: m.ID, Receipt: m.Receipt, Body: m.Body, Receives: m.Receives}
	}
	return w.Send().Handle(ctx, messages)
}

// hanging is a receiver whose first request hangs until it is let go.
func hanging(w *linetest.World) (begun <-chan struct{}, release func()) {
	started, end := make(chan struct{}), make(chan struct{})
	var once atomic.Bool
	w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
		if once.CompareAndSwap(false, true) {
			close(started)
			<-end
		}
		return linetest.Status(200)
	}
	return started, sync.OnceFunc(func() { close(end) })
}

// TestADuplicateMessageWhileTheFirstIsAtWork hands the same message to two processes; one makes the request.
func TestADuplicateMessageWhileTheFirstIsAtWork(t *testing.T) {
	t.Parallel()
	for _, receives := range []int{1, 2} {
		t.Run(fmt.Sprintf("received for the %d. time", receives), func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), linetest.NewWorld(t, v2(1, ""))
			must(t, w.Write(ctx, "C1"))
			w.Clock.Advance(time.Minute)
			must(t, w.Dispatch().Run(ctx))
			message := w.Fast.Receive(1)[0]
			begun, release := hanging(w)
			var wait sync.WaitGroup
			wait.Go(func() {
				if failed, err := handle(ctx, w, message); err != nil || len(failed) != 0 {
					t.Errorf("the first process: failed %v, %v", failed, err)
				}
			})
			<-begun
			again := message
			again.Receives = receives
			failed, err := handle(ctx, w, again)
			if err != nil || len(failed) != 1 {
				t.Errorf("the second process: failed %v, %v, want the message to be seen again", failed, err)
			}
			if n := len(w.Receiver.Requests()); n != 1 {
				t.Errorf("%d requests while the first is under way, want 1", n)
			}
			release()
			wait.Wait()
			sound(t, w)
		})
	}
}

// ledger can be embedded, which send.Deliveries with its method of the same name cannot.
type ledger = send.Deliveries

// failingUpdates are deliveries whose items cannot be updated.
type failingUpdates struct{ ledger }

func (failingUpdates) Update(context.Context, []delivery.Update) ([]bool, error) {
	return nil, errThrottled
}

// onceFailing fails the first update only, which is that of a claim.
type onceFailing struct {
	ledger
	once *sync.Once
}

func (f onceFailing) Update(ctx context.Context, updates []delivery.Update) (took []bool, err error) {
	first := false
	f.once.Do(func() { first = true })
	if first {
		return nil, errThrottled
	}
	return f.ledger.Update(ctx, updates)
}

// TestAFaultGivesBackOnlyClaimsOfOnesOwn has a process that holds a duplicate of a delivery in work fail in the claim of
// another: the first delivery's claim is not its to give back.
func TestAFaultGivesBackOnlyClaimsOfOnesOwn(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, v2(1, ""))
	w.Receiver.Answer = linetest.Always(500)
	must(t, w.Write(ctx, "C1", "C2"))
	w.Clock.Advance(time.Minute)
	must(t, w.Dispatch().Run(ctx))
	_, err := w.Deliver(ctx, w.Fast, 10)
	must(t, err)
	w.Clock.Advance(30 * time.Second)
	messages := w.Fast.Receive(2)
	begun, release := hanging(w)
	var wait sync.WaitGroup
	wait.Go(func() {
		if _, err := handle(ctx, w, messages[0]); err != nil {
			t.Error(err)
		}
	})
	<-begun
	once := new(sync.Once)
	w.OnSend = func(h *send.Handler) { h.Deliveries = onceFailing{h.Deliveries, once} }
	if _, err := handle(ctx, w, messages...); !errors.Is(err, errThrottled) {
		t.Errorf("error %v, want %v", err, errThrottled)
	}
	for _, d := range w.Ledger.All() {
		working := d.Records[0] == "contact/C1"
		if want := map[bool]int{true: 2, false: 1}[working]; d.Attempts != want || d.Claim.IsZero() == working {
			t.Errorf("%v has %d attempts and the claim %s, want %d and a claim: %t", d.Records, d.Attempts, d.Claim, want, working)
		}
	}
	release()
	wait.Wait()
	w.OnSend = nil
	w.Settle(ctx, t, time.Hour)
	sound(t, w)
}

// TestAResultThatCannotBeWritten is seen again when its claim is over, and the attempt counts.
func TestAResultThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, v2(1, ""))
	must(t, w.Write(ctx, "C1"))
	w.Clock.Advance(time.Minute)
	must(t, w.Dispatch().Run(ctx))
	w.OnSend = func(h *send.Handler) { h.Deliveries = failingUpdates{h.Deliveries} }
	if _, err := w.Deliver(ctx, w.Fast, 1); !errors.Is(err, errThrottled) {
		t.Fatalf("error %v, want %v", err, errThrottled)
	}
	w.OnSend = nil
	w.Settle(ctx, t, time.Hour)
	sound(t, w)
	for _, d := range w.Ledger.All() {
		if !d.Final() || d.Attempts != 2 || d.First == nil || d.First.Error != delivery.Crashed {
			t.Errorf("delivery %+v, want it ended after a crashed attempt", d)
		}
	}
}

// TestTwoDispatchRunsAtOnce run side by side over the same lanes; each record goes once.
func TestTwoDispatchRunsAtOnce(t *testing.T) {
	t.Parallel()
	for round := range 20 {
		ctx, w := t.Context(), linetest.NewWorld(t, v2(3, ""))
		var ids []string
		for i := range 30 {
			ids = append(ids, fmt.Sprintf("C%02d", i))
		}
		must(t, w.Write(ctx, ids...))
		w.Clock.Advance(time.Minute)
		var wait sync.WaitGroup
		for range 2 {
			wait.Go(func() {
				if err := w.Dispatch().Run(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		held := map[string]int{}
		for _, row := range w.Backlog.All() {
			held[row.Delivery]++
		}
		if len(held) != 10 || held[""] != 0 || w.Fast.Len() != 10 {
			t.Fatalf("round %d: rows by delivery %v, %d messages, want 10 deliveries of 3", round, held, w.Fast.Len())
		}
		w.Settle(ctx, t, time.Hour)
		sound(t, w)
		if n := len(w.Receiver.Requests()); n != 10 {
			t.Errorf("round %d: %d requests, want 10", round, n)
		}
	}
}

// TestRowsOfAnotherDeliveryAreLeftAlone has a sender die after it released a row that had changed. The record goes again
// with another delivery; the first one's message comes back in the very moment in which that one's request is under way.
func TestRowsOfAnotherDeliveryAreLeftAlone(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, v2(1, ""))
	must(t, w.Write(ctx, "C1"))
	w.Clock.Advance(time.Minute)
	must(t, w.Dispatch().Run(ctx))
	w.OnSend = func(h *send.Handler) { h.Deliveries = failingUpdates{h.Deliveries} }
	w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
		if err := w.Write(ctx, "C1"); err != nil {
			t.Error(err)
		}
		return linetest.Status(200)
	}
	first := w.Fast.Receive(1)
	if err := w.Work(ctx, w.Fast, first); !errors.Is(err, errThrottled) {
		t.Fatalf("error %v, want %v", err, errThrottled)
	}
	w.OnSend = nil
	w.Clock.Advance(2 * time.Minute) // The claim is over, so that only the row says whose the record is.
	must(t, w.Dispatch().Run(ctx))
	again := first[0]
	again.Receives = 2
	nested := false
	w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
		if !nested {
			nested = true
			if _, err := handle(ctx, w, again); err != nil {
				t.Error(err)
			}
		}
		return linetest.Status(200)
	}
	var second []queuetest.Received
	for _, m := range w.Fast.Receive(10) {
		if m.ID != again.ID {
			second = append(second, m)
		}
	}
	must(t, w.Work(ctx, w.Fast, second))
	if n := len(w.Receiver.Requests()); n != 2 {
		t.Errorf("%d requests, want the first delivery's and the second's", n)
	}
	w.Settle(ctx, t, time.Hour)
	sound(t, w)
}
