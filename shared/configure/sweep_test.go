package configure_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/configure"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
)

// rules writes n rules, each with faults that nothing mends.
func (w *world) rules(n int) {
	for i := range n {
		w.put(fmt.Sprintf("organizations/demo/rules/r%05d", i), "{}")
	}
}

func TestIdleRunCosts(t *testing.T) {
	t.Parallel()
	for n, pages := range map[int]int{0: 1, 50: 1, 51: 2, 2000: 40} {
		w := newWorld(t)
		w.rules(n)
		w.sweep()
		w.store.Reset()
		w.table.Reset()
		w.log.Reset()
		w.sweep()
		if diff := cmp.Diff(map[string]int{"DescribeParameters": pages}, w.store.Calls()); diff != "" {
			t.Errorf("%d parameters: calls to Parameter Store (-want +got):\n%s", n, diff)
		}
		if diff := cmp.Diff(map[string]int{"First": 1}, w.table.Calls); diff != "" {
			t.Errorf("%d parameters: calls to the table (-want +got):\n%s", n, diff)
		}
		want := fmt.Sprintf("msg=configured parameters=%d changed=0 removed=0 invalid=0 calls=%d duration_ms=0", n, pages)
		if strings.Count(w.log.String(), "\n") != 1 || !strings.Contains(w.log.String(), want) {
			t.Errorf("%d parameters: log %s, want one line with %s", n, w.log.String(), want)
		}
	}
}

func TestOneChangeAmongManyReadsOneValue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 300 {
		w.put(fmt.Sprintf("organizations/demo/interfaces/i%03d", i), plain)
	}
	w.sweep()
	w.put("organizations/demo/interfaces/i150", plain)
	w.store.Reset()
	w.table.Reset()
	w.sweep()
	if diff := cmp.Diff(map[string]int{"DescribeParameters": 6, "GetParameters": 1}, w.store.Calls()); diff != "" {
		t.Errorf("calls to Parameter Store (-want +got):\n%s", diff)
	}
	want := map[string]int{"First": 1, "Interfaces": 1, "Facts": 4, "SaveInterfaces": 1, "SaveStamps": 1, "Dependencies": 1, "Record": 1}
	if diff := cmp.Diff(want, w.table.Calls); diff != "" {
		t.Errorf("calls to the table (-want +got):\n%s", diff)
	}
}

