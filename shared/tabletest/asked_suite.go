package tabletest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/job"
)

// AskedAPI is what the fake and table.Asked both are.
type AskedAPI interface {
	Put(ctx context.Context, j job.Job, entry backlog.Entry, row *backlog.Execution, expires time.Time) (bool, error)
}

// AskedStores is what asks, and what it writes to.
type AskedStores struct {
	Asked  AskedAPI
	Jobs   JobsAPI
	Ledger RunsAPI
	Agenda AgendaAPI
}

// RunAsked checks what those who ask dispatch rely on: all is there or nothing is; each check has an organization of its own.
func RunAsked(t *testing.T, api AskedStores) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, AskedStores){
		"all in one": allInOne, "asked again, nothing goes back": askedAgain, "a row of before": rowOfBefore, "a cancellation": cancelsOnce,
		"nothing to cancel": nothingToCancel, "one of many asks": oneAsks, "beside who writes the same": besideOthers,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, api)
		})
	}
}

// fileOf is a job that makes an execution, with its row.
func fileOf(lane backlog.Lane, id string) (job.Job, *backlog.Execution) {
	j := jobOf(lane, id)
	j.Kind, j.Numbers, j.Pieces = job.File, 7, 1
	return j, &backlog.Execution{Lane: lane, ID: id, Schedule: "s", StartedBy: "file", At: kept(suiteTime), Open: true, Numbers: 7, Refused: 2}
}

func (api AskedStores) put(t *testing.T, j job.Job, token string, row *backlog.Execution, want bool) {
	t.Helper()
	fresh, err := api.Asked.Put(t.Context(), j, j.Entry(suiteTime, token), row, suiteTime.Add(delivery.LedgerTime))
	if err != nil || fresh != want {
		t.Fatalf("job %s: new %v, error %v, want %v", j.ID, fresh, err, want)
	}
}

// check looks for a lane's jobs and the token of its entry, empty for none.
func (api AskedStores) check(t *testing.T, lane backlog.Lane, token string, want ...job.Job) {
	t.Helper()
	checkJobs(t, jobsAsked{api.Jobs, api.Asked}, lane, want...)
	due, err := api.Agenda.Due(t.Context(), suiteTime, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var got, entries []backlog.Entry
	for _, e := range due {
		if e.Lane == lane {
			got = append(got, e)
		}
	}
	if token != "" {
		entries = []backlog.Entry{job.Job{Lane: lane}.Entry(suiteTime.UTC(), token)}
	}
	if diff := cmp.Diff(entries, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func (api AskedStores) row(t *testing.T, lane backlog.Lane, want ...backlog.Execution) {
	t.Helper()
	ids := make([]string, len(want))
	for i, e := range want {
		ids[i] = e.ID
	}
	if len(ids) == 0 {
		ids = []string{"a"}
	}
	checkExecutions(t, api.Ledger, map[backlog.Lane][]string{lane: ids}, want...)
}

func allInOne(t *testing.T, api AskedStores) {
	lane, none := laneOfItsOwn(), backlog.Lane{Organization: organizationOfItsOwn()}
	j, row := fileOf(lane, "a")
	api.put(t, j, "t", row, true)
	api.check(t, lane, "t", j)
	api.row(t, lane, *row)
	many := jobOf(none, "b")
	many.Kind = job.Dismiss
	api.put(t, many, "t", nil, true)
	api.check(t, none, "t", many)
}

func askedAgain(t *testing.T, api AskedStores) {
	lane := laneOfItsOwn()
	j, row := fileOf(lane, "a")
	api.put(t, j, "t", row, true)
	begun := j
	begun.Position = "far"
	saveJob(t, jobsAsked{api.Jobs, api.Asked}, begun, true)
	extended := *row
	extended.Taken, extended.Deliveries = 3, 3
	extend(t, api.Ledger, extended, 0, true)
	api.put(t, j, "u", row, false)
	begun.Revision = 1
	api.check(t, lane, "t", begun)
	row.Taken, row.Deliveries = 3, 3
	api.row(t, lane, *row)
}

// rowOfBefore: the job is over and gone, its execution's row is not.
func rowOfBefore(t *testing.T, api AskedStores) {
	lane := laneOfItsOwn()
	j, row := fileOf(lane, "a")
	api.put(t, j, "t", row, true)
	if err := api.Jobs.DropJob(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	api.put(t, j, "u", row, false)
	api.check(t, lane, "t")
	api.row(t, lane, *row)
}

func cancelOf(lane backlog.Lane, id, execution string) job.Job {
	j := jobOf(lane, id)
	j.Kind, j.Execution = job.Cancel, execution
	return j
}

func cancelsOnce(t *testing.T, api AskedStores) {
	lane := laneOfItsOwn()
	e := begin(t, api.Ledger, lane, "a")
	first := cancelOf(lane, "c1", "a")
	api.put(t, first, "t", nil, true)
	api.check(t, lane, "t", first)
	e.Cancelled = true
	api.row(t, lane, e)
	api.put(t, cancelOf(lane, "c2", "a"), "u", nil, false)
	api.check(t, lane, "t", first)
}

func nothingToCancel(t *testing.T, api AskedStores) {
	lane := laneOfItsOwn()
	api.put(t, cancelOf(lane, "c1", "a"), "t", nil, false)
	api.check(t, lane, "")
	api.row(t, lane)
}

func oneAsks(t *testing.T, api AskedStores) {
	lane := laneOfItsOwn()
	j, row := fileOf(lane, "a")
	tokens := []string{"0", "1", "2", "3"}
	winner := atOnce(t, len(tokens), func(n int) (bool, error) {
		mine := *row
		mine.Refused = n
		return api.Asked.Put(t.Context(), j, j.Entry(suiteTime, tokens[n]), &mine, suiteTime.Add(time.Hour))
	})
	api.check(t, lane, tokens[winner], j)
	row.Refused = winner
	api.row(t, lane, *row)
}

// besideOthers ask while others write and drop the same entry, and count for the execution that is cancelled.
func besideOthers(t *testing.T, api AskedStores) {
	lane := laneOfItsOwn()
	e := begin(t, api.Ledger, lane, "a")
	errs := make(chan error, 30)
	for n := range 10 {
		j := cancelOf(lane, string(rune('A'+n)), "a")
		go func() {
			_, err := api.Asked.Put(t.Context(), j, j.Entry(suiteTime, j.ID), nil, time.Time{})
			errs <- err
		}()
		go func() { errs <- api.Agenda.Put(t.Context(), []backlog.Entry{j.Entry(suiteTime, "other")}) }()
		go func() { errs <- api.Ledger.Advance(t.Context(), lane, "a", backlog.Progress{Ended: 1}) }()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	e.Cancelled, e.Ended = true, 10
	api.row(t, lane, e)
	jobs, err := api.Jobs.Jobs(t.Context(), lane)
	due, failed := api.Agenda.Due(t.Context(), suiteTime, 10_000)
	if err != nil || failed != nil || len(jobs) != 1 || !slices.ContainsFunc(due, func(e backlog.Entry) bool { return e.Lane == lane }) {
		t.Errorf("jobs %v, entries %v, errors %v, %v; want one, and an entry", jobs, due, err, failed)
	}
}
