package linetest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/linetest"
	"crmhook/shared/queuetest"
)

func orderings() []telling {
	return []telling{
		{name: "delivered at once", changes: edits(2, 3)},
		{name: "delivered after failures", changes: edits(2, 3), answer: failing(3)},
		{name: "stopped at once", extra: `,"retriesBeforeStop":0`, changes: edits(2, 3), answer: failing(1000), stopped: 6},
		{
			name: "stopped after two attempts, warned", extra: `,"retriesBeforeStop":1,"retriesBeforeWarning":0`, changes: edits(1, 3),
			answer: failing(1000), stopped: 3,
		},
		{name: "in pieces", changes: []change.Change{linetest.Edit(1, 0, ""), linetest.Edit(1, 1, strings.Repeat("👩", 90_000))}, answer: failing(1)},
		{
			name: "paused between two attempts", changes: edits(2, 3), answer: failing(1000), stopped: 6, silent: true,
			meanwhile: func(w *linetest.World) {
				if w.Clock.Now().After(linetest.Start.Add(time.Minute)) {
					w.Pause()
				}
			},
		},
		{
			name: "gone while under way", changes: edits(2, 3), answer: failing(1000), stopped: 6, silent: true,
			meanwhile: func(w *linetest.World) {
				w.Configuration.Remove(hook.Key{Organization: linetest.Organization, Name: w.Lane.Interface})
			},
		},
	}
}

// TestACrashAtAnyWriteKeepsTheOrder: no event is lost, and none is requested before the earlier ones of its record have
// ended, whoever dies where.
func TestACrashAtAnyWriteKeepsTheOrder(t *testing.T) {
	t.Parallel()
	for _, s := range orderings() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			steps := s.order(t, 0)
			if steps < 40 {
				t.Fatalf("%d steps: the scenario writes too little to be worth a test", steps)
			}
			for at := 1; at <= steps; at++ {
				s.order(t, at)
			}
		})
	}
}

func (s telling) order(t *testing.T, at int) int {
	t.Helper()
	ctx := t.Context()
	var requests atomic.Int64
	w, watch := ordering(t, s.extra, func(linetest.Request) delivery.Attempt {
		if n := int(requests.Add(1)) - 1; s.answer != nil {
			return linetest.Status(s.answer(n))
		}
		return linetest.Status(200)
	})
	watch.Tell(s.changes...)
	w.Kill.At(at)
	made, err := s.run(ctx, w)
	steps, died := w.Kill.Steps(), w.Kill.Dead()
	if err != nil && !died {
		t.Fatalf("step %d: %v", at, err)
	}
	w.Kill.At(0)
	if !made {
		must(t, w.Tell(ctx, s.changes...))
	}
	for range 4 {
		if s.meanwhile != nil {
			s.meanwhile(w)
		}
		must(t, w.Drain(ctx))
		w.Clock.Advance(31 * time.Second)
	}
	w.Settle(ctx, t, 4*time.Hour)
	s.look(ctx, t, w, at)
	for _, fault := range watch.Faults() {
		t.Errorf("step %d: %s", at, fault)
	}
	return steps
}

// orderer does random things to a line of ordered events of a few records.
type orderer struct {
	*teller
	watch *linetest.Watch
}

func newOrderer(t *testing.T, seed uint64) *orderer {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	stop := []int{0, 1, 12}[r.IntN(3)]
	o := &orderer{teller: &teller{random: r}}
	o.World, o.watch = ordering(t, fmt.Sprintf(`,"timeoutSeconds":20,"retriesBeforeStop":%d`, stop), func(linetest.Request) delivery.Attempt {
		if o.quiet {
			return linetest.Status(200)
		}
		return linetest.Status([]int{200, 500, 200, 200, 503}[len(o.Receiver.Requests())%5])
	})
	return o
}

func (o *orderer) tell(ctx context.Context) error {
	if !o.paused {
		for range 1 + o.random.IntN(6) {
			text := strings.Repeat("👩", []int{0, 90_000}[o.random.IntN(40)/39])
			c := linetest.Edit(o.random.IntN(3), len(o.told), text)
			o.watch.Tell(c)
			o.told, o.open = append(o.told, c), append(o.open, c)
		}
	}
	return o.reread(ctx)
}

// again reads changes that have been read before, from the checkpoint or further back.
func (o *orderer) again(ctx context.Context) error {
	from := o.random.IntN(len(o.told) - len(o.open) + 1)
	return o.Tell(ctx, o.told[from:]...)
}

func (o *orderer) act(ctx context.Context, t *testing.T) {
	t.Helper()
	acts := []struct {
		name string
		do   func(context.Context) error
	}{
		{"tell", o.tell},
		{"tell", o.tell},
		{"again", o.again},
		{"deliver", o.deliver},
		{"deliver", o.deliver},
		{"deliver", o.deliver},
		{"deliver", o.deliver},
		{"duplicate", o.duplicate},
		{"end", o.end},
		{"lose", o.lose},
		{"wait", o.wait},
		{"wait", o.wait},
		{"refuse", o.refuse},
		{"pause", o.pause},
	}
	act, at := acts[o.random.IntN(len(acts))], 0
	if o.random.IntN(4) == 0 {
		at = 1 + o.random.IntN(30)
	}
	o.Kill.At(at)
	err := act.do(ctx)
	died := o.Kill.Dead()
	o.Kill.At(0)
	o.trace = append(o.trace, fmt.Sprintf("%s, to die at %d: %v", act.name, at, err))
	if err != nil && !died && !strings.Contains(err.Error(), queuetest.ErrRefused.Error()) {
		t.Fatalf("%v\n%s", err, strings.Join(o.trace, "\n"))
	}
}

// TestRandomOrders: whatever happens, every event is delivered or stopped, and none requested before its turn.
func TestRandomOrders(t *testing.T) {
	t.Parallel()
	first, end := seeds(t, 50)
	stopped, events, requests := 0, 0, 0
	for seed := first; seed < end; seed++ {
		ctx, o := t.Context(), newOrderer(t, seed)
		for range 80 {
			o.act(ctx, t)
		}
		o.quiet = true
		o.Fast.Refuse(0)
		if o.paused {
			must(t, o.Resume(ctx))
		}
		must(t, o.reread(ctx))
		err := o.SettleWithin(ctx, 48*time.Hour)
		if faults := append(o.EventFaults(ctx, o.told...), o.watch.Faults()...); err != nil || len(faults) > 0 {
			t.Fatalf("seed %d: %v\n%s\n\n%s", seed, err, strings.Join(faults, "\n"), strings.Join(o.trace, "\n"))
		}
		stopped, events, requests = stopped+len(o.Ended(delivery.Stopped)), events+len(o.told), requests+len(o.Receiver.Requests())
	}
	t.Logf("%d events, %d of them stopped, in %d requests", events, stopped, requests)
	if n := end - first; n >= 50 && (stopped == 0 || events < 25*int(n)) {
		t.Errorf("the histories explore too little: %d events, %d stopped", events, stopped)
	}
}
