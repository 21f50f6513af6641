package share_test

import (
	"fmt"
	"testing"
	"time"

	"crmhook/shared/share"
)

func TestTake(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	shares := share.New(2, 3, func() time.Time { return now })
	take := func(caller string, want bool) time.Duration {
		t.Helper()
		wait, ok := shares.Take(caller)
		if ok != want {
			t.Errorf("at %s: took for %s: got %t, want %t", now.Format(time.TimeOnly), caller, ok, want)
		}
		return wait
	}
	for range 3 {
		take("a", true)
	}
	if wait := take("a", false); wait != 500*time.Millisecond {
		t.Errorf("wait: got %s, want 500ms: two a second", wait)
	}
	take("b", true)
	now = now.Add(500 * time.Millisecond)
	take("a", true)
	take("a", false)
	// A refused request takes nothing of the share.
	now = now.Add(500 * time.Millisecond)
	take("a", true)
}

func TestTakeForgetsCallersBeyondTheBound(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	shares := share.New(1, 1, func() time.Time { return now })
	for i := range 20_000 {
		if _, ok := shares.Take(fmt.Sprint(i)); !ok {
			t.Fatalf("caller %d: refused its first request", i)
		}
	}
	if _, ok := shares.Take("19999"); ok {
		t.Error("the last caller was forgotten: its second request was taken")
	}
}
