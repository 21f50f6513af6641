package replay_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/linetest"
	"crmhook/shared/queuetest"
	"crmhook/shared/replay"
	"crmhook/shared/tabletest"
)

// meanwhile is a ledger and a queue on which somebody else is at work just after, or just before, a call of a name.
type meanwhile struct {
	*tabletest.Ledger
	queue *queuetest.Queue
	at    string
	do    func()
	// drain has the senders take what was sent at once.
	drain func()
}

func (m *meanwhile) now(at string) {
	if m.at == at {
		m.at = ""
		m.do()
	}
}

func (m *meanwhile) Open(ctx context.Context, deliveries []delivery.Delivery) ([]bool, error) {
	m.now("before opening")
	defer m.now("opened")
	return m.Ledger.Open(ctx, deliveries)
}

func (m *meanwhile) KeepBodies(ctx context.Context, messages []delivery.Message) error {
	m.now("before the bodies are kept")
	defer m.now("bodies kept")
	return m.Ledger.KeepBodies(ctx, messages)
}

func (m *meanwhile) SendEach(ctx context.Context, groups []string, bodies []any) ([]bool, error) {
	defer m.drain()
	defer m.now("sent")
	return m.queue.SendEach(ctx, groups, bodies)
}

// among is a replayer beside whom somebody does something, and senders are faster than he is.
func among(t *testing.T, w *linetest.World, at string, do func()) *replay.Replayer {
	t.Helper()
	r, m := w.Replayer(), &meanwhile{w.Ledger, w.Fast, at, do, func() { must(t, w.Drain(t.Context())) }}
	r.Deliveries, r.Ledger, r.Queue = m, m, m
	return r
}

var points = []string{"before opening", "opened", "before the bodies are kept", "bodies kept", "sent"}

// TestWhatIsDismissedMeanwhileIsNotTold: whoever replays an event reads it before somebody dismisses it, and goes on after.
func TestWhatIsDismissedMeanwhileIsNotTold(t *testing.T) {
	t.Parallel()
	for _, at := range points {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			w, list := events(t, 3)
			before := len(w.Receiver.Requests())
			done, err := among(t, w, at, func() {
				_, err := w.Replayer().Dismiss(ctx, list[1:2])
				must(t, err)
			}).Replay(ctx, list)
			must(t, err)
			if !done[0] || done[1] || !done[2] {
				t.Errorf("done %v, want the first and the last", done)
			}
			must(t, w.Drain(ctx))
			for _, r := range w.Receiver.Requests()[before:] {
				if r.WebhookID(r.Delivery) == list[1].ID {
					t.Error("the dismissed event was told")
				}
			}
			all := w.Ledger.All()
			again, there := all[replay.Begun(list[1], hook.Interface{})[0]]
			if all[list[1].Ref()].Status != delivery.Dismissed || there && (again.Status != delivery.Cancelled || again.Expires.IsZero()) {
				t.Errorf("it is %s, and its new delivery %s until %s", all[list[1].Ref()].Status, again.Status, again.Expires)
			}
			if n := len(w.Receiver.Requests()) - before; n != 2 || w.Ledger.Bodies() != 0 {
				t.Errorf("%d told and %d bodies left, want 2 and 0", n, w.Ledger.Bodies())
			}
		})
	}
}

// TestTwoReplayAtOnce, and each event is told once.
func TestTwoReplayAtOnce(t *testing.T) {
	t.Parallel()
	for _, at := range points {
		ctx := t.Context()
		w, list := events(t, 3)
		before := len(w.Receiver.Requests())
		_, err := among(t, w, at, func() {
			_, err := w.Replayer().Replay(ctx, list)
			must(t, err)
		}).Replay(ctx, list)
		must(t, err)
		must(t, w.Drain(ctx))
		if n := len(w.Receiver.Requests()) - before; n != 3 || len(w.Ended(delivery.Delivered)) != 3 || w.Ledger.Bodies() != 0 {
			t.Errorf("%s: %d told, %d delivered, %d bodies left, want 3, 3 and 0", at, n, len(w.Ended(delivery.Delivered)), w.Ledger.Bodies())
		}
	}
}

