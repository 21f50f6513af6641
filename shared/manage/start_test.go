package manage_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crmhook/shared/audit"
	"crmhook/shared/backlog"
	"crmhook/shared/job"
	"crmhook/shared/manage"
	"crmhook/shared/managetest"
	"crmhook/shared/tabletest"
	"crmhook/shared/upload"
)

func TestStart(t *testing.T) {
	t.Parallel()
	named := strings.Replace(managetest.Contacts, `"frequencyMinutes":1`, `"frequencyMinutes":1,"identifiers":["C1","C2"]`, 1)
	none := `{"type":"contact-webhook-v2","url":"https://crm.example.com/contacts","details":["GENERAL"]}`
	for name, tt := range map[string]struct {
		body   string
		want   job.Job
		shown  manage.Execution
		detail string
		// configuration is managetest.Contacts where it is empty.
		configuration string
	}{
		"nothing":                                {"", job.Job{Kind: job.Immediate}, manage.Execution{Schedule: "each minute", StartedBy: "immediate"}, "immediate", ""},
		"{}":                                     {"{}", job.Job{Kind: job.Immediate}, manage.Execution{Schedule: "each minute", StartedBy: "immediate"}, "immediate", ""},
		"a schedule":                             {`{"schedule":"nightly"}`, job.Job{Kind: job.Immediate, Schedule: "nightly"}, manage.Execution{Schedule: "nightly", StartedBy: "immediate"}, "immediate", ""},
		"identifiers":                            {`{"identifiers":["1","2"]}`, job.Job{Kind: job.Identifiers, Identifiers: []string{"1", "2"}}, manage.Execution{Schedule: "each minute", StartedBy: "identifiers"}, "identifiers, 2 contacts", ""},
		"all":                                    {`{"all":true,"schedule":"nightly","identifiers":null}`, job.Job{Kind: job.All, Schedule: "nightly"}, manage.Execution{Schedule: "nightly", StartedBy: "all"}, "all", ""},
		"a schedule of two contacts":             {"{}", job.Job{Kind: job.Identifiers, Identifiers: []string{"C1", "C2"}}, manage.Execution{Schedule: "each minute", StartedBy: "identifiers"}, "identifiers, 2 contacts", named},
		"that schedule, by its name":             {`{"schedule":"each minute"}`, job.Job{Kind: job.Identifiers, Schedule: "each minute", Identifiers: []string{"C1", "C2"}}, manage.Execution{Schedule: "each minute", StartedBy: "identifiers"}, "identifiers, 2 contacts", named},
		"another one beside it":                  {`{"schedule":"nightly"}`, job.Job{Kind: job.Immediate, Schedule: "nightly"}, manage.Execution{Schedule: "nightly", StartedBy: "immediate"}, "immediate", named},
		"identifiers where it lists others":      {`{"identifiers":["1","2"]}`, job.Job{Kind: job.Identifiers, Identifiers: []string{"1", "2"}}, manage.Execution{Schedule: "each minute", StartedBy: "identifiers"}, "identifiers, 2 contacts", named},
		"all where it lists some":                {`{"all":true}`, job.Job{Kind: job.All}, manage.Execution{Schedule: "each minute", StartedBy: "all"}, "all", named},
		"identifiers where there is no schedule": {`{"identifiers":["1","2"]}`, job.Job{Kind: job.Identifiers, Identifiers: []string{"1", "2"}}, manage.Execution{StartedBy: "identifiers"}, "identifiers, 2 contacts", none},
		"all where there is no schedule":         {`{"all":true}`, job.Job{Kind: job.All}, manage.Execution{StartedBy: "all"}, "all", none},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := managetest.New(t)
			if tt.configuration == "" {
				tt.configuration = managetest.Contacts
			}
			is := w.Interface("crm", tt.configuration)
			started, err := w.Handler.Start(t.Context(), managetest.Who(), "crm", []byte(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			tt.want.Lane, tt.want.ID, tt.want.At = managetest.Lane(is), started.ID, w.Clock.Now()
			if diff := cmp.Diff([]job.Job{tt.want}, w.Backlog.AllJobs()); diff != "" {
				t.Errorf("jobs (-want +got):\n%s", diff)
			}
			work(t, w, managetest.Lane(is))
			tt.shown.ID, tt.shown.At, tt.shown.Status = started.ID, w.Clock.Now(), manage.Running
			got, err := w.Handler.Execution(t.Context(), "demo", "crm", started.ID)
			if diff := cmp.Diff(tt.shown, got); diff != "" || err != nil {
				t.Errorf("error %v, execution (-want +got):\n%s", err, diff)
			}
			want := []audit.Entry{{
				Organization: "demo", At: w.Clock.Now(), By: "ops", Action: audit.StartExecution, Subject: "interface crm",
				Detail: "execution " + started.ID + ": " + tt.detail,
			}}
			if diff := cmp.Diff(want, trailOf(t, w), cmpopts.IgnoreFields(audit.Entry{}, "ID")); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
		})
	}
}