// TestRounds follows 3,000 parameters, of which a run sees 2,000.
func TestRounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rules(2998)
	last, first := "organizations/demo/interfaces/z", "organizations/aaa/interfaces/a"
	w.put("organizations/zzz/interfaces/z", plain)
	w.put(first, plain)
	w.sweep()
	if n := len(w.table.Names()); n != 2000 || w.table.Position().Token == "" {
		t.Fatalf("after one run %d are remembered and the position is %+v, want 2,000 and a token", n, w.table.Position())
	}
	w.sweep()
	if n := len(w.table.Names()); n != 3000 || w.table.Position().Token != "" {
		t.Fatalf("after two runs %d are remembered and the position is %+v, want all and the round's end", n, w.table.Position())
	}

	w.store.Reset()
	w.table.Reset()
	for range 2 {
		w.sweep()
	}
	// Two runs a round: 40 and 20 pages, and slices of 1,000 names of which those listed are not looked up.
	calls := w.store.Calls()
	if calls["GetParameters"] != 0 || calls["DescribeParameters"] > 60+2*20 {
		t.Errorf("calls of an idle round: %v, want at most 100 listings and no values", calls)
	}
	if w.table.Calls["Record"] != 0 || w.table.Calls["SavePosition"] != 2 {
		t.Errorf("writes of an idle round: %v, want two positions", w.table.Calls)
	}

	// A change anywhere is seen within one round.
	w.put(last, plain)
	w.put(first, strings.Replace(plain, `"type"`, `"state":"paused","type"`, 1))
	for range 2 {
		w.sweep()
	}
	w.state("z", hook.Active)
	found, err := w.table.Interfaces(t.Context(), []hook.Key{{Organization: "aaa", Name: "a"}})
	if err != nil || found[hook.Key{Organization: "aaa", Name: "a"}].State != hook.Paused {
		t.Errorf("the first interface: %+v, error %v; want it paused", found, err)
	}

	// So is a deletion, by name.
	w.remove(last)
	w.remove("organizations/demo/rules/r00001")
	w.store.Lost = func(name string) bool { return strings.Contains(name, "r0000") }
	for range 4 {
		w.sweep()
	}
	w.state("z", "")
	if n := len(w.table.Names()); n != 2999 {
		t.Errorf("%d are remembered, want 2,999: two were deleted, one was added, the others only missing from the listing", n)
	}
	if swept := w.planned(backlog.Sweep); len(swept) != 1 {
		t.Errorf("sweeps planned: %v, want one", swept)
	}

	// An old token starts the round anew.
	w.store.Lost = nil
	if w.table.Position().Token == "" {
		w.sweep()
	}
	w.store.ExpireTokens()
	w.put(first, plain)
	w.sweep()
	found, err = w.table.Interfaces(t.Context(), []hook.Key{{Organization: "aaa", Name: "a"}})
	if err != nil || found[hook.Key{Organization: "aaa", Name: "a"}].State != hook.Active {
		t.Errorf("the first interface after the token's end: %+v, error %v; want it active", found, err)
	}
	w.sweep()
	if w.table.Position().Token != "" {
		t.Errorf("position %+v, want the round's end", w.table.Position())
	}
}

func TestManyDeletedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rules(2300)
	w.sweep()
	w.sweep()
	for i := range 2250 {
		w.remove(fmt.Sprintf("organizations/demo/rules/r%05d", i))
	}
	for range 6 {
		w.sweep()
	}
	if n := len(w.table.Names()); n != 50 {
		t.Errorf("%d are remembered, want the 50 that are left", n)
	}
}

func TestThrottledRunConcludesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rules(120)
	w.put(crm, plain)
	w.sweep()
	for _, operation := range []string{"DescribeParameters", "GetParameters"} {
		for nth := 1; nth <= 2; nth++ {
			w.put(crm, strings.Replace(plain, `"type"`, `"state":"paused","type"`, 1))
			w.store.Reset()
			w.store.Before = func(called string, calls int) error {
				if called == operation && calls >= nth {
					return &types.ThrottlingException{}
				}
				return nil
			}
			err := w.handler().Run(t.Context(), configure.Event{})
			var throttled *types.ThrottlingException
			if (nth == 1 || operation == "DescribeParameters") && !errors.As(err, &throttled) {
				t.Errorf("%s throttled: error = %v, want it", operation, err)
			}
			if n := len(w.table.Names()); n != 121 || len(w.planned(backlog.Sweep)) != 0 {
				t.Errorf("%s throttled: %d are remembered, want 121", operation, n)
			}
		}
	}
	w.store.Before = nil
	w.sweep()
	w.state("crm", hook.Paused)
}

func TestOneUnreadableSecretHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 12 {
		w.putSecret(fmt.Sprintf("organizations/demo/secrets/s%02d", i), hosts)
	}
	w.put(crm, strings.Replace(basic, `"secret":"password"`, `"secret":"s07"`, 1))
	denied := errors.New("the key may not be used")
	w.store.Before = func(operation string, calls int) error {
		// The first call for ten, and the fourth of those for one.
		if operation == "GetParameters" && (calls == 1 || calls == 5) {
			return denied
		}
		return nil
	}
	w.pass(time.Minute)
	if err := w.handler().Run(t.Context(), configure.Event{}); !errors.Is(err, denied) {
		t.Errorf("error = %v, want %v", err, denied)
	}
	w.state("crm", hook.Active)
	facts, err := w.table.Facts(t.Context(), "demo")
	if err != nil || len(facts) != 11 {
		t.Errorf("%d secrets kept, error %v; want all but one of 12", len(facts), err)
	}
	w.store.Before = nil
	w.sweep()
	if facts, _ = w.table.Facts(t.Context(), "demo"); len(facts) != 12 {
		t.Errorf("%d secrets kept by the next run, want 12", len(facts))
	}
}