// TestDismissEndsWhatADeadReplayBegan: nothing stays for ever, also where the interface is another by then, or gone; what has
// been sent once goes on.
func TestDismissEndsWhatADeadReplayBegan(t *testing.T) {
	t.Parallel()
	for name, then := range map[string]func(*linetest.World){
		"the same": func(*linetest.World) {},
		"gone":     func(w *linetest.World) { w.Configuration.Remove(hook.Key{Organization: "demo", Name: "crm"}) },
		"another": func(w *linetest.World) {
			lane := w.Lane
			lane.Generation = "g2"
			w.Set(lane, w.Hook, hook.Active)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for at := 1; ; at++ {
				ctx := t.Context()
				w, list := events(t, 2)
				w.Kill.At(at)
				_, err := w.Replayer().Replay(ctx, list)
				died := w.Kill.Dead()
				w.Kill.At(0)
				if !died {
					must(t, err)
					return
				}
				then(w)
				left := w.Ended(delivery.Stopped)
				before := len(w.Receiver.Requests())
				done, err := w.Replayer().Dismiss(ctx, left)
				must(t, err)
				must(t, w.Drain(ctx))
				if slices.Contains(done, false) || len(w.Receiver.Requests())-before > len(list)-len(left) {
					t.Errorf("step %d: done %v, %d told of %d that were not dismissed", at, done, len(w.Receiver.Requests())-before, len(list)-len(left))
				}
				for _, d := range w.Ledger.All() {
					if d.Expires.IsZero() && d.Status != delivery.Stopped {
						t.Errorf("step %d: %s is %s for ever", at, d.ID, d.Status)
					}
				}
				if n := w.Ledger.Bodies() - len(w.Ended(delivery.Stopped)); n > 0 {
					t.Errorf("step %d: %d bodies are left", at, n)
				}
			}
		})
	}
}

// TestWhatHasBeenSentGoesOn although its first delivery is dismissed: the receiver may have it already.
func TestWhatHasBeenSentGoesOn(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w, list := events(t, 1)
	w.Receiver.Answer = linetest.Always(500)
	_, err := among(t, w, "sent", func() {
		must(t, w.Drain(ctx))
		_, err := w.Replayer().Dismiss(ctx, list)
		must(t, err)
	}).Replay(ctx, list)
	must(t, err)
	is := w.Ledger.All()[replay.Begun(list[0], hook.Interface{})[0]]
	if is.Status != delivery.Pending || is.Attempts != 1 || w.Ledger.Bodies() != 1 {
		t.Errorf("the new delivery is %s after %d attempts, with %d bodies", is.Status, is.Attempts, w.Ledger.Bodies())
	}
	w.Receiver.Answer = nil
	w.Clock.Advance(time.Hour)
	must(t, w.Drain(ctx))
	if len(w.Ended(delivery.Delivered)) != 1 || w.Ledger.Bodies() != 0 {
		t.Errorf("%d delivered, %d bodies, want it to go on", len(w.Ended(delivery.Delivered)), w.Ledger.Bodies())
	}
}

// unheard ends deliveries, and its answers get lost: the repetition finds them ended.
type unheard struct{ *tabletest.Ledger }

func (u unheard) Update(ctx context.Context, updates []delivery.Update) ([]bool, error) {
	_, err := u.Ledger.Update(ctx, updates)
	return make([]bool, len(updates)), err
}

// TestADismissalWhoseAnswerWasLost ends what a dead replay began all the same.
func TestADismissalWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w, list := events(t, 1)
	w.Kill.At(2) // The new delivery has been opened.
	_, err := w.Replayer().Replay(ctx, list)
	w.Kill.At(0)
	if err == nil || len(w.Ledger.All()) != 2 {
		t.Fatalf("error %v, %d deliveries, want it to die after the first write", err, len(w.Ledger.All()))
	}
	r := w.Replayer()
	r.Deliveries = unheard{w.Ledger}
	_, err = r.Dismiss(ctx, list)
	must(t, err)
	if len(w.Ended(delivery.Cancelled)) != 1 || len(w.Ended(delivery.Dismissed)) != 1 {
		t.Errorf("deliveries %+v, want both ended", w.Ledger.All())
	}
}
