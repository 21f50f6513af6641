package tabletest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/once"
)

// OnceAPI is what the fake and table.Once both are.
type OnceAPI interface {
	Claim(ctx context.Context, c once.Claim, limit *once.Limit, now time.Time) (kept once.Claim, standing once.Standing, err error)
	Done(ctx context.Context, c once.Claim, now time.Time) error
	Release(ctx context.Context, c once.Claim) error
	Count(ctx context.Context, organization, name, day string) (int, error)
}

// RunOnce checks what inbound and apply rely on; each check has an organization of its own.
func RunOnce(t *testing.T, api OnceAPI) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, OnceAPI){
		"claimed, busy, done": claimLives, "a lease that is over": leaseOver, "a claim is given up": released, "claims are forgotten": forgotten,
		"done without a claim": doneAlone, "a day has a limit": dayLimit, "no day for any": noneAllowed, "one of twenty claims": racingClaims,
		"twenty claims for a limit of seven": racingForLimit, "one of twenty takes a lease that is over": racingForLease, "keys may hold anything": oddKeys,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, api)
		})
	}
}

func checkClaim(t *testing.T, api OnceAPI, c once.Claim, limit *once.Limit, at time.Duration, standing once.Standing, want once.Claim) {
	t.Helper()
	got, is, err := api.Claim(t.Context(), c, limit, suiteTime.Add(at))
	if err != nil {
		t.Fatal(err)
	}
	want.Organization, want.Key = c.Organization, c.Key
	if diff := cmp.Diff(want, got); diff != "" || is != standing {
		t.Errorf("after %v: standing %v, want %v; the claim differs (-want +got):\n%s", at, is, standing, diff)
	}
}

func checkCount(t *testing.T, api OnceAPI, organization string, limit once.Limit, want int) {
	t.Helper()
	if got, err := api.Count(t.Context(), organization, limit.Name, limit.Day); err != nil || got != want {
		t.Errorf("%s of %s counts %d, error %v; want %d", limit.Name, limit.Day, got, err, want)
	}
}

func done(t *testing.T, api OnceAPI, c once.Claim, at time.Duration) {
	t.Helper()
	if err := api.Done(t.Context(), c, suiteTime.Add(at)); err != nil {
		t.Fatal(err)
	}
}

// leased is a lease that begins after a time.
func leased(after time.Duration) time.Time { return kept(suiteTime.Add(after + once.Lease)) }

func claimLives(t *testing.T, api OnceAPI) {
	c := once.Claim{Organization: organizationOfItsOwn(), Key: "Crm360/Sms/Send/e1", Result: "C1"}
	other := c
	other.Result = "C2"
	checkClaim(t, api, c, nil, 0, once.Mine, once.Claim{Result: "C1", Lease: leased(0)})
	checkClaim(t, api, other, nil, time.Second, once.Busy, once.Claim{Result: "C1", Lease: leased(0)})
	checkClaim(t, api, other, &once.Limit{Name: "n", Day: "d", Most: 1}, once.Lease-time.Millisecond, once.Busy, once.Claim{Result: "C1", Lease: leased(0)})
	c.Result = "C1 done"
	done(t, api, c, time.Second)
	checkClaim(t, api, other, nil, time.Hour, once.Done, once.Claim{Result: "C1 done", Lease: leased(0), Done: true})
	checkClaim(t, api, other, &once.Limit{Name: "n", Day: "d", Most: 1}, time.Hour, once.Done, once.Claim{Result: "C1 done", Lease: leased(0), Done: true})
	checkCount(t, api, c.Organization, once.Limit{Name: "n", Day: "d"}, 0)
	elsewhere := once.Claim{Organization: organizationOfItsOwn(), Key: c.Key, Lease: suiteTime.Add(time.Hour)}
	checkClaim(t, api, elsewhere, nil, 0, once.Mine, once.Claim{Lease: kept(suiteTime.Add(time.Hour))})
}