// work checks that dispatch was started, and finds the lane's jobs on the agenda.
func work(t *testing.T, w *managetest.World, lane backlog.Lane) {
	t.Helper()
	found := false
	for _, e := range w.Agenda.All() {
		found = found || e.Purpose == backlog.Work && e.Lane == lane && !e.Due.After(w.Clock.Now()) && e.Token != ""
	}
	if !found || w.Dispatch.Starts() != 1 {
		t.Errorf("dispatch was started %d times, the agenda is %+v; want work for %s", w.Dispatch.Starts(), w.Agenda.All(), lane)
	}
}

func TestWhatIsNotStarted(t *testing.T) {
	t.Parallel()
	many := `["` + strings.Repeat(`x","`, job.MostIdentifiers) + `y"]`
	for name, tt := range map[string]struct {
		configuration, body string
		status              int
		says                []string
	}{
		"no interface":    {"", "", http.StatusNotFound, nil},
		"no JSON":         {managetest.Contacts, "{", http.StatusBadRequest, []string{"body"}},
		"no object":       {managetest.Contacts, "[]", http.StatusUnprocessableEntity, []string{"body: must be an object"}},
		"all its faults":  {managetest.Contacts, `{"all":"yes","schedule":7,"x":1}`, 422, []string{"all: must be true", "schedule: must be a schedule", "x: is not known"}},
		"no schedule":     {managetest.Contacts, `{"schedule":"hourly"}`, 422, []string{"schedule: is not the name"}},
		"both":            {managetest.Contacts, `{"all":true,"identifiers":["1"]}`, 422, []string{"all: cannot be given with identifiers"}},
		"identifiers":     {managetest.Contacts, `{"identifiers":["1",2,"","1","123456789012345678901"]}`, 422, []string{"identifiers[1]", "identifiers[2]", "identifiers[3]: is identifiers[0] again", "identifiers[4]"}},
		"none":            {managetest.Contacts, `{"identifiers":[]}`, 422, []string{"identifiers: must be a list of 1 to 100"}},
		"too many":        {managetest.Contacts, `{"identifiers":` + many + `}`, 422, []string{"identifiers: must be a list of 1 to 100"}},
		"an event type":   {managetest.Events, "{}", http.StatusConflict, []string{"only contact webhooks have executions", "event-webhook"}},
		"paused":          {strings.Replace(managetest.Contacts, "{", `{"state":"paused",`, 1), "{}", http.StatusConflict, []string{"paused"}},
		"with faults":     {`{"type":"contact-webhook-v2"}`, "{}", http.StatusConflict, []string{"faults"}},
		"without anybody": {`{"type":"contact-webhook-v2","url":"https://crm.example.com/c","details":["GENERAL"]}`, "{}", http.StatusConflict, []string{"has no schedule"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := managetest.New(t)
			if tt.configuration != "" {
				w.Interface("crm", tt.configuration)
			}
			_, err := w.Handler.Start(t.Context(), managetest.Who(), "crm", []byte(tt.body))
			refused(t, err, tt.status, tt.says...)
			if len(trailOf(t, w)) != 0 || len(w.Backlog.AllJobs()) != 0 || len(w.Ledger.AllExecutions()) != 0 {
				t.Error("something was done all the same")
			}
		})
	}
}

