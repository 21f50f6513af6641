package dispatch

import (
	"context"
	"maps"
	"slices"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/job"
)

// Bounds of what one step of a cancellation looks at.
const (
	cancelledAtOnce = 2_000
	cancelPagesRead = 10
)

// The stages of a cancellation.
const (
	ending    = "deliveries"
	releasing = "rows"
)

// cancelling is how far a cancellation came.
type cancelling struct {
	Stage string `json:"stage,omitempty"`
	// From is the least number of this round's deliveries, Next the one above the next to look at: it goes downwards, since the
	// last ones are those that have not been sent. First and End bound those of the round that a sender had in hand.
	From  int `json:"from,omitempty"`
	Next  int `json:"next,omitempty"`
	First int `json:"first,omitempty"`
	End   int `json:"end,omitempty"`
	// Cursor is where to go on among the rows.
	Cursor backlog.Cursor `json:"cursor,omitzero"`
}

const cancelledReason = "the execution was cancelled; the records wait again"

// cancel ends what an execution, which its row says is cancelled, has not sent: nothing more is made for it, then its
// deliveries end, then their rows are let go. Those that a sender has in hand are looked at again until they have ended too.
func (h *Handler) cancel(ctx context.Context, l *lane, j job.Job) (outcome, error) {
	e, known := l.known[j.Execution]
	if !l.live || !known { // Senders end what an interface had that is gone.
		return over, h.Jobs.DropJob(ctx, j)
	}
	at, err := positionOf[cancelling](j)
	if err != nil {
		return waits, err
	}
	was := at
	if at.Stage == "" {
		if err := h.halt(ctx, l, e); err != nil {
			return waits, err
		}
		at = cancelling{Stage: ending, Next: e.Deliveries}
	}
	l.touched = true
	next := goesOn
	if at.Stage == ending {
		next, err = h.endUnsent(ctx, l, e, &at)
	}
	if err == nil && at.Stage == releasing {
		next, err = h.releaseEnded(ctx, l, e, &at)
	}
	if err != nil {
		return waits, err
	}
	if at != was {
		l.done.steps++
	}
	if next == over {
		if err := h.Executions.Close(ctx, l.lane, e.ID); err != nil {
			return waits, err
		}
		return over, h.Jobs.DropJob(ctx, j)
	}
	return next, h.saveJob(ctx, &j, at)
}

// halt makes sure that no run makes more deliveries: one that is at work on the lane is waited for, one that has read the
// lane's state before now cannot save it any more, and one that reads it from now on finds the execution cancelled.
func (h *Handler) halt(ctx context.Context, l *lane, e backlog.Execution) error {
	if l.state.Busy == e.ID {
		l.state.Busy = ""
	}
	if err := h.save(ctx, l); err != nil {
		return err
	}
	return h.Open.Shut(ctx, l.lane, e.ID)
}

// endUnsent ends deliveries of the execution by their numbers. When a round is over and some were left in it another one looks
// at these.
func (h *Handler) endUnsent(ctx context.Context, l *lane, e backlog.Execution, at *cancelling) (outcome, error) {
	next := soon
	from := max(at.From, at.Next-cancelledAtOnce)
	if from < at.Next {
		left, claimed, err := h.endNumbers(ctx, l, e, from, at.Next)
		if err != nil {
			return waits, err
		}
		if len(left) > 0 {
			at.First, at.End = left[0], max(at.End, left[len(left)-1]+1)
			if !claimed {
				next = waits // For stop, which ends those that have no attempt left.
			}
		}
	}
	if at.Next = from; at.Next > at.From {
		return goesOn, nil
	}
	if at.End > 0 {
		at.From, at.Next, at.First, at.End = at.First, at.End, 0, 0
		return next, nil
	}
	at.Stage = releasing
	return goesOn, nil
}

// early ends what can be ended already while another run, perhaps a dead one, is at work on the lane: what that still sends
// finds its delivery ended. The cancellation itself follows when the lane is free.
func (h *Handler) early(ctx context.Context, l *lane) error {
	for _, j := range l.jobs {
		e, known := l.known[j.Execution]
		if j.Kind != job.Cancel || !known {
			continue
		}
		if _, _, err := h.endNumbers(ctx, l, e, max(0, e.Deliveries-cancelledAtOnce), e.Deliveries); err != nil {
			return err
		}
	}
	return nil
}

