package send

import (
	"context"
	"slices"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
)

// claim makes the deliveries that nobody works on this invocation's own, counting the attempt (rule 3), and returns their
// jobs. What has ended is done with; what another sender works on is seen again when its claim ends; what has no attempts
// left goes to the stopped queue.
func (r *round) claim(ctx context.Context, jobs []*job) ([]*job, error) {
	if len(jobs) == 0 {
		return nil, nil
	}
	jobs = r.distinct(ctx, jobs)
	if err := r.configure(ctx, jobs); err != nil {
		return jobs, err
	}
	jobs = r.passFailing(ctx, jobs)
	fresh, known := split(jobs, func(j *job) bool { return j.message.Receives <= 1 && j.working })
	events, buckets := split(fresh, (*job).event)
	opened, late, err := r.open(ctx, buckets)
	if err != nil {
		return jobs, err
	}
	begun, later, err := r.begin(ctx, events)
	if err != nil {
		return jobs, err
	}
	claimed, err := r.reclaim(ctx, slices.Concat(known, late, later))
	if err != nil {
		return jobs, err
	}
	return slices.Concat(opened, begun, claimed), nil
}

// distinct keeps one message a delivery: SQS may hand out a message twice in one batch.
func (r *round) distinct(ctx context.Context, jobs []*job) []*job {
	seen := map[delivery.Ref]bool{}
	first, again := split(jobs, func(j *job) bool {
		is := seen[j.delivery.Ref()]
		seen[j.delivery.Ref()] = true
		return !is
	})
	r.see(ctx, again, func(*job) time.Duration { return ownDelay })
	return first
}

func split(jobs []*job, first func(*job) bool) (yes, no []*job) {
	for _, j := range jobs {
		if first(j) {
			yes = append(yes, j)
		} else {
			no = append(no, j)
		}
	}
	return yes, no
}

// configure gives each job its interface's configuration.
func (r *round) configure(ctx context.Context, jobs []*job) error {
	keys := make([]hook.Key, len(jobs))
	for i, j := range jobs {
		keys[i] = hook.KeyOf(j.delivery.Message)
		if j.test() {
			r.handler.interfaces.forget(keys[i]) // Who asks for a test has perhaps just changed what it shows.
		}
	}
	found, err := r.handler.interfaces.get(ctx, r.handler.Configuration, keys, r.handler.Now())
	if err != nil {
		return err
	}
	for i, j := range jobs {
		is := found[keys[i]]
		if j.working = is.Delivers(j.delivery.Message); j.working {
			j.hook = is.Hook
		}
	}
	return nil
}

// open claims deliveries that are received for the first time by making their items: no read, one write.
func (r *round) open(ctx context.Context, jobs []*job) (opened, late []*job, err error) {
	if len(jobs) == 0 {
		return nil, nil, nil
	}
	now := r.handler.Now()
	deliveries := make([]delivery.Delivery, len(jobs))
	for i, j := range jobs {
		d := delivery.Delivery{Message: j.delivery.Message, Status: delivery.Pending, CreatedAt: now}
		deliveries[i] = j.begun(d, now)
	}
	if err := r.list(ctx, deliveries); err != nil {
		return nil, nil, err
	}
	took, err := r.handler.Deliveries.Open(ctx, deliveries)
	for i, j := range jobs {
		if i < len(took) && took[i] {
			j.delivery, j.claimed = deliveries[i], true
			opened = append(opened, j)
			continue
		}
		late = append(late, j)
	}
	return opened, late, err
}

// list lets buckets of several records be found by each of them. That comes before their items: what is listed without one
// is passed over, and expires.
func (r *round) list(ctx context.Context, deliveries []delivery.Delivery) error {
	var several []delivery.Delivery
	for _, d := range deliveries {
		if len(d.Records) > 1 {
			several = append(several, d)
		}
	}
	if len(several) == 0 {
		return nil
	}
	return r.handler.Ledger.ListRecords(ctx, several)
}

// begin claims events that are received for the first time as whoever made them has written them: no read, one write.
func (r *round) begin(ctx context.Context, jobs []*job) (begun, late []*job, err error) {
	now := r.handler.Now()
	updates := make([]delivery.Update, len(jobs))
	for i, j := range jobs {
		made := delivery.Delivery{Message: j.delivery.Message, Status: delivery.Pending}
		updates[i] = delivery.Update{Was: made, Now: j.begun(made, now)}
	}
	return r.update(ctx, jobs, updates)
}

// update makes claims, and returns those that are this invocation's and those that another was faster with.
func (r *round) update(ctx context.Context, jobs []*job, updates []delivery.Update) (claimed, late []*job, err error) {
	if len(jobs) == 0 {
		return nil, nil, nil
	}
	took, err := r.handler.Deliveries.Update(ctx, updates)
	if err != nil {
		return nil, nil, err
	}
	for i, j := range jobs {
		if took[i] {
			j.delivery, j.claimed = updates[i].Now, true
			claimed = append(claimed, j)
			continue
		}
		late = append(late, j)
	}
	return claimed, late, nil
}

func (j *job) begun(d delivery.Delivery, now time.Time) delivery.Delivery {
	d.Attempts++
	d.Claim = now.Add(j.hook.Timeout + claimMargin)
	d.Lease = now.Add(backlog.Lease)
	return d
}

// keep puts an attempt where it belongs: the first inside the delivery, later ones beside it.
func keep(d *delivery.Delivery, a delivery.Attempt, ref delivery.Ref, beside map[delivery.Ref]delivery.Attempt) {
	d.LastStatus, d.LastError = a.Status, a.Error
	if a.Number == 1 {
		d.First = &a
		return
	}
	beside[ref] = a
}

func (r *round) keep(ctx context.Context, attempts map[delivery.Ref]delivery.Attempt) error {
	if len(attempts) == 0 {
		return nil
	}
	return r.handler.Ledger.KeepAttempts(ctx, attempts, r.handler.Now().Add(delivery.LedgerTime))
}
