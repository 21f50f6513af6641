package tabletest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/upload"
)

func executionKey(lane backlog.Lane, id string) string {
	return lane.Organization + "#" + lane.Interface + "#" + id
}

// AllExecutions are the executions' rows, in no order.
func (l *Ledger) AllExecutions() []backlog.Execution {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]backlog.Execution, 0, len(l.executions))
	for _, e := range l.executions {
		list = append(list, e)
	}
	return list
}

// Begin writes an execution's row; see table.Ledger.
func (l *Ledger) Begin(_ context.Context, e backlog.Execution, _ time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["Begin"]++
	return l.write(e, func() { l.executions[executionKey(e.Lane, e.ID)] = begun(e) })
}

// begun is an execution's row as it is written first.
func begun(e backlog.Execution) backlog.Execution {
	return backlog.Execution{
		Lane: e.Lane, ID: e.ID, Schedule: e.Schedule, StartedBy: e.StartedBy, At: kept(e.At), Taken: e.Taken, Merged: e.Merged, Deliveries: e.Deliveries,
		Open: e.Open, Cancelled: e.Cancelled, Numbers: e.Numbers, Refused: e.Refused,
	}
}

// Executions reads executions; see table.Ledger.
func (l *Ledger) Executions(_ context.Context, ids map[backlog.Lane][]string) ([]backlog.Execution, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return nil, err
	}
	var found []backlog.Execution
	asked := 0
	for lane, list := range ids {
		asked += len(list)
		for _, id := range list {
			if e, ok := l.executions[executionKey(lane, id)]; ok {
				found = append(found, e)
			}
		}
	}
	l.Calls["Executions"] += calls(asked, 100)
	return found, nil
}

// Advance adds to an execution's counts; see table.Ledger.
func (l *Ledger) Advance(_ context.Context, lane backlog.Lane, id string, p backlog.Progress) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["Advance"]++
	e, there := l.executions[executionKey(lane, id)]
	if !there {
		return nil
	}
	return l.write(e, func() {
		e.Tally.Sent += p.Sent
		e.Tally.Delivered += p.Delivered
		e.Tally.Failed += p.Failed
		e.Tally.Stopped += p.Stopped
		e.Tally.Skipped += p.Skipped
		e.Ended += p.Ended
		if !p.EndedAt.IsZero() {
			e.EndedAt = kept(p.EndedAt)
		}
		if p.Attempts > 0 {
			e.TimedOut, e.LastAttempt = p.TimedOut, kept(p.At)
			if p.Reset {
				e.Streak, e.StreakSince, e.LastSuccess = 0, time.Time{}, kept(p.SuccessAt)
			}
			if p.Streak > 0 && e.StreakSince.IsZero() {
				e.StreakSince = kept(p.Since)
			}
			e.Streak += p.Streak
		}
		l.executions[executionKey(lane, id)] = e
	})
}

// alter changes an execution's row, if there is one.
func (l *Ledger) alter(call string, lane backlog.Lane, id string, change func(*backlog.Execution)) (there bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls[call]++
	e, there := l.executions[executionKey(lane, id)]
	if !there {
		return false, l.Kill.Alive()
	}
	change(&e)
	return true, l.write(e, func() { l.executions[executionKey(lane, id)] = e })
}

// Close says that nothing of an execution is under way; see table.Ledger.
func (l *Ledger) Close(_ context.Context, lane backlog.Lane, id string) error {
	_, err := l.alter("Close", lane, id, func(e *backlog.Execution) { e.Closed = true })
	return err
}

// Shut says that no more deliveries are made for an execution; see table.Ledger.
func (l *Ledger) Shut(_ context.Context, lane backlog.Lane, id string) error {
	_, err := l.alter("Shut", lane, id, func(e *backlog.Execution) { e.Open = false })
	return err
}

// CancelExecution marks an execution as cancelled; see table.Ledger.
func (l *Ledger) CancelExecution(_ context.Context, lane backlog.Lane, id string) (bool, error) {
	was := false
	there, err := l.alter("CancelExecution", lane, id, func(e *backlog.Execution) { was, e.Cancelled = e.Cancelled, true })
	return there && !was, err
}

// Extend writes what an execution took and made; see table.Ledger.
func (l *Ledger) Extend(_ context.Context, e backlog.Execution, made int) error {
	held := false
	_, err := l.alter("Extend", e.Lane, e.ID, func(is *backlog.Execution) {
		repeated := is.Deliveries == e.Deliveries && is.Taken == e.Taken && is.Merged == e.Merged
		if held = is.Deliveries == made || repeated; held {
			is.Taken, is.Merged, is.Deliveries = e.Taken, e.Merged, e.Deliveries
		}
	})
	if err == nil && !held {
		err = fmt.Errorf("extend execution %s: there is none that has made %d deliveries", e.ID, made)
	}
	return err
}

// ExecutionPage reads a page of an interface's executions; see table.Ledger.
func (l *Ledger) ExecutionPage(_ context.Context, organization, name, after string, since, until time.Time, limit int) ([]backlog.Execution, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return nil, "", err
	}
	l.Calls["ExecutionPage"]++
	var list []backlog.Execution
	for _, e := range l.executions {
		if e.Organization == organization && e.Interface == name && within(placeAt(e.At)+"#", since, until) {
			list = append(list, e)
		}
	}
	page, next := pageOf(list, func(e backlog.Execution) string { return e.ID }, after, limit)
	return page, next, nil
}

// KeepRefusals keeps the lines of a file that were not taken; see table.Ledger.
func (l *Ledger) KeepRefusals(_ context.Context, lane backlog.Lane, id string, list []upload.Refusal, _ time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["KeepRefusals"]++
	return l.write(list, func() { l.refusals[executionKey(lane, id)] = slices.Clone(list) })
}

// Refusals reads the lines of a file that were not taken; see table.Ledger.
func (l *Ledger) Refusals(_ context.Context, lane backlog.Lane, id string) ([]upload.Refusal, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return nil, err
	}
	l.Calls["Refusals"]++
	return slices.Clone(l.refusals[executionKey(lane, id)]), nil
}