// TestRunEndsBeforeItsDeadline has so little time that a run works in some of the parameters only.
func TestRunEndsBeforeItsDeadline(t *testing.T) {
	t.Parallel()
	for _, n := range []int{450, 2600} {
		w := newWorld(t)
		for i := range n {
			w.put(fmt.Sprintf("organizations/demo/interfaces/i%04d", i), plain)
		}
		runs := 0
		for ; len(w.table.Names()) < n; runs++ {
			if runs > 40 {
				t.Fatalf("%d interfaces: only %d after 40 runs", n, len(w.table.Names()))
			}
			// Each read takes a second of the clock; the deadline is the run's, by the same clock.
			w.store.Before = func(operation string, _ int) error {
				if operation == "GetParameters" {
					w.pass(time.Second)
				}
				return nil
			}
			deadline := w.now.Add(30 * time.Second)
			if err := w.handler().Run(deadlineContext{t.Context(), deadline}, configure.Event{}); err != nil {
				t.Fatal(err)
			}
			if p := w.table.Position(); runs == 0 && p != (parameter.Position{}) {
				t.Errorf("position %+v after a run that had no time for all it listed, want none", p)
			}
			if late := w.now.Sub(deadline.Add(-configure.Margin)); late > time.Second {
				t.Errorf("a run worked %v into its margin", late)
			}
		}
		if runs < 2 {
			t.Errorf("%d interfaces took %d runs, want several", n, runs)
		}
		w.store.Before = nil
		w.sweep()
		if got, err := w.table.Organization(t.Context(), "demo"); err != nil || len(got) != n {
			t.Errorf("%d interfaces written, error %v; want %d", len(got), err, n)
		}
	}
}

// deadlineContext has a deadline by the test's clock, which the machine's does not reach.
type deadlineContext struct {
	context.Context
	deadline time.Time
}

func (c deadlineContext) Deadline() (time.Time, bool) { return c.deadline, true }

func TestPositionIsNotTakenForAParameter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(crm, plain)
	w.sweep()
	if err := w.table.SavePosition(t.Context(), parameter.Position{Token: "stale", After: "/crmhook/dev/z"}); err != nil {
		t.Fatal(err)
	}
	w.sweep()
	w.sweep()
	w.state("crm", hook.Active)
	if got := w.table.Position(); got != (parameter.Position{}) {
		t.Errorf("position %+v, want none", got)
	}
}

// coarse lists times in whole seconds, values in milliseconds.
type coarse struct{ configure.Parameters }

func (c coarse) List(ctx context.Context, token string) (parameter.Page, error) {
	page, err := c.Parameters.List(ctx, token)
	for i := range page.Parameters {
		page.Parameters[i].Modified = page.Parameters[i].Modified.Truncate(time.Second)
	}
	return page, err
}

func TestListingOfAnotherPrecisionSettles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.handler()
	h.Parameters = coarse{h.Parameters}
	w.put(crm, plain)
	w.event("Create", crm)
	for range 3 {
		w.store.Reset()
		if err := h.Run(t.Context(), configure.Event{}); err != nil {
			t.Fatal(err)
		}
	}
	if calls := w.store.Calls(); calls["GetParameters"] != 0 {
		t.Errorf("calls of the third sweep: %v, want no values", calls)
	}
	if len(w.planned(backlog.Sweep)) != 0 {
		t.Errorf("sweeps planned: %v, want none", w.planned(backlog.Sweep))
	}
}
