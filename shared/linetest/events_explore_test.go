package linetest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
	"crmhook/shared/queuetest"
)

// teller does random things to a line of events.
type teller struct {
	*linetest.World
	random *rand.Rand
	trace  []string
	// told are the changes that have been read, open those of them that are to be read again.
	told, open []change.Change
	// paused, and stopped by that or a failure: such events are not delivered.
	paused, quiet bool
}

func newTeller(t *testing.T, seed uint64) *teller {
	r := rand.New(rand.NewPCG(seed, 5))
	stop := []int{0, 1, 12}[r.IntN(3)]
	e := &teller{random: r, World: linetest.NewWorld(t, linetest.EventWebhook(fmt.Sprintf(`,"timeoutSeconds":20,"retriesBeforeStop":%d`, stop)))}
	e.Receiver.Answer = func(request linetest.Request) delivery.Attempt {
		if e.quiet || strings.Contains(request.Delivery, "7") && request.At.Minute()%2 == 0 {
			return linetest.Status(200)
		}
		return linetest.Status([]int{200, 500, 200, 503}[len(e.Receiver.Requests())%4])
	}
	return e
}

// tell reads new changes, after those that a crash has left.
func (e *teller) tell(ctx context.Context) error {
	if !e.paused {
		for range 1 + e.random.IntN(4) {
			text := strings.Repeat("👩", []int{0, 90_000}[e.random.IntN(40)/39])
			c := linetest.Order(len(e.told), text)
			e.told, e.open = append(e.told, c), append(e.open, c)
		}
	}
	return e.reread(ctx)
}

func (e *teller) reread(ctx context.Context) error {
	err := e.Tell(ctx, e.open...)
	if err == nil {
		e.open = nil
	}
	return err
}

// again reads changes that have been read before.
func (e *teller) again(ctx context.Context) error {
	from := e.random.IntN(len(e.told) + 1)
	return e.Tell(ctx, e.told[from:]...)
}

func (e *teller) deliver(ctx context.Context) error {
	_, err := e.Deliver(ctx, e.Fast, 1+e.random.IntN(10))
	return err
}

// duplicate hands out again what another sender has.
func (e *teller) duplicate(ctx context.Context) error {
	return e.Work(ctx, e.Fast, e.Fast.Duplicate())
}

func (e *teller) end(ctx context.Context) error {
	_, err := e.End(ctx, 1+e.random.IntN(3))
	return err
}

// lose lets a receiver die with messages in hand.
func (e *teller) lose(context.Context) error {
	[]*queuetest.Queue{e.Fast, e.Stopped}[e.random.IntN(2)].Receive(2)
	return nil
}

func (e *teller) wait(context.Context) error {
	e.Clock.Advance(time.Duration(1+e.random.IntN(200)) * time.Second)
	return nil
}

func (e *teller) test(ctx context.Context) error {
	return e.Test(ctx, "order/SAMPLE", delivery.Event{Type: "order.created", Body: `{"type":"order.created"}`})
}

func (e *teller) refuse(context.Context) error {
	e.Fast.Refuse(1 + e.random.IntN(3))
	return nil
}

// pause pauses or resumes. What a crash left half made is read again before, as by then no sweep finds it.
func (e *teller) pause(ctx context.Context) error {
	if len(e.open) > 0 {
		return nil
	}
	if e.paused = !e.paused; e.paused {
		e.Pause()
		return nil
	}
	return e.Resume(ctx)
}

func (e *teller) act(ctx context.Context, t *testing.T) {
	acts := []struct {
		name string
		do   func(context.Context) error
	}{
		{"tell", e.tell},
		{"tell", e.tell},
		{"again", e.again},
		{"deliver", e.deliver},
		{"deliver", e.deliver},
		{"deliver", e.deliver},
		{"duplicate", e.duplicate},
		{"end", e.end},
		{"lose", e.lose},
		{"wait", e.wait},
		{"wait", e.wait},
		{"refuse", e.refuse},
		{"pause", e.pause},
		{"test", e.test},
	}
	act, at := acts[e.random.IntN(len(acts))], 0
	if e.random.IntN(4) == 0 {
		at = 1 + e.random.IntN(30)
	}
	e.Kill.At(at)
	err := act.do(ctx)
	died := e.Kill.Dead()
	e.Kill.At(0)
	e.trace = append(e.trace, fmt.Sprintf("%s, to die at %d: %v", act.name, at, err))
	if err != nil && !died && !strings.Contains(err.Error(), queuetest.ErrRefused.Error()) {
		t.Fatalf("%v\n%s", err, strings.Join(e.trace, "\n"))
	}
}

// TestRandomEvents: whatever happens, every event is delivered or stopped, under one id and whole.
func TestRandomEvents(t *testing.T) {
	t.Parallel()
	first, end := seeds(t, 100)
	stopped, events := 0, 0
	for seed := first; seed < end; seed++ {
		ctx, e := t.Context(), newTeller(t, seed)
		for range 60 {
			e.act(ctx, t)
		}
		e.quiet = true
		e.Fast.Refuse(0)
		if e.paused {
			must(t, e.Resume(ctx))
		}
		must(t, e.reread(ctx))
		err := e.SettleWithin(ctx, 24*time.Hour)
		faults := slices.Concat(e.EventFaults(ctx, e.told...), e.TestFaults(ctx), e.HourFaults(ctx, true))
		if err != nil || len(faults) > 0 {
			t.Fatalf("seed %d: %v\n%s\n\n%s", seed, err, strings.Join(faults, "\n"), strings.Join(e.trace, "\n"))
		}
		stopped, events = stopped+len(e.Ended(delivery.Stopped)), events+len(e.told)
	}
	t.Logf("%d events, %d of them stopped", events, stopped)
	if n := end - first; n >= 100 && (stopped == 0 || events < 10*int(n)) {
		t.Errorf("the histories explore too little: %d events, %d stopped", events, stopped)
	}
}