// endNumbers ends the deliveries of a range of numbers and returns the numbers of those that are left to a sender, or to
// stop; claimed says that there are some of the former.
func (h *Handler) endNumbers(ctx context.Context, l *lane, e backlog.Execution, from, to int) (left []int, claimed bool, err error) {
	now := h.Now()
	refs := make([]delivery.Ref, 0, to-from)
	for n := from; n < to; n++ {
		refs = append(refs, delivery.Ref{Organization: l.lane.Organization, ID: delivery.ID(e.ID, n)})
	}
	found, err := h.Deliveries.Deliveries(ctx, refs)
	if err != nil {
		return nil, false, err
	}
	var missing []delivery.Delivery
	var pending []delivery.Update
	number := map[string]int{}
	for i, ref := range refs {
		d, there := found[ref]
		switch {
		case !there:
			missing = append(missing, delivery.Delivery{Message: message(l.lane, ref.ID, nil), CreatedAt: now}.End(delivery.Cancelled, cancelledReason, now))
		case d.Final():
			continue
		case d.Claim.After(now):
			left, claimed = append(left, from+i), true
			continue
		case h.leftToStop(l, d, now):
			left = append(left, from+i)
			continue
		default:
			pending = append(pending, delivery.Update{Was: d, Now: d.End(delivery.Cancelled, cancelledReason, now)})
		}
		number[ref.ID] = from + i
	}
	ended, err := h.endAll(ctx, l, missing, pending)
	for id, n := range number {
		if !ended[id] { // It has moved on since it was read.
			left, claimed = append(left, n), true
		}
	}
	slices.Sort(left)
	return left, claimed, err
}

// leftToStop says that only a stop is left for a delivery, which is about to let go of its rows. One whose lease is over stop has
// not ended in half an hour: its message is lost.
func (h *Handler) leftToStop(l *lane, d delivery.Delivery, now time.Time) bool {
	return l.hook != nil && d.Lease.After(now) &&
		d.Standing(delivery.Limits{RetriesBeforeStop: l.hook.RetriesBeforeStop}, now) == delivery.Exhausted
}

// releaseEnded lets go of rows that an ended delivery of the execution holds; it is over when it has seen all rows.
func (h *Handler) releaseEnded(ctx context.Context, l *lane, e backlog.Execution, at *cancelling) (outcome, error) {
	for range cancelPagesRead {
		rows, next, wrapped, err := h.Rows.Rows(ctx, l.lane, at.Cursor, rowsRead)
		if err != nil {
			return waits, err
		}
		held := map[string][]backlog.Row{}
		for _, row := range rows {
			if of(e.ID, row.Delivery) {
				held[row.Delivery] = append(held[row.Delivery], row)
			}
		}
		if err := h.letGo(ctx, l, held); err != nil {
			return waits, err
		}
		if at.Cursor = next; wrapped {
			return over, nil
		}
	}
	return goesOn, nil
}

func (h *Handler) letGo(ctx context.Context, l *lane, held map[string][]backlog.Row) error {
	if len(held) == 0 {
		return nil
	}
	var refs []delivery.Ref
	for _, id := range slices.Sorted(maps.Keys(held)) {
		refs = append(refs, delivery.Ref{Organization: l.lane.Organization, ID: id})
	}
	found, err := h.Deliveries.Deliveries(ctx, refs)
	if err != nil {
		return err
	}
	var outcomes []backlog.Outcome
	for _, ref := range refs {
		if !found[ref].Final() {
			continue
		}
		for _, row := range held[ref.ID] {
			outcomes = append(outcomes, backlog.Outcome{Lane: l.lane, Record: row.Record, Delivery: ref.ID})
		}
	}
	if len(outcomes) == 0 {
		return nil
	}
	_, err = h.Marks.Settle(ctx, outcomes)
	return err
}
