// Package send makes the requests: it takes a batch of deliveries from a queue, claims them, reads the rows and records of
// buckets, sends them side by side and writes down what came of each. It knows the rules of package backlog; it must not know
// SQS, DynamoDB or HTTP.
package send

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/secret"
	"crmhook/shared/setaside"
)

// Deliveries are the ledger's deliveries.
type Deliveries interface {
	Open(ctx context.Context, deliveries []delivery.Delivery) ([]bool, error)
	Update(ctx context.Context, updates []delivery.Update) ([]bool, error)
	Deliveries(ctx context.Context, refs []delivery.Ref) (map[delivery.Ref]delivery.Delivery, error)
}

// Attempts are kept beside a delivery.
type Attempts interface {
	KeepAttempts(ctx context.Context, attempts map[delivery.Ref]delivery.Attempt, expires time.Time) error
	KeepForever(ctx context.Context, ref delivery.Ref, attempts int) error
}

// Counts are what is counted of interfaces, by execution and by hour.
type Counts interface {
	Advance(ctx context.Context, lane backlog.Lane, execution string, p backlog.Progress) error
	Close(ctx context.Context, lane backlog.Lane, execution string) error
	Count(ctx context.Context, counts map[hook.Key]hours.Counts, at time.Time) error
}

// Bodies of events are kept beside their deliveries.
type Bodies interface {
	KeepBodies(ctx context.Context, messages []delivery.Message) error
	ForgetBodies(ctx context.Context, messages []delivery.Message) error
}

// Ledger takes what is kept beside deliveries.
type Ledger interface {
	Attempts
	Bodies
	Counts
	ListRecords(ctx context.Context, deliveries []delivery.Delivery) error
	SetAside(ctx context.Context, items []setaside.Item) error
}

// Rows are the backlog's rows.
type Rows interface {
	Held(ctx context.Context, refs []backlog.Ref) ([]backlog.Row, error)
	Settle(ctx context.Context, outcomes []backlog.Outcome) ([]bool, error)
}

// Records are the CRM's records.
type Records interface {
	Data(ctx context.Context, records []change.Key) (map[change.Key]map[string]any, error)
}

// Configuration is what configure has written.
type Configuration interface {
	Interfaces(ctx context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error)
}

// Secrets are read with a cache; the error names those that could not be had.
type Secrets interface {
	Get(ctx context.Context, names []secret.Name) (map[secret.Name]secret.Secret, error)
}

// Webhook makes one request.
type Webhook interface {
	Do(ctx context.Context, r delivery.Request, id string) delivery.Attempt
}

// Queue is the stopped queue, to which send takes what has no attempts left.
type Queue interface {
	Send(ctx context.Context, group string, bodies []any) ([]bool, error)
}

// Source is a deliveries queue. It makes received messages visible again after the given times, by their receipts, and takes
// messages, each in the group at its place.
type Source interface {
	Hide(ctx context.Context, after map[string]time.Duration) error
	SendEach(ctx context.Context, groups []string, bodies []any) ([]bool, error)
}

// Line lets the next event of a record go when an ordered one has ended; see emit.Line.
type Line interface {
	Next(ctx context.Context, ended []delivery.Message) ([]delivery.Message, error)
}

// Message is one SQS message as received.
type Message struct {
	ID      string
	Receipt string
	Body    string
	// Receives counts the receives, this one included.
	Receives int
	// Slow says that it came from the slow queue.
	Slow bool
}

const (
	// claimMargin is how much longer than the request a claim lasts: what is read before it and written after it.
	claimMargin = 15 * time.Second
	// ownDelay is the delay after a fault of ours.
	ownDelay = 10 * time.Second
	// gather is how long results wait for others so that their writes share calls.
	gather = 25 * time.Millisecond
	// interfaceKept is how long an interface's configuration is used without looking again.
	interfaceKept = 10 * time.Second
	// interfacesKept bounds how many are kept.
	interfacesKept = 1_000
)

