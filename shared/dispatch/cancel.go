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
	if at.Stage == "" {
		if err := h.halt(ctx, l, e); err != nil {
			return waits, err
		}
		at = cancelling{Stage: ending, Next: e.Deliveries}
	}
	l.touched = true
	l.done.steps++
	next := goesOn
	if at.Stage == ending {
		if next, err = h.endUnsent(ctx, l, e, &at, &j); err != nil {
			return waits, err
		}
	}
	if at.Stage == releasing {
		whole, err := h.releaseEnded(ctx, l, e, &at)
		if err != nil {
			return waits, err
		}
		if whole {
			if err := h.Executions.Close(ctx, l.lane, e.ID); err != nil {
				return waits, err
			}
			return over, h.Jobs.DropJob(ctx, j)
		}
		next = goesOn
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
	if err := h.Open.Shut(ctx, l.lane, e.ID); err != nil {
		return err
	}
	at := slices.IndexFunc(l.jobs, func(j job.Job) bool { return j.ID == e.ID })
	if at < 0 {
		return nil
	}
	e.Cancelled, e.Open = true, false
	l.known[e.ID] = e
	return h.Jobs.DropJob(ctx, l.jobs[at])
}

// endUnsent ends deliveries of the execution by their numbers. When a round is over and senders had some in hand another one
// looks at these.
func (h *Handler) endUnsent(ctx context.Context, l *lane, e backlog.Execution, at *cancelling, j *job.Job) (outcome, error) {
	next := goesOn
	from := max(at.From, at.Next-cancelledAtOnce)
	if from < at.Next {
		left, claimed, done, err := h.endNumbers(ctx, l, e, from, at.Next)
		if err != nil {
			return waits, err
		}
		j.Done += done
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
		if _, _, _, err := h.endNumbers(ctx, l, e, max(0, e.Deliveries-cancelledAtOnce), e.Deliveries); err != nil {
			return err
		}
	}
	return nil
}

// endNumbers ends the deliveries of a range of numbers and returns the numbers of those that are left to a sender, or to
// stop.
func (h *Handler) endNumbers(ctx context.Context, l *lane, e backlog.Execution, from, to int) (left []int, claimed bool, done int, err error) {
	now := h.Now()
	refs := make([]delivery.Ref, 0, to-from)
	for n := from; n < to; n++ {
		refs = append(refs, delivery.Ref{Organization: l.lane.Organization, ID: delivery.ID(e.ID, n)})
	}
	found, err := h.Deliveries.Deliveries(ctx, refs)
	if err != nil {
		return nil, false, 0, err
	}
	var missing, pending []delivery.Delivery
	var updates []delivery.Update
	number := map[string]int{}
	for i, ref := range refs {
		number[ref.ID] = from + i
		d, there := found[ref]
		switch {
		case !there:
			missing = append(missing, delivery.Delivery{Message: message(l.lane, ref.ID, nil), CreatedAt: now}.End(delivery.Cancelled, cancelledReason, now))
		case d.Final():
		case d.Claim.After(now) || h.exhausted(l, d, now):
			left, claimed = append(left, from+i), claimed || d.Claim.After(now)
		default:
			ended := d.End(delivery.Cancelled, cancelledReason, now)
			pending, updates = append(pending, ended), append(updates, delivery.Update{Was: d, Now: ended})
		}
	}
	ended := map[string]bool{}
	if err := note(ended, missing, func() ([]bool, error) { return h.Deliveries.Open(ctx, missing) }); err != nil {
		return nil, false, 0, err
	}
	if err := note(ended, pending, func() ([]bool, error) { return h.Deliveries.Update(ctx, updates) }); err != nil {
		return nil, false, 0, err
	}
	tried := append(missing, pending...)
	for _, d := range tried {
		if !ended[d.ID] { // It has moved on since it was read.
			left, claimed = append(left, number[d.ID]), true
		}
	}
	slices.Sort(left)
	return left, claimed, len(ended), h.countEnded(ctx, l, tried, ended)
}

// exhausted says that only a stop is left for a delivery, which is about to let go of its rows.
func (h *Handler) exhausted(l *lane, d delivery.Delivery, now time.Time) bool {
	return l.hook != nil && d.Standing(delivery.Limits{RetriesBeforeStop: l.hook.RetriesBeforeStop}, now) == delivery.Exhausted
}

// releaseEnded lets go of rows that an ended delivery of the execution holds, and reports whether it has seen all rows.
func (h *Handler) releaseEnded(ctx context.Context, l *lane, e backlog.Execution, at *cancelling) (bool, error) {
	for range cancelPagesRead {
		rows, next, wrapped, err := h.Rows.Rows(ctx, l.lane, at.Cursor, rowsRead)
		if err != nil {
			return false, err
		}
		held := map[string][]backlog.Row{}
		for _, row := range rows {
			if of(e.ID, row.Delivery) {
				held[row.Delivery] = append(held[row.Delivery], row)
			}
		}
		if err := h.letGo(ctx, l, held); err != nil {
			return false, err
		}
		if at.Cursor = next; wrapped {
			return true, nil
		}
	}
	return false, nil
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
