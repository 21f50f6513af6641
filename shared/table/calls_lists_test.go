package table_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
	"crmhook/shared/audit"
	"crmhook/shared/awstest"
	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/job"
	"crmhook/shared/table"
	"crmhook/shared/trigger"
	"crmhook/shared/upload"
)

// shown is what people look at and ask for, on one table.
type shown struct {
	table.Ledger
	triggers table.Triggers
	jobs     table.Backlog
	asked    table.Asked
	sessions table.Sessions
}

// TestCallsOfWhatIsShown counts what people's looking and asking costs in calls.
func TestCallsOfWhatIsShown(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	calls := awstest.Count(&config)
	client, name := awstest.Ledger(t, config)
	now := time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)
	s := shown{table.NewLedger(client, name), table.NewTriggers(client, name, func() time.Time { return now }), table.NewBacklog(client, name), table.NewAsked(client, name, name), table.NewSessions(client, name)}
	s.fill(t, now)
	// The steps build on one another: what one has written the next reads.
	steps := slices.Concat(s.lists(now), s.executions(now), s.others(now))
	calls.Take()
	for _, step := range steps {
		if err := step.do(t.Context()); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if diff := cmp.Diff(step.want, calls.Take()); diff != "" {
			t.Errorf("%s: calls differ (-want +got):\n%s", step.name, diff)
		}
	}
}

type costs struct {
	name string
	do   func(ctx context.Context) error
	want map[string]int
}

