package linetest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/linetest"
	"crmhook/shared/secret"
	"crmhook/shared/send"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sound(t *testing.T, w *linetest.World, lost ...string) {
	t.Helper()
	for _, fault := range w.Faults(lost...) {
		t.Error(fault)
	}
}

// basic is an interface that needs a secret, and has one attempt.
func basic(t *testing.T) *linetest.World {
	t.Helper()
	w := linetest.NewWorld(t, v2(1, `,"retriesBeforeStop":0,"retriesBeforeWarning":0`))
	text := v2(1, `,"retriesBeforeStop":0,"retriesBeforeWarning":0,"authentication":{"mode":"BASIC","login":"crm","secret":"s"}`)
	w.Hook = linetest.Parse(t, text, map[string][]string{"s": {"crm.example.com"}})
	w.Set(w.Lane, w.Hook, hook.Active)
	w.Secrets.Values = map[secret.Name]secret.Secret{
		{Organization: linetest.Organization, Name: "s"}: {Value: "dummy", Hosts: []string{"crm.example.com"}},
	}
	return w
}

var errThrottled = errors.New("throttled")

// throttled are records that cannot be read while it is set.
type throttled struct {
	send.Records
	on *bool
}

func (r throttled) Data(ctx context.Context, keys []change.Key) (map[change.Key]map[string]any, error) {
	if *r.on {
		return nil, errThrottled
	}
	return r.Records.Data(ctx, keys)
}

// TestFaultsOfOursUseUpNoAttempt goes through all 13 receives and the stopped queue, twice, without an attempt.
func TestFaultsOfOursUseUpNoAttempt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		set  func(w *linetest.World) (end func())
	}{
		{"a secret cannot be read", func(w *linetest.World) func() {
			w.Secrets.Fault = errThrottled
			return func() { w.Secrets.Fault = nil }
		}},
		{"records cannot be read", func(w *linetest.World) func() {
			on := true
			w.OnSend = func(h *send.Handler) { h.Records = throttled{h.Records, &on} }
			return func() { on = false }
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), basic(t)
			end := tt.set(w)
			must(t, w.Write(ctx, "C1"))
			w.Clock.Advance(time.Minute)
			for w.Clock.Now().Before(linetest.Start.Add(20 * time.Minute)) {
				if err := w.Step(ctx); err != nil && !errors.Is(err, errThrottled) {
					t.Fatal(err)
				}
				w.Jump()
			}
			if n := len(w.Receiver.Requests()); n != 0 {
				t.Fatalf("%d requests although what they need could not be read", n)
			}
			if len(w.Ledger.All()) != 1 {
				t.Fatalf("%d deliveries, want one: it goes on under its id", len(w.Ledger.All()))
			}
			end()
			w.Settle(ctx, t, time.Hour)
			sound(t, w)
			if ended := w.Ended(delivery.Delivered); len(ended) != 1 || ended[0].Attempts != 1 {
				t.Errorf("deliveries %+v, want one, delivered in its first attempt", w.Ledger.All())
			}
		})
	}
}

// lose takes the one message out of the fast queue and returns its body.
func lose(t *testing.T, w *linetest.World) string {
	t.Helper()
	received := w.Fast.Receive(1)
	if len(received) != 1 {
		t.Fatal("no message to lose")
	}
	w.Fast.Delete(received[0].Receipt)
	return received[0].Body
}

// TestALostMessage has the queue lose a delivery's message: its lease frees the rows, and a late copy does nothing.
func TestALostMessage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		before int // attempts that fail before the message is lost
	}{{"never received", 0}, {"after an attempt", 1}, {"after two attempts", 2}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), linetest.NewWorld(t, v2(1, ""))
			w.Receiver.Answer = linetest.Always(500)
			must(t, w.Write(ctx, "C1"))
			w.Clock.Advance(time.Minute)
			must(t, w.Dispatch().Run(ctx))
			for range tt.before {
				_, err := w.Deliver(ctx, w.Fast, 1)
				must(t, err)
				w.Clock.Advance(30 * time.Second)
			}
			body := lose(t, w)
			w.Receiver.Answer = nil
			lost := w.Clock.Now()
			for len(w.Receiver.Requests()) == tt.before && w.Clock.Now().Before(lost.Add(time.Hour)) {
				must(t, w.Step(ctx))
				w.Jump()
			}
			if held := w.Clock.Now().Sub(lost); held < backlog.Lease-time.Minute || held > backlog.Lease+3*time.Minute {
				t.Errorf("the record went again %s after its message was lost, want after the lease", held)
			}
			_, err := w.Fast.SendText(ctx, "", []string{body})
			must(t, err)
			w.Settle(ctx, t, time.Hour)
			sound(t, w)
			if n := len(w.Receiver.Requests()); n != tt.before+1 {
				t.Errorf("%d requests, want %d: the late message finds its delivery ended", n, tt.before+1)
			}
			if n := len(w.Ended(delivery.Cancelled)); n != 1 {
				t.Errorf("%d deliveries cancelled, want the lost one", n)
			}
		})
	}
}

// TestALateMessageWhileItsRecordGoesAgain receives the lost message in the very moment in which the new delivery's request
// is under way.
func TestALateMessageWhileItsRecordGoesAgain(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, v2(1, ""))
	must(t, w.Write(ctx, "C1"))
	w.Clock.Advance(time.Minute)
	must(t, w.Dispatch().Run(ctx))
	body := lose(t, w)
	w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
		if _, err := w.Fast.SendText(ctx, "", []string{body}); err != nil {
			t.Error(err)
		}
		if _, err := w.Deliver(ctx, w.Fast, 10); err != nil {
			t.Error(err)
		}
		return linetest.Status(200)
	}
	w.Clock.Advance(backlog.Lease)
	w.Settle(ctx, t, time.Hour)
	sound(t, w)
	if n := len(w.Receiver.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// TestWithAttemptsLeftAStoppedDeliveryGoesOn has twelve senders crash before their requests.
func TestWithAttemptsLeftAStoppedDeliveryGoesOn(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, v2(1, ""))
	must(t, w.Write(ctx, "C1"))
	w.Clock.Advance(time.Minute)
	must(t, w.Dispatch().Run(ctx))
	for range linetest.MaxReceives {
		if n := len(w.Fast.Receive(1)); n != 1 { // Whoever received it died before it did anything.
			t.Fatalf("%d messages received, want 1", n)
		}
		w.Clock.Advance(w.Fast.Visibility)
	}
	if n := len(w.Fast.Receive(1)) + w.Stopped.Len(); n != 1 || w.Stopped.Len() != 1 {
		t.Fatalf("the message was not taken to the stopped queue after %d receives", linetest.MaxReceives)
	}
	w.Settle(ctx, t, time.Hour)
	sound(t, w)
	if n := len(w.Ended(delivery.Stopped)); n != 0 {
		t.Error("a delivery without an attempt was stopped")
	}
}
