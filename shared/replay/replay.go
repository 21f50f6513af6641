// Package replay does what people decide about deliveries that were given up: it replays them, so that what they were for
// goes again, or dismisses them. manage does so with one, dispatch with all that match. It must not know who asked, nor
// where deliveries are kept.
package replay

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/job"
	"crmhook/shared/parallel"
)

// Deliveries are the ledger's deliveries.
type Deliveries interface {
	Open(ctx context.Context, deliveries []delivery.Delivery) ([]bool, error)
	Update(ctx context.Context, updates []delivery.Update) ([]bool, error)
	Deliveries(ctx context.Context, refs []delivery.Ref) (map[delivery.Ref]delivery.Delivery, error)
}

// Ledger keeps what lies beside deliveries.
type Ledger interface {
	Body(ctx context.Context, ref delivery.Ref) (string, error)
	KeepBodies(ctx context.Context, messages []delivery.Message) error
	Expire(ctx context.Context, ref delivery.Ref, attempts int, expires time.Time) error
}

// Rows are the backlog's rows.
type Rows interface {
	Add(ctx context.Context, additions []backlog.Addition) error
}

// Numbers keeps the contact numbers that a job names, before the job.
type Numbers interface {
	KeepNumbers(ctx context.Context, lane backlog.Lane, id string, pieces [][]string, expires time.Time) error
}

// Asked leaves a job to dispatch, in one write with the entry by which it is found and the row of its execution; it answers
// whether it did: not where the job or the row was there before.
type Asked interface {
	Put(ctx context.Context, j job.Job, entry backlog.Entry, row *backlog.Execution, expires time.Time) (bool, error)
}

// Agenda is told that records wait.
type Agenda interface {
	Put(ctx context.Context, entries []backlog.Entry) error
}

// Configuration is what configure has written.
type Configuration interface {
	Interfaces(ctx context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error)
}

// Queue is the deliveries queue; each message goes in a group of its own.
type Queue interface {
	SendEach(ctx context.Context, groups []string, bodies []any) ([]bool, error)
}

// Replayer replays and dismisses. Every field is required; it may be used by several goroutines.
type Replayer struct {
	Deliveries    Deliveries
	Ledger        Ledger
	Rows          Rows
	Agenda        Agenda
	Numbers       Numbers
	Asked         Asked
	Configuration Configuration
	Queue         Queue
	Random        io.Reader
	Now           func() time.Time
}

// sideBySide is how many deliveries are worked on at once where each takes calls of its own.
const sideBySide = 16

// Replay lets what distinct deliveries, read from the ledger, were for go again, and answers for each whether it did; those
// that Refusal speaks against stay as they are. The records of buckets go at once, in an execution of the interface as it is
// now; where that does not work they count as changed once more, and wait for it. An event becomes a new delivery, with its
// body and the webhook-id of the first. Each ends as replayed once all is in place and what lies beside it is let go, a group
// after the other, so that after an error, or a crash, the same deliveries are given again: that sends a record once more at
// most, and makes no second delivery of an event.
func (r *Replayer) Replay(ctx context.Context, list []delivery.Delivery) ([]bool, error) {
	done := make([]bool, len(list))
	interfaces, err := r.interfaces(ctx, list)
	if err != nil {
		return done, err
	}
	var buckets, events []candidate
	for i, d := range list {
		c := candidate{d, interfaces[hook.KeyOf(d.Message)], i}
		switch {
		case Refusal(d, c.is) != nil:
		case d.Event == nil:
			buckets = append(buckets, c)
		default:
			events = append(events, c)
		}
	}
	for _, g := range groups(buckets) {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		if err := r.again(ctx, g); err != nil {
			return done, fmt.Errorf("send records again: %w", err)
		}
		if err := r.end(ctx, delivery.Replayed, g.list, done); err != nil {
			return done, err
		}
	}
	for some := range slices.Chunk(events, eventsTogether) {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		if err := r.tell(ctx, some, done); err != nil {
			return done, err
		}
	}
	return done, nil
}

// Dismiss ends distinct deliveries for good and answers for each whether it did: those that are not stopped stay as they
// are. What lies beside them, an event's body too, is let go, and so is a delivery that somebody who replayed an event has
// begun and nobody has sent. It may be repeated.
func (r *Replayer) Dismiss(ctx context.Context, list []delivery.Delivery) ([]bool, error) {
	done := make([]bool, len(list))
	interfaces, err := r.interfaces(ctx, slices.DeleteFunc(slices.Clone(list), func(d delivery.Delivery) bool { return d.Event == nil }))
	if err != nil {
		return done, err
	}
	var stopped []candidate
	for i, d := range list {
		if NotStopped(d) == nil {
			stopped = append(stopped, candidate{d, interfaces[hook.KeyOf(d.Message)], i})
		}
	}
	for _, g := range groups(stopped) {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		if err := r.end(ctx, delivery.Dismissed, g.list, done); err != nil {
			return done, err
		}
		if err := r.withdrawAll(ctx, g.list, done); err != nil {
			return done, err
		}
	}
	return done, nil
}

func (r *Replayer) interfaces(ctx context.Context, list []delivery.Delivery) (map[hook.Key]hook.Interface, error) {
	var keys []hook.Key
	seen := map[hook.Key]bool{}
	for _, d := range list {
		if k := hook.KeyOf(d.Message); !seen[k] {
			seen[k], keys = true, append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	found, err := r.Configuration.Interfaces(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read interfaces: %w", err)
	}
	return found, nil
}

// end gives an expiry to what lies beside deliveries, and only then the final status: whoever dies in between leaves one
// that is stopped and will be found again, where the other way round would leave what nobody removes.
func (r *Replayer) end(ctx context.Context, status delivery.Status, list []candidate, done []bool) error {
	if len(list) == 0 {
		return nil
	}
	now := r.Now()
	updates := make([]delivery.Update, len(list))
	for i, c := range list {
		updates[i] = delivery.Update{Was: c.was, Now: c.was.End(status, "", now)}
	}
	err := parallel.Each(len(list), sideBySide, func(i int) error {
		return r.Ledger.Expire(ctx, list[i].was.Ref(), list[i].was.Attempts, updates[i].Now.Expires)
	})
	if err != nil {
		return fmt.Errorf("let go of what lies beside deliveries: %w", err)
	}
	took, err := r.Deliveries.Update(ctx, updates)
	for i, c := range list {
		done[c.at] = i < len(took) && took[i]
	}
	if err != nil {
		return fmt.Errorf("end deliveries as %s: %w", status, err)
	}
	return nil
}
