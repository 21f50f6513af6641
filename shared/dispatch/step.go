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
	part, err := h.share(ctx, l, j, at, min(mostAtOnce, l.room*s.BucketSize))
	if err != nil {
		return waits, err
	}
	if len(part.names) > 0 || j.Kind == job.Immediate {
		if err := h.begun(ctx, l, j.ID); err != nil {
			return waits, err
		}
		l.touched = true
		if j.Kind == job.Immediate {
			err = h.takeWaiting(ctx, l, &j, s, &part)
		} else {
			err = h.takeNamed(ctx, l, &j, s, &part)
		}
		if err != nil {
			return waits, err
		}
	}
	l.done.steps++
	return h.stepDone(ctx, l, j, part)
}

// begun says in the lane's state that a step has begun, which another run's step then has not.
func (h *Handler) begun(ctx context.Context, l *lane, id string) error {
	l.state.Busy, l.state.BusyUntil = id, h.Now().Add(busyTime)
	if !slices.Contains(l.state.Running, id) {
		l.state.Running = append(l.state.Running, id)
	}
	return h.save(ctx, l)
}

// takeNamed counts a change of each contact and takes those that are not in flight.
func (h *Handler) takeNamed(ctx context.Context, l *lane, j *job.Job, s schedule.Schedule, part *share) error {
	l.suspect = j.ID
	seen, err := h.named(ctx, l, part.names)
	l.suspect = ""
	if err != nil {
		return err
	}
	j.Done += len(part.names)
	return h.extend(ctx, l, j.ID, s, seen.free, seen.held(j.ID), &part.next)
}

// takeWaiting takes what waits, as a schedule's run does: over all steps no more than the batch.
func (h *Handler) takeWaiting(ctx context.Context, l *lane, j *job.Job, s schedule.Schedule, part *share) error {
	was, wanted := l.state, min(mostAtOnce, s.BatchSize-j.Done, l.room*s.BucketSize)
	if part.next.Died {
		l.suspect = j.ID
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
	j.Done += len(rows)
	part.last = j.Done >= s.BatchSize || seen.whole && len(rows) == len(seen.free)
	return h.extend(ctx, l, j.ID, s, rows, 0, &part.next)
}

// extend makes deliveries of rows for an execution that is open. Numbers that a call which was repeated has reserved twice
// are ended.
func (h *Handler) extend(ctx context.Context, l *lane, id string, s schedule.Schedule, rows []backlog.Row, merged int, next *making) error {
	b := batch{execution: backlog.Execution{Lane: l.lane, ID: id}}
	b.fill(rows, s.BucketSize)
	if len(rows)+merged == 0 {
		return nil
	}
	first, err := h.Open.Extend(ctx, l.lane, id, len(rows), merged, len(b.buckets))
	if err != nil {
		return err
	}
	if first > next.Made {
		if err := h.void(ctx, l, id, next.Made, first); err != nil {
			return err
		}
	}
	b.first = first
	if err := h.launch(ctx, l, b); err != nil {
		return err
	}
	next.Made, next.At = first+len(b.buckets), h.Now()
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
