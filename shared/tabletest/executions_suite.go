package tabletest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/notice"
)

func begin(t *testing.T, api LedgerAPI, lane backlog.Lane, id string) backlog.Execution {
	t.Helper()
	e := backlog.Execution{Lane: lane, ID: id, Schedule: "each minute", StartedBy: "schedule", At: kept(suiteTime), Taken: 12, Merged: 3, Deliveries: 4}
	if err := api.Begin(t.Context(), e, suiteTime.Add(delivery.LedgerTime)); err != nil {
		t.Fatal(err)
	}
	return e
}

func advance(t *testing.T, api LedgerAPI, lane backlog.Lane, id string, progress backlog.Progress) {
	t.Helper()
	if err := api.Advance(t.Context(), lane, id, progress); err != nil {
		t.Fatal(err)
	}
}

func checkExecutions(t *testing.T, api LedgerAPI, ids map[backlog.Lane][]string, want ...backlog.Execution) {
	t.Helper()
	got, err := api.Executions(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 && len(want) == 0 {
		return
	}
	slices.SortFunc(got, func(a, b backlog.Execution) int { return strings.Compare(a.ID, b.ID) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("executions differ (-want +got):\n%s", diff)
	}
}

func progressAddsUp(t *testing.T, api LedgerAPI) {
	lane := laneOfItsOwn()
	e := begin(t, api, lane, "e1")
	ids := map[backlog.Lane][]string{lane: {"e1", "none"}}
	checkExecutions(t, api, ids, e)
	advance(t, api, lane, "e1", backlog.Progress{Tally: backlog.Tally{Delivered: 1, Failed: 2, Stopped: 3, Skipped: 4}, Ended: 1})
	advance(t, api, lane, "e1", backlog.Progress{Tally: backlog.Tally{Delivered: 10, Skipped: 1}, Ended: 2})
	e.Tally, e.Ended = backlog.Tally{Delivered: 11, Failed: 2, Stopped: 3, Skipped: 5}, 3
	checkExecutions(t, api, ids, e)
	for range 2 {
		if err := api.Close(t.Context(), lane, "e1"); err != nil {
			t.Fatal(err)
		}
	}
	e.Closed = true
	checkExecutions(t, api, ids, e)
	begin(t, api, lane, "e1")
	e.Tally, e.Ended, e.Closed = backlog.Tally{}, 0, false
	checkExecutions(t, api, ids, e)
}

func progressAtOnce(t *testing.T, api LedgerAPI) {
	lane := laneOfItsOwn()
	e := begin(t, api, lane, "e1")
	var wait sync.WaitGroup
	for range 10 {
		wait.Go(func() {
			p := backlog.Progress{Tally: backlog.Tally{Delivered: 1, Failed: 2}, Ended: 1, Attempts: 1, Streak: 1, Since: suiteTime, At: suiteTime}
			if err := api.Advance(t.Context(), lane, "e1", p); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	e.Tally, e.Ended, e.Streak = backlog.Tally{Delivered: 10, Failed: 20}, 10, 10
	e.LastAttempt, e.StreakSince = kept(suiteTime), kept(suiteTime)
	checkExecutions(t, api, map[backlog.Lane][]string{lane: {"e1"}}, e)
}

func streaks(t *testing.T, api LedgerAPI) {
	lane := laneOfItsOwn()
	e := begin(t, api, lane, "e1")
	for n, step := range []struct {
		progress backlog.Progress
		streak   int
		// since and success are the steps that the streak began and the last success came with; -1: none.
		since, success int
		timedOut       bool
	}{
		{backlog.Progress{Attempts: 2, Streak: 2, TimedOut: true}, 2, 0, -1, true},
		{backlog.Progress{Attempts: 3, Streak: 3}, 5, 0, -1, false},
		{backlog.Progress{Attempts: 4, Streak: 1, Reset: true, TimedOut: true}, 1, 2, 2, true},
		{backlog.Progress{Attempts: 0, Streak: 7, Reset: true, Ended: 1}, 1, 2, 2, true},
		{backlog.Progress{Attempts: 1, Streak: 0, Reset: true}, 0, -1, 4, false},
		{backlog.Progress{Attempts: 1, Streak: 1}, 1, 5, 4, false},
	} {
		at := func(step int) time.Time {
			if step < 0 {
				return time.Time{}
			}
			return kept(suiteTime.Add(time.Duration(step) * time.Minute))
		}
		step.progress.At, step.progress.Since, step.progress.SuccessAt = at(n), at(n), at(n)
		advance(t, api, lane, "e1", step.progress)
		e.Streak, e.TimedOut, e.StreakSince, e.LastSuccess = step.streak, step.timedOut, at(step.since), at(step.success)
		if e.Ended += step.progress.Ended; step.progress.Attempts > 0 {
			e.LastAttempt = at(n)
		}
		checkExecutions(t, api, map[backlog.Lane][]string{lane: {"e1"}}, e)
	}
}

// generations lists executions of both generations of an interface, and of more than a hundred, in one call.
func generations(t *testing.T, api LedgerAPI) {
	first := laneOfItsOwn()
	second := backlog.Lane{Organization: first.Organization, Interface: first.Interface, Generation: "g2"}
	other := laneOfItsOwn()
	want := []backlog.Execution{begin(t, api, first, "a"), begin(t, api, second, "b")}
	ids := map[backlog.Lane][]string{first: {"a"}, second: {"b"}}
	for i := range 120 {
		id := fmt.Sprintf("c%03d", i)
		ids[other], want = append(ids[other], id), append(want, begin(t, api, other, id))
	}
	checkExecutions(t, api, ids, want...)
	checkExecutions(t, api, nil)
}

func forgottenExecution(t *testing.T, api LedgerAPI) {
	lane := laneOfItsOwn()
	advance(t, api, lane, "e1", backlog.Progress{Ended: 1})
	advance(t, api, lane, "e1", backlog.Progress{Attempts: 1, Streak: 1, At: suiteTime})
	if err := api.Close(t.Context(), lane, "e1"); err != nil {
		t.Fatal(err)
	}
	checkExecutions(t, api, map[backlog.Lane][]string{lane: {"e1"}})
}

func noticeOf(organization string, kind notice.Kind, id string) notice.Notice {
	return notice.Notice{
		Kind: kind, Organization: organization, Interface: "crm", Delivery: id, Records: []string{"contact/👩‍👩‍👧 & #1"}, Count: 7, Attempts: 3, Status: 503,
		Error: delivery.BadStatus, Answer: "no <b>", At: kept(suiteTime),
	}
}

func claimHour(t *testing.T, api LedgerAPI, n notice.Notice, at time.Time, want bool, over time.Time) {
	t.Helper()
	claimed, until, err := api.ClaimHour(t.Context(), n, at)
	if err != nil || claimed != want || !until.Equal(over) {
		t.Errorf("at %v: claimed %v, over at %v, error %v; want %v and %v", at, claimed, until, err, want, over)
	}
}

func oneMailAnHour(t *testing.T, api LedgerAPI) {
	organization := organizationOfItsOwn()
	warning, stopped := noticeOf(organization, notice.Warning, "d1"), noticeOf(organization, notice.Stopped, "d1")
	over := kept(suiteTime).Add(notice.Every)
	claimHour(t, api, warning, suiteTime, true, time.Time{})
	claimHour(t, api, warning, suiteTime, false, over)
	claimHour(t, api, warning, over.Add(-time.Millisecond), false, over)
	claimHour(t, api, stopped, suiteTime.Add(time.Minute), true, time.Time{})
	other := warning
	other.Interface = "other"
	claimHour(t, api, other, suiteTime, true, time.Time{})
	claimHour(t, api, warning, over, true, time.Time{})
	claimHour(t, api, warning, over.Add(time.Minute), false, over.Add(notice.Every))
	claimHour(t, api, stopped, over.Add(24*time.Hour), true, time.Time{})
}

func oneClaims(t *testing.T, api LedgerAPI) {
	n := noticeOf(organizationOfItsOwn(), notice.Stopped, "d1")
	atOnce(t, 6, func(int) (bool, error) {
		claimed, _, err := api.ClaimHour(t.Context(), n, suiteTime)
		return claimed, err
	})
}

func checkGathered(t *testing.T, api LedgerAPI, of notice.Notice, want ...notice.Notice) {
	t.Helper()
	got, err := api.Gathered(t.Context(), of)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notices differ (-want +got):\n%s", diff)
	}
}

func noticesGather(t *testing.T, api LedgerAPI) {
	organization := organizationOfItsOwn()
	digest := notice.Notice{Kind: notice.Warning, Organization: organization, Interface: "crm", Digest: true}
	checkGathered(t, api, digest)
	var warnings []notice.Notice
	for i := range 30 {
		warnings = append(warnings, noticeOf(organization, notice.Warning, fmt.Sprintf("d%02d", i)))
	}
	stopped, other := noticeOf(organization, notice.Stopped, "d01"), warnings[0]
	other.Interface = "other"
	claimHour(t, api, warnings[0], suiteTime, true, time.Time{})
	for _, n := range append(slices.Clone(warnings), warnings[0], stopped, other) {
		if err := api.Gather(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	checkGathered(t, api, digest, warnings...)
	checkGathered(t, api, stopped, stopped)
	for range 2 {
		if err := api.Forget(t.Context(), warnings[:28]); err != nil {
			t.Fatal(err)
		}
	}
	checkGathered(t, api, digest, warnings[28:]...)
	checkGathered(t, api, stopped, stopped)
	checkGathered(t, api, other, other)
	claimHour(t, api, warnings[0], suiteTime, false, kept(suiteTime).Add(notice.Every))
}
