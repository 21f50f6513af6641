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

// recordsAtOnce and deliveriesAtOnce bound what one step of a job takes and makes, and so what is done again, and sent twice,
// when a run dies.
const (
	recordsAtOnce    = 2_000
	deliveriesAtOnce = 500
)

// most is how many records a step may take.
func (l *lane) most(s schedule.Schedule) int {
	return min(recordsAtOnce, min(l.room, deliveriesAtOnce)*s.BucketSize)
}

// making is how far a job came that makes deliveries.
type making struct {
	// Piece and Offset are where the next number of a file is, After is the last contact of all that was looked at.
	Piece  int    `json:"piece,omitempty"`
	Offset int    `json:"offset,omitempty"`
	After  string `json:"after,omitempty"`
	// Taken, Merged and Made are what the steps that are finished have taken and merged, in records, and made, in deliveries; At
	// is when the last did.
	Taken  int       `json:"taken,omitempty"`
	Merged int       `json:"merged,omitempty"`
	Made   int       `json:"made,omitempty"`
	At     time.Time `json:"at,omitzero"`
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
		if err := h.mend(ctx, l, &j, &at, e); err != nil {
			return waits, err
		}
	}
	if err := h.measure(ctx, l, e, at); err != nil {
		return waits, err
	}
	if l.room == 0 && j.Kind != job.Identifiers {
		return h.patience(l), nil
	}
	if l.inVain(j) {
		return soon, nil
	}
	return h.takeStep(ctx, l, j, at)
}

// mend ends what a step has reserved that died. Only a run that still has the lane may say that it did: else what is not this
// job's yet is just being made.
func (h *Handler) mend(ctx context.Context, l *lane, j *job.Job, at *making, e backlog.Execution) error {
	if err := h.save(ctx, l); err != nil {
		return err
	}
	left, err := h.void(ctx, l, e.ID, at.Made, e.Deliveries)
	if err != nil {
		return fmt.Errorf("end what a run left: %w", err)
	}
	at.Taken, at.Made, at.Died = at.Taken+left, e.Deliveries, true
	return h.saveJob(ctx, j, at)
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
// them, so that a late sender finds them ended. It says how many records those have that a sender had begun to send.
func (h *Handler) void(ctx context.Context, l *lane, execution string, from, to int) (left int, err error) {
	now := h.Now()
	var items []delivery.Delivery
	for n := from; n < to; n++ {
		items = append(items, given(l.lane, delivery.ID(execution, n), nil, now))
	}
	ended, err := h.endAll(ctx, l, items, nil)
	if err != nil {
		return 0, err
	}
	l.endedOf(execution, len(ended))
	var refs []delivery.Ref
	for _, d := range items {
		if !ended[d.ID] {
			refs = append(refs, d.Ref())
		}
	}
	if len(refs) == 0 {
		return 0, nil
	}
	found, err := h.Deliveries.Deliveries(ctx, refs)
	for _, d := range found {
		if d.Attempts > 0 { // Else its lease was over, and somebody has ended it before.
			left += len(d.Records)
		}
	}
	return left, err
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

// measure says how much room the window has. Where none seems left although nothing has been heard of some deliveries for
// long, the rows are looked at, once a pass: counts lag behind where a sender died.
func (h *Handler) measure(ctx context.Context, l *lane, e backlog.Execution, at making) error {
	if !l.measured {
		l.room, l.measured = l.state.Window.Free(h.underWay(l, reading{})), true
	}
	silent := func(e backlog.Execution) bool {
		return !e.Closed && e.Ended < e.Deliveries && h.Now().Sub(latest(e.At, e.LastAttempt)) > settled
	}
	if l.room > 0 || !slices.ContainsFunc(l.executions, silent) {
		return nil
	}
	first := l.seen == nil
	if first {
		if err := h.survey(ctx, l); err != nil {
			return err
		}
	}
	if err := h.catchUp(ctx, l, l.known[e.ID], at); err != nil {
		return err
	}
	if first {
		l.room = l.state.Window.Free(h.underWay(l, *l.seen))
	}
	return nil
}

// survey reads the lane's rows from where its reading stands, which stays there, and closes the executions that are over.
func (h *Handler) survey(ctx context.Context, l *lane) error {
	was := l.state
	seen, err := h.read(ctx, l, math.MaxInt)
	if err != nil {
		return err
	}
	l.seen = &seen
	if err := h.close(ctx, l, seen); err != nil {
		return err
	}
	was.Running = l.state.Running
	l.state = was
	return nil
}

// catchUp makes an execution's count right of which nothing is in flight.
func (h *Handler) catchUp(ctx context.Context, l *lane, e backlog.Execution, at making) error {
	e.LastAttempt = latest(e.LastAttempt, at.At)
	lag := e.Deliveries - e.Ended
	if lag <= 0 || flies(*l.seen, e.ID) || !h.over(l, e, l.seen.whole) {
		return nil
	}
	if err := h.Executions.Advance(ctx, l.lane, e.ID, backlog.Progress{Ended: lag, EndedAt: h.Now()}); err != nil {
		return err
	}
	l.endedOf(e.ID, lag)
	return nil
}

// patience says how long a job waits for room: of a failing interface, or where nothing is heard, for the next minute's run.
func (h *Handler) patience(l *lane) outcome {
	if l.state.Window.Size == backlog.ProbeWindow {
		return waits
	}
	for _, e := range l.known {
		if h.Now().Sub(latest(e.At, e.LastAttempt)) < patience {
			return soon
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
