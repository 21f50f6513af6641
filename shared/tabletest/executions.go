package tabletest

import (
	"context"
	"time"

	"crmhook/shared/backlog"
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
	row := backlog.Execution{
		Lane: e.Lane, ID: e.ID, Schedule: e.Schedule, StartedBy: e.StartedBy, At: kept(e.At), Taken: e.Taken, Merged: e.Merged, Deliveries: e.Deliveries,
	}
	return l.write(e, func() { l.executions[executionKey(e.Lane, e.ID)] = row })
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
		e.Tally.Delivered += p.Delivered
		e.Tally.Failed += p.Failed
		e.Tally.Stopped += p.Stopped
		e.Tally.Skipped += p.Skipped
		e.Ended += p.Ended
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

// Close says that nothing of an execution is under way; see table.Ledger.
func (l *Ledger) Close(_ context.Context, lane backlog.Lane, id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["Close"]++
	e, there := l.executions[executionKey(lane, id)]
	if !there {
		return nil
	}
	e.Closed = true
	return l.write(e, func() { l.executions[executionKey(lane, id)] = e })
}
