package replay_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/linetest"
	"crmhook/shared/replay"
	"crmhook/shared/tabletest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const atOnce = `,"retriesBeforeStop":1,"retriesBeforeWarning":1,"retryDelaySeconds":1`

// events is a line on which events were given up after two attempts.
func events(t *testing.T, n int) (*linetest.World, []delivery.Delivery) {
	t.Helper()
	w := linetest.NewWorld(t, strings.Replace(linetest.EventWebhook(atOnce), `,"retryDelaySeconds":30`, ``, 1))
	w.Receiver.Answer = linetest.Always(500)
	orders := make([]change.Change, n)
	for i := range orders {
		orders[i] = linetest.Order(i+1, "x")
	}
	must(t, w.Tell(t.Context(), orders...))
	for range 5 {
		must(t, w.Drain(t.Context()))
		w.Clock.Advance(time.Minute)
	}
	w.Receiver.Answer = nil
	return w, stopped(t, w, n)
}

func stopped(t *testing.T, w *linetest.World, n int) []delivery.Delivery {
	t.Helper()
	list := w.Ended(delivery.Stopped)
	if len(list) != n {
		t.Fatalf("%d deliveries are stopped, want %d", len(list), n)
	}
	slices.SortFunc(list, func(a, b delivery.Delivery) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// TestEvents replays and is killed at any write; a repetition makes all good, and no event a second delivery.
func TestEvents(t *testing.T) {
	t.Parallel()
	run := func(at int) int {
		ctx := t.Context()
		w, list := events(t, 12)
		before := len(w.Receiver.Requests())
		first := map[string]string{}
		for _, r := range w.Receiver.Requests() {
			first[r.WebhookID(r.Delivery)] = string(r.Body)
		}
		w.Kill.At(at)
		_, err := w.Replayer().Replay(ctx, list)
		steps, died := w.Kill.Steps(), w.Kill.Dead()
		w.Kill.At(0)
		if died {
			must(t, w.Drain(ctx)) // What has gone already is delivered before the repetition.
			_, err = w.Replayer().Replay(ctx, w.Ended(delivery.Stopped))
		}
		must(t, err)
		must(t, w.Drain(ctx))
		got := map[string]int{}
		for _, r := range w.Receiver.Requests()[before:] {
			got[r.WebhookID(r.Delivery)]++
			if first[r.WebhookID(r.Delivery)] != string(r.Body) {
				t.Errorf("step %d: the body of %s is another than the first time", at, r.WebhookID(r.Delivery))
			}
		}
		for _, was := range list {
			is := w.Ledger.All()[was.Ref()]
			if is.Status != delivery.Replayed || is.Expires.IsZero() || got[was.ID] != 1 {
				t.Errorf("step %d: %s is %s, told %d times, want it replayed and told once", at, was.ID, is.Status, got[was.ID])
			}
			for what, expires := range w.Ledger.Beside(was.Ref()) {
				if expires.IsZero() {
					t.Errorf("step %d: %s of %s is kept for ever", at, what, was.ID)
				}
			}
		}
		if all := w.Ledger.All(); len(all) != 2*len(list) || w.Ledger.Bodies() != 0 {
			t.Errorf("step %d: %d deliveries and %d bodies, want %d and 0", at, len(all), w.Ledger.Bodies(), 2*len(list))
		}
		return steps
	}
	for at := run(0); at > 0; at-- {
		run(at)
	}
}

// TestAReplayOfAReplay keeps the first delivery's identity.
func TestAReplayOfAReplay(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w, list := events(t, 1)
	w.Receiver.Answer = linetest.Always(500)
	for range 2 {
		done, err := w.Replayer().Replay(ctx, w.Ended(delivery.Stopped))
		must(t, err)
		if d := cmp.Diff([]bool{true}, done); d != "" {
			t.Fatalf("done (-want +got):\n%s", d)
		}
		for range 5 {
			must(t, w.Drain(ctx))
			w.Clock.Advance(time.Minute)
		}
	}
	last := stopped(t, w, 1)[0]
	if last.ReplayOf != list[0].ID || last.ID == list[0].ID {
		t.Errorf("delivery %s is a replay of %s, want of %s", last.ID, last.ReplayOf, list[0].ID)
	}
	for _, r := range w.Receiver.Requests() {
		if id := r.WebhookID(r.Delivery); id != list[0].ID && !strings.HasPrefix(id, list[0].ID) {
			t.Errorf("a request has the webhook-id %s, want %s", id, list[0].ID)
		}
	}
}

// TestDismiss ends for good, also where it is killed at any write and repeated; then nothing can be replayed.
func TestDismiss(t *testing.T) {
	t.Parallel()
	run := func(at int) int {
		ctx := t.Context()
		w, list := events(t, 2)
		w.Kill.At(at)
		_, err := w.Replayer().Dismiss(ctx, list)
		steps := w.Kill.Steps()
		if w.Kill.Dead() != errors.Is(err, tabletest.ErrKilled) {
			t.Errorf("step %d: error %v", at, err)
		}
		w.Kill.At(0)
		_, err = w.Replayer().Dismiss(ctx, list)
		must(t, err)
		if n := len(w.Ended(delivery.Dismissed)); n != 2 || w.Ledger.Bodies() != 0 {
			t.Errorf("step %d: %d dismissed and %d bodies, want 2 and 0", at, n, w.Ledger.Bodies())
		}
		var all []delivery.Delivery
		for _, d := range w.Ledger.All() {
			all = append(all, d)
		}
		for name, do := range map[string]func(context.Context, []delivery.Delivery) ([]bool, error){"replay": w.Replayer().Replay, "dismiss": w.Replayer().Dismiss} {
			if done, err := do(ctx, all); err != nil || slices.Contains(done, true) {
				t.Errorf("step %d: %s of what was dismissed: %v, %v", at, name, done, err)
			}
		}
		return steps
	}
	for at := run(0); at > 0; at-- {
		run(at)
	}
}

// TestABodyThatIsGone cannot be told again: somebody was about to dismiss it.
func TestABodyThatIsGone(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w, list := events(t, 1)
	must(t, w.Ledger.Expire(ctx, list[0].Ref(), list[0].Attempts, w.Clock.Now()))
	done, err := w.Replayer().Replay(ctx, list)
	if err != nil || done[0] || w.Fast.Len() != 0 || len(w.Ended(delivery.Stopped)) != 1 {
		t.Errorf("done %v, %v, %d messages, want it to stay as it is", done, err, w.Fast.Len())
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	v2, told := linetest.Parse(t, linetest.V2(linetest.Schedule(1, 1, 1)), nil), linetest.Parse(t, linetest.EventWebhook(""), nil)
	trigger := linetest.Parse(t, linetest.CRMTrigger(""), nil)
	is := func(h *hook.Hook, state hook.State) hook.Interface {
		i := hook.Interface{Organization: "demo", Name: "crm", Generation: "g2", State: state, Hook: h}
		if h != nil {
			i.Type = h.Type
		}
		return i
	}
	bucket := delivery.Delivery{Message: delivery.Message{ID: "d-0", Organization: "demo", Interface: "crm", Generation: "g1", Records: []string{"contact/1"}}, Status: delivery.Stopped}
	event := bucket
	event.Records, event.Event = []string{"order/1"}, &delivery.Event{Type: "order.created"}
	ended := bucket
	ended.Status = delivery.Delivered
	for _, tt := range []struct {
		name string
		d    delivery.Delivery
		is   hook.Interface
		want string
	}{
		{"a bucket", bucket, is(v2, hook.Active), ""},
		{"a bucket of one that is paused", bucket, is(v2, hook.Paused), ""},
		{"a bucket of one that is disabled", bucket, is(v2, hook.Disabled), ""},
		{"a bucket of one that has faults", bucket, hook.Interface{Generation: "g2", Type: hook.ContactWebhookV2, State: hook.Invalid}, ""},
		{"a bucket of one of no known type", bucket, hook.Interface{Generation: "g2", State: hook.Invalid}, "sent no contacts"},
		{"a bucket of one that is told events now", bucket, is(told, hook.Active), "sent no contacts"},
		{"not stopped", ended, is(v2, hook.Active), "the delivery is delivered"},
		{"gone", bucket, hook.Interface{}, "is gone"},
		{"an event", event, is(told, hook.Active), ""},
		{"an event of one that is paused", event, is(told, hook.Paused), "paused, disabled or invalid"},
		{"an event of one that has faults", event, hook.Interface{Generation: "g2", Type: hook.EventWebhook, State: hook.Invalid}, "paused, disabled or invalid"},
		{"an event of a contact webhook", event, is(v2, hook.Active), "is not told events such as order.created"},
		{"an event of a trigger", event, is(trigger, hook.Active), "is not told events such as order.created"},
	} {
		switch got := replay.Refusal(tt.d, tt.is); {
		case (got == nil) != (tt.want == ""):
			t.Errorf("%s: %v, want %q", tt.name, got, tt.want)
		case got != nil && (got.Status != 409 || !strings.Contains(got.Detail, tt.want)):
			t.Errorf("%s: %v, want 409 and %q", tt.name, got, tt.want)
		}
	}
	if replay.NotStopped(bucket) != nil || replay.NotStopped(ended) == nil {
		t.Error("only what is stopped can be dismissed")
	}
}

// TestCosts counts the calls for a hundred events.
func TestCosts(t *testing.T) {
	t.Parallel()
	const n = 100
	w, list := events(t, n)
	for _, calls := range []map[string]int{w.Ledger.Calls, w.Fast.Calls} {
		clear(calls)
	}
	_, err := w.Replayer().Replay(t.Context(), list)
	must(t, err)
	got := fmt.Sprint(w.Ledger.Calls, w.Fast.Calls)
	t.Log(got)
	if w.Fast.Calls["Send"] > n/10 || w.Ledger.Calls["Open"] > n/10 || w.Ledger.Calls["Deliveries"] > n/10 {
		t.Errorf("calls for %d events: %s", n, got)
	}
}