func leaseOver(t *testing.T, api OnceAPI) {
	limit := &once.Limit{Name: "messages", Day: "2026-11-02", Most: 1}
	c := once.Claim{Organization: organizationOfItsOwn(), Key: "k", Result: "C1"}
	other := c
	other.Result = "C2"
	checkClaim(t, api, c, limit, 0, once.Mine, once.Claim{Result: "C1", Lease: leased(0)})
	checkClaim(t, api, other, limit, once.Lease, once.Mine, once.Claim{Result: "C1", Lease: leased(once.Lease)})
	checkClaim(t, api, other, limit, once.Lease+time.Second, once.Busy, once.Claim{Result: "C1", Lease: leased(once.Lease)})
	checkCount(t, api, c.Organization, *limit, 1)
	// The first is slow, and yet it was done.
	done(t, api, c, 2*once.Lease)
	checkClaim(t, api, other, limit, time.Hour, once.Done, once.Claim{Result: "C1", Lease: leased(once.Lease), Done: true})
}

func released(t *testing.T, api OnceAPI) {
	limit := &once.Limit{Name: "messages", Day: "2026-11-02", Most: 1}
	c := once.Claim{Organization: organizationOfItsOwn(), Key: "k", Lease: suiteTime.Add(once.Lease)}
	checkClaim(t, api, c, limit, 0, once.Mine, once.Claim{Lease: leased(0)})
	release := func(c once.Claim) {
		t.Helper()
		if err := api.Release(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	release(c)
	again := c
	again.Lease = suiteTime.Add(time.Second + once.Lease)
	checkClaim(t, api, again, limit, time.Second, once.Mine, once.Claim{Lease: leased(time.Second)})
	checkCount(t, api, c.Organization, *limit, 1)
	// A claim that is another's by now is not given up, nor one that is done.
	release(c)
	checkClaim(t, api, again, limit, 2*time.Second, once.Busy, once.Claim{Lease: leased(time.Second)})
	done(t, api, again, 3*time.Second)
	release(again)
	checkClaim(t, api, again, limit, 4*time.Second, once.Done, once.Claim{Lease: leased(time.Second), Done: true})
	release(once.Claim{Organization: c.Organization, Key: "never claimed", Lease: suiteTime})
	checkClaim(t, api, once.Claim{Organization: c.Organization, Key: "never claimed"}, nil, 0, once.Mine, once.Claim{Lease: leased(0)})
}

// forgotten: a claim is remembered for once.Kept, whether or not the table has removed it then.
func forgotten(t *testing.T, api OnceAPI) {
	c := once.Claim{Organization: organizationOfItsOwn(), Key: "k", Result: "C1"}
	checkClaim(t, api, c, nil, 0, once.Mine, once.Claim{Result: "C1", Lease: leased(0)})
	done(t, api, c, time.Hour)
	c.Result = "C2"
	checkClaim(t, api, c, nil, once.Kept, once.Done, once.Claim{Result: "C1", Lease: leased(0), Done: true})
	later := once.Kept + time.Hour
	checkClaim(t, api, c, &once.Limit{Name: "n", Day: "d", Most: 1}, later, once.Mine, once.Claim{Result: "C2", Lease: leased(later)})
	checkCount(t, api, c.Organization, once.Limit{Name: "n", Day: "d"}, 1)
	checkClaim(t, api, c, nil, later, once.Busy, once.Claim{Result: "C2", Lease: leased(later)})
}

func doneAlone(t *testing.T, api OnceAPI) {
	c := once.Claim{Organization: organizationOfItsOwn(), Key: "k", Result: "C1"}
	done(t, api, c, 0)
	checkClaim(t, api, c, nil, time.Second, once.Done, once.Claim{Result: "C1", Done: true})
}

func dayLimit(t *testing.T, api OnceAPI) {
	organization := organizationOfItsOwn()
	today, tomorrow := &once.Limit{Name: "messages", Day: "2026-11-02", Most: 2}, &once.Limit{Name: "messages", Day: "2026-11-03", Most: 2}
	claim := func(key string) once.Claim { return once.Claim{Organization: organization, Key: key, Lease: leased(0)} }
	checkCount(t, api, organization, *today, 0)
	for _, key := range []string{"1", "2"} {
		checkClaim(t, api, claim(key), today, 0, once.Mine, once.Claim{Lease: leased(0)})
	}
	checkClaim(t, api, claim("3"), today, 0, once.Full, once.Claim{Lease: leased(0)})
	checkClaim(t, api, claim("2"), today, time.Second, once.Busy, once.Claim{Lease: leased(0)})
	checkCount(t, api, organization, *today, 2)
	checkClaim(t, api, claim("3"), tomorrow, 0, once.Mine, once.Claim{Lease: leased(0)})
	raised := *today
	raised.Most = 3
	checkClaim(t, api, claim("4"), &raised, 0, once.Mine, once.Claim{Lease: leased(0)})
	checkCount(t, api, organization, *today, 3)
	checkCount(t, api, organization, *tomorrow, 1)
	checkCount(t, api, organizationOfItsOwn(), *today, 0)
}

func noneAllowed(t *testing.T, api OnceAPI) {
	organization := organizationOfItsOwn()
	limit := once.Limit{Name: "messages", Day: "2026-11-02"}
	c := once.Claim{Organization: organization, Key: "k", Lease: leased(0)}
	checkClaim(t, api, c, &limit, 0, once.Full, once.Claim{Lease: leased(0)})
	checkCount(t, api, organization, limit, 0)
	done(t, api, c, 0)
	checkClaim(t, api, c, &limit, 0, once.Done, once.Claim{Done: true})
}

// claimedAtOnce counts how twenty claims stand that are made at once.
func claimedAtOnce(t *testing.T, api OnceAPI, limit *once.Limit, at time.Duration, claim func(i int) once.Claim) (standings [4]int) {
	t.Helper()
	var mu sync.Mutex
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			_, standing, err := api.Claim(t.Context(), claim(i), limit, suiteTime.Add(at))
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			standings[standing]++
			mu.Unlock()
		})
	}
	wait.Wait()
	return standings
}