// fill writes 300 stopped deliveries of one record, 30 failed triggers, and an execution.
func (s shown) fill(t *testing.T, now time.Time) {
	t.Helper()
	_, err := s.Open(t.Context(), list(300, func(i int) delivery.Delivery {
		d := opened(i)
		d.Records, d.CreatedAt = []string{"contact/1"}, now
		return d.End(delivery.Stopped, "", now)
	}))
	if err != nil {
		t.Fatal(err)
	}
	err = s.triggers.Keep(t.Context(), list(30, func(i int) trigger.Entry {
		return trigger.Entry{ID: fmt.Sprintf("06gfze075s%016d", i), Organization: "demo", Status: trigger.Failed}
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetAside(t.Context(), aside(30)); err != nil {
		t.Fatal(err)
	}
	if err := s.Begin(t.Context(), backlog.Execution{Lane: lane(), ID: "e1", Open: true}, now); err != nil {
		t.Fatal(err)
	}
}

// of makes a step's function of a call with an answer.
func of[T any](do func(ctx context.Context) (T, error)) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		_, err := do(ctx)
		return err
	}
}

func (s shown) page(selection delivery.Selection, limit int) func(context.Context) error {
	selection.Organization = "demo"
	return func(ctx context.Context) error {
		list, next, err := s.Listed(ctx, selection, "", limit)
		if err == nil && (len(list) != limit || next == "") {
			err = fmt.Errorf("%d deliveries, next %q", len(list), next)
		}
		return err
	}
}

func (s shown) lists(now time.Time) []costs {
	page := map[string]int{"Query": 1, "BatchGetItem": 1}
	several := func(i int) delivery.Delivery {
		d := opened(1000 + i)
		d.Records, d.CreatedAt = list(5, contactOf), now
		return d
	}
	ref := delivery.Ref{Organization: "demo", ID: several(0).ID}
	return []costs{
		{"a page of an interface", s.page(delivery.Selection{Interface: "crm"}, 50), map[string]int{"Query": 4, "BatchGetItem": 1}},
		{"a page of a record", s.page(delivery.Selection{Record: "contact/1"}, 50), page},
		{"a page of a record and a status", s.page(delivery.Selection{Record: "contact/1", Status: delivery.Stopped}, 50), page},
		{"a page of a status", s.page(delivery.Selection{Status: delivery.Stopped}, 50), page},
		{"a page of an interface and a status", s.page(delivery.Selection{Interface: "crm", Status: delivery.Stopped}, 50), page},
		{"a large page", s.page(delivery.Selection{Interface: "crm", Status: delivery.Stopped}, 200), map[string]int{"Query": 1, "BatchGetItem": 2}},
		{"count the stopped", of(func(ctx context.Context) (int, error) {
			return s.CountListed(ctx, delivery.Selection{Organization: "demo", Status: delivery.Stopped})
		}), map[string]int{"Query": 1}},
		{"count the stopped of a record", of(func(ctx context.Context) (int, error) {
			return s.CountListed(ctx, delivery.Selection{Organization: "demo", Record: "contact/1", Status: delivery.Stopped})
		}), map[string]int{"Query": 3, "BatchGetItem": 3}},
		{"list the records of 30 deliveries", func(ctx context.Context) error { return s.ListRecords(ctx, list(30, several)) }, map[string]int{"BatchWriteItem": 6}},
		{"list the records of deliveries of one", func(ctx context.Context) error { return s.ListRecords(ctx, list(30, opened)) }, map[string]int{}},
		{"read a log", of(func(ctx context.Context) ([]delivery.Attempt, error) { return s.Log(ctx, ref) }), map[string]int{"Query": 1}},
		{"let a delivery expire", func(ctx context.Context) error { return s.Expire(ctx, ref, 13, now) }, map[string]int{"Query": 1, "BatchExecuteStatement": 1}},
	}
}

func (s shown) executions(now time.Time) []costs {
	return []costs{
		{"extend an execution", func(ctx context.Context) error {
			return s.Extend(ctx, backlog.Execution{Lane: lane(), ID: "e1", Taken: 1, Merged: 1, Deliveries: 1}, 0)
		}, map[string]int{"UpdateItem": 1}},
		{"shut an execution", func(ctx context.Context) error { return s.Shut(ctx, lane(), "e1") }, map[string]int{"UpdateItem": 1}},
		{"cancel an execution", of(func(ctx context.Context) (bool, error) { return s.CancelExecution(ctx, lane(), "e1") }), map[string]int{"UpdateItem": 1}},
		{"a page of executions", func(ctx context.Context) error {
			_, _, err := s.ExecutionPage(ctx, "demo", "crm", "", time.Time{}, time.Time{}, 50)
			return err
		}, map[string]int{"Query": 1}},
		{"keep refused lines", func(ctx context.Context) error {
			return s.KeepRefusals(ctx, lane(), "e1", make([]upload.Refusal, upload.MostRefusals), now)
		}, map[string]int{"PutItem": 1}},
		{"read them", of(func(ctx context.Context) ([]upload.Refusal, error) { return s.Refusals(ctx, lane(), "e1") }), map[string]int{"GetItem": 1}},
		{"ask for an execution", func(ctx context.Context) error { return put(ctx, s.asked, "a", now) }, map[string]int{"TransactWriteItems": 1}},
		{"read a lane's jobs", of(func(ctx context.Context) ([]job.Job, error) { return s.jobs.Jobs(ctx, lane()) }), map[string]int{"Query": 1}},
		{"save a job", of(func(ctx context.Context) (bool, error) { return s.jobs.SaveJob(ctx, job.Job{Lane: lane(), ID: "a"}) }), map[string]int{"PutItem": 1}},
		{"keep 100,000 numbers", func(ctx context.Context) error {
			return s.jobs.KeepNumbers(ctx, lane(), "a", slices.Collect(slices.Chunk(list(100_000, contactOf), job.PieceNumbers)), now)
		}, map[string]int{"BatchWriteItem": 2}},
		{"read it", of(func(ctx context.Context) ([]string, error) { return s.jobs.Numbers(ctx, lane(), "a", 0) }), map[string]int{"GetItem": 1}},
		{"drop a job", func(ctx context.Context) error {
			return s.jobs.DropJob(ctx, job.Job{Lane: lane(), ID: "a", Pieces: 10})
		}, map[string]int{"BatchWriteItem": 2}},
	}
}

func (s shown) others(now time.Time) []costs {
	keys := list(50, func(i int) hook.Key { return hook.Key{Organization: "demo", Name: fmt.Sprint(i)} })
	counts := map[hook.Key]hours.Counts{keys[0]: {Delivered: 1, Failed: 1}, keys[1]: {Delivered: 1}, keys[2]: {}}
	return []costs{
		{"count of two interfaces", func(ctx context.Context) error { return s.Count(ctx, counts, now) }, map[string]int{"UpdateItem": 2}},
		{"the counts of 50", of(func(ctx context.Context) (map[hook.Key][hours.Shown]hours.Counts, error) {
			return s.Hours(ctx, keys, now)
		}), map[string]int{"BatchGetItem": 1}},
		{"record", func(ctx context.Context) error { return s.Record(ctx, audit.Entry{ID: "a", Organization: "demo"}) }, map[string]int{"PutItem": 1}},
		{"a page of the audit", func(ctx context.Context) error {
			_, _, err := s.Recorded(ctx, "demo", "", time.Time{}, now, 50)
			return err
		}, map[string]int{"Query": 1}},
		{"a page of what was set aside", func(ctx context.Context) error {
			_, _, err := s.AsideListed(ctx, "demo", "", time.Time{}, now, 20)
			return err
		}, map[string]int{"Query": 1, "BatchGetItem": 1}},
		{"drop what was set aside", func(ctx context.Context) error { return s.DropAside(ctx, "demo", "queue#1") }, map[string]int{"DeleteItem": 1}},
		{"a page of failed triggers", func(ctx context.Context) error {
			_, _, err := s.triggers.Open(ctx, "demo", trigger.Failed, "", 20)
			return err
		}, map[string]int{"Query": 1, "BatchGetItem": 1}},
		{"sign in", func(ctx context.Context) error { return s.sessions.Put(ctx, access.Session{Hash: "a", Expires: now}) }, map[string]int{"PutItem": 1}},
		{"come again", func(ctx context.Context) error {
			_, _, err := s.sessions.Get(ctx, "a")
			return err
		}, map[string]int{"GetItem": 1}},
		{"sign out", func(ctx context.Context) error { return s.sessions.Drop(ctx, "a") }, map[string]int{"DeleteItem": 1}},
	}
}
