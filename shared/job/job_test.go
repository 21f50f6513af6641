package job_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/job"
)

func TestMakes(t *testing.T) {
	t.Parallel()
	for kind, want := range map[job.Kind]bool{
		job.Immediate: true, job.Identifiers: true, job.File: true, job.All: true, job.Cancel: false, job.Replay: false, job.Dismiss: false, "": false,
	} {
		if got := kind.Makes(); got != want {
			t.Errorf("%q makes deliveries: got %t, want %t", kind, got, want)
		}
	}
}

func TestWhatStopsWhileAJobIsAtWorkIsNotConcerned(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name        string
		until, want time.Time
	}{
		{"no bound", time.Time{}, at},
		{"an earlier one", at.Add(-time.Hour), at.Add(-time.Hour)},
		{"a later one", at.Add(time.Hour), at},
	} {
		j := job.Job{At: at, Matching: job.Matching{Interface: "crm", Record: "contact/1", Since: at.Add(-2 * time.Hour), Until: tt.until}}
		want := j.Matching
		want.Until = tt.want
		if diff := cmp.Diff(want, j.Bound()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestEntry(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	lane := backlog.Lane{Organization: "demo", Interface: "crm", Generation: "g1"}
	want := backlog.Entry{Lane: lane, Purpose: backlog.Work, Due: at, Token: "t"}
	if diff := cmp.Diff(want, job.Job{Lane: lane}.Entry(at.Add(900*time.Millisecond), "t")); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
}
