package dispatch

import (
	"context"
	"errors"

	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/job"
	"crmhook/shared/schedule"
)

// batch is what one execution takes, cut into buckets.
type batch struct {
	execution backlog.Execution
	buckets   [][]backlog.Row
	// first is the number of the first bucket's delivery.
	first int
}

// take chooses the rows of one execution: those that its identifiers name, or as many of the free ones as batch size and
// window allow. What it takes is free no more for the schedules that follow.
func (h *Handler) take(ctx context.Context, l *lane, s schedule.Schedule, seen *reading, window int) (batch, error) {
	b := batch{execution: backlog.Execution{Lane: l.lane, Schedule: s.Name, StartedBy: job.BySchedule, At: h.Now()}}
	if len(s.Identifiers) > 0 {
		named, err := h.raiseNamed(ctx, l, s.Identifiers)
		if err != nil {
			return b, err
		}
		b.execution.StartedBy, b.execution.Merged = string(job.Identifiers), named.held("")
		b.fill(named.free, s.BucketSize)
		seen.free = without(seen.free, named.free)
		return b, nil
	}
	n := max(0, min(s.BatchSize, len(seen.free), window*s.BucketSize))
	b.fill(seen.free[:n], s.BucketSize)
	seen.free = seen.free[n:]
	return b, nil
}

func (b *batch) fill(rows []backlog.Row, bucketSize int) {
	b.execution.Taken = len(rows)
	for len(rows) > 0 {
		n := min(bucketSize, len(rows))
		b.buckets, rows = append(b.buckets, rows[:n]), rows[n:]
	}
	b.execution.Deliveries = len(b.buckets)
}

// raiseNamed counts a change of each contact named and sorts the rows: those that can be taken, and those of contacts in flight,
// which go after their delivery has ended, since they have changed.
func (h *Handler) raiseNamed(ctx context.Context, l *lane, identifiers []string) (reading, error) {
	seen := reading{flying: map[string][]backlog.Row{}}
	additions, refs := make([]backlog.Addition, len(identifiers)), make([]backlog.Ref, len(identifiers))
	for i, id := range identifiers {
		record := contact(id)
		additions[i] = backlog.Addition{Lane: l.lane, Record: record, Changes: 1, Since: h.Now()}
		refs[i] = backlog.Ref{Lane: l.lane, Record: record}
	}
	if err := h.Marks.Add(ctx, additions); err != nil {
		return seen, err
	}
	held, err := h.Rows.Held(ctx, refs)
	if err != nil {
		return seen, err
	}
	return seen, h.sort(ctx, l, held, &seen)
}

// contact is the record of a contactNumber.
func contact(id string) string { return change.Key{Entity: change.Contact, ID: id}.String() }

// held is how many rows deliveries hold, those of one execution left out.
func (r reading) held(but string) int {
	n := 0
	for id, rows := range r.flying {
		if but == "" || !of(but, id) {
			n += len(rows)
		}
	}
	return n
}

func without(rows, taken []backlog.Row) []backlog.Row {
	gone := map[string]bool{}
	for _, row := range taken {
		gone[row.Record] = true
	}
	var left []backlog.Row
	for _, row := range rows {
		if !gone[row.Record] {
			left = append(left, row)
		}
	}
	return left
}

// make writes an execution in the order that a crash anywhere leaves harmless: the lane's state says that it has begun,
// then its row, then the marks, then the messages. What a queue refuses is released at once.
func (h *Handler) make(ctx context.Context, l *lane, b batch) error {
	id, err := delivery.NewExecution(h.Now(), h.Random)
	if err != nil {
		return err
	}
	b.execution.ID = id
	l.state.Busy, l.state.BusyUntil = id, h.Now().Add(busyTime)
	l.state.Running = append(l.state.Running, id)
	if err := h.save(ctx, l); err != nil {
		return err
	}
	if err := h.Executions.Begin(ctx, b.execution, h.Now().Add(delivery.LedgerTime)); err != nil {
		return err
	}
	l.done.executions++
	if err := h.launch(ctx, l, b); err != nil {
		return err
	}
	l.state.Busy = ""
	return nil
}

