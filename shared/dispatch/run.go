package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/job"
	"crmhook/shared/schedule"
)

const (
	// busyTime is longer than a run of the function can last: after it, what a run left unfinished is another's.
	busyTime = 90 * time.Second
	// runningKept bounds how many executions of a lane are followed at once; older ones are only seen by their rows.
	runningKept = 100
	// settled is how long after its last attempt an execution without rows in flight is closed although its counts say
	// that deliveries are under way: a sender died between its two last writes.
	settled = 5 * time.Minute
	// forgotten is, beside the retry delay, how long after its last attempt nothing of an execution can be in flight any
	// more, whether or not all rows were seen: a lease after the longest wait that a receiver can ask for.
	forgotten = delivery.LongestRetryAfter + 2*backlog.Lease
)

// errBusy says that another run is at work on the lane; what is due stays on the agenda.
var errBusy = errors.New("another run is at work on it")

// run makes the executions of a lane that are due and says when it is due next; nil when nothing is left to wait for.
func (h *Handler) run(ctx context.Context, l *lane) (*backlog.Entry, error) {
	if l.hook == nil {
		return nil, nil // Gone or not working: its rows wait, and configure puts the lane on the agenda again.
	}
	due := l.due(h.Now())
	if len(due) == 0 && l.state.Busy == "" {
		return h.next(l), nil
	}
	l.done.lanes++
	if l.state.Busy != "" && l.state.BusyUntil.After(h.Now()) {
		return nil, errBusy
	}
	left, err := h.execute(ctx, l, due)
	if err != nil || !left && !l.identifiers() {
		return nil, err
	}
	return h.next(l), nil
}

// next is the entry for the lane's next due time; nil when no schedule has one.
func (h *Handler) next(l *lane) *backlog.Entry {
	at, ok := schedule.Earliest(l.hook.Schedules, h.Now())
	if !ok {
		return nil
	}
	return &backlog.Entry{Lane: l.lane, Purpose: backlog.Run, Due: at, Token: h.token()}
}

func (h *Handler) token() string {
	id, err := delivery.NewExecution(h.Now(), h.Random)
	if err != nil {
		return h.Now().Format(time.RFC3339Nano) // Entries need a new token, not a secret one.
	}
	return id
}

// execute makes one execution for each due schedule, the first taking first, and reports whether any row is left, be it
// waiting or in flight, or any execution that is not known to be over.
func (h *Handler) execute(ctx context.Context, l *lane, due []schedule.Schedule) (left bool, err error) {
	was := l.state
	l.state.Window, l.looked = l.state.Window.Next(l.executions), true
	if err := h.recover(ctx, l); err != nil {
		return true, err
	}
	seen, err := h.read(ctx, l, h.wanted(l, due))
	if err != nil {
		return true, err
	}
	if err := h.close(ctx, l, seen); err != nil {
		return true, err
	}
	// Until all is sent, the state kept is that of before the reading, so that a run which has to finish what this one
	// began finds the same rows.
	ahead := l.state
	l.state.Cursor, l.state.Round = was.Cursor, was.Round
	free := l.state.Window.Free(h.underWay(l, seen))
	for _, s := range due {
		b, err := h.take(ctx, l, s, &seen, free)
		if err != nil {
			return true, err
		}
		if free -= len(b.buckets); len(b.buckets) == 0 {
			continue
		}
		if err := h.make(ctx, l, b); err != nil {
			return true, err
		}
		left = true
	}
	l.room, l.measured = max(0, free), true
	l.state.Cursor, l.state.Round, l.state.LastRun = ahead.Cursor, ahead.Round, h.Now()
	left = left || !seen.whole || len(seen.free)+len(seen.flying)+len(l.state.Running) > 0
	if left || l.state.Waiting != was.Waiting || len(l.state.Running) != len(was.Running) {
		err = h.save(ctx, l)
	}
	return left, err
}

// wanted is how many free rows the due schedules could take between them.
func (h *Handler) wanted(l *lane, due []schedule.Schedule) int {
	wanted := 1
	for _, s := range due {
		wanted = max(wanted, min(s.BatchSize, l.state.Window.Size*s.BucketSize))
	}
	return wanted
}