func TestStartFile(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	is := w.Interface("crm", managetest.Contacts)
	var file strings.Builder
	for i := range 4_500 {
		fmt.Fprintf(&file, "C%d\r\n", i)
	}
	file.WriteString("C7\r\n" + strings.Repeat("x", 21))
	started, err := w.Handler.StartFile(t.Context(), managetest.Who(), "crm", "nightly", []byte(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	want := []job.Job{{Lane: managetest.Lane(is), ID: started.ID, Kind: job.File, At: w.Clock.Now(), Schedule: "nightly", Pieces: 3, Numbers: 4_500}}
	if diff := cmp.Diff(want, w.Backlog.AllJobs()); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
	last, err := w.Backlog.Numbers(t.Context(), managetest.Lane(is), started.ID, 2)
	if err != nil || len(last) != 500 || last[499] != "C4499" {
		t.Errorf("the last piece has %d numbers, %v", len(last), err)
	}
	got, err := w.Handler.Execution(t.Context(), "demo", "crm", started.ID)
	if err != nil || got.Refused != 2 || got.Numbers != 4_500 || got.StartedBy != "file" || len(got.Refusals) != 2 {
		t.Fatalf("execution %+v, %v", got, err)
	}
	if diff := cmp.Diff(upload.Refusal{Line: 4_501, Value: "C7", Reason: "is in line 8 already: it is sent once; remove one of the lines"}, got.Refusals[0]); diff != "" {
		t.Errorf("refusal (-want +got):\n%s", diff)
	}
	work(t, w, managetest.Lane(is))
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	w.Interface("crm", managetest.Contacts)
	for name, tt := range map[string]struct {
		schedule, file string
		status         int
		says           []string
	}{
		"all its faults": {"hourly", "a;b\n", 422, []string{"body: line 1 has several columns", "query.schedule: is not the name"}},
		"nobody":         {"", "contactNumber;b\n;x\n" + strings.Repeat("1", 21) + ";y\n", 422, []string{"line 2: has no contactNumber", "line 3: has 21 characters"}},
		"too long":       {"", strings.Repeat("\n", upload.MostBytes+1), http.StatusRequestEntityTooLarge, []string{"split it"}},
	} {
		_, err := w.Handler.StartFile(t.Context(), managetest.Who(), "crm", tt.schedule, []byte(tt.file))
		t.Log(name)
		refused(t, err, tt.status, tt.says...)
	}
	if len(trailOf(t, w)) != 0 || w.Backlog.Pieces() != 0 {
		t.Error("something was kept all the same")
	}
}

// TestAFileNeedsNoSchedule: batch and bucket have a size of their own.
func TestAFileNeedsNoSchedule(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	is := w.Interface("crm", `{"type":"contact-webhook-v2","url":"https://crm.example.com/contacts","details":["GENERAL"]}`)
	started, err := w.Handler.StartFile(t.Context(), managetest.Who(), "crm", "", []byte("1\n2\n"))
	if err != nil {
		t.Fatal(err)
	}
	work(t, w, managetest.Lane(is))
	if got, err := w.Handler.Execution(t.Context(), "demo", "crm", started.ID); err != nil || got.Schedule != "" || got.Numbers != 2 {
		t.Errorf("execution %+v, %v", got, err)
	}
}

// found checks that all that was asked for is there, with the agenda's entry that dispatch finds it by, or that nothing is to
// be seen; and that the audit tells of it. It reports whether it is there.
func found(t *testing.T, w *managetest.World, at int) bool {
	t.Helper()
	jobs, rows, planned := w.Backlog.AllJobs(), 0, false
	for _, e := range w.Ledger.AllExecutions() {
		if e.Open || e.Cancelled {
			rows++
		}
	}
	for _, e := range w.Agenda.All() {
		planned = planned || e.Purpose == backlog.Work && !e.Due.After(w.Clock.Now())
	}
	whole := len(jobs) == 1 && planned && (rows == 1 || !jobs[0].Kind.Makes() && jobs[0].Kind != job.Cancel)
	if none := len(jobs)+rows == 0 && !planned; !none && !whole {
		t.Errorf("killed at %d: jobs %+v, %d rows, planned: %t; want all or none", at, jobs, rows, planned)
	}
	if whole && (w.Backlog.Pieces() != jobs[0].Pieces || len(trailOf(t, w)) != 1) {
		t.Errorf("killed at %d: %d pieces of %d, audit %+v", at, w.Backlog.Pieces(), jobs[0].Pieces, trailOf(t, w))
	}
	return whole
}

// TestACrashOfAStart: at any write, nothing is to be seen, or all is there that dispatch needs, without anybody asking again.
func TestACrashOfAStart(t *testing.T) {
	t.Parallel()
	for at, after := 1, false; ; at++ {
		w := managetest.New(t)
		w.Interface("crm", managetest.Contacts)
		w.Kill.At(at)
		_, err := w.Handler.StartFile(t.Context(), managetest.Who(), "crm", "", []byte("1\n2\n2\n"))
		w.Kill.At(0)
		if err == nil {
			if at < 8 || !after {
				t.Errorf("%d steps, one after all was there: %t; want more", at, after)
			}
			break
		}
		if !errors.Is(err, tabletest.ErrKilled) {
			t.Fatalf("killed at %d: %v", at, err)
		}
		after = found(t, w, at)
		if len(w.Ledger.AllExecutions())+w.Backlog.Pieces() > 0 && len(trailOf(t, w)) == 0 {
			t.Errorf("killed at %d: the audit tells nothing", at)
		}
		if _, err := w.Handler.StartFile(t.Context(), managetest.Who(), "crm", "", []byte("1\n2\n2\n")); err != nil {
			t.Errorf("killed at %d: %v", at, err)
		}
	}
}

// TestDispatchThatDoesNotStart is none of the caller's trouble: its next run finds the job.
func TestDispatchThatDoesNotStart(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	is := w.Interface("crm", managetest.Contacts)
	w.Dispatch.Break()
	if _, err := w.Handler.Start(t.Context(), managetest.Who(), "crm", nil); err != nil {
		t.Error(err)
	}
	work(t, w, managetest.Lane(is))
}
