package send

import (
	"context"
	"errors"
	"fmt"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/notice"
)

// finish writes down what came of deliveries, the rows first and then each delivery's status with the end of its claim.
func (r *round) finish(ctx context.Context, jobs []*job) error {
	faulty, sound := split(jobs, func(j *job) bool { return j.fault != nil })
	ended, open := split(sound, func(j *job) bool { return j.nothing() || j.attempt.OK() || j.test() })
	for _, j := range sound {
		r.handler.failing.note(j, r.handler.Now())
		r.log(j)
	}
	return errors.Join(r.end(ctx, ended), r.fail(ctx, open), r.giveBack(ctx, faulty))
}

// nothingLeft is why a delivery ends without a request.
const nothingLeft = "nothing was left to send: the records are gone, go with another delivery, or no longer match the filter"

// end is rule 6. A delivery with nothing left to send ends as skipped, a test that failed as cancelled.
func (r *round) end(ctx context.Context, jobs []*job) error {
	if len(jobs) == 0 {
		return nil
	}
	if err := errors.Join(r.settle(ctx, jobs), r.forget(ctx, jobs)); err != nil {
		return r.unfinished(ctx, jobs, err)
	}
	return r.close(ctx, jobs, func(d *delivery.Delivery, j *job) {
		switch now := r.handler.Now(); {
		case j.nothing():
			*d = d.End(delivery.Skipped, nothingLeft, now)
		case j.attempt.OK():
			*d = d.End(delivery.Delivered, "", now)
		default:
			*d = d.EndTest(now)
		}
	})
}

// settle lets go of the rows: those whose state was sent, or is not to be sent, are done; those that did not fit into the
// body wait again.
func (r *round) settle(ctx context.Context, jobs []*job) error {
	var outcomes []backlog.Outcome
	for _, j := range jobs {
		spared := map[string]bool{}
		for _, row := range j.spared {
			spared[row.Record] = true
		}
		for _, row := range j.rows {
			outcomes = append(outcomes, backlog.Outcome{
				Lane: row.Lane, Record: row.Record, Delivery: j.delivery.ID, Changes: row.Changes, Done: !spared[row.Record],
			})
		}
	}
	if len(outcomes) == 0 {
		return nil
	}
	_, err := r.handler.Rows.Settle(ctx, outcomes)
	return err
}

// close writes the deliveries as changed, with their last attempts and without their claims.
func (r *round) close(ctx context.Context, jobs []*job, change func(d *delivery.Delivery, j *job)) error {
	beside := map[delivery.Ref]delivery.Attempt{}
	updates := make([]delivery.Update, len(jobs))
	for i, j := range jobs {
		next := j.delivery
		next.Claim = time.Time{}
		if j.attempt.Number > 0 {
			keep(&next, j.kept(), j.delivery.Ref(), beside)
		}
		change(&next, j)
		updates[i] = delivery.Update{Was: j.delivery, Now: next}
	}
	if err := r.keep(ctx, beside); err != nil {
		return r.unfinished(ctx, jobs, err)
	}
	took, err := r.handler.Deliveries.Update(ctx, updates)
	if err != nil {
		return r.unfinished(ctx, jobs, err)
	}
	var ended []*job
	for i, j := range jobs {
		if !took[i] {
			r.lost(ctx, j, updates[i].Now)
			continue
		}
		if j.delivery = updates[i].Now; j.delivery.Final() {
			ended = append(ended, j)
		}
		r.progressOf(j)
	}
	return r.next(ctx, ended)
}

// lost is for a delivery that was no more as it had been claimed: its claim has run out, or it was written as next by a call
// whose answer was lost, and which was then repeated. The message of one that has ended comes again, so that what follows the
// end is done by whoever then finds it ended.
func (r *round) lost(ctx context.Context, j *job, next delivery.Delivery) {
	r.handler.Log.Warn("claim lost", "organization", j.delivery.Organization, "interface", j.delivery.Interface, "delivery", j.delivery.ID)
	if next.Final() {
		r.see(ctx, []*job{j}, func(*job) time.Duration { return ownDelay })
	}
}

// kept is the attempt with as much of the answer as the ledger keeps.
func (j *job) kept() delivery.Attempt {
	a := j.attempt
	most := delivery.AnswerKept
	if j.test() || j.limits().After(a, j.delivery.Attempts) == delivery.GiveUp {
		most = delivery.LastAnswerKept
	}
	a.Answer = delivery.Cut(a.Answer, most)
	return a
}

