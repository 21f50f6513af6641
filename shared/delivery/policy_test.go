package delivery_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
)

func limits() delivery.Limits {
	return delivery.Limits{RetriesBeforeWarning: 8, RetriesBeforeStop: 12, RetryDelay: time.Minute}
}

func TestAfter(t *testing.T) {
	t.Parallel()
	taken := delivery.Attempt{Status: 200}
	for _, test := range []struct {
		name     string
		attempt  delivery.Attempt
		attempts int
		want     delivery.Verdict
	}{
		{"taken at the first", taken, 1, delivery.Done},
		{"taken at the last", taken, 13, delivery.Done},
		{"refused at the first", delivery.Attempt{Status: 500, Error: delivery.BadStatus}, 1, delivery.Again},
		{"redirected", delivery.Attempt{Status: 302, Error: delivery.Redirect}, 5, delivery.Again},
		{"no answer", delivery.Attempt{Error: delivery.Timeout}, 12, delivery.Again},
		{"refused at the 13th", delivery.Attempt{Status: 500, Error: delivery.BadStatus}, 13, delivery.GiveUp},
	} {
		if got := limits().After(test.attempt, test.attempts); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	none := delivery.Limits{}
	if got := none.After(delivery.Attempt{Error: delivery.Timeout}, 1); got != delivery.GiveUp {
		t.Errorf("without retries: %s, want %s", got, delivery.GiveUp)
	}
}

// What counts is whether the interface took the status for a success, not the status.
func TestAfterEveryStatus(t *testing.T) {
	t.Parallel()
	for status := 100; status < 600; status++ {
		refused := delivery.Attempt{Status: status, Error: delivery.BadStatus}
		for attempts, want := range map[int]delivery.Verdict{1: delivery.Again, 12: delivery.Again, 13: delivery.GiveUp, 14: delivery.GiveUp} {
			if got := limits().After(refused, attempts); got != want {
				t.Errorf("status %d refused at attempt %d: %s, want %s", status, attempts, got, want)
			}
			if got := limits().After(delivery.Attempt{Status: status}, attempts); got != delivery.Done {
				t.Errorf("status %d taken at attempt %d: %s, want %s", status, attempts, got, delivery.Done)
			}
		}
	}
}

func TestWarnsOnceFromTheNinthAttempt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		attempts int
		warned   bool
		want     bool
	}{{8, false, false}, {9, false, true}, {10, false, true}, {9, true, false}} {
		if got := limits().Warns(test.attempts, test.warned); got != test.want {
			t.Errorf("attempt %d, warned %v: %v, want %v", test.attempts, test.warned, got, test.want)
		}
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	for after, want := range map[time.Duration]time.Duration{
		0: time.Minute, 30 * time.Second: time.Minute, 5 * time.Minute: 5 * time.Minute, time.Hour: 15 * time.Minute,
	} {
		if got := limits().Delay(delivery.Attempt{RetryAfter: after}); got != want {
			t.Errorf("Retry-After %s: %s, want %s", after, got, want)
		}
	}
}

func TestStanding(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name string
		is   delivery.Delivery
		want delivery.Standing
	}{
		{"new", delivery.Delivery{Status: delivery.Pending}, delivery.Free},
		{"without an item yet", delivery.Delivery{}, delivery.Free},
		{"claimed", delivery.Delivery{Status: delivery.Pending, Attempts: 1, Claim: now.Add(1)}, delivery.Busy},
		{"its sender died", delivery.Delivery{Status: delivery.Pending, Attempts: 1, Claim: now}, delivery.Free},
		{"tried to the end", delivery.Delivery{Status: delivery.Pending, Attempts: 13}, delivery.Exhausted},
		{"its last sender is at work", delivery.Delivery{Status: delivery.Pending, Attempts: 13, Claim: now.Add(1)}, delivery.Busy},
		{"delivered", delivery.Delivery{Status: delivery.Delivered, Attempts: 1}, delivery.Ended},
		{"cancelled", delivery.Delivery{Status: delivery.Cancelled}, delivery.Ended},
	} {
		if got := test.is.Standing(limits(), now); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestCrash(t *testing.T) {
	t.Parallel()
	claim := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	if got := (delivery.Delivery{Attempts: 2}).Crash(); got != nil {
		t.Errorf("an attempt that ended: %+v, want none", got)
	}
	got := delivery.Delivery{Attempts: 2, Claim: claim}.Crash()
	if got == nil || got.Number != 2 || got.Error != delivery.Crashed || !got.At.Equal(claim) {
		t.Errorf("an attempt without an end: %+v, want number 2, crashed, at %s", got, claim)
	}
}

func TestAttempted(t *testing.T) {
	t.Parallel()
	d := delivery.Delivery{Message: delivery.Message{Changes: []int64{1, 2}}}
	if diff := cmp.Diff([]int64{1, 2}, d.Attempted()); diff != "" {
		t.Errorf("before an attempt failed (-want +got):\n%s", diff)
	}
	d.Seen = []int64{3, 2}
	if diff := cmp.Diff([]int64{3, 2}, d.Attempted()); diff != "" {
		t.Errorf("after one failed (-want +got):\n%s", diff)
	}
}

func TestEndExpiresUnlessStopped(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	d := delivery.Delivery{Status: delivery.Pending, Claim: now.Add(time.Minute)}
	if got := d.End(delivery.Delivered, "", now); got.Expires != now.Add(delivery.LedgerTime) || !got.Claim.IsZero() {
		t.Errorf("delivered: expires %s, claim %s", got.Expires, got.Claim)
	}
	if got := d.End(delivery.Stopped, "why", now); !got.Expires.IsZero() || got.Reason != "why" || !got.EndedAt.Equal(now) {
		t.Errorf("stopped: expires %s, reason %q, ended %s", got.Expires, got.Reason, got.EndedAt)
	}
}
