package manage

import (
	"context"
	"net/http"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/job"
	"crmhook/shared/refusal"
)

// ask leaves a job to dispatch, with the row of the execution that it makes, nil for none, and starts dispatch. All is one
// write: whoever dies before it has asked for nothing, and what it leaves is found without anybody asking again. It reports
// whether it did; see Asked.
func (h *Handler) ask(ctx context.Context, j job.Job, row *backlog.Execution) (bool, error) {
	fresh, err := h.Asked.Put(ctx, j, j.Entry(j.At, h.Runs.Token()), row, j.At.Add(delivery.LedgerTime))
	if err != nil {
		return false, err
	}
	h.hurry(ctx)
	return fresh, nil
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
