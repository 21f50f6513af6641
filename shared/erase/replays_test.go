package erase_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/erase"
	"crmhook/shared/hook"
	"crmhook/shared/queuetest"
	"crmhook/shared/replay"
	"crmhook/shared/tabletest"
)

// behind is a ledger whose lists do not show some deliveries yet, and in which something happens just before deliveries end.
type behind struct {
	*tabletest.Ledger
	hidden func(delivery.Delivery) bool
	before func([]delivery.Update)
}

func (b behind) Listed(ctx context.Context, s delivery.Selection, after string, limit int) ([]delivery.Delivery, string, error) {
	list, next, err := b.Ledger.Listed(ctx, s, after, limit)
	var shown []delivery.Delivery
	for _, d := range list {
		if !b.hidden(d) {
			shown = append(shown, d)
		}
	}
	return shown, next, err
}

func (b behind) Update(ctx context.Context, updates []delivery.Update) ([]bool, error) {
	b.before(updates)
	return b.Ledger.Update(ctx, updates)
}

// replayed is the delivery by which somebody tells a stopped event again; how far he came is for the test to say.
func (w *world) replayed(t *testing.T, d delivery.Delivery, generation string) delivery.Delivery {
	t.Helper()
	again := delivery.Delivery{Message: d.Message, Status: delivery.Pending, CreatedAt: start.Add(time.Hour)}
	begun := replay.Begun(d, hook.Interface{Generation: generation})
	again.ID, again.Generation, again.ReplayOf = begun[len(begun)-1].ID, generation, d.ID
	again.Event = &delivery.Event{Type: d.Event.Type, Body: `{"data":"` + jane.mark + `"}`}
	if _, err := w.ledger.Open(t.Context(), []delivery.Delivery{again}); err != nil {
		t.Fatal(err)
	}
	w.must(t, w.ledger.KeepBodies(t.Context(), []delivery.Message{again.Message}))
	return again
}

// While an event is erased somebody replays it who read it before: what he made is erased too, whether the list shows it in
// time or not at all.
func TestAReplayMeanwhile(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		// generation is the interface's now, and that for which the event was replayed.
		generation, of string
		hidden         bool
	}{
		"in the list":                   {"g1", "g1", false},
		"not in the list yet":           {"g1", "g1", true},
		"to a later interface":          {"g2", "g2", true},
		"to one of another generation":  {"g2", "g1", false},
		"to one that is gone meanwhile": {"", "g1", true},
		"to one of a later generation":  {"g3", "g2", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.add(t, jane)
			key := hook.Key{Organization: organization, Name: interfaces}
			if is := w.hooks[key]; tt.generation == "" {
				delete(w.hooks, key)
			} else {
				is.Generation = tt.generation
				w.hooks[key] = is
			}
			var made []delivery.Delivery
			ledger := behind{Ledger: w.ledger, hidden: func(d delivery.Delivery) bool { return tt.hidden && d.ReplayOf != "" }}
			ledger.before = func(updates []delivery.Update) {
				for _, u := range updates {
					if u.Was.Status == delivery.Stopped && u.Was.Event != nil {
						made = append(made, w.replayed(t, u.Was, tt.of))
					}
				}
			}
			h := w.handler()
			h.Ledger = ledger
			found, err := h.Erase(t.Context(), organization, jane.number, "office")
			if err != nil {
				t.Fatal(err)
			}
			if want := (erase.Found{
				Record: true, Directory: 3, Deliveries: 11, Bodies: 6, Answers: 30, Cancelled: 2, Triggers: 8, SetAside: 3,
			}); found != want {
				t.Errorf("found %+v, want %+v", found, want)
			}
			if len(made) != 1 || w.ledger.All()[made[0].Ref()].Status != delivery.Cancelled {
				t.Errorf("%d were made: %+v; want one, which is cancelled", len(made), made)
			}
			if left := w.holders(t, jane.mark); left != nil {
				t.Errorf("the mark is still in %v", left)
			}
		})
	}
}

// A replay whose event was given up again, and replayed again, and so on, is followed to its end; so is one that a former call,
// which died, left behind.
func TestAReplayOfAReplay(t *testing.T) {
	t.Parallel()
	w := newWorld()
	ref := w.deliver(t, delivery.Dismissed, true, jane.mark, jane.key())
	last := w.ledger.All()[ref]
	for range 3 {
		was := w.replayed(t, last, "g1")
		last = was.End(delivery.Stopped, "", start)
		if took, err := w.ledger.Update(t.Context(), []delivery.Update{{Was: was, Now: last}}); err != nil || !took[0] {
			t.Fatal(took, err)
		}
	}
	w.replayed(t, last, "g1")
	h := w.handler()
	h.Ledger = behind{w.ledger, func(d delivery.Delivery) bool { return d.ReplayOf != "" }, func([]delivery.Update) {}}
	found, err := h.Erase(t.Context(), organization, jane.number, "office")
	if err != nil || found.Deliveries != 5 || found.Cancelled != 1 {
		t.Errorf("found %+v, error %v", found, err)
	}
	if left := w.holders(t, jane.mark); left != nil {
		t.Errorf("the mark is still in %v", left)
	}
}

