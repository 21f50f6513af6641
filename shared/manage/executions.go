package manage

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"crmhook/shared/audit"
	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/fault"
	"crmhook/shared/job"
	"crmhook/shared/refusal"
)

// Executions lists an interface's executions, newest first; those of a deleted one too. Refusals: 404, 422.
func (h *Handler) Executions(ctx context.Context, organization, name string, l List) (Page[Execution], error) {
	var faults fault.List
	if checkTimes(&faults, "query.since", l.Since, l.Until); len(faults) > 0 {
		return Page[Execution]{}, refusal.Faulty(http.StatusUnprocessableEntity, faults)
	}
	list, next, err := h.Executed.ExecutionPage(ctx, organization, name, l.After, l.Since, l.Until, l.Most())
	if err != nil {
		return Page[Execution]{}, fmt.Errorf("list executions: %w", err)
	}
	if len(list) == 0 {
		if _, err := h.current(ctx, organization, name); err != nil {
			return Page[Execution]{}, err
		}
	}
	return pageOf(list, next, func(e backlog.Execution) Execution { return executionOf(h.lapse(e)) }), nil
}

// Execution is one execution, with the lines of its file that were refused. Refusal: 404.
func (h *Handler) Execution(ctx context.Context, organization, name, id string) (Execution, error) {
	e, err := h.executed(ctx, organization, name, id)
	if err != nil {
		return Execution{}, err
	}
	is := executionOf(e)
	if e.Refused > 0 {
		if is.Refusals, err = h.Refused.Refusals(ctx, e.Lane, id); err != nil {
			return Execution{}, fmt.Errorf("read refused lines: %w", err)
		}
	}
	return is, nil
}

// executed is the row of an execution that is there.
func (h *Handler) executed(ctx context.Context, organization, name, id string) (backlog.Execution, error) {
	lane := backlog.Lane{Organization: organization, Interface: name}
	found, err := h.Executed.Executions(ctx, map[backlog.Lane][]string{lane: {id}})
	if err != nil {
		return backlog.Execution{}, fmt.Errorf("read execution: %w", err)
	}
	if len(found) == 0 {
		return backlog.Execution{}, refusal.New(http.StatusNotFound, "there is no such execution of this interface")
	}
	return h.lapse(found[0]), nil
}

// executionOf is an execution as it is shown.
func executionOf(e backlog.Execution) Execution {
	is := Execution{
		ID: e.ID, Schedule: e.Schedule, StartedBy: e.StartedBy, At: e.At, Taken: e.Taken, Merged: e.Merged, Sent: e.Tally.Sent, Delivered: e.Tally.Delivered,
		Failed: e.Tally.Failed, Stopped: e.Tally.Stopped, Skipped: e.Tally.Skipped, Refused: e.Refused, Numbers: e.Numbers, Status: Running,
	}
	switch {
	case e.Cancelled:
		is.Status = Cancelled
	case e.Done():
		is.Status = Done
	}
	if is.Status != Running {
		is.EndedAt = moment(e.EndedAt)
	}
	return is
}

// moment is a time as it is shown: nil for none.
func moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// Cancel ends what an execution has not sent, and gives the records back to wait. Refusals: 404, 409 unless it runs. One that
// is being cancelled already is left to that.
func (h *Handler) Cancel(ctx context.Context, who Who, name, id string) error {
	e, err := h.executed(ctx, who.Organization, name, id)
	switch {
	case err != nil:
		return err
	case e.Done():
		return refusal.New(http.StatusConflict, "the execution is over: there is nothing to cancel")
	case e.Cancelled:
		return nil
	}
	j, err := h.newJob(e.Lane, job.Cancel)
	if err != nil {
		return err
	}
	if err := h.record(ctx, who, audit.CancelExecution, "execution "+id, "of interface "+name); err != nil {
		return err
	}
	j.Execution = id
	_, err = h.ask(ctx, j, nil)
	return err
}

// newJob is a job with an id of its own.
func (h *Handler) newJob(lane backlog.Lane, kind job.Kind) (job.Job, error) {
	now := h.Now()
	id, err := delivery.NewExecution(now, h.Random)
	return job.Job{Lane: lane, ID: id, Kind: kind, At: now}, err
}
