package stop_test

import (
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/linetest"
)

// brought is a line with one test whose message has come to the stopped queue; before happens while it is in the fast one.
func brought(t *testing.T, before func(w *linetest.World)) (*linetest.World, delivery.Delivery) {
	t.Helper()
	w := linetest.NewWorld(t, once(1, ""))
	must(t, w.TestContact(t.Context(), "T1"))
	received := w.Fast.Receive(1)
	before(w)
	w.Fast.Delete(received[0].Receipt)
	_, err := w.Stopped.SendText(t.Context(), "", []string{received[0].Body})
	must(t, err)
	return w, w.Tests()[0]
}

// claim is what a sender does before its request.
func claim(t *testing.T, w *linetest.World, until time.Duration) {
	t.Helper()
	was := w.Tests()[0]
	now := was
	now.Attempts, now.Claim, now.Lease = 1, w.Clock.Now().Add(until), w.Clock.Now().Add(time.Hour)
	_, err := w.Ledger.Update(t.Context(), []delivery.Update{{Was: was, Now: now}})
	must(t, err)
}

// TestATestEndsHere: it is never sent on, nobody is told, and it counts for nothing but its execution.
func TestATestEndsHere(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		before func(t *testing.T, w *linetest.World)
		reason string
		sent   int
	}{
		"never sent": {func(*testing.T, *linetest.World) {}, delivery.TestUnsent, 0},
		"its sender died at it": {func(t *testing.T, w *linetest.World) {
			t.Helper()
			claim(t, w, -time.Second)
		}, delivery.TestFailed, 1},
		"its interface is gone": {func(t *testing.T, w *linetest.World) {
			t.Helper()
			w.Configuration.Remove(hook.Key{Organization: w.Lane.Organization, Name: w.Lane.Interface})
		}, delivery.TestUnsent, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := brought(t, func(w *linetest.World) { tt.before(t, w) })
			clear(w.Ledger.Calls)
			end(t, w)
			d, e := w.Tests()[0], w.Ledger.AllExecutions()[0]
			if d.Status != delivery.Cancelled || d.Reason != tt.reason || d.Expires.IsZero() || !d.Claim.IsZero() || (d.First != nil) != (tt.sent > 0) {
				t.Errorf("test %+v, want it cancelled: %s", d, tt.reason)
			}
			if e.Tally.Sent != tt.sent || e.Tally.Failed != tt.sent || e.Tally.Stopped != 0 || e.Ended != 1 || !e.EndedAt.Equal(d.EndedAt) {
				t.Errorf("execution %+v", e)
			}
			if n := w.Fast.Len() + w.Slow.Len() + w.Stopped.Len() + len(w.Mail.Notices()) + w.Ledger.Calls["Count"] + w.Ledger.Calls["KeepForever"]; n != 0 {
				t.Errorf("%d messages or mails, or calls that a test needs not: %v", n, w.Ledger.Calls)
			}
		})
	}
}

// TestATestThatIsBeingSent is looked at again when its claim is over.
func TestATestThatIsBeingSent(t *testing.T) {
	t.Parallel()
	w, _ := brought(t, func(w *linetest.World) { claim(t, w, 20*time.Second) })
	end(t, w)
	if d := w.Tests()[0]; d.Final() || w.Stopped.Len() != 1 {
		t.Fatalf("test %+v, %d messages; want it left to its sender", d, w.Stopped.Len())
	}
	w.Clock.Advance(22 * time.Second)
	end(t, w)
	if d := w.Tests()[0]; d.Reason != delivery.TestFailed || w.Stopped.Len() != 0 {
		t.Errorf("test %+v, %d messages; want it ended", d, w.Stopped.Len())
	}
}

