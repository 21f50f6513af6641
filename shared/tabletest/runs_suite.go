package tabletest

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/upload"
)

// RunsAPI is what the fake and table.Ledger both are.
type RunsAPI interface {
	LedgerAPI
	ExecutionPage(ctx context.Context, organization, name, after string, since, until time.Time, limit int) (list []backlog.Execution, next string, err error)
	Extend(ctx context.Context, e backlog.Execution, made int) error
	Shut(ctx context.Context, lane backlog.Lane, id string) error
	CancelExecution(ctx context.Context, lane backlog.Lane, id string) (bool, error)
	KeepRefusals(ctx context.Context, lane backlog.Lane, id string, list []upload.Refusal, expires time.Time) error
	Refusals(ctx context.Context, lane backlog.Lane, id string) ([]upload.Refusal, error)
}

// RunRuns checks what those who start, list and cancel executions rely on; each check has an organization of its own.
func RunRuns(t *testing.T, api RunsAPI) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, RunsAPI){
		"an execution of a job lives": jobsExecution, "numbers are reserved once": numbersReserved, "one of two cancels": oneCancels,
		"no such execution": noExecution, "when the last delivery ended": lastEnded, "executions, page after page": executionPages, "lines refused": refusalsKept,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, api)
		})
	}
}

// idOf is an execution's id of a time.
func idOf(t *testing.T, at time.Time) string {
	t.Helper()
	id, err := delivery.NewExecution(at, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func jobsExecution(t *testing.T, api RunsAPI) {
	lane := laneOfItsOwn()
	e := backlog.Execution{Lane: lane, ID: "e1", Schedule: "each minute", StartedBy: "file", At: kept(suiteTime), Open: true, Numbers: 90, Refused: 7}
	if err := api.Begin(t.Context(), e, suiteTime.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	ids := map[backlog.Lane][]string{lane: {"e1"}}
	checkExecutions(t, api, ids, e)
	for _, more := range []struct{ taken, merged, deliveries int }{{3, 1, 2}, {3, 5, 2}, {8, 5, 7}} {
		made := e.Deliveries
		e.Taken, e.Merged, e.Deliveries = more.taken, more.merged, more.deliveries
		extend(t, api, e, made, true)
		extend(t, api, e, made, true) // A call whose answer was lost.
		checkExecutions(t, api, ids, e)
	}
	advance(t, api, lane, "e1", backlog.Progress{Tally: backlog.Tally{Sent: 3, Delivered: 2, Failed: 1}, Ended: 2})
	e.Tally, e.Ended = backlog.Tally{Sent: 3, Delivered: 2, Failed: 1}, 2
	for range 2 {
		if err := api.Shut(t.Context(), lane, "e1"); err != nil {
			t.Fatal(err)
		}
	}
	e.Open = false
	checkExecutions(t, api, ids, e)
	for _, want := range []bool{true, false} {
		if did, err := api.CancelExecution(t.Context(), lane, "e1"); err != nil || did != want {
			t.Errorf("cancelled: %v, error %v, want %v", did, err, want)
		}
	}
	e.Cancelled = true
	checkExecutions(t, api, ids, e)
	e.ID, e.Tally, e.Ended = "e2", backlog.Tally{}, 0
	if err := api.Begin(t.Context(), e, suiteTime.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	checkExecutions(t, api, map[backlog.Lane][]string{lane: {"e2"}}, e)
}

func extend(t *testing.T, api RunsAPI, e backlog.Execution, made int, want bool) {
	t.Helper()
	if err := api.Extend(t.Context(), e, made); (err == nil) != want {
		t.Errorf("extended to %d deliveries from %d: error %v, want it done: %t", e.Deliveries, made, err, want)
	}
}

func numbersReserved(t *testing.T, api RunsAPI) {
	lane := laneOfItsOwn()
	e := begin(t, api, lane, "e1") // It has four deliveries.
	atOnce(t, 6, func(n int) (bool, error) {
		mine := e
		mine.Taken, mine.Deliveries = e.Taken+1+n, 7
		return api.Extend(t.Context(), mine, 4) == nil, nil
	})
	is, err := api.Executions(t.Context(), map[backlog.Lane][]string{lane: {"e1"}})
	if err != nil {
		t.Fatal(err)
	}
	e = is[0]
	for _, other := range []struct{ taken, merged, deliveries, made int }{
		{e.Taken, e.Merged, 9, 4}, {e.Taken + 1, e.Merged, 7, 4}, {e.Taken, e.Merged + 1, 7, 4}, {e.Taken, e.Merged, 4, 6},
	} {
		mine := e
		mine.Taken, mine.Merged, mine.Deliveries = other.taken, other.merged, other.deliveries
		extend(t, api, mine, other.made, false)
	}
	checkExecutions(t, api, map[backlog.Lane][]string{lane: {"e1"}}, e)
}

func oneCancels(t *testing.T, api RunsAPI) {
	lane := laneOfItsOwn()
	begin(t, api, lane, "e1")
	atOnce(t, 6, func(int) (bool, error) { return api.CancelExecution(t.Context(), lane, "e1") })
}

func noExecution(t *testing.T, api RunsAPI) {
	lane := laneOfItsOwn()
	extend(t, api, backlog.Execution{Lane: lane, ID: "e1", Taken: 1, Merged: 1, Deliveries: 1}, 0, false)
	if did, err := api.CancelExecution(t.Context(), lane, "e1"); err != nil || did {
		t.Errorf("an execution that is not there is cancelled: %v, error %v", did, err)
	}
	if err := api.Shut(t.Context(), lane, "e1"); err != nil {
		t.Error(err)
	}
	long := strings.Repeat("é", 3000)
	checkExecutions(t, api, map[backlog.Lane][]string{lane: {"e1", "", long}, {Organization: lane.Organization, Interface: long}: {"e1"}})
	for _, id := range []string{"e1", "", long} {
		if list, err := api.Refusals(t.Context(), lane, id); err != nil || len(list) != 0 {
			t.Errorf("refused lines of an execution that is not there: %v, error %v", list, err)
		}
		if page, next, err := api.ExecutionPage(t.Context(), lane.Organization, "crm", id, suiteTime, time.Time{}, 5); err != nil || len(page) != 0 || next != "" {
			t.Errorf("executions after %.5q: %v, next %q, error %v", id, page, next, err)
		}
	}
}

func lastEnded(t *testing.T, api RunsAPI) {
	lane := laneOfItsOwn()
	e := begin(t, api, lane, "e1")
	for n, p := range []backlog.Progress{
		{Ended: 1, EndedAt: suiteTime},
		{Tally: backlog.Tally{Failed: 1}},
		{Attempts: 1, Streak: 1, At: suiteTime, Since: suiteTime},
		{Ended: 1, EndedAt: suiteTime.Add(time.Hour), Attempts: 1, Reset: true, At: suiteTime, SuccessAt: suiteTime},
	} {
		advance(t, api, lane, "e1", p)
		got, err := api.Executions(t.Context(), map[backlog.Lane][]string{lane: {"e1"}})
		if err != nil || len(got) != 1 {
			t.Fatalf("read %v, error %v", got, err)
		}
		if e.EndedAt = kept(suiteTime); n == 3 {
			e.EndedAt = kept(suiteTime.Add(time.Hour))
		}
		if !got[0].EndedAt.Equal(e.EndedAt) {
			t.Errorf("after %d: the last ended at %v, want %v", n, got[0].EndedAt, e.EndedAt)
		}
	}
}

func executionPages(t *testing.T, api RunsAPI) {
	lane := laneOfItsOwn()
	var all []string
	for n := range 30 {
		e := backlog.Execution{Lane: lane, At: kept(suiteTime.Add(time.Duration(n) * time.Hour)), Open: n%2 == 0, Numbers: n}
		e.ID = idOf(t, e.At)
		if n%3 == 0 {
			e.Generation = "g2"
		}
		for _, name := range []string{"crm", "other"} {
			e.Interface = name
			if err := api.Begin(t.Context(), e, suiteTime); err != nil {
				t.Fatal(err)
			}
		}
		all = append([]string{e.ID}, all...)
		if err := api.KeepRefusals(t.Context(), lane, e.ID, []upload.Refusal{{Line: 1}}, suiteTime); err != nil {
			t.Fatal(err)
		}
	}
	hour := func(n int) time.Time { return kept(suiteTime).Add(time.Duration(n) * time.Hour) }
	for _, tt := range []struct {
		name         string
		since, until time.Time
		limit        int
		want         []string
	}{
		{"all", time.Time{}, time.Time{}, 100, all},
		{"exactly all", time.Time{}, time.Time{}, 30, all},
		{"in pages", time.Time{}, time.Time{}, 7, all},
		{"one by one", time.Time{}, time.Time{}, 1, all},
		{"since", hour(5), time.Time{}, 7, all[:25]},
		{"just after", hour(5).Add(1), time.Time{}, 7, all[:24]},
		{"until", time.Time{}, hour(5), 2, all[25:]},
		{"between", hour(5), hour(10), 2, all[20:25]},
		{"one", hour(5), hour(6), 1, all[24:25]},
		{"none", hour(6), hour(6), 1, nil},
		{"the wrong way round", hour(7), hour(6), 1, nil},
		{"later", hour(30), time.Time{}, 1, nil},
		{"from long ago", time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 8, all},
	} {
		var got []string
		after := ""
		for n := 0; n == 0 || after != ""; n++ {
			page, next, err := api.ExecutionPage(t.Context(), lane.Organization, "crm", after, tt.since, tt.until, tt.limit)
			if err != nil || len(page) > tt.limit || n > len(all) || n > 0 && len(page) == 0 {
				t.Fatalf("%s: %d on a page, error %v", tt.name, len(page), err)
			}
			for _, e := range page {
				got = append(got, e.ID)
			}
			after = next
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: executions differ (-want +got):\n%s", tt.name, diff)
		}
	}
	page, _, err := api.ExecutionPage(t.Context(), lane.Organization, "crm", "", time.Time{}, time.Time{}, 1)
	lane.Generation = "g1"
	want := []backlog.Execution{{Lane: lane, ID: all[0], At: hour(29), Numbers: 29}}
	if diff := cmp.Diff(want, page); err != nil || diff != "" {
		t.Errorf("the newest execution differs, error %v (-want +got):\n%s", err, diff)
	}
	if page, next, err := api.ExecutionPage(t.Context(), organizationOfItsOwn(), "crm", "", time.Time{}, time.Time{}, 5); len(page) != 0 || next != "" || err != nil {
		t.Errorf("another organization has %v, next %q, error %v", page, next, err)
	}
}

func refusalsKept(t *testing.T, api RunsAPI) {
	lane := laneOfItsOwn()
	for _, list := range [][]upload.Refusal{nil, {{Line: 1, Value: "", Reason: "empty"}}, manyRefusals(), nil} {
		if list != nil {
			if err := api.KeepRefusals(t.Context(), lane, "e1", list, suiteTime.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		got, err := api.Refusals(t.Context(), lane, map[bool]string{true: "e1", false: "none"}[list != nil])
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 && len(list) == 0 {
			continue
		}
		if diff := cmp.Diff(list, got); diff != "" {
			t.Errorf("refused lines differ (-want +got):\n%s", diff)
		}
	}
}

// manyRefusals are as many and as large as they may be.
func manyRefusals() []upload.Refusal {
	names := oddNames()
	list := make([]upload.Refusal, upload.MostRefusals)
	for i := range list {
		list[i] = upload.Refusal{Line: 100_000 + i, Value: delivery.Cut(strings.Repeat(names[i%len(names)], 80), 80), Reason: fmt.Sprintf("no contact number: %s", strings.Repeat("\x01", 80))}
	}
	return list
}
