package tabletest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crmhook/shared/parameter"
)

// LocksAPI is what the fake and table.Configuration are for locks.
type LocksAPI interface {
	Lock(ctx context.Context, path parameter.Path, token string, now, until time.Time) (bool, error)
	Unlock(ctx context.Context, path parameter.Path, token string) error
}

func locksHeld(t *testing.T, api ConfigurationAPI) {
	ctx := t.Context()
	path := parameter.Path{Organization: "locks", Kind: parameter.Interface, Name: "a"}
	lock := func(path parameter.Path, token string, at time.Duration, want bool) {
		t.Helper()
		now := configurationTime.Add(at)
		if held, err := api.Lock(ctx, path, token, now, now.Add(30*time.Second)); err != nil || held != want {
			t.Errorf("%s after %v: held %v, error %v; want %v", token, at, held, err, want)
		}
	}
	unlock := func(token string) {
		t.Helper()
		if err := api.Unlock(ctx, path, token); err != nil {
			t.Errorf("unlock %s: %v", token, err)
		}
	}
	unlock("nobody")
	lock(path, "one", 0, true)
	lock(path, "two", time.Second, false)
	lock(path, "one", time.Second, true)
	for _, other := range []parameter.Path{
		{Organization: "locks", Kind: parameter.Interface, Name: "b"},
		{Organization: "locks", Kind: parameter.Rule, Name: "a"},
		{Organization: "locks-2", Kind: parameter.Interface, Name: "a"},
	} {
		lock(other, "two", time.Second, true)
	}
	unlock("two")
	lock(path, "two", 30*time.Second-time.Millisecond, false)
	unlock("one")
	lock(path, "two", 2*time.Second, true)
	lock(path, "three", 32*time.Second, true)
	unlock("two")
	lock(path, "four", 33*time.Second, false)
	if interfaces, rules, err := api.Routes(ctx, "locks"); err != nil || len(interfaces)+len(rules) != 0 {
		t.Errorf("interfaces %v, rules %v, error %v; want none: locks are none", interfaces, rules, err)
	}
}

func locksContended(t *testing.T, api ConfigurationAPI) {
	path := parameter.Path{Organization: "locks", Kind: parameter.Secret, Name: "contended"}
	var held atomic.Int32
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			got, err := api.Lock(t.Context(), path, fmt.Sprint("token-", i), configurationTime, configurationTime.Add(time.Minute))
			if err != nil {
				t.Errorf("lock: %v", err)
			}
			if got {
				held.Add(1)
			}
		})
	}
	all.Wait()
	if held.Load() != 1 {
		t.Errorf("%d of 8 have the lock, want 1", held.Load())
	}
}