// TestATestThatHasEnded: its execution is closed, as it was perhaps not counted for.
func TestATestThatHasEnded(t *testing.T) {
	t.Parallel()
	w, was := brought(t, func(w *linetest.World) {
		d := w.Tests()[0]
		_, err := w.Ledger.Update(t.Context(), []delivery.Update{{Was: d, Now: d.EndTest(w.Clock.Now())}})
		must(t, err)
	})
	end(t, w)
	if e := w.Ledger.AllExecutions()[0]; !e.Done() || e.Ended != 0 || w.Tests()[0].EndedAt != was.EndedAt || w.Stopped.Len() != 0 {
		t.Errorf("execution %+v, %d messages; want it closed", e, w.Stopped.Len())
	}
}

// TestStopsOfAnHour are counted in one write an interface, whatever the number.
func TestStopsOfAnHour(t *testing.T) {
	t.Parallel()
	w := linetest.NewWorld(t, once(1, ""))
	exhausted(t, w, "C1", "C2", "C3")
	w.Ledger.Calls["Count"] = 0
	end(t, w)
	counted, happened, err := w.Counted(t.Context())
	must(t, err)
	if want := (hours.Counts{Failed: 3, Stopped: 3}); counted != want || happened != want || w.Ledger.Calls["Count"] != 1 {
		t.Errorf("the hours count %+v of %+v in %d calls, want %+v in one", counted, happened, w.Ledger.Calls["Count"], want)
	}
	for _, e := range w.Ledger.AllExecutions() {
		if e.Tally.Sent != 3 || e.Tally.Stopped != 3 || !e.EndedAt.Equal(w.Clock.Now()) {
			t.Errorf("execution %+v, want three sent and stopped, now", e)
		}
	}
}

// TestAnAttemptThatCrashedWasSent: who gives up the delivery counts for its sender, who could not.
func TestAnAttemptThatCrashedWasSent(t *testing.T) {
	t.Parallel()
	w := linetest.NewWorld(t, once(2, ""))
	must(t, w.Write(t.Context(), "C1", "C2"))
	w.Clock.Advance(time.Minute)
	must(t, w.Dispatch().Run(t.Context()))
	w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
		w.Kill.At(1)
		return linetest.Status(200)
	}
	if _, err := w.Deliver(t.Context(), w.Fast, 1); err == nil {
		t.Fatal("the sender did not die")
	}
	w.Kill.At(0)
	w.Settle(t.Context(), t, 2*time.Hour)
	if e := w.Ledger.AllExecutions()[0]; e.Tally.Sent != 2 || e.Tally.Stopped != 2 || !e.Done() {
		t.Errorf("execution %+v, want two sent, and stopped", e)
	}
}

// TestWhatAPauseEndsHere: an event counts as stopped, a bucket for its execution alone.
func TestWhatAPauseEndsHere(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		configuration string
		tell          func(t *testing.T, w *linetest.World)
		want          hours.Counts
		executions    int
	}{
		"an event": {linetest.EventWebhook(`,"retriesBeforeStop":0`), func(t *testing.T, w *linetest.World) {
			t.Helper()
			w.Receiver.Answer = linetest.Always(500)
			must(t, w.Tell(t.Context(), linetest.Order(1, "x")))
			_, err := w.Deliver(t.Context(), w.Fast, 1)
			must(t, err)
		}, hours.Counts{Failed: 1, Stopped: 1}, 0},
		"a bucket": {once(1, ""), func(t *testing.T, w *linetest.World) {
			t.Helper()
			exhausted(t, w, "C1")
		}, hours.Counts{Failed: 1}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := linetest.NewWorld(t, tt.configuration)
			tt.tell(t, w)
			w.Pause()
			end(t, w)
			counted, happened, err := w.Counted(t.Context())
			must(t, err)
			if counted != tt.want || happened != tt.want {
				t.Errorf("the hours count %+v, the ledger %+v, want %+v", counted, happened, tt.want)
			}
			executions := w.Ledger.AllExecutions()
			if len(executions) != tt.executions {
				t.Fatalf("%d executions, want %d", len(executions), tt.executions)
			}
			for _, e := range executions {
				if e.Ended != 1 || !e.EndedAt.Equal(w.Clock.Now()) {
					t.Errorf("execution %+v, want its delivery ended, now", e)
				}
			}
		})
	}
}
