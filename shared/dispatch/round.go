package dispatch

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
)

// Bounds of how far a run reads through a lane's rows.
const (
	rowsRead  = 1_000
	pagesRead = 25
)

// reading is what one run has seen of a lane's rows.
type reading struct {
	// free are rows that nobody holds, or that a delivery held which has ended: they can be taken.
	free []backlog.Row
	// flying are the rows of each delivery that holds some.
	flying map[string][]backlog.Row
	// whole says that the reading saw every row of the lane.
	whole bool
}

// read goes on from the lane's cursor, past the last row to the first ones if need be, until it has found enough rows that
// may be free, has seen all, or has read its share. The cursor and the round's counts move with it, and stop at the last
// row looked at: the rows behind it come first in the next run, so none starves.
func (h *Handler) read(ctx context.Context, l *lane, enough int) (reading, error) {
	seen := reading{flying: map[string][]backlog.Row{}}
	begin, again, state := l.state.Cursor, false, &l.state
	for range pagesRead {
		rows, next, wrapped, err := h.Rows.Rows(ctx, l.lane, state.Cursor, rowsRead)
		if err != nil {
			return seen, err
		}
		if again {
			rows, next, wrapped = before(begin, rows, next, wrapped)
		}
		if n := cut(rows, h.Now(), enough-len(seen.free)); n < len(rows) {
			rows, next, wrapped = rows[:n], backlog.Cursor{Shard: state.Cursor.Shard, After: rows[n-1].Record}, false
		}
		state.Round.Count(rows)
		if err := h.sort(ctx, l, rows, &seen); err != nil {
			return seen, err
		}
		state.Cursor = next
		if wrapped {
			state.Finish(h.Now())
			again = true
		}
		seen.whole = again && state.Cursor == begin
		if seen.whole || len(seen.free) >= enough {
			break
		}
	}
	return seen, nil
}

// before leaves of a page the rows up to where the reading began; where that is reached the reading ends there.
func before(begin backlog.Cursor, rows []backlog.Row, next backlog.Cursor, wrapped bool) ([]backlog.Row, backlog.Cursor, bool) {
	n := len(rows)
	for n > 0 && backlog.Shard(rows[n-1].Record) == begin.Shard && rows[n-1].Record > begin.After {
		n--
	}
	if n < len(rows) || wrapped || next.Shard > begin.Shard {
		return rows[:n], begin, false
	}
	return rows, next, false
}

// cut says how many of the rows to look at so that at most enough of them, at least one, may be free.
func cut(rows []backlog.Row, now time.Time, enough int) int {
	for i, row := range rows {
		if row.Delivery != "" && row.Lease.After(now) {
			continue
		}
		if enough--; enough <= 0 {
			return i + 1
		}
	}
	return len(rows)
}

// sort puts rows to the free or the flying. A row whose mark alone no longer holds it is looked up: its delivery may have
// taken a longer lease, may have ended, or must be ended now (rule 2). So is one that the suspect execution holds.
func (h *Handler) sort(ctx context.Context, l *lane, rows []backlog.Row, seen *reading) error {
	now := h.Now()
	lapsed := map[string][]backlog.Row{}
	for _, row := range rows {
		switch {
		case row.Delivery == "":
			seen.free = append(seen.free, row)
		case row.Lease.After(now) && (l.suspect == "" || !of(l.suspect, row.Delivery)):
			seen.flying[row.Delivery] = append(seen.flying[row.Delivery], row)
		default:
			lapsed[row.Delivery] = append(lapsed[row.Delivery], row)
		}
	}
	ended, err := h.ended(ctx, l, lapsed, now)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(lapsed)) {
		rows := lapsed[id]
		if ended[id] {
			seen.free = append(seen.free, rows...)
			continue
		}
		seen.flying[id] = append(seen.flying[id], rows...)
	}
	return nil
}

// ended says which of the deliveries have ended, ending those whose lease is over and that no sender claims.
func (h *Handler) ended(ctx context.Context, l *lane, lapsed map[string][]backlog.Row, now time.Time) (map[string]bool, error) {
	if len(lapsed) == 0 {
		return nil, nil
	}
	refs := make([]delivery.Ref, 0, len(lapsed))
	for _, id := range slices.Sorted(maps.Keys(lapsed)) {
		refs = append(refs, delivery.Ref{Organization: l.lane.Organization, ID: id})
	}
	found, err := h.Deliveries.Deliveries(ctx, refs)
	if err != nil {
		return nil, err
	}
	var missing []delivery.Delivery
	var stale []delivery.Update
	var before []string
	for _, ref := range refs {
		d, ok := found[ref]
		switch {
		case !ok:
			missing = append(missing, given(l.lane, ref.ID, lapsed[ref.ID], now))
		case d.Final():
			before = append(before, ref.ID)
		case !d.Lease.After(now) && !d.Claim.After(now):
			stale = append(stale, delivery.Update{Was: d, Now: d.End(delivery.Cancelled, leaseOver, now)})
		}
	}
	ended, err := h.endAll(ctx, l, missing, stale)
	for _, id := range before {
		ended[id] = true
	}
	return ended, err
}

// endAll writes the items of deliveries that have none, and the ends of others, and tells the executions. It says which have
// ended so; the rest have moved on since they were read.
func (h *Handler) endAll(ctx context.Context, l *lane, missing []delivery.Delivery, pending []delivery.Update) (map[string]bool, error) {
	ended := map[string]bool{}
	note := func(d delivery.Delivery, took bool) {
		if took {
			ended[d.ID] = true
		}
	}
	if len(missing) > 0 {
		took, err := h.Deliveries.Open(ctx, missing)
		if err != nil {
			return ended, err
		}
		for i, d := range missing {
			note(d, took[i])
		}
	}
	if len(pending) > 0 {
		took, err := h.Deliveries.Update(ctx, pending)
		if err != nil {
			return ended, err
		}
		for i, u := range pending {
			note(u.Now, took[i])
		}
	}
	return ended, h.countEnded(ctx, l, ended)
}

// countEnded tells the executions which of their deliveries were ended here.
func (h *Handler) countEnded(ctx context.Context, l *lane, ended map[string]bool) error {
	counts := map[string]int{}
	for id := range ended {
		counts[delivery.ExecutionOf(id)]++
	}
	l.done.ended += len(ended)
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		if err := h.Executions.Advance(ctx, l.lane, id, backlog.Progress{Ended: counts[id], EndedAt: h.Now()}); err != nil {
			return err
		}
	}
	return nil
}

const leaseOver = "the lease was over and no sender was at work; the records wait again"

// given is the item of a delivery that never had one: its message was not sent, or has not been received for a lease.
func given(l backlog.Lane, id string, rows []backlog.Row, now time.Time) delivery.Delivery {
	return delivery.Delivery{Message: message(l, id, rows), CreatedAt: now}.End(delivery.Cancelled, leaseOver, now)
}

// message is the delivery of rows as it waits in the queue.
func message(l backlog.Lane, id string, rows []backlog.Row) delivery.Message {
	m := delivery.Message{ID: id, Organization: l.Organization, Interface: l.Interface, Generation: l.Generation, Execution: delivery.ExecutionOf(id)}
	for _, row := range rows {
		m.Records, m.Changes = append(m.Records, row.Record), append(m.Changes, row.Changes)
	}
	return m
}

// of reports whether a delivery belongs to an execution.
func of(execution, id string) bool { return strings.HasPrefix(id, execution+"-") }
