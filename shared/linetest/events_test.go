package linetest_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/linetest"
)

// telling is what happens to events until the process dies somewhere.
type telling struct {
	name string
	// extra members of the configuration.
	extra   string
	changes []change.Change
	answer  func(n int) int
	// meanwhile happens when the events are made and the first of them tried; nil: nothing.
	meanwhile func(w *linetest.World)
	// stopped is how many deliveries end so, or may where a crash counts as an attempt; silent that nobody is told.
	stopped, mayStop int
	silent           bool
}

func orders(n int, text string) []change.Change {
	var list []change.Change
	for i := range n {
		list = append(list, linetest.Order(i, text))
	}
	return list
}

func tellings() []telling {
	return []telling{
		{name: "delivered at once", changes: orders(4, "x")},
		{name: "delivered after two failures", changes: orders(2, "x"), answer: failing(3)},
		{name: "stopped at once", extra: `,"retriesBeforeStop":0`, changes: orders(2, "x"), answer: failing(1000), stopped: 2},
		{name: "stopped after two attempts, warned", extra: `,"retriesBeforeStop":1,"retriesBeforeWarning":0`, changes: orders(2, "x"), answer: failing(1000), stopped: 2},
		{
			name: "taken once, should it not have been written down", extra: `,"retriesBeforeStop":1`, changes: orders(2, "x"), mayStop: 1,
			answer: func(n int) int { return []int{200, 200, 500, 500, 500, 500}[min(n, 5)] },
		},
		{
			name: "paused between two attempts", changes: orders(2, "x"), answer: failing(1000), stopped: 2, silent: true,
			meanwhile: func(w *linetest.World) {
				if w.Clock.Now().After(linetest.Start.Add(time.Minute)) {
					w.Pause()
				}
			},
		},
		{name: "in three pieces", changes: orders(1, strings.Repeat("👩", 200_000)), answer: failing(1)},
		{
			name: "paused while under way", changes: orders(3, "x"), answer: failing(1000), stopped: 3, silent: true,
			meanwhile: func(w *linetest.World) { w.Pause() },
		},
		{
			name: "gone while under way", changes: orders(2, "x"), answer: failing(1000), stopped: 2, silent: true,
			meanwhile: func(w *linetest.World) {
				w.Configuration.Remove(hook.Key{Organization: linetest.Organization, Name: w.Lane.Interface})
			},
		},
		{
			name: "a contact webhook meanwhile", changes: orders(2, "x"), answer: failing(1000), stopped: 2, silent: true,
			meanwhile: func(w *linetest.World) {
				contacts := *w.Hook
				contacts.Type = hook.ContactWebhookV2
				w.Set(w.Lane, &contacts, hook.Active)
			},
		},
	}
}

// TestACrashAtAnyWriteLosesNoEvent: every event arrives at least once, under one id and whole, whoever dies where.
func TestACrashAtAnyWriteLosesNoEvent(t *testing.T) {
	t.Parallel()
	for _, s := range tellings() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			steps := s.check(t, 0)
			if steps < 15 {
				t.Fatalf("%d steps: the scenario writes too little to be worth a test", steps)
			}
			for at := 1; at <= steps; at++ {
				s.check(t, at)
			}
		})
	}
}

func (s telling) check(t *testing.T, at int) int {
	t.Helper()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.EventWebhook(s.extra))
	var requests atomic.Int64
	w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
		n := int(requests.Add(1)) - 1
		if s.answer == nil {
			return linetest.Status(200)
		}
		return linetest.Status(s.answer(n))
	}
	w.Kill.At(at)
	made, err := s.run(ctx, w)
	steps, died := w.Kill.Steps(), w.Kill.Dead()
	if err != nil && !died {
		t.Fatalf("step %d: %v", at, err)
	}
	w.Kill.At(0)
	if !made { // The checkpoint has not moved: scan reads the changes again.
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
	return steps
}

