package manage_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/audit"
	"crmhook/shared/backlog"
	"crmhook/shared/job"
	"crmhook/shared/manage"
	"crmhook/shared/managetest"
	"crmhook/shared/tabletest"
)

func TestBulk(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	crm := w.Interface("crm", managetest.Contacts)
	first := w.Stopped(crm, "contact/1")
	w.Stopped(crm, "contact/2")
	w.Delivery(crm, "contact/1")
	w.Clock.Pass(time.Minute)
	now := w.Clock.Now()
	for name, tt := range map[string]struct {
		body    string
		matched int
		want    job.Job
	}{
		"an interface":          {`{"interface":"crm"}`, 2, job.Job{Lane: managetest.Lane(crm), Matching: job.Matching{Interface: "crm", Until: now}}},
		"a contact":             {`{"record":"1"}`, 1, job.Job{Lane: backlog.Lane{Organization: "demo"}, Matching: job.Matching{Record: "contact/1", Until: now}}},
		"times":                 {`{"interface":"crm","since":"2026-01-01T00:00:00+01:00","until":"` + first.CreatedAt.Add(time.Second).Format(time.RFC3339) + `"}`, 1, job.Job{Lane: managetest.Lane(crm), Matching: job.Matching{Interface: "crm", Since: time.Date(2025, 12, 31, 23, 0, 0, 0, time.UTC), Until: first.CreatedAt.Add(time.Second)}}},
		"an interface that was": {`{"interface":"old","until":"2099-01-01T00:00:00Z"}`, 0, job.Job{Lane: backlog.Lane{Organization: "demo"}, Matching: job.Matching{Interface: "old", Until: now}}},
	} {
		before := len(w.Backlog.AllJobs())
		dry, err := w.Handler.Bulk(t.Context(), managetest.Who(), job.Replay, []byte(tt.body), true)
		if err != nil || dry != (manage.Bulk{Matched: tt.matched}) || len(w.Backlog.AllJobs()) != before {
			t.Errorf("%s: counted %+v, %v", name, dry, err)
		}
		got, err := w.Handler.Bulk(t.Context(), managetest.Who(), job.Replay, []byte(tt.body), false)
		if err != nil || got.Matched != tt.matched {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
		tt.want.ID, tt.want.Kind, tt.want.At = got.ID, job.Replay, now
		jobs := w.Backlog.AllJobs()
		if !slices.ContainsFunc(jobs, func(j job.Job) bool { return cmp.Equal(tt.want, j) }) {
			t.Errorf("%s: jobs %+v, want %+v among them", name, jobs, tt.want)
		}
	}
	trail := trailOf(t, w)
	if len(trail) != 4 || trail[0].Action != audit.Replay {
		t.Errorf("audit %+v", trail)
	}
	done, err := w.Handler.BulkMatching(t.Context(), managetest.Who(), job.Dismiss, job.Matching{Record: "1"}, false)
	if err != nil || done.Matched != 1 || done.ID == "" {
		t.Errorf("matching: %+v, %v", done, err)
	}
	if !slices.ContainsFunc(trailOf(t, w), func(e audit.Entry) bool {
		return e.Action == audit.Dismiss && e.Subject == "stopped deliveries of record contact/1" && e.Detail == "job "+done.ID+": 1 matched"
	}) {
		t.Errorf("audit %+v", trailOf(t, w))
	}
}

func TestBulksThatAreRefused(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	for body, says := range map[string][]string{
		"":                                 {"body: must give interface or record"},
		`{"since":"2026-12-01T00:00:00Z"}`: {"body: must give interface or record"},
		`{"interface":"#","record":"A/1","since":"now","until":1,"status":"stopped"}`:     {"interface: must be", "record: must be", "since: must be a time", "until: must be", "status: is not known"},
		`{"interface":"a","since":"2026-12-01T00:00:00Z","until":"2026-12-01T00:00:00Z"}`: {"since: must be before until"},
	} {
		_, err := w.Handler.Bulk(t.Context(), managetest.Who(), job.Dismiss, []byte(body), true)
		refused(t, err, http.StatusUnprocessableEntity, says...)
	}
	_, err := w.Handler.Bulk(t.Context(), managetest.Who(), job.Dismiss, []byte("["), true)
	refused(t, err, http.StatusBadRequest)
	_, err = w.Handler.BulkMatching(t.Context(), managetest.Who(), job.Dismiss, job.Matching{Interface: "#"}, true)
	refused(t, err, http.StatusUnprocessableEntity, "interface: must be")
}

// TestABulkOfAll is for people, who see how many there are first.
func TestABulkOfAll(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	for _, name := range []string{"crm", "shop"} {
		w.Stopped(w.Interface(name, managetest.Contacts), "contact/1")
	}
	done, err := w.Handler.BulkMatching(t.Context(), managetest.Who(), job.Dismiss, job.Matching{}, false)
	if err != nil || done.Matched != 2 || done.ID == "" {
		t.Errorf("got %+v, %v, want both", done, err)
	}
	if trail := trailOf(t, w); len(trail) != 1 || trail[0].Subject != "stopped deliveries of all interfaces" {
		t.Errorf("audit %+v", trail)
	}
}

// TestACrashOfABulk: at any write, the audit knows what is on its way, and it may be asked for again.
func TestACrashOfABulk(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		w := managetest.New(t)
		w.Stopped(w.Interface("crm", managetest.Contacts), "contact/1")
		w.Kill.At(at)
		_, err := w.Handler.BulkMatching(t.Context(), managetest.Who(), job.Replay, job.Matching{Interface: "crm"}, false)
		w.Kill.At(0)
		if err == nil {
			break
		}
		if !errors.Is(err, tabletest.ErrKilled) {
			t.Fatal(err)
		}
		found(t, w, at)
	}
}
