package send

import (
	"context"
	"errors"
	"fmt"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
)

// Why deliveries end whose interface does not work.
const (
	notWorking = "the interface is paused, disabled, invalid or gone; the records wait again"
	notTold    = "the interface is paused, disabled, invalid or gone; the event can be replayed"
)

// cancel ends deliveries whose interface does not work any more, without an attempt: their records wait again, merged,
// events are stopped, for a replay, and tests cancelled. The deliveries end before their rows are let go, so that no other
// sender of one is at work when its records go again.
func (r *round) cancel(ctx context.Context, jobs []*job, known map[delivery.Ref]delivery.Delivery) error {
	fresh, old := split(jobs, func(j *job) bool { _, there := known[j.delivery.Ref()]; return !there })
	now := r.handler.Now()
	if err := r.preserve(ctx, jobs); err != nil {
		return r.unfinished(ctx, jobs, err)
	}
	made, updates := make([]delivery.Delivery, len(fresh)), make([]delivery.Update, len(old))
	for i, j := range fresh {
		made[i] = j.idle(delivery.Delivery{Message: j.delivery.Message, CreatedAt: now}, now)
	}
	for i, j := range old {
		was := known[j.delivery.Ref()]
		updates[i] = delivery.Update{Was: was, Now: j.idle(was, now)}
	}
	err := r.cancelled(ctx, fresh, len(made), func() ([]bool, error) { return r.handler.Deliveries.Open(ctx, made) })
	return errors.Join(err, r.cancelled(ctx, old, len(updates), func() ([]bool, error) { return r.handler.Deliveries.Update(ctx, updates) }))
}

// cancelled writes the ends and lets go of the rows of those that took effect; the others have moved on meanwhile.
func (r *round) cancelled(ctx context.Context, jobs []*job, n int, write func() ([]bool, error)) error {
	if n == 0 {
		return nil
	}
	took, err := write()
	if err != nil {
		return r.unfinished(ctx, jobs, err)
	}
	var outcomes []backlog.Outcome
	var stopped []*job
	for i, j := range jobs {
		if !took[i] {
			r.see(ctx, []*job{j}, func(*job) time.Duration { return ownDelay })
			continue
		}
		r.ended(j, r.handler.Now())
		if j.event() {
			stopped = append(stopped, j)
			r.stopped(j)
			r.log(j)
			continue
		}
		for _, record := range j.delivery.Records {
			outcomes = append(outcomes, backlog.Outcome{Lane: j.delivery.Lane(), Record: record, Delivery: j.delivery.ID})
		}
	}
	if len(outcomes) > 0 {
		_, err = r.handler.Rows.Settle(ctx, outcomes)
	}
	return errors.Join(err, r.next(ctx, stopped))
}

// preserve keeps all of events that are about to be stopped, without expiry.
func (r *round) preserve(ctx context.Context, jobs []*job) error {
	told, _ := split(jobs, (*job).told)
	bodies := events(told)
	if len(bodies) == 0 {
		return nil
	}
	err := each(told, func(j *job) error {
		if j.delivery.Attempts < 2 {
			return nil
		}
		return r.handler.Ledger.KeepForever(ctx, j.delivery.Ref(), j.delivery.Attempts)
	})
	if err = errors.Join(err, r.handler.Ledger.KeepBodies(ctx, bodies)); err != nil {
		return fmt.Errorf("keep events that are stopped: %w", err)
	}
	return nil
}

// idle is how a delivery ends whose interface does not work.
func (j *job) idle(d delivery.Delivery, now time.Time) delivery.Delivery {
	switch {
	case j.test():
		return d.EndTest(now)
	case j.event():
		return d.End(delivery.Stopped, notTold, now)
	}
	return d.End(delivery.Cancelled, notWorking, now)
}
