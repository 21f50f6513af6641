package tabletest

import (
	"context"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/job"
)

// Asked is a fake of table.Asked over the fakes that it writes to.
type Asked struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by name.
	Calls map[string]int

	backlog *Backlog
	ledger  *Ledger
	agenda  *Agenda
}

// NewAsked writes to a backlog, a ledger and an agenda.
func NewAsked(kill *Kill, backlog *Backlog, ledger *Ledger, agenda *Agenda) *Asked {
	return &Asked{Kill: kill, Calls: map[string]int{}, backlog: backlog, ledger: ledger, agenda: agenda}
}

// Put leaves a job to dispatch, all of it in one write; see table.Asked.
func (a *Asked) Put(_ context.Context, j job.Job, entry backlog.Entry, row *backlog.Execution, _ time.Time) (fresh bool, err error) {
	a.agenda.mu.Lock()
	defer a.agenda.mu.Unlock()
	a.backlog.mu.Lock()
	defer a.backlog.mu.Unlock()
	a.ledger.mu.Lock()
	defer a.ledger.mu.Unlock()
	a.Calls["Put"]++
	err = a.Kill.Write(func() {
		if fresh = a.may(j, row); !fresh {
			return
		}
		a.agenda.entries[place(entry)] = entry.Token
		a.backlog.jobs[task{j.Lane, j.ID}] = keptJob(j)
		if row != nil {
			a.ledger.executions[executionKey(row.Lane, row.ID)] = begun(*row)
		}
		if j.Kind == job.Cancel {
			at := executionKey(j.Lane, j.Execution)
			e := a.ledger.executions[at]
			e.Cancelled = true
			a.ledger.executions[at] = e
		}
	})
	return fresh, err
}

// may reports whether all of the conditions hold.
func (a *Asked) may(j job.Job, row *backlog.Execution) bool {
	if _, there := a.backlog.jobs[task{j.Lane, j.ID}]; there {
		return false
	}
	if row != nil {
		if _, there := a.ledger.executions[executionKey(row.Lane, row.ID)]; there {
			return false
		}
	}
	if j.Kind != job.Cancel {
		return true
	}
	e, there := a.ledger.executions[executionKey(j.Lane, j.Execution)]
	return there && !e.Cancelled
}
