// Package dispatch makes executions: for each lane that is due it takes what waits in the backlog, cuts it into buckets and
// puts a delivery for each on a queue. It works off the jobs that people ask for, step by step. It knows the rules of
// package backlog and the order of writes that makes a crash harmless; it must not know DynamoDB, SQS or HTTP.
package dispatch

import (
	"context"
	"io"
	"log/slog"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/job"
	"crmhook/shared/record"
)

// Agenda says what is due.
type Agenda interface {
	Due(ctx context.Context, now time.Time, limit int) ([]backlog.Entry, error)
	Put(ctx context.Context, entries []backlog.Entry) error
	Drop(ctx context.Context, entries []backlog.Entry) ([]bool, error)
}

// Rows are the backlog's rows.
type Rows interface {
	Rows(ctx context.Context, lane backlog.Lane, from backlog.Cursor, limit int) (rows []backlog.Row, next backlog.Cursor, wrapped bool, err error)
	Held(ctx context.Context, refs []backlog.Ref) ([]backlog.Row, error)
}

// Marks change who holds rows.
type Marks interface {
	Add(ctx context.Context, additions []backlog.Addition) error
	Mark(ctx context.Context, marks []backlog.Mark) ([]bool, error)
	Settle(ctx context.Context, outcomes []backlog.Outcome) ([]bool, error)
	Sweep(ctx context.Context, lane backlog.Lane, limit int) (more bool, err error)
}

// States remember a lane between runs.
type States interface {
	States(ctx context.Context, lanes []backlog.Lane) (map[backlog.Lane]backlog.State, error)
	Save(ctx context.Context, state backlog.State) (bool, error)
}

// Executions are the ledger's rows of executions.
type Executions interface {
	Begin(ctx context.Context, e backlog.Execution, expires time.Time) error
	Executions(ctx context.Context, ids map[backlog.Lane][]string) ([]backlog.Execution, error)
	Advance(ctx context.Context, lane backlog.Lane, id string, p backlog.Progress) error
	Close(ctx context.Context, lane backlog.Lane, id string) error
}

// OpenExecutions are the rows of executions that jobs make deliveries for.
type OpenExecutions interface {
	Extend(ctx context.Context, e backlog.Execution, made int) error
	Shut(ctx context.Context, lane backlog.Lane, id string) error
	CancelExecution(ctx context.Context, lane backlog.Lane, id string) (bool, error)
}

// Jobs are what people ask for.
type Jobs interface {
	Jobs(ctx context.Context, lane backlog.Lane) ([]job.Job, error)
	SaveJob(ctx context.Context, j job.Job) (bool, error)
	DropJob(ctx context.Context, j job.Job) error
	Numbers(ctx context.Context, lane backlog.Lane, id string, piece int) ([]string, error)
}

// Contacts are an organization's records, in order of their ids; deleted ones are left out.
type Contacts interface {
	Page(ctx context.Context, organization, entity, after string, limit int) (page []record.Record, more bool, err error)
}

// Stopped lists deliveries that were given up, newest first.
type Stopped interface {
	Listed(ctx context.Context, s delivery.Selection, after string, limit int) (list []delivery.Delivery, next string, err error)
}

// Replayer decides about stopped deliveries; see package replay.
type Replayer interface {
	Replay(ctx context.Context, list []delivery.Delivery) ([]bool, error)
	Dismiss(ctx context.Context, list []delivery.Delivery) ([]bool, error)
}

// Deliveries are the ledger's deliveries; dispatch ends those that nobody works on any more.
type Deliveries interface {
	Deliveries(ctx context.Context, refs []delivery.Ref) (map[delivery.Ref]delivery.Delivery, error)
	Open(ctx context.Context, deliveries []delivery.Delivery) ([]bool, error)
	Update(ctx context.Context, updates []delivery.Update) ([]bool, error)
}

// Configuration is what configure has written.
type Configuration interface {
	Interfaces(ctx context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error)
	Setting(ctx context.Context, name string) (string, error)
}

// Queue takes messages of one group and says which it accepted.
type Queue interface {
	Send(ctx context.Context, group string, bodies []any) ([]bool, error)
}

// Bounds of a run.
const (
	// entriesRead is the most entries of the agenda that one pass works off; the rest follow in the next.
	entriesRead = 2_000
	// lanesAtOnce is how many lanes are worked on side by side.
	lanesAtOnce = 16
	// rowsSwept is the most rows of a deleted interface that one pass removes.
	rowsSwept = 2_000
	// pause is the time between two passes of a run that lingers.
	pause = time.Second
	// margin is kept free before the function's deadline.
	margin = 5 * time.Second
	// awake is how long a run goes on while jobs make progress: until the next minute's begins.
	awake = 55 * time.Second
)

// Handler is the function's use case. Every field is required.
type Handler struct {
	Agenda        Agenda
	Rows          Rows
	Marks         Marks
	States        States
	Executions    Executions
	Deliveries    Deliveries
	Configuration Configuration
	Jobs          Jobs
	Open          OpenExecutions
	Contacts      Contacts
	Stopped       Stopped
	Replayer      Replayer
	// Fast and Slow are the deliveries queues, Notices the stopped queue, whose reader sends mail.
	Fast, Slow, Notices Queue
	Log                 *slog.Logger
	Now                 func() time.Time
	// Sleep waits between passes; it returns early when the context ends.
	Sleep  func(ctx context.Context, d time.Duration)
	Random io.Reader
}
