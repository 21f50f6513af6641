package dispatch

import (
	"context"
	"slices"

	"crmhook/shared/backlog"
	"crmhook/shared/job"
	"crmhook/shared/schedule"
)

// share is what a step of a job takes.
type share struct {
	// names are the contacts to take; an immediate execution takes what waits instead.
	names []string
	// next is where the job stands then, last that nothing is left to take.
	next making
	last bool
	// ahead is how far a reading of the rows came.
	ahead *backlog.State
}

// takeStep takes a share of what is left of a job and makes deliveries of it.
func (h *Handler) takeStep(ctx context.Context, l *lane, j job.Job, at making) (outcome, error) {
	s := sizes(l.hook, j.Schedule)
	part, err := h.share(ctx, l, j, at, l.most(s))
	if err != nil {
		return waits, err
	}
	if len(part.names) > 0 || j.Kind == job.Immediate {
		if err := h.begun(ctx, l, j.ID); err != nil {
			return waits, err
		}
		l.touched = true
		if j.Kind == job.Immediate {
			err = h.takeWaiting(ctx, l, j.ID, s, &part)
		} else {
			err = h.takeNamed(ctx, l, j.ID, s, &part)
		}
		if err != nil {
			return waits, err
		}
	}
	if !l.inVain(j) {
		l.done.steps++
	}
	return h.stepDone(ctx, l, j, part)
}

// inVain says that a job looks for rows that wait, and none was found as far as one reading sees.
func (l *lane) inVain(j job.Job) bool { return l.vain && j.Kind == job.Immediate }

// begun says in the lane's state that a step has begun, which another run's step then has not.
func (h *Handler) begun(ctx context.Context, l *lane, id string) error {
	l.state.Busy, l.state.BusyUntil = id, h.Now().Add(busyTime)
	if !slices.Contains(l.state.Running, id) {
		l.state.Running = append(l.state.Running, id)
	}
	return h.save(ctx, l)
}

// takeNamed counts a change of each contact and takes those that are not in flight.
func (h *Handler) takeNamed(ctx context.Context, l *lane, id string, s schedule.Schedule, part *share) error {
	l.suspect = id
	seen, err := h.raiseNamed(ctx, l, part.names)
	l.suspect = ""
	if err != nil {
		return err
	}
	return h.extend(ctx, l, id, s, seen.free, seen.held(id), &part.next)
}

// takeWaiting takes what waits, as a schedule's run does: over all steps no more than the batch.
func (h *Handler) takeWaiting(ctx context.Context, l *lane, id string, s schedule.Schedule, part *share) error {
	was, wanted := l.state, min(l.most(s), s.BatchSize-part.next.Taken)
	if part.next.Died {
		l.suspect = id
	}
	seen, err := h.read(ctx, l, max(1, wanted))
	l.suspect = ""
	if err != nil {
		return err
	}
	ahead := l.state
	part.ahead = &ahead
	l.state.Cursor, l.state.Round = was.Cursor, was.Round
	rows := seen.free[:max(0, min(len(seen.free), wanted))]
	part.last = part.next.Taken+len(rows) >= s.BatchSize || seen.whole && len(rows) == len(seen.free)
	l.vain = len(rows) == 0 && !part.last
	return h.extend(ctx, l, id, s, rows, 0, &part.next)
}

// extend makes deliveries of rows for an execution that is open. What its row says that it has taken and merged is the sum of
// the steps that are finished, what senders had in hand of those that died, and this one: a step that is done again counts once.
func (h *Handler) extend(ctx context.Context, l *lane, id string, s schedule.Schedule, rows []backlog.Row, merged int, next *making) error {
	if len(rows)+merged == 0 && !next.Died {
		return nil
	}
	b := batch{execution: backlog.Execution{Lane: l.lane, ID: id}, first: next.Made}
	b.fill(rows, s.BucketSize)
	sum := making{Taken: next.Taken + len(rows), Merged: next.Merged + merged, Made: next.Made + len(b.buckets)}
	e := backlog.Execution{Lane: l.lane, ID: id, Taken: sum.Taken, Merged: sum.Merged, Deliveries: sum.Made}
	if err := h.Open.Extend(ctx, e, next.Made); err != nil {
		return err
	}
	if err := h.launch(ctx, l, b); err != nil {
		return err
	}
	next.Taken, next.Merged, next.Made, next.At = sum.Taken, sum.Merged, sum.Made, h.Now()
	l.room = max(0, l.room-len(b.buckets))
	return nil
}

// stepDone writes how far the job came, and that the lane is free again. After the last step the execution is shut first, so
// that whoever finds the job again knows that it is over.
func (h *Handler) stepDone(ctx context.Context, l *lane, j job.Job, part share) (outcome, error) {
	var err error
	if part.last {
		err = h.shut(ctx, l, j.ID, part.next.Made)
	} else {
		err = h.saveJob(ctx, &j, part.next)
	}
	if err != nil {
		return waits, err
	}
	if l.state.Busy != "" {
		l.state.Busy = ""
		if part.ahead != nil {
			l.state.Cursor, l.state.Round = part.ahead.Cursor, part.ahead.Round
			l.state.Waiting, l.state.Oldest, l.state.WaitingAsOf = part.ahead.Waiting, part.ahead.Oldest, part.ahead.WaitingAsOf
		}
		if err := h.save(ctx, l); err != nil {
			return waits, err
		}
	}
	if part.last {
		return over, h.Jobs.DropJob(ctx, j)
	}
	if l.room == 0 || l.inVain(j) {
		return soon, nil
	}
	return goesOn, nil
}

func (h *Handler) shut(ctx context.Context, l *lane, id string, made int) error {
	if made == 0 {
		if err := h.Executions.Advance(ctx, l.lane, id, backlog.Progress{EndedAt: h.Now()}); err != nil {
			return err
		}
	}
	return h.Open.Shut(ctx, l.lane, id)
}
