// Package dispatch makes executions: for each lane that is due it takes what waits in the backlog, cuts it into buckets
// and puts a delivery for each on a queue. It knows the rules of package backlog and the order of writes that makes a
// crash harmless; it must not know DynamoDB, SQS or HTTP.
package dispatch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/notice"
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
	// Fast and Slow are the deliveries queues, Notices the stopped queue, whose reader sends mail.
	Fast, Slow, Notices Queue
	Log                 *slog.Logger
	Now                 func() time.Time
	// Sleep waits between passes; it returns early when the context ends.
	Sleep  func(ctx context.Context, d time.Duration)
	Random io.Reader
}

// Run works off what is due. With the stage setting lingerSeconds it goes on doing so about once a second until that many
// seconds after its start. What fails is tried again by the next pass; the error returned is the last pass's.
func (h *Handler) Run(ctx context.Context) error {
	start := h.Now()
	linger, err := h.linger(ctx)
	if err != nil {
		return err
	}
	end := start.Add(linger)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-margin).Before(end) {
		end = deadline.Add(-margin)
	}
	var total report
	for {
		done, err := h.pass(ctx)
		total.add(done)
		if ctx.Err() != nil || !h.Now().Add(pause).Before(end) {
			total.log(h.Log, h.Now().Sub(start))
			return err
		}
		if err != nil {
			h.Log.Error("tried again by the next pass", "error", err.Error())
		}
		h.Sleep(ctx, pause)
	}
}

// linger is 0 when the setting is unset; configure has checked that it is a number.
func (h *Handler) linger(ctx context.Context) (time.Duration, error) {
	text, err := h.Configuration.Setting(ctx, "lingerSeconds")
	if err != nil {
		return 0, fmt.Errorf("read setting: %w", err)
	}
	seconds, err := strconv.Atoi(text)
	if err != nil {
		return 0, nil
	}
	return time.Duration(seconds) * time.Second, nil
}

// pass works off the entries that are due now. Whatever follows from an entry is written before the entry goes; one that
// somebody has written again meanwhile stays, for the next pass.
func (h *Handler) pass(ctx context.Context) (report, error) {
	var done report
	entries, err := h.Agenda.Due(ctx, h.Now(), entriesRead)
	if err != nil || len(entries) == 0 {
		return done, err
	}
	lanes, err := h.lanes(ctx, entries)
	if err != nil {
		return done, err
	}
	var mu sync.Mutex
	var wait sync.WaitGroup
	var failed error
	var next, worked []backlog.Entry
	slots := make(chan struct{}, lanesAtOnce)
	for _, l := range lanes {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			follow, err := h.work(ctx, l)
			mu.Lock()
			defer mu.Unlock()
			done.add(l.done)
			if errors.Is(err, errBusy) {
				return
			}
			if err != nil {
				failed = errors.Join(failed, fmt.Errorf("lane %s: %w", l.lane, err))
				return
			}
			next, worked = append(next, follow.next...), append(worked, follow.worked...)
		})
	}
	wait.Wait()
	if err := h.Agenda.Put(ctx, next); err != nil {
		return done, errors.Join(failed, err)
	}
	_, err = h.Agenda.Drop(ctx, worked)
	return done, errors.Join(failed, err)
}

// followUp is what the agenda must be told when a lane has been worked on: entries to write, and those that may go.
type followUp struct{ next, worked []backlog.Entry }

// work does all that is due of one lane.
func (h *Handler) work(ctx context.Context, l *lane) (followUp, error) {
	var follow followUp
	for _, e := range l.entries {
		switch e.Purpose {
		case backlog.Run, backlog.Sweep:
			// scan may have added rows just after the interface was removed: they are swept too. One that came back (its
			// parameter was denied and then shown again) is not.
			if more, err := h.sweep(ctx, l); err != nil {
				return follow, err
			} else if more {
				continue
			}
		default:
			if err := h.digest(ctx, e); err != nil {
				return follow, err
			}
		}
		follow.worked = append(follow.worked, e)
	}
	next, err := h.run(ctx, l)
	if next != nil {
		follow.next = append(follow.next, *next)
	}
	return follow, err
}

// sweep removes rows of a lane whose interface is gone.
func (h *Handler) sweep(ctx context.Context, l *lane) (more bool, err error) {
	if l.live {
		return false, nil
	}
	return h.Marks.Sweep(ctx, l.lane, rowsSwept)
}

// digest asks stop for the mail about what has gathered.
func (h *Handler) digest(ctx context.Context, e backlog.Entry) error {
	kind := notice.Warning
	if e.Purpose == backlog.StopDigest {
		kind = notice.Stopped
	}
	_, err := h.Notices.Send(ctx, group(e.Lane), []any{notice.Notice{Kind: kind, Organization: e.Organization, Interface: e.Interface, Digest: true}})
	return err
}

// group is the message group that makes the deliveries queue fair between interfaces.
func group(l backlog.Lane) string { return l.Organization + "/" + l.Interface }