// underWay is how many deliveries of the lane are on their way: those that hold rows, where all rows were seen; else what
// the executions' counts say.
func (h *Handler) underWay(l *lane, seen reading) int {
	if seen.whole {
		return len(seen.flying)
	}
	n := 0
	for _, e := range l.executions {
		if !e.Done() {
			n += max(0, e.Deliveries-e.Ended)
		}
	}
	return max(n, len(seen.flying))
}

// recover sends again the messages of an execution whose run died: its rows may be marked with deliveries that are in no
// queue. A message that is there twice does no harm, since senders claim the delivery. It looks at more rows than that run
// did, since records that changed meanwhile may lie between its rows.
//
// What a job's step left is made good by the job itself, and what somebody has cancelled is not sent.
func (h *Handler) recover(ctx context.Context, l *lane) error {
	if l.state.Busy == "" {
		return nil
	}
	if l.known[l.state.Busy].Cancelled || slices.ContainsFunc(l.jobs, func(j job.Job) bool { return j.ID == l.state.Busy }) {
		l.state.Busy = ""
		return nil
	}
	was := l.state
	seen, err := h.read(ctx, l, math.MaxInt)
	if err != nil {
		return err
	}
	l.state = was
	named, err := h.Rows.Held(ctx, l.named())
	if err != nil {
		return err
	}
	rows := map[string]map[string]backlog.Row{}
	for _, row := range append(named, flat(seen.flying)...) {
		if of(l.state.Busy, row.Delivery) {
			if rows[row.Delivery] == nil {
				rows[row.Delivery] = map[string]backlog.Row{}
			}
			rows[row.Delivery][row.Record] = row
		}
	}
	var bodies []any
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		held := slices.SortedFunc(maps.Values(rows[id]), func(a, b backlog.Row) int { return cmp.Compare(a.Record, b.Record) })
		bodies = append(bodies, message(l.lane, id, held))
	}
	sent, err := h.queue(l).Send(ctx, group(l.lane), bodies)
	l.done.recovered += count(sent)
	if err != nil {
		return fmt.Errorf("send again: %w", err)
	}
	l.state.Busy = ""
	return nil
}

// named are the rows that the lane's identifiers may have made, wherever the reading stands.
func (l *lane) named() []backlog.Ref {
	refs := map[backlog.Ref]bool{}
	for _, s := range l.hook.Schedules {
		for _, id := range s.Identifiers {
			refs[backlog.Ref{Lane: l.lane, Record: contact(id)}] = true
		}
	}
	return slices.Collect(maps.Keys(refs))
}

func flat(flying map[string][]backlog.Row) []backlog.Row {
	return slices.Concat(slices.Collect(maps.Values(flying))...)
}

// close drops the executions that are over from those followed. Where all rows were seen and none is the execution's, it
// is over even if its counts lag behind.
func (h *Handler) close(ctx context.Context, l *lane, seen reading) error {
	byID := map[string]backlog.Execution{}
	for _, e := range l.executions {
		byID[e.ID] = e
	}
	var running []string
	for _, id := range l.state.Running {
		e, known := byID[id]
		switch {
		case known && e.Done() || !known && seen.whole && !flies(seen, id):
			continue
		case known && !e.Open && !flies(seen, id) && h.over(l, e, seen.whole):
			if err := h.Executions.Close(ctx, l.lane, id); err != nil {
				return err
			}
			continue
		}
		running = append(running, id)
	}
	l.state.Running = running[max(0, len(running)-runningKept):]
	return nil
}

// over reports whether an execution of which no row was seen in flight has nothing under way, whatever its counts say.
func (h *Handler) over(l *lane, e backlog.Execution, whole bool) bool {
	idle := h.Now().Sub(latest(e.At, e.LastAttempt))
	return whole && idle > settled || idle > l.hook.RetryDelay+forgotten
}

func flies(seen reading, execution string) bool {
	for id := range seen.flying {
		if of(execution, id) {
			return true
		}
	}
	return false
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// save writes the lane's state; it fails where another run has written it since it was read.
func (h *Handler) save(ctx context.Context, l *lane) error {
	saved, err := h.States.Save(ctx, l.state)
	if err != nil {
		return err
	}
	if !saved {
		return errBusy
	}
	l.state.Revision++
	return nil
}

func (h *Handler) queue(l *lane) Queue {
	if l.state.Window.Slow {
		return h.Slow
	}
	return h.Fast
}

func count(list []bool) int {
	n := 0
	for _, ok := range list {
		if ok {
			n++
		}
	}
	return n
}
