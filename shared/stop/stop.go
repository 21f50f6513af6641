// Package stop ends what send could not deliver: it takes the deliveries that SQS, or send, gave up, sends on those that
// still have attempts left, moves the others to the ledger, lets go of the rows of buckets and keeps what events told, and
// tells people. It knows the rules of package backlog; it must not know SQS, DynamoDB or mail.
package stop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/notice"
	"crmhook/shared/setaside"
)

// Deliveries are the ledger's deliveries.
type Deliveries interface {
	Open(ctx context.Context, deliveries []delivery.Delivery) ([]bool, error)
	Update(ctx context.Context, updates []delivery.Update) ([]bool, error)
	Deliveries(ctx context.Context, refs []delivery.Ref) (map[delivery.Ref]delivery.Delivery, error)
}

// Attempts, and an event's body, are kept beside a delivery.
type Attempts interface {
	Attempt(ctx context.Context, ref delivery.Ref, n int) (*delivery.Attempt, error)
	KeepAttempts(ctx context.Context, attempts map[delivery.Ref]delivery.Attempt, expires time.Time) error
	KeepForever(ctx context.Context, ref delivery.Ref, attempts int) error
	KeepBodies(ctx context.Context, messages []delivery.Message) error
}

// Counts are what is counted of interfaces, by execution and by hour.
type Counts interface {
	Advance(ctx context.Context, lane backlog.Lane, execution string, p backlog.Progress) error
	Close(ctx context.Context, lane backlog.Lane, execution string) error
	Count(ctx context.Context, counts map[hook.Key]hours.Counts, at time.Time) error
}

// Ledger takes what is kept beside deliveries.
type Ledger interface {
	Counts
	SetAside(ctx context.Context, items []setaside.Item) error
}

// Notices are what waits to be mailed.
type Notices interface {
	ClaimHour(ctx context.Context, n notice.Notice, now time.Time) (claimed bool, over time.Time, err error)
	Gather(ctx context.Context, n notice.Notice) error
	Gathered(ctx context.Context, n notice.Notice) ([]notice.Notice, error)
	Forget(ctx context.Context, notices []notice.Notice) error
}

// Agenda is told when a digest is due.
type Agenda interface {
	Put(ctx context.Context, entries []backlog.Entry) error
}

// Rows are the backlog's rows.
type Rows interface {
	Settle(ctx context.Context, outcomes []backlog.Outcome) ([]bool, error)
}

// Configuration is what configure has written.
type Configuration interface {
	Interfaces(ctx context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error)
	Setting(ctx context.Context, name string) (string, error)
}

// Queue takes messages of one group.
type Queue interface {
	Send(ctx context.Context, group string, bodies []any) ([]bool, error)
	SendText(ctx context.Context, group string, bodies []string) ([]bool, error)
}

// Line lets the next event of a record go when an ordered one has ended; see emit.Line.
type Line interface {
	Next(ctx context.Context, ended []delivery.Message) ([]delivery.Message, error)
}

// Visibility makes received messages visible again after the given times, by their receipts.
type Visibility interface {
	Hide(ctx context.Context, after map[string]time.Duration) error
}

// Mailer sends mail, or a notice to the operators' topic where no mail can go.
type Mailer interface {
	Send(ctx context.Context, from string, to []string, subject, text string) error
	Notice(ctx context.Context, subject, text string) error
}

// Message is one SQS message as received from the stopped queue.
type Message struct {
	ID      string
	Receipt string
	Body    string
	// Receives counts the receives, this one included.
	Receives int
}

// ownDelay is the delay after a fault of ours; after ten more receives the message goes to the queue of dead letters.
const ownDelay = 30 * time.Second