// A replay that a sender has in hand is left to another call, which is asked for.
func TestAReplayUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld()
	ref := w.deliver(t, delivery.Stopped, true, jane.mark, jane.key())
	again := w.replayed(t, w.ledger.All()[ref], "g1")
	next := again
	next.Attempts, next.Claim = 1, start.Add(time.Minute)
	if took, err := w.ledger.Update(t.Context(), []delivery.Update{{Was: again, Now: next}}); err != nil || !took[0] {
		t.Fatal(took, err)
	}
	h := w.handler()
	h.Ledger = behind{w.ledger, func(d delivery.Delivery) bool { return d.ReplayOf != "" }, func([]delivery.Update) {}}
	_, err := h.Erase(t.Context(), organization, jane.number, "office")
	wantLater(t, err, "1 deliveries are being sent")
}

// A list that never ends, as somebody makes deliveries of the contact all the time, ends when time is out.
func TestDeliveriesWithoutEnd(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.deliver(t, delivery.Delivered, false, jane.mark, jane.key())
	h := w.handler()
	var asked int
	h.Now = func() time.Time {
		asked++
		return w.now.Add(time.Duration(asked) * 100 * time.Millisecond)
	}
	h.Ledger = behind{w.ledger, func(delivery.Delivery) bool { return false }, func(updates []delivery.Update) {
		if strings.HasPrefix(updates[0].Was.ID, "d") {
			w.deliver(t, delivery.Delivered, false, jane.mark, jane.key())
		}
	}}
	_, err := h.Erase(t.Context(), organization, jane.number, "office")
	wantLater(t, err, "time")
}

// steps is what replay keeps events in, with something that happens before one of its calls.
type steps struct {
	*tabletest.Ledger
	left *int
	do   func()
}

func (s steps) step() {
	if *s.left--; *s.left == 0 {
		s.do()
	}
}

func (s steps) Open(ctx context.Context, deliveries []delivery.Delivery) ([]bool, error) {
	s.step()
	return s.Ledger.Open(ctx, deliveries)
}

func (s steps) Update(ctx context.Context, updates []delivery.Update) ([]bool, error) {
	s.step()
	return s.Ledger.Update(ctx, updates)
}

func (s steps) Deliveries(ctx context.Context, refs []delivery.Ref) (map[delivery.Ref]delivery.Delivery, error) {
	s.step()
	return s.Ledger.Deliveries(ctx, refs)
}

func (s steps) Body(ctx context.Context, ref delivery.Ref) (string, error) {
	s.step()
	return s.Ledger.Body(ctx, ref)
}

func (s steps) KeepBodies(ctx context.Context, messages []delivery.Message) error {
	s.step()
	return s.Ledger.KeepBodies(ctx, messages)
}

func (s steps) Expire(ctx context.Context, ref delivery.Ref, attempts int, expires time.Time) error {
	s.step()
	return s.Ledger.Expire(ctx, ref, attempts, expires)
}

// An erasure at any step of a replay: nothing of the person stays, and nothing of the event is sent any more.
func TestAnErasureAtAnyStepOfAReplay(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		w := newWorld()
		ref := w.deliver(t, delivery.Stopped, true, jane.mark, jane.key())
		left := n
		ledger := steps{w.ledger, &left, func() {
			h := w.handler()
			h.Ledger = behind{w.ledger, func(d delivery.Delivery) bool { return d.ReplayOf != "" }, func([]delivery.Update) {}}
			if _, err := h.Erase(t.Context(), organization, jane.number, "office"); err != nil {
				t.Fatalf("step %d: %v", n, err)
			}
		}}
		queue := queuetest.New(w.kill, w.clock)
		r := &replay.Replayer{Deliveries: ledger, Ledger: ledger, Configuration: w.hooks, Queue: queue, Random: rand.Reader, Now: w.clock}
		if _, err := r.Replay(t.Context(), []delivery.Delivery{w.ledger.All()[ref]}); err != nil {
			t.Fatalf("step %d: %v", n, err)
		}
		if left > 0 {
			if n < 6 || queue.Len() != 1 {
				t.Errorf("%d steps, %d messages: the replay did not go on to its end", n, queue.Len())
			}
			return
		}
		for _, d := range w.ledger.All() {
			if !d.Final() {
				t.Errorf("step %d: the delivery %s goes on", n, d.ID)
			}
		}
		if held := w.holders(t, jane.mark); held != nil {
			t.Errorf("step %d: the mark is still in %v", n, held)
		}
	}
}