// Handler is the function's use case. Every field is required; it is used by one invocation at a time.
type Handler struct {
	Deliveries    Deliveries
	Ledger        Ledger
	Rows          Rows
	Records       Records
	Configuration Configuration
	Secrets       Secrets
	Webhook       Webhook
	Stopped       Queue
	// Fast and Slow are the deliveries queues, which messages came from. Events of an interface that keeps failing are passed
	// on to the slow one.
	Fast, Slow Source
	Line       Line
	// MaxReceives is the queues' maxReceiveCount.
	MaxReceives int
	Log         *slog.Logger
	Now         func() time.Time

	interfaces interfaces
	failing    failing
}

// Handle works on all messages at once and returns the ids of those that are to be seen again. A delivery's result is
// written when it is there, whatever the others wait for. The error is for the log and the alarm: what it concerns is
// among the failed.
func (h *Handler) Handle(ctx context.Context, messages []Message) (failed []string, err error) {
	r := &round{handler: h, again: map[string]time.Duration{}, progress: map[execution]*backlog.Progress{}, hours: map[hook.Key]hours.Counts{}}
	jobs, err := r.claim(ctx, r.read(ctx, messages))
	if err == nil {
		err = r.compose(ctx, jobs)
	}
	for _, j := range jobs {
		j.fault = errors.Join(j.fault, err)
	}
	faulty, sound := split(jobs, func(j *job) bool { return j.fault != nil })
	err = errors.Join(err, r.giveBack(ctx, faulty), r.send(ctx, sound), r.count(ctx))
	return r.failed(), err
}

// job is one delivery on its way through an invocation.
type job struct {
	message  Message
	delivery delivery.Delivery
	hook     *hook.Hook
	// working is false where the interface is paused, invalid, disabled or gone.
	working bool
	// rows are those the delivery still holds, sent those that are in the request, and spared those that were left out
	// because the body is full.
	rows, sent, spared []backlog.Row
	request            delivery.Request
	attempt            delivery.Attempt
	// claimed says that the claim on the delivery is this invocation's, and not another sender's.
	claimed bool
	// fault is ours: no attempt is made.
	fault error
}

// event says that the delivery tells an event, or is a test: it carries what is sent and holds no rows.
func (j *job) event() bool { return j.delivery.Event != nil }

// test says that it is sent once, and that what comes of it concerns nobody but who asked for it.
func (j *job) test() bool { return j.delivery.Test }

// told says that it tells an event.
func (j *job) told() bool { return j.event() && !j.test() }

// nothing says that nothing is left to send.
func (j *job) nothing() bool { return len(j.sent) == 0 && !j.event() }

// know takes what the ledger says of the delivery; what it is for the message says, which alone carries an event's body.
func (j *job) know(d delivery.Delivery) {
	d.Message = j.delivery.Message
	j.delivery = d
}

// limits of a test leave it no retry.
func (j *job) limits() delivery.Limits {
	if j.test() {
		return delivery.Limits{}
	}
	return delivery.Limits{RetriesBeforeWarning: j.hook.RetriesBeforeWarning, RetriesBeforeStop: j.hook.RetriesBeforeStop, RetryDelay: j.hook.RetryDelay}
}

type execution struct {
	lane backlog.Lane
	id   string
}

// round is one invocation.
type round struct {
	handler *Handler

	mu sync.Mutex
	// again are the messages to be seen again, by id, those that could not be read or finished without a time of theirs.
	again    map[string]time.Duration
	progress map[execution]*backlog.Progress
	hours    map[hook.Key]hours.Counts
}

// read parses the messages. One that cannot be read is left for redrive: stop sets it aside.
func (r *round) read(ctx context.Context, messages []Message) []*job {
	var jobs []*job
	hidden := map[bool]map[string]time.Duration{}
	for _, m := range messages {
		j := &job{message: m}
		if err := json.Unmarshal([]byte(m.Body), &j.delivery.Message); err != nil || !j.delivery.Valid() {
			r.again[m.ID] = 0
			addHidden(hidden, m, 0)
			r.handler.Log.Error("unreadable message", "message_id", m.ID, "receives", m.Receives)
			continue
		}
		jobs = append(jobs, j)
	}
	r.hide(ctx, hidden)
	return jobs
}
