package manage

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/job"
	"crmhook/shared/refusal"
)

// ask leaves a job to dispatch: the job first, then the agenda's entry by which it is found, so that an entry never stands
// without its job.
func (h *Handler) ask(ctx context.Context, j job.Job) error {
	if err := h.Jobs.PutJob(ctx, j); err != nil {
		return fmt.Errorf("leave a job to dispatch: %w", err)
	}
	return h.due(ctx, j.Lane, backlog.Work)
}

// due puts a lane on the agenda, and starts dispatch for it.
func (h *Handler) due(ctx context.Context, lane backlog.Lane, purpose backlog.Purpose) error {
	entry := backlog.Entry{Lane: lane, Purpose: purpose, Due: h.Now().Truncate(time.Second), Token: h.Runs.Token()}
	if err := h.Agenda.Put(ctx, []backlog.Entry{entry}); err != nil {
		return fmt.Errorf("put on agenda: %w", err)
	}
	h.hurry(ctx)
	return nil
}

// hurry starts dispatch. Where that fails, the run of the next minute does what there is.
func (h *Handler) hurry(ctx context.Context) {
	if err := h.Dispatch.Start(ctx); err != nil {
		h.Log.Warn("dispatch was not started; its next run will do what was asked for", "error", err.Error())
	}
}

// notFound is the refusal for what is not there.
func notFound(what string) error {
	return refusal.New(http.StatusNotFound, "there is no such %s", what)
}

func conflict(format string, args ...any) error {
	return refusal.New(http.StatusConflict, format, args...)
}
