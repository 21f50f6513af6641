package tabletest_test

import (
	"testing"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/job"
	"crmhook/shared/tabletest"
)

// TestNoNumbersWithoutTheirJob: whenever a process dies that drops a job, what is left names all that is left.
func TestNoNumbersWithoutTheirJob(t *testing.T) {
	t.Parallel()
	lane := backlog.Lane{Organization: "demo", Interface: "crm", Generation: "g1"}
	j := job.Job{Lane: lane, ID: "j1", Kind: job.File, Pieces: 3}
	for at := 1; ; at++ {
		kill := new(tabletest.Kill)
		rows := tabletest.NewBacklog(kill)
		if err := rows.KeepNumbers(t.Context(), lane, j.ID, [][]string{{"1"}, {"1"}, {"1"}}, time.UnixMilli(1)); err != nil {
			t.Fatal(err)
		}
		asked := tabletest.NewAsked(kill, rows, tabletest.NewLedger(kill), tabletest.NewAgenda(kill))
		if _, err := asked.Put(t.Context(), j, j.Entry(j.At, "t"), nil, time.Time{}); err != nil {
			t.Fatal(err)
		}
		kill.At(at)
		err := rows.DropJob(t.Context(), j)
		if rows.Pieces() > 0 && len(rows.AllJobs()) == 0 {
			t.Errorf("killed at step %d, %d pieces are left without a job", at, rows.Pieces())
		}
		if err == nil {
			break
		}
		kill.At(0)
		if err := rows.DropJob(t.Context(), j); err != nil || rows.Pieces() > 0 || len(rows.AllJobs()) > 0 {
			t.Errorf("killed at step %d and dropped again: %d pieces, jobs %v, error %v", at, rows.Pieces(), rows.AllJobs(), err)
		}
	}
}

// TestIndexUnits follows what the lists of a delivery cost: a unit for each index that comes to show something else.
func TestIndexUnits(t *testing.T) {
	t.Parallel()
	ledger := tabletest.NewLedger(nil)
	now := time.Date(2026, 11, 24, 13, 30, 0, 0, time.UTC)
	is := delivery.Delivery{Message: delivery.Message{Organization: "demo", ID: "e1-00000", Interface: "crm", Records: []string{"contact/1"}}, Status: delivery.Pending}
	if _, err := ledger.Open(t.Context(), []delivery.Delivery{is}); err != nil {
		t.Fatal(err)
	}
	failed := is
	failed.Attempts, failed.LastError = 1, delivery.BadStatus
	again := failed
	again.Attempts = 2
	stopped := again.End(delivery.Stopped, "", now)
	dismissed := stopped.End(delivery.Dismissed, "", now)
	was, want := is, 2
	if ledger.IndexUnits != want {
		t.Errorf("opened: %d units, want %d", ledger.IndexUnits, want)
	}
	for _, step := range []struct {
		name  string
		next  delivery.Delivery
		units int
	}{{"failed", failed, 2}, {"failed again", again, 0}, {"stopped", stopped, 4}, {"dismissed", dismissed, 2}} {
		if done, err := ledger.Update(t.Context(), []delivery.Update{{Was: was, Now: step.next}}); err != nil || !done[0] {
			t.Fatalf("%s: took effect %v, error %v", step.name, done, err)
		}
		was, want = step.next, want+step.units
		if ledger.IndexUnits != want {
			t.Errorf("%s: %d units in all, want %d", step.name, ledger.IndexUnits, want)
		}
	}
}
