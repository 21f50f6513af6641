package send

import (
	"context"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
)

// early is how long an event's next attempt is still to wait: a second message of an event that was put on the queue twice
// can come before.
func (j *job) early(now time.Time) time.Duration {
	if !j.event() || j.delivery.LastError == "" || !j.delivery.Claim.IsZero() {
		return 0
	}
	// SQS counts in seconds, so a message may come a little before its time.
	if wait := j.delivery.Lease.Add(-backlog.Lease).Sub(now); wait > 2*time.Second {
		return wait
	}
	return 0
}

// reclaim reads deliveries that have been received before and claims those that may be.
func (r *round) reclaim(ctx context.Context, jobs []*job) ([]*job, error) {
	if len(jobs) == 0 {
		return nil, nil
	}
	refs := make([]delivery.Ref, len(jobs))
	for i, j := range jobs {
		refs[i] = j.delivery.Ref()
	}
	found, err := r.handler.Deliveries.Deliveries(ctx, refs)
	if err != nil {
		return nil, err
	}
	now := r.handler.Now()
	var free, exhausted, idle, fresh, ended []*job
	for _, j := range jobs {
		d, known := found[j.delivery.Ref()]
		if !known && j.working {
			fresh = append(fresh, j) // Its earlier receives ended before it could be claimed.
			continue
		}
		if known {
			j.know(d)
		}
		if known && d.Final() {
			ended = append(ended, j)
			continue
		}
		r.sortOut(ctx, j, known, now, &free, &exhausted, &idle)
	}
	r.tidy(ctx, ended)
	if err := r.cancel(ctx, idle, found); err != nil {
		return nil, err
	}
	if err := r.stop(ctx, exhausted); err != nil {
		return nil, err
	}
	opened, late, err := r.open(ctx, fresh)
	if err != nil {
		return nil, err
	}
	r.see(ctx, late, func(*job) time.Duration { return ownDelay })
	claimed, err := r.take(ctx, r.passTimedOut(ctx, free))
	return append(opened, claimed...), err
}

// sortOut says what may be done with one delivery that has not ended.
func (r *round) sortOut(ctx context.Context, j *job, known bool, now time.Time, free, exhausted, idle *[]*job) {
	switch {
	case known && j.delivery.Claim.After(now):
		r.see(ctx, []*job{j}, func(j *job) time.Duration { return j.delivery.Claim.Sub(now) + time.Second })
	case known && j.early(now) > 0:
		r.see(ctx, []*job{j}, func(j *job) time.Duration { return j.early(now) })
	case !j.working && (!j.test() || j.delivery.Attempts == 0):
		*idle = append(*idle, j)
	case j.delivery.Standing(j.limits(), now) == delivery.Exhausted:
		*exhausted = append(*exhausted, j)
	default:
		*free = append(*free, j)
	}
}

// take claims deliveries as they were read; where another sender was faster, the message is seen again a little later.
// An attempt that a crashed sender left unfinished is written down first.
func (r *round) take(ctx context.Context, jobs []*job) ([]*job, error) {
	if len(jobs) == 0 {
		return nil, nil
	}
	now := r.handler.Now()
	crashed := map[delivery.Ref]delivery.Attempt{}
	updates := make([]delivery.Update, len(jobs))
	var first []*job
	for i, j := range jobs {
		next := j.begun(j.delivery, now)
		if crash := j.delivery.Crash(); crash != nil {
			keep(&next, *crash, j.delivery.Ref(), crashed)
			if crash.Number == 1 {
				first = append(first, j)
			}
		}
		updates[i] = delivery.Update{Was: j.delivery, Now: next}
	}
	if err := r.keep(ctx, crashed); err != nil {
		return nil, err
	}
	claimed, late, err := r.update(ctx, jobs, updates)
	if err != nil {
		return nil, err
	}
	r.see(ctx, late, func(*job) time.Duration { return ownDelay })
	for _, j := range first {
		if j.claimed {
			r.sent(j, len(j.delivery.Records)) // Its sender died before it could count.
		}
	}
	return claimed, nil
}