func racingClaims(t *testing.T, api OnceAPI) {
	organization, limit := organizationOfItsOwn(), once.Limit{Name: "messages", Day: "2026-11-02", Most: 5}
	for _, by := range []*once.Limit{nil, &limit} {
		got := claimedAtOnce(t, api, by, 0, func(int) once.Claim { return once.Claim{Organization: organization, Key: fmt.Sprint(by == nil)} })
		if got[once.Mine] != 1 || got[once.Busy] != 19 {
			t.Errorf("%d of 20 claims are had, %d find it busy; want one, 19", got[once.Mine], got[once.Busy])
		}
	}
	checkCount(t, api, organization, limit, 1)
}

func racingForLimit(t *testing.T, api OnceAPI) {
	organization, limit := organizationOfItsOwn(), once.Limit{Name: "messages", Day: "2026-11-02", Most: 7}
	got := claimedAtOnce(t, api, &limit, 0, func(i int) once.Claim { return once.Claim{Organization: organization, Key: fmt.Sprint(i)} })
	if got[once.Mine] != 7 || got[once.Full] != 13 {
		t.Errorf("%d of 20 claims are had, %d find the day full; want 7, 13", got[once.Mine], got[once.Full])
	}
	checkCount(t, api, organization, limit, 7)
}

func racingForLease(t *testing.T, api OnceAPI) {
	c := once.Claim{Organization: organizationOfItsOwn(), Key: "k", Result: "C1"}
	checkClaim(t, api, c, nil, 0, once.Mine, once.Claim{Result: "C1", Lease: leased(0)})
	got := claimedAtOnce(t, api, nil, time.Hour, func(int) once.Claim { return c })
	if got[once.Mine] != 1 || got[once.Busy] != 19 {
		t.Errorf("%d of 20 have the lease, %d find it busy; want one, 19", got[once.Mine], got[once.Busy])
	}
}

func oddKeys(t *testing.T, api OnceAPI) {
	organization, limit := organizationOfItsOwn(), &once.Limit{Name: "a#b", Day: "2026-11-02", Most: 100}
	for _, name := range oddNames() {
		c := once.Claim{Organization: organization, Key: name, Result: name}
		checkClaim(t, api, c, limit, 0, once.Mine, once.Claim{Result: name, Lease: leased(0)})
		done(t, api, c, 0)
		checkClaim(t, api, c, limit, 0, once.Done, once.Claim{Result: name, Lease: leased(0), Done: true})
	}
	checkCount(t, api, organization, *limit, len(oddNames()))
}
