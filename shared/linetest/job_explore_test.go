package linetest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/dispatch"
	"crmhook/shared/job"
)

// asker does what an explorer does, and asks for things besides.
type asker struct {
	*explorer
	n int
	// wanted are the contacts that each job which nobody cancelled was to send, since when it was asked for.
	wanted map[string][]string
	since  map[string]time.Time
}

// tired is an agenda that a run reads no more when it is late.
type tired struct {
	dispatch.Agenda
	late *bool
}

func (t tired) Due(ctx context.Context, now time.Time, limit int) ([]backlog.Entry, error) {
	if *t.late {
		return nil, context.DeadlineExceeded
	}
	return t.Agenda.Due(ctx, now, limit)
}

func (a *asker) act(ctx context.Context) {
	if a.random.IntN(6) != 0 {
		a.explorer.act(ctx)
		return
	}
	if a.n > 0 && a.random.IntN(4) == 0 {
		id := fmt.Sprintf("x%02d", 1+a.random.IntN(a.n))
		a.note("cancel %s", id)
		delete(a.wanted, id)
		if err := cancelling(ctx, a.World, id); err != nil {
			a.note("error: %v", err)
		}
		return
	}
	a.n++
	id := fmt.Sprintf("x%02d", a.n)
	ids := []string{a.contact(), a.contact(), a.contact()}
	j, pieces := job.Job{ID: id, Kind: []job.Kind{job.File, job.Identifiers, job.All, job.Immediate}[a.random.IntN(4)]}, [][]string(nil)
	switch j.Kind {
	case job.File:
		pieces = [][]string{ids[:2], ids[2:]}
	case job.Identifiers:
		j.Identifiers = ids
	default:
		ids = nil
	}
	a.note("ask for %s %s %v", j.Kind, id, ids)
	a.wanted[id], a.since[id] = ids, a.Clock.Now()
	if err := ask(ctx, a.World, j, pieces...); err != nil {
		a.note("error: %v", err)
	}
}

// missing says which contacts that were asked for were not sent afterwards, although they exist.
func (a *asker) missing() []string {
	var faults []string
	newest := a.Newest()
	for _, id := range a.triedInVain() {
		delete(newest, id)
	}
	for id, list := range a.wanted {
		sent := map[string]bool{}
		for _, r := range a.Receiver.Requests() {
			for contact := range r.Contacts() {
				sent[contact] = sent[contact] || !r.Ended.Before(a.since[id])
			}
		}
		for _, contact := range list {
			if newest[contact] > 0 && !sent[contact] {
				faults = append(faults, fmt.Sprintf("%s, which %s asked for, was never sent", contact, id))
			}
		}
	}
	for _, x := range a.Ledger.AllExecutions() {
		if x.Open {
			faults = append(faults, "execution "+x.ID+" is open for ever")
		}
	}
	if jobs := a.Backlog.AllJobs(); len(jobs) > 0 {
		faults = append(faults, fmt.Sprintf("jobs are left: %v", jobs))
	}
	return faults
}

// TestRandomHistoriesWithJobs runs 150 histories in which people ask for executions and cancel them.
func TestRandomHistoriesWithJobs(t *testing.T) {
	t.Parallel()
	first, end := seeds(t, 150)
	asked := 0
	for seed := first; seed < end; seed++ {
		a := &asker{explorer: newExplorer(t, seed), wanted: map[string][]string{}, since: map[string]time.Time{}}
		ready(a.World)
		asking := a.OnDispatch
		a.OnDispatch = func(h *dispatch.Handler) {
			asking(h)
			late := false
			h.Agenda = tired{h.Agenda, &late}
			// Senders that went on meanwhile would do so in an order of their own. While a request is under way no more time
			// may pass than that may last.
			h.Sleep = func(_ context.Context, d time.Duration) {
				if late = a.depth > 0 && a.patience < d; late {
					return
				}
				a.patience -= d
				a.Clock.Advance(d)
			}
		}
		for range 100 {
			a.act(t.Context())
		}
		faults := append(a.explore(t.Context(), 0), a.missing()...)
		// What becomes of tests is the other histories' matter.
		faults = slices.DeleteFunc(faults, func(fault string) bool { return strings.HasPrefix(fault, "test ") })
		if len(faults) > 0 {
			t.Fatalf("seed %d:\n%s\n\n%s", seed, strings.Join(faults, "\n"), strings.Join(a.trace, "\n"))
		}
		asked += a.n
	}
	n := end - first
	t.Logf("%d histories, %d jobs", n, asked)
	if n >= 150 && asked < 10*int(n) {
		t.Errorf("%d jobs in %d histories: too few", asked, n)
	}
}
