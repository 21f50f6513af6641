package send_test

import (
	"fmt"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func v2(bucket int, extra string) string {
	return linetest.V2(linetest.Schedule(1, 100, bucket) + extra)
}

// flying is a line whose contacts have been written and put on the fast queue.
func flying(t *testing.T, configuration string, ids ...string) *linetest.World {
	t.Helper()
	w := linetest.NewWorld(t, configuration)
	must(t, w.Write(t.Context(), ids...))
	w.Clock.Advance(time.Minute)
	must(t, w.Dispatch().Run(t.Context()))
	return w
}

func deliver(t *testing.T, w *linetest.World) int {
	t.Helper()
	n, err := w.Deliver(t.Context(), w.Fast, 10)
	must(t, err)
	return n
}

// one is the line's one delivery.
func one(t *testing.T, w *linetest.World) delivery.Delivery {
	t.Helper()
	all := w.Ledger.All()
	if len(all) != 1 {
		t.Fatalf("%d deliveries, want one", len(all))
	}
	for _, d := range all {
		return d
	}
	return delivery.Delivery{}
}

// next is how long until the one message is seen again.
func next(t *testing.T, w *linetest.World) time.Duration {
	t.Helper()
	at, ok := w.Fast.Next()
	if !ok {
		t.Fatal("the message is gone")
	}
	return at.Sub(w.Clock.Now())
}

func TestTheDelayAfterAFailedAttempt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		attempt delivery.Attempt
		want    time.Duration
	}{
		{"the interface's", linetest.Status(500), 30 * time.Second},
		{"a shorter Retry-After does not shorten it", delivery.Attempt{Status: 429, Error: delivery.BadStatus, RetryAfter: 5 * time.Second}, 30 * time.Second},
		{"a longer Retry-After lengthens it", delivery.Attempt{Status: 503, Error: delivery.BadStatus, RetryAfter: 10 * time.Minute}, 10 * time.Minute},
		{"up to fifteen minutes", delivery.Attempt{Status: 503, Error: delivery.BadStatus, RetryAfter: 20 * time.Hour}, 15 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := flying(t, v2(1, ""), "C1")
			w.Receiver.Answer = func(linetest.Request) delivery.Attempt { return tt.attempt }
			deliver(t, w)
			if got := next(t, w); got != tt.want {
				t.Errorf("seen again after %s, want %s", got, tt.want)
			}
			if held := one(t, w).Lease.Sub(w.Clock.Now()); held != tt.want+backlog.Lease {
				t.Errorf("the rows are held for %s, want %s: the delay and a lease", held, tt.want+backlog.Lease)
			}
		})
	}
}

// TestAttemptsAreCountedWhenTheyBegin looks at the ledger while the request is under way.
func TestAttemptsAreCountedWhenTheyBegin(t *testing.T) {
	t.Parallel()
	w := flying(t, v2(1, `,"timeoutSeconds":20`), "C1")
	for n := 1; n <= 3; n++ {
		w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
			d := one(t, w)
			if claim := d.Claim.Sub(w.Clock.Now()); d.Attempts != n || d.Status != delivery.Pending || claim != 35*time.Second {
				t.Errorf("during attempt %d: %d attempts, %s, claimed for %s; want a claim of the timeout and 15 s", n, d.Attempts, d.Status, claim)
			}
			return linetest.Status(500)
		}
		deliver(t, w)
		w.Clock.Advance(30 * time.Second)
	}
}

// TestTheFirstAttemptLiesInTheDelivery and later ones beside it, each with as much of its answer as is kept.
func TestTheFirstAttemptLiesInTheDelivery(t *testing.T) {
	t.Parallel()
	w := flying(t, v2(1, `,"retriesBeforeStop":2`), "C1")
	answer := make([]byte, 20_000)
	for i := range answer {
		answer[i] = 'a'
	}
	w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
		a := linetest.Status(500)
		a.Answer = string(answer)
		return a
	}
	for range 3 {
		deliver(t, w)
		w.Clock.Advance(30 * time.Second)
	}
	d := one(t, w)
	if d.First == nil || d.First.Number != 1 || len(d.First.Answer) != delivery.AnswerKept {
		t.Errorf("first attempt %+v, want one with %d bytes of its answer", d.First, delivery.AnswerKept)
	}
	for n, want := range map[int]int{2: delivery.AnswerKept, 3: delivery.LastAnswerKept} {
		a, err := w.Ledger.Attempt(t.Context(), d.Ref(), n)
		must(t, err)
		if a == nil || a.Number != n || len(a.Answer) != want {
			t.Errorf("attempt %d: %+v, want one with %d bytes of its answer", n, a, want)
		}
	}
	if a, err := w.Ledger.Attempt(t.Context(), d.Ref(), 1); a != nil || err != nil {
		t.Errorf("the first attempt lies beside the delivery too: %+v, %v", a, err)
	}
}

