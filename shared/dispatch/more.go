package dispatch

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/job"
	"crmhook/shared/schedule"
)

// mostAtOnce is how many records one step of a job takes at most.
const mostAtOnce = 2_000

// making is how far a job came that makes deliveries.
type making struct {
	// Piece and Offset are where the next number of a file is, After is the last contact of all that was looked at.
	Piece  int    `json:"piece,omitempty"`
	Offset int    `json:"offset,omitempty"`
	After  string `json:"after,omitempty"`
	// Made is how many deliveries the steps that are finished have made, At when the last was.
	Made int       `json:"made,omitempty"`
	At   time.Time `json:"at,omitzero"`
	// Died says that a step was begun and not finished: rows may name deliveries that have ended.
	Died bool `json:"died,omitempty"`
}

// makeMore makes the next deliveries of a job's execution, as many as the window has room for. The order of the writes is
// that of make: the lane's state says that a step has begun, then the execution's row reserves the numbers of the new
// deliveries, then the marks, then the messages. How far the job came is written last, so that a step which dies is done
// again: first what it reserved is ended, but for what a sender has in hand, and its rows are taken anew.
func (h *Handler) makeMore(ctx context.Context, l *lane, j job.Job) (outcome, error) {
	e, known := l.known[j.ID]
	switch {
	case !l.live || l.hook != nil && l.hook.Type.TellsEvents():
		return over, h.abandon(ctx, l, j)
	case known && e.Cancelled:
		return over, h.dropOpen(ctx, l, j)
	case !known || !e.Open: // The ledger has forgotten it, or a run died just before the job went.
		return over, h.Jobs.DropJob(ctx, j)
	case l.hook == nil:
		return waits, nil
	}
	at, err := positionOf[making](j)
	if err != nil {
		return waits, err
	}
	if err := h.look(ctx, l); err != nil {
		return waits, err
	}
	if at.Made < e.Deliveries {
		// Only a run that still has the lane may say that the other died: else what is not this job's yet is just being made.
		if err := h.save(ctx, l); err != nil {
			return waits, err
		}
		if err := h.void(ctx, l, e.ID, at.Made, e.Deliveries); err != nil {
			return waits, err
		}
		at.Made, at.Died = e.Deliveries, true
		if err := h.saveJob(ctx, &j, at); err != nil {
			return waits, err
		}
	}
	if err := h.count(ctx, l, e, at); err != nil {
		return waits, err
	}
	if l.room == 0 && j.Kind != job.Identifiers {
		return h.patience(l), nil
	}
	return h.takeStep(ctx, l, j, at)
}

// abandon ends a job whose interface is gone or is no contact webhook any more.
func (h *Handler) abandon(ctx context.Context, l *lane, j job.Job) error {
	if _, err := h.Open.CancelExecution(ctx, l.lane, j.ID); err != nil {
		return err
	}
	return h.dropOpen(ctx, l, j)
}

func (h *Handler) dropOpen(ctx context.Context, l *lane, j job.Job) error {
	if err := h.Open.Shut(ctx, l.lane, j.ID); err != nil {
		return err
	}
	l.touched = true
	return h.Jobs.DropJob(ctx, j)
}

// look does for a lane that no schedule's run has looked at in this pass what one does first.
func (h *Handler) look(ctx context.Context, l *lane) error {
	if l.looked {
		return nil
	}
	if err := h.recover(ctx, l); err != nil {
		return err
	}
	l.looked, l.state.Window = true, l.state.Window.Next(l.executions)
	return h.close(ctx, l, reading{})
}

// void ends deliveries of an execution whose numbers were reserved by a step that died, as far as no sender has received
// them, so that a late sender finds them ended.
func (h *Handler) void(ctx context.Context, l *lane, execution string, from, to int) error {
	now := h.Now()
	var items []delivery.Delivery
	for n := from; n < to; n++ {
		items = append(items, given(l.lane, delivery.ID(execution, n), nil, now))
	}
	ended := map[string]bool{}
	if err := note(ended, items, func() ([]bool, error) { return h.Deliveries.Open(ctx, items) }); err != nil {
		return fmt.Errorf("end what a run left: %w", err)
	}
	if err := h.countEnded(ctx, l, items, ended); err != nil {
		return err
	}
	l.endedOf(execution, len(ended))
	return nil
}

// endedOf brings what is known of an execution up to date.
func (l *lane) endedOf(execution string, ended int) {
	for i := range l.executions {
		if l.executions[i].ID == execution {
			l.executions[i].Ended += ended
		}
	}
	if e, ok := l.known[execution]; ok {
		e.Ended += ended
		l.known[execution] = e
	}
}

// count says how much room the window has. Where none seems left although nothing has been heard of some deliveries for
// long, the rows are looked at: counts lag behind where a sender died.
func (h *Handler) count(ctx context.Context, l *lane, e backlog.Execution, at making) error {
	if !l.counted {
		l.room, l.counted = l.state.Window.Free(h.underWay(l, reading{})), true
	}
	silent := func(e backlog.Execution) bool {
		return !e.Closed && e.Ended < e.Deliveries && h.Now().Sub(latest(e.At, e.LastAttempt)) > settled
	}
	if l.room > 0 || !slices.ContainsFunc(l.executions, silent) {
		return nil
	}
	was := l.state
	seen, err := h.read(ctx, l, math.MaxInt)
	if err != nil {
		return err
	}
	if err := h.close(ctx, l, seen); err != nil {
		return err
	}
	was.Running = l.state.Running
	l.state = was
	e = l.known[e.ID]
	e.LastAttempt = latest(e.LastAttempt, at.At)
	if lag := e.Deliveries - e.Ended; lag > 0 && !flies(seen, e.ID) && h.over(l, e, seen.whole) {
		if err := h.Executions.Advance(ctx, l.lane, e.ID, backlog.Progress{Ended: lag, EndedAt: h.Now()}); err != nil {
			return err
		}
		l.endedOf(e.ID, lag)
	}
	l.room = l.state.Window.Free(h.underWay(l, seen))
	return nil
}

// patience says how a job waits for room: of a failing interface, or where nothing is heard, for the next minute's run.
func (h *Handler) patience(l *lane) outcome {
	if l.state.Window.Size == backlog.ProbeWindow {
		return waits
	}
	for _, e := range l.known {
		if h.Now().Sub(latest(e.At, e.LastAttempt)) < patience {
			return goesOn
		}
	}
	return waits
}

// sizes are the batch and the bucket size that a job has: those of the schedule it names, else of the first.
func sizes(h *hook.Hook, name string) schedule.Schedule {
	s := schedule.Schedule{BatchSize: hook.DefaultBatchV2, BucketSize: hook.DefaultBucket}
	if h.Type == hook.ContactWebhookV1 {
		s.BatchSize = hook.DefaultBatchV1
	}
	for i, of := range h.Schedules {
		if i == 0 || of.Name == name {
			s = of
		}
		if of.Name == name {
			break
		}
	}
	return s
}