// Handler is the function's use case. Every field is required.
type Handler struct {
	Deliveries    Deliveries
	Attempts      Attempts
	Ledger        Ledger
	Notices       Notices
	Agenda        Agenda
	Rows          Rows
	Configuration Configuration
	// Fast and Slow are the deliveries queues, for what has attempts left; Unreadable takes what nobody can read.
	Fast, Slow, Unreadable Queue
	Line                   Line
	// Stopped is the queue that the messages came from.
	Stopped Visibility
	Mailer  Mailer
	Log     *slog.Logger
	Now     func() time.Time
}

// letter is a message that could be read: a delivery or a notice.
type letter struct {
	message  Message
	delivery delivery.Message
	notice   notice.Notice
}

// Handle works on all messages and returns the ids of those that are to be seen again.
func (h *Handler) Handle(ctx context.Context, messages []Message) (failed []string, err error) {
	t := &turn{handler: h, again: map[string]time.Duration{}, stopped: map[hook.Key]hours.Counts{}}
	var deliveries, notices []letter
	for _, m := range messages {
		l := letter{message: m}
		switch fault := l.read(); {
		case fault != nil:
			err = errors.Join(err, t.setAside(ctx, m, fault))
		case l.notice.Kind != "":
			notices = append(notices, l)
		default:
			deliveries = append(deliveries, l)
		}
	}
	told, stopErr := t.stop(ctx, deliveries)
	err = errors.Join(err, stopErr, t.tell(ctx, append(notices, told...)), t.count(ctx))
	t.hide(ctx, messages)
	return t.failed(), err
}

// read tells a notice from a delivery by its field `notice`.
func (l *letter) read() error {
	if err := json.Unmarshal([]byte(l.message.Body), &l.notice); err != nil {
		return fmt.Errorf("the message is not a JSON object as crmhook writes it: %w", err)
	}
	if l.notice.Kind != "" {
		if (l.notice.Kind != notice.Warning && l.notice.Kind != notice.Stopped) || l.notice.Organization == "" || l.notice.Interface == "" {
			return errors.New("the message is a notice without a kind that is known, an organization or an interface")
		}
		return nil
	}
	if err := json.Unmarshal([]byte(l.message.Body), &l.delivery); err != nil {
		return fmt.Errorf("the message is not a delivery: %w", err)
	}
	if !l.delivery.Valid() {
		return errors.New("the message is not a delivery: delivery, organization, interface, generation, and as many records as changes or an event with one record are needed")
	}
	return nil
}

// turn is one invocation.
type turn struct {
	handler *Handler
	// again are the messages to be seen again, by id, with the delay.
	again map[string]time.Duration
	// stopped are the deliveries that were, by interface.
	stopped map[hook.Key]hours.Counts
}

func (t *turn) failed() []string {
	failed := make([]string, 0, len(t.again))
	for id := range t.again {
		failed = append(failed, id)
	}
	return failed
}

func (t *turn) hide(ctx context.Context, messages []Message) {
	after := map[string]time.Duration{}
	for _, m := range messages {
		if d, ok := t.again[m.ID]; ok {
			after[m.Receipt] = d
		}
	}
	if len(after) == 0 {
		return
	}
	if err := t.handler.Stopped.Hide(ctx, after); err != nil {
		t.handler.Log.Warn("visibility unchanged", "messages", len(after), "error", err.Error())
	}
}

// setAside keeps a message that cannot be read, in the ledger and in the unreadable queue, whose depth is an alarm.
func (t *turn) setAside(ctx context.Context, m Message, fault error) error {
	h := t.handler
	h.Log.Error("message set aside", "message_id", m.ID, "cause", fault.Error())
	item := setaside.Item{
		Organization: setaside.Unknown, Source: setaside.Queue, ID: m.ID, At: h.Now(), Cause: fault.Error(), Body: delivery.Cut(m.Body, setaside.BodyKept),
	}
	err := h.Ledger.SetAside(ctx, []setaside.Item{item})
	if err == nil {
		_, err = h.Unreadable.SendText(ctx, "", []string{m.Body})
	}
	if err != nil {
		t.again[m.ID] = ownDelay
	}
	return err
}
