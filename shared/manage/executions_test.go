package manage_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crmhook/shared/audit"
	"crmhook/shared/backlog"
	"crmhook/shared/job"
	"crmhook/shared/manage"
	"crmhook/shared/managetest"
	"crmhook/shared/refusal"
)

// refused checks that an error is a refusal with a status, and says each of some texts.
func refused(t *testing.T, err error, status int, says ...string) {
	t.Helper()
	why := refusal.Of(err)
	if why == nil || why.Status != status {
		t.Fatalf("got %v, want a refusal with %d", err, status)
	}
	for _, text := range says {
		if !strings.Contains(why.Error(), text) {
			t.Errorf("refused as %v, want %q", why, text)
		}
	}
}

// trailOf is what the audit of a world holds, newest first.
func trailOf(t *testing.T, w *managetest.World) []audit.Entry {
	t.Helper()
	list, _, err := w.Ledger.Recorded(t.Context(), managetest.Organization, "", time.Time{}, time.Time{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestExecutionsAreShown(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	is := w.Interface("crm", managetest.Contacts)
	ended := w.Clock.Now()
	for name, tt := range map[string]struct {
		e    backlog.Execution
		want string
		ends bool
	}{
		"under way": {backlog.Execution{Deliveries: 2}, manage.Running, false},
		"open":      {backlog.Execution{Open: true}, manage.Running, false},
		"done":      {backlog.Execution{}, manage.Done, true},
	} {
		e := w.Execution(is, tt.e)
		if err := w.Ledger.Advance(t.Context(), e.Lane, e.ID, backlog.Progress{Ended: 1, EndedAt: ended, Tally: backlog.Tally{Sent: 5, Delivered: 4, Failed: 3, Stopped: 2, Skipped: 1}}); err != nil {
			t.Fatal(err)
		}
		got, err := w.Handler.Execution(t.Context(), "demo", "crm", e.ID)
		if err != nil || got.Status != tt.want || (got.EndedAt != nil) != tt.ends {
			t.Errorf("%s: %+v, %v; want it %s", name, got, err, tt.want)
		}
		if got.Sent != 5 || got.Delivered != 4 || got.Failed != 3 || got.Stopped != 2 || got.Skipped != 1 {
			t.Errorf("%s: counts %+v", name, got)
		}
	}
	first, err := w.Handler.Executions(t.Context(), "demo", "crm", manage.List{Limit: 2})
	if err != nil || len(first.Items) != 2 || first.Next == "" || first.Items[0].At.Before(first.Items[1].At) {
		t.Fatalf("first page %+v, %v", first, err)
	}
	rest, err := w.Handler.Executions(t.Context(), "demo", "crm", manage.List{Limit: 2, After: first.Next})
	if err != nil || len(rest.Items) != 1 || rest.Next != "" {
		t.Errorf("last page %+v, %v", rest, err)
	}
	_, err = w.Handler.Executions(t.Context(), "demo", "crm", manage.List{Since: ended, Until: ended.Add(-time.Second)})
	refused(t, err, http.StatusUnprocessableEntity, "query.since: must be before until")
	_, err = w.Handler.Executions(t.Context(), "demo", "other", manage.List{})
	refused(t, err, http.StatusNotFound)
	_, err = w.Handler.Execution(t.Context(), "demo", "crm", "none")
	refused(t, err, http.StatusNotFound)
	_, err = w.Handler.Execution(t.Context(), "other", "crm", first.Items[0].ID)
	refused(t, err, http.StatusNotFound)
}

func TestCancel(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	is := w.Interface("crm", managetest.Contacts)
	runs, over := w.Execution(is, backlog.Execution{Deliveries: 2}), w.Execution(is, backlog.Execution{})
	refused(t, w.Handler.Cancel(t.Context(), managetest.Who(), "crm", over.ID), http.StatusConflict, "is over")
	refused(t, w.Handler.Cancel(t.Context(), managetest.Who(), "crm", "none"), http.StatusNotFound)
	w.Clock.Pass(time.Minute)
	if err := w.Handler.Cancel(t.Context(), managetest.Who(), "crm", runs.ID); err != nil {
		t.Fatal(err)
	}
	want := []job.Job{{Lane: runs.Lane, Kind: job.Cancel, At: w.Clock.Now(), Execution: runs.ID}}
	if diff := cmp.Diff(want, w.Backlog.AllJobs(), cmpopts.IgnoreFields(job.Job{}, "ID")); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
	work(t, w, runs.Lane)
	if got, err := w.Handler.Execution(t.Context(), "demo", "crm", runs.ID); err != nil || got.Status != manage.Cancelled {
		t.Errorf("it is %s, %v", got.Status, err)
	}
	if trail := trailOf(t, w); len(trail) != 1 || trail[0].Action != audit.CancelExecution || trail[0].Subject != "execution "+runs.ID {
		t.Errorf("audit %+v", trail)
	}
}

// TestCancelAgain leaves what is being cancelled to the job that does it.
func TestCancelAgain(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	e := w.Execution(w.Interface("crm", managetest.Contacts), backlog.Execution{Deliveries: 1})
	for range 2 {
		if err := w.Handler.Cancel(t.Context(), managetest.Who(), "crm", e.ID); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.Backlog.AllJobs()) != 1 || len(trailOf(t, w)) != 1 {
		t.Errorf("jobs %+v, audit %+v, want one", w.Backlog.AllJobs(), trailOf(t, w))
	}
}

// TestACrashOfACancel: at any write, the execution runs on, and can be cancelled, or it is marked and dispatch does the rest.
func TestACrashOfACancel(t *testing.T) {
	t.Parallel()
	for at, after := 1, false; ; at++ {
		w := managetest.New(t)
		e := w.Execution(w.Interface("crm", managetest.Contacts), backlog.Execution{Deliveries: 1})
		w.Kill.At(at)
		err := w.Handler.Cancel(t.Context(), managetest.Who(), "crm", e.ID)
		w.Kill.At(0)
		if err == nil {
			if !after {
				t.Error("at no step all was there")
			}
			break
		}
		after = found(t, w, at)
		if err := w.Handler.Cancel(t.Context(), managetest.Who(), "crm", e.ID); err != nil {
			t.Errorf("killed at %d: cancelled again: %v", at, err)
		}
		if len(w.Backlog.AllJobs()) != 1 {
			t.Errorf("killed at %d: jobs %+v, want one", at, w.Backlog.AllJobs())
		}
	}
}