// fail is rule 7: people are told where it is time, the delivery keeps what the attempt had seen, and its message comes
// back after the delay. Where no attempt is left it goes to the stopped queue at once.
func (r *round) fail(ctx context.Context, jobs []*job) error {
	if len(jobs) == 0 {
		return nil
	}
	if err := each(jobs, func(j *job) error { return r.warn(ctx, j) }); err != nil {
		return r.unfinished(ctx, jobs, err)
	}
	err := r.close(ctx, jobs, func(d *delivery.Delivery, j *job) {
		d.Seen = j.seen()
		d.Lease = r.handler.Now().Add(j.limits().Delay(j.attempt) + backlog.Lease)
		d.Warned = d.Warned || j.limits().Warns(d.Attempts, d.Warned)
	})
	if err != nil {
		return err
	}
	again, over := split(jobs, func(j *job) bool { return j.limits().After(j.attempt, j.delivery.Attempts) == delivery.Again })
	r.see(ctx, again, func(j *job) time.Duration { return j.limits().Delay(j.attempt) })
	return errors.Join(r.advanceOf(ctx, over), r.stop(ctx, over))
}

// seen are the changes that the attempt's state included, in the order of the delivery's records. A record that the
// delivery holds no more counts as it was; one that did not fit into the body has seen nothing, so a stop releases it.
func (j *job) seen() []int64 {
	changes := map[string]int64{}
	for _, row := range j.rows {
		changes[row.Record] = row.Changes
	}
	for _, row := range j.spared {
		changes[row.Record] = 0
	}
	seen := append([]int64(nil), j.delivery.Attempted()...)
	for i, record := range j.delivery.Records {
		if n, ok := changes[record]; ok {
			seen[i] = n
		}
	}
	return seen
}

// warn tells people, through the stopped queue, that the delivery keeps failing.
func (r *round) warn(ctx context.Context, j *job) error {
	if !j.limits().Warns(j.delivery.Attempts, j.delivery.Warned) {
		return nil
	}
	d := j.delivery
	_, err := r.handler.Stopped.Send(ctx, d.Group(), []any{notice.Of(notice.Warning, d, &j.attempt, r.handler.Now())})
	return err
}

// stop takes deliveries without attempts left to the stopped queue: where SQS itself would at the next receive, by letting
// it; else by a message of its own.
func (r *round) stop(ctx context.Context, jobs []*job) error {
	redriven, early := split(jobs, func(j *job) bool { return j.message.Receives >= r.handler.MaxReceives })
	r.see(ctx, redriven, func(*job) time.Duration { return 0 })
	return each(early, func(j *job) error {
		sent, err := r.handler.Stopped.Send(ctx, j.delivery.Group(), []any{j.delivery.Message})
		if err != nil || !sent[0] {
			return r.unfinished(ctx, []*job{j}, fmt.Errorf("stop delivery %s: %w", j.delivery.ID, err))
		}
		return nil
	})
}

// giveBack takes back attempts that were counted but not made, because of a fault of ours, and lets the messages come
// again soon.
func (r *round) giveBack(ctx context.Context, jobs []*job) error {
	if len(jobs) == 0 {
		return nil
	}
	var updates []delivery.Update
	for _, j := range jobs {
		r.handler.Log.Error("no attempt made", "organization", j.delivery.Organization, "interface", j.delivery.Interface,
			"delivery", j.delivery.ID, "error", j.fault.Error())
		if !j.claimed {
			continue // Nobody's claim, or another sender's.
		}
		next := j.delivery
		next.Attempts--
		next.Claim = time.Time{}
		updates = append(updates, delivery.Update{Was: j.delivery, Now: next})
	}
	r.see(ctx, jobs, func(*job) time.Duration { return ownDelay })
	if len(updates) == 0 {
		return nil
	}
	_, err := r.handler.Deliveries.Update(ctx, updates)
	return err
}

// unfinished lets messages come again when the claims are over, because their result could not be written down.
func (r *round) unfinished(ctx context.Context, jobs []*job, err error) error {
	r.see(ctx, jobs, func(j *job) time.Duration { return max(ownDelay, j.delivery.Claim.Sub(r.handler.Now())+time.Second) })
	return err
}