// launch marks a batch's rows and sends its messages.
func (h *Handler) launch(ctx context.Context, l *lane, b batch) error {
	held, err := h.mark(ctx, l, b)
	if err != nil {
		return err
	}
	sent, err := h.send(ctx, l, held)
	l.done.deliveries += count(sent)
	return errors.Join(err, h.giveBack(ctx, l, b.execution.ID, held, sent, len(b.buckets)))
}

// bucket is the rows of one delivery that were marked for it.
type bucket struct {
	delivery string
	rows     []backlog.Row
}

// mark gives each bucket's rows to its delivery. A row that somebody else was faster with is left out, a bucket without
// rows too.
func (h *Handler) mark(ctx context.Context, l *lane, b batch) ([]bucket, error) {
	var marks []backlog.Mark
	var owner []int
	lease := h.Now().Add(backlog.Lease)
	buckets := make([]bucket, len(b.buckets))
	for n, rows := range b.buckets {
		buckets[n].delivery = delivery.ID(b.execution.ID, b.first+n)
		for _, row := range rows {
			marks, owner = append(marks, backlog.Mark{Row: row, Delivery: buckets[n].delivery, Lease: lease}), append(owner, n)
		}
	}
	took, err := h.Marks.Mark(ctx, marks)
	if err != nil {
		return nil, err
	}
	for i, ok := range took {
		if ok {
			buckets[owner[i]].rows = append(buckets[owner[i]].rows, marks[i].Row)
			l.done.taken++
		}
	}
	var held []bucket
	for _, k := range buckets {
		if len(k.rows) > 0 {
			held = append(held, k)
		}
	}
	return held, nil
}

func (h *Handler) send(ctx context.Context, l *lane, buckets []bucket) ([]bool, error) {
	bodies := make([]any, len(buckets))
	for i, k := range buckets {
		bodies[i] = message(l.lane, k.delivery, k.rows)
	}
	return h.queue(l).Send(ctx, group(l.lane), bodies)
}

const refused = "the queue did not take its message; the records wait again"

// giveBack releases the rows of the messages that the queue refused, and takes deliveries that will never end off the
// execution's count.
func (h *Handler) giveBack(ctx context.Context, l *lane, execution string, buckets []bucket, sent []bool, counted int) error {
	var back []bucket
	for i, ok := range sent {
		if !ok {
			back = append(back, buckets[i])
		}
	}
	ended := counted - len(buckets)
	if len(back) > 0 {
		released, err := h.release(ctx, l, back)
		if err != nil {
			return err
		}
		l.done.refused += released
		ended += released
	}
	if ended == 0 {
		return nil
	}
	return h.Executions.Advance(ctx, l.lane, execution, backlog.Progress{Ended: ended, EndedAt: h.Now()})
}

// release ends deliveries and then lets go of their rows. A call that failed may have put the message on the queue all the
// same: a late sender finds the delivery ended, and one that is at work already keeps it.
func (h *Handler) release(ctx context.Context, l *lane, buckets []bucket) (int, error) {
	now := h.Now()
	ends := make([]delivery.Delivery, len(buckets))
	for i, k := range buckets {
		ends[i] = delivery.Delivery{Message: message(l.lane, k.delivery, k.rows), CreatedAt: now}.End(delivery.Cancelled, refused, now)
	}
	took, err := h.Deliveries.Open(ctx, ends)
	if err != nil {
		return 0, err
	}
	var outcomes []backlog.Outcome
	for i, k := range buckets {
		if !took[i] {
			continue
		}
		for _, row := range k.rows {
			outcomes = append(outcomes, backlog.Outcome{Lane: l.lane, Record: row.Record, Delivery: k.delivery})
		}
	}
	if len(outcomes) > 0 {
		_, err = h.Marks.Settle(ctx, outcomes)
	}
	return count(took), err
}
