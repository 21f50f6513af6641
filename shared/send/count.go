package send

import (
	"context"
	"errors"
	"fmt"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
)

// count adds to each execution what this invocation did, one write each, and to the hour of every interface, all in one
// call. It comes after what it counts has been written, and is not made good: who dies before it loses a count.
func (r *round) count(ctx context.Context) error {
	var failed error
	for e := range r.progress {
		failed = errors.Join(failed, r.advance(ctx, e))
	}
	if len(r.hours) == 0 {
		return failed
	}
	if err := r.handler.Ledger.Count(ctx, r.hours, r.handler.Now()); err != nil {
		failed = errors.Join(failed, fmt.Errorf("count for the hour: %w", err))
	}
	return failed
}

// advance adds to an execution what this invocation did so far.
func (r *round) advance(ctx context.Context, e execution) error {
	p := r.progress[e]
	if p == nil {
		return nil
	}
	delete(r.progress, e)
	if err := r.handler.Ledger.Advance(ctx, e.lane, e.id, *p); err != nil {
		return fmt.Errorf("count for execution %s: %w", e.id, err)
	}
	return nil
}

// advanceOf is advance for the executions of deliveries that are about to be stopped. stop ends them at once, while this
// invocation may still wait for other receivers: dispatch must not see an execution end before it sees how its last attempt
// did, or it would go on as if all were well.
func (r *round) advanceOf(ctx context.Context, jobs []*job) error {
	var failed error
	for _, j := range jobs {
		failed = errors.Join(failed, r.advance(ctx, execution{j.delivery.Lane(), j.delivery.Execution}))
	}
	return failed
}

// hour counts what came of a delivery's attempt; one that was skipped had none.
func (r *round) hour(j *job) {
	switch {
	case j.delivery.Status == delivery.Delivered:
		r.add(j, hours.Counts{Delivered: 1})
	case j.attempt.Number > 0:
		r.add(j, hours.Counts{Failed: 1})
	}
}

// stopped counts an event that was stopped.
func (r *round) stopped(j *job) { r.add(j, hours.Counts{Stopped: 1}) }

// add counts for the hour, which tests have no part in.
func (r *round) add(j *job, c hours.Counts) {
	if j.test() {
		return
	}
	is := r.hours[hook.KeyOf(j.delivery.Message)]
	is.Add(c)
	r.hours[hook.KeyOf(j.delivery.Message)] = is
}