// run tells whether the events were all made, after which nobody makes them again.
func (s telling) run(ctx context.Context, w *linetest.World) (made bool, err error) {
	if err := w.Tell(ctx, s.changes...); err != nil {
		return false, err
	}
	if _, err := w.Deliver(ctx, w.Fast, 1); err != nil {
		return true, err
	}
	for range 4 {
		if s.meanwhile != nil {
			s.meanwhile(w)
		}
		if err := w.Drain(ctx); err != nil {
			return true, err
		}
		w.Clock.Advance(31 * time.Second)
	}
	return true, w.Drain(ctx)
}

func (s telling) look(ctx context.Context, t *testing.T, w *linetest.World, at int) {
	t.Helper()
	for _, fault := range append(w.EventFaults(ctx, s.changes...), w.HourFaults(ctx, at > 0)...) {
		t.Errorf("step %d: %s", at, fault)
	}
	stopped := len(w.Ended(delivery.Stopped))
	if stopped != s.stopped && (at == 0 || stopped > s.stopped+s.mayStop) {
		t.Errorf("step %d: %d events were stopped, want %d", at, stopped, s.stopped)
	}
	if n, want := len(w.Mail.Notices()), stopped > 0 && !s.silent; (n > 0) != want {
		t.Errorf("step %d: people were told %d times, want some: %v", at, n, want)
	}
	if n := len(w.Ledger.AllExecutions()); n != 0 {
		t.Errorf("step %d: %d executions, events have none", at, n)
	}
}

// TestAChangeReadTwiceIsOneEvent, however far the first one has come.
func TestAChangeReadTwiceIsOneEvent(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(ctx context.Context, t *testing.T, w *linetest.World){
		"at once": func(context.Context, *testing.T, *linetest.World) {},
		"when it was tried": func(ctx context.Context, t *testing.T, w *linetest.World) {
			w.Receiver.Answer = linetest.Always(500)
			must(t, w.Drain(ctx))
			w.Receiver.Answer = nil
		},
		"when it was delivered": func(ctx context.Context, t *testing.T, w *linetest.World) { must(t, w.Drain(ctx)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), linetest.NewWorld(t, linetest.EventWebhook(""))
			changes := orders(3, "x")
			must(t, w.Tell(ctx, changes...))
			between(ctx, t, w)
			must(t, w.Tell(ctx, append(changes, changes...)...))
			w.Settle(ctx, t, time.Hour)
			for _, fault := range w.EventFaults(ctx, changes...) {
				t.Error(fault)
			}
			taken := 0
			for _, r := range w.Receiver.Requests() {
				if r.Taken {
					taken++
				}
			}
			if taken != len(changes) {
				t.Errorf("%d requests were taken, want each event once", taken)
			}
		})
	}
}

// TestABodyThatIsKeptAgainTooLate: a second maker that saw the event pending writes its body when it has been delivered.
// Its own message has it removed.
func TestABodyThatIsKeptAgainTooLate(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.EventWebhook(""))
	changes := orders(1, "x")
	must(t, w.Tell(ctx, changes...))
	m := w.Fast.Receive(1)
	must(t, w.Work(ctx, w.Fast, m))
	late := decoded(t, m[0].Body)
	must(t, w.Ledger.KeepBodies(ctx, []delivery.Message{late}))
	if _, err := w.Fast.SendEach(ctx, []string{late.Group()}, []any{late}); err != nil {
		t.Fatal(err)
	}
	w.Settle(ctx, t, time.Hour)
	for _, fault := range w.EventFaults(ctx, changes...) {
		t.Error(fault)
	}
	if n := len(w.Receiver.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// TestTwoMakersAtOnce make the same events side by side, while they are delivered.
func TestTwoMakersAtOnce(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.EventWebhook(""))
	changes := orders(60, "x")
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			if err := w.Tell(ctx, changes...); err != nil {
				t.Error(err)
			}
		})
	}
	for range 20 {
		if _, err := w.Deliver(ctx, w.Fast, 10); err != nil {
			t.Error(err)
		}
	}
	wait.Wait()
	w.Settle(ctx, t, time.Hour)
	for _, fault := range w.EventFaults(ctx, changes...) {
		t.Error(fault)
	}
	if n := len(w.Receiver.Requests()); n != len(changes) {
		t.Errorf("%d requests, want %d", n, len(changes))
	}
}

func decoded(t *testing.T, text string) delivery.Message {
	t.Helper()
	var m delivery.Message
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return m
}