// TestACrashedAttemptIsWrittenDown when the message is received after the claim.
func TestACrashedAttemptIsWrittenDown(t *testing.T) {
	t.Parallel()
	for crash := 1; crash <= 2; crash++ {
		t.Run(fmt.Sprintf("attempt %d", crash), func(t *testing.T) {
			t.Parallel()
			w := flying(t, v2(1, ""), "C1")
			w.Receiver.Answer = linetest.Always(500)
			for range crash - 1 {
				deliver(t, w)
				w.Clock.Advance(30 * time.Second)
			}
			w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
				w.Kill.At(1)
				return linetest.Status(200)
			}
			if _, err := w.Deliver(t.Context(), w.Fast, 1); err == nil {
				t.Fatal("the sender did not die")
			}
			w.Kill.At(0)
			w.Receiver.Answer = nil
			w.Clock.Advance(w.Fast.Visibility)
			deliver(t, w)
			d := one(t, w)
			got := d.First
			if crash > 1 {
				var err error
				got, err = w.Ledger.Attempt(t.Context(), d.Ref(), crash)
				must(t, err)
			}
			if got == nil || got.Error != delivery.Crashed || got.Number != crash || d.Attempts != crash+1 || d.Status != delivery.Delivered {
				t.Errorf("attempt %+v of %+v, want it crashed and the next delivered", got, d)
			}
			if e := w.Ledger.AllExecutions()[0]; e.Tally.Sent != 1 || !e.EndedAt.Equal(w.Clock.Now()) {
				t.Errorf("execution %+v, want its record sent once, and its end", e)
			}
		})
	}
}

// TestPeopleAreWarnedOnce after the attempt that follows the retries before a warning, and told of the stop after the one
// that follows those before the stop.
func TestPeopleAreWarnedOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name               string
		configuration      string
		warnedAt, attempts int
	}{
		{"the types' own numbers", "", 9, 13},
		{"a lower stop", `,"retriesBeforeStop":3,"retriesBeforeWarning":1`, 2, 4},
		{"no retries", `,"retriesBeforeStop":0,"retriesBeforeWarning":0`, 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := flying(t, v2(1, tt.configuration), "C1")
			w.Receiver.Answer = linetest.Always(500)
			for n := 1; n < tt.attempts; n++ {
				deliver(t, w)
				want := 0
				if n >= tt.warnedAt {
					want = 1
				}
				if w.Stopped.Len() != want {
					t.Errorf("%d notices after attempt %d, want %d", w.Stopped.Len(), n, want)
				}
				w.Clock.Advance(30 * time.Second)
			}
			must(t, w.Drain(t.Context()))
			if n := len(w.Receiver.Requests()); n != tt.attempts {
				t.Errorf("%d requests, want %d", n, tt.attempts)
			}
			if d := one(t, w); d.Status != delivery.Stopped || d.Attempts != tt.attempts {
				t.Errorf("%s after %d attempts, want it stopped after %d, at once", d.Status, d.Attempts, tt.attempts)
			}
			var subjects []string
			for _, n := range w.Mail.Notices() {
				subjects = append(subjects, n.Subject)
			}
			want := []string{"[crmhook] warning: demo/crm", "[crmhook] stopped: demo/crm"}
			if len(subjects) == 2 && subjects[0] == want[1] {
				want[0], want[1] = want[1], want[0]
			}
			if d := diff.Diff(want, subjects); d != "" {
				t.Errorf("people were told (-want +got):\n%s", d)
			}
		})
	}
}
