package manage

import (
	"context"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/event"
	"crmhook/shared/hook"
	"crmhook/shared/job"
	"crmhook/shared/record"
	"crmhook/shared/setaside"
	"crmhook/shared/trigger"
	"crmhook/shared/upload"
)

// Runs is what executions, tests and repetitions are asked for through. Every field is required.
type Runs struct {
	Current  Current
	Asked    Asked
	Numbers  Numbers
	Agenda   Agenda
	Records  Records
	Changes  Changes
	Events   Events
	Replayer Replayer
	// Outbox is the deliveries queue; Inbox that of live triggers.
	Outbox Queue
	Inbox  Queue
	// Token makes tokens of the agenda's entries.
	Token func() string
}

// Current are the interfaces as configure wrote them last.
type Current interface {
	Interfaces(ctx context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error)
	Organization(ctx context.Context, organization string) ([]hook.Interface, error)
}

// Asked leaves a job to dispatch, in one write with the entry by which it is found and the row of its execution, nil for none;
// it answers whether it did. A Cancel marks the row of its execution.
type Asked interface {
	Put(ctx context.Context, j job.Job, entry backlog.Entry, row *backlog.Execution, expires time.Time) (bool, error)
}

// Numbers keeps the contact numbers of a file, before the job that works them off.
type Numbers interface {
	KeepNumbers(ctx context.Context, lane backlog.Lane, id string, pieces [][]string, expires time.Time) error
}

// Agenda says when dispatch is to do something.
type Agenda interface {
	Put(ctx context.Context, entries []backlog.Entry) error
}

// Records are the CRM's records; of those that cannot be read the error names the keys (Unreadable).
type Records interface {
	Records(ctx context.Context, keys []change.Key) (map[change.Key]record.Record, error)
}

// Changes counts changes of records for the interfaces that wait for an execution.
type Changes interface {
	Add(ctx context.Context, additions []backlog.Addition) error
}

// Events makes the deliveries of events; those that no message can carry are set aside and returned.
type Events interface {
	Make(ctx context.Context, events []event.Event) ([]setaside.Item, error)
}

// Replayer ends stopped deliveries, each by sending it once more or by giving it up, and answers for each whether it did.
type Replayer interface {
	Replay(ctx context.Context, list []delivery.Delivery) ([]bool, error)
	Dismiss(ctx context.Context, list []delivery.Delivery) ([]bool, error)
}

// Queue takes messages and answers for each whether it did.
type Queue interface {
	SendText(ctx context.Context, group string, bodies []string) ([]bool, error)
}

// Ledger is what is kept of what happened. Every field is required.
type Ledger struct {
	Executed  Executed
	Refused   Refused
	Delivered Delivered
	Tests     Tests
	Aside     Aside
	Triggered Triggered
}

// Executed are the executions' rows.
type Executed interface {
	Begin(ctx context.Context, e backlog.Execution, expires time.Time) error
	Executions(ctx context.Context, ids map[backlog.Lane][]string) ([]backlog.Execution, error)
	ExecutionPage(ctx context.Context, organization, name, after string, since, until time.Time, limit int) (list []backlog.Execution, next string, err error)
	Advance(ctx context.Context, lane backlog.Lane, id string, p backlog.Progress) error
}

// Refused are the lines of files that were not taken.
type Refused interface {
	KeepRefusals(ctx context.Context, lane backlog.Lane, id string, list []upload.Refusal, expires time.Time) error
	Refusals(ctx context.Context, lane backlog.Lane, id string) ([]upload.Refusal, error)
}

// Delivered are the deliveries with what is kept beside them.
type Delivered interface {
	Listed(ctx context.Context, s delivery.Selection, after string, limit int) (list []delivery.Delivery, next string, err error)
	CountListed(ctx context.Context, s delivery.Selection) (int, error)
	Deliveries(ctx context.Context, refs []delivery.Ref) (map[delivery.Ref]delivery.Delivery, error)
	Log(ctx context.Context, ref delivery.Ref) ([]delivery.Attempt, error)
	Body(ctx context.Context, ref delivery.Ref) (string, error)
}

// Tests takes the deliveries of tests with their bodies.
type Tests interface {
	Open(ctx context.Context, deliveries []delivery.Delivery) ([]bool, error)
	Update(ctx context.Context, updates []delivery.Update) ([]bool, error)
	KeepTest(ctx context.Context, m delivery.Message, expires time.Time) error
}

// Aside is what nobody could read, listed newest first; its ids are setaside.Item.Key.
type Aside interface {
	AsideListed(ctx context.Context, organization, after string, since, until time.Time, limit int) (list []setaside.Item, next string, err error)
	Aside(ctx context.Context, organization, id string) (setaside.Item, bool, error)
	DropAside(ctx context.Context, organization, id string) error
}

// Triggered is what became of triggers. Entry reads one with the trigger itself, where it is kept.
type Triggered interface {
	Entries(ctx context.Context, organization, before string, limit int) ([]trigger.Entry, string, error)
	Open(ctx context.Context, organization string, status trigger.Status, after string, limit int) (list []trigger.Entry, next string, err error)
	Entry(ctx context.Context, organization, id string) (trigger.Entry, bool, error)
}
