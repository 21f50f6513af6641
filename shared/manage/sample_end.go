package manage

import (
	"context"
	"fmt"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/job"
)

const (
	// testLasts is how long a test that has not ended is shown as under way: far longer than its one request takes.
	testLasts = time.Hour
	// endsWithin is how long it may take to end one that could not be sent.
	endsWithin = 3 * time.Second
)

// endUnsent ends a test that could not be put on the queue, and its execution, also where the caller has gone. One whose message
// is there all the same finds it ended, unless its sender was faster: then it is left alone.
func (h *Handler) endUnsent(ctx context.Context, d delivery.Delivery) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endsWithin)
	defer cancel()
	ended := d.EndTest(h.Now())
	took, err := h.Tests.Update(ctx, []delivery.Update{{Was: d, Now: ended}})
	if err == nil && took[0] {
		err = h.Executed.Advance(ctx, d.Lane(), d.Execution, backlog.Progress{Ended: 1, EndedAt: ended.EndedAt})
	}
	if err != nil {
		return fmt.Errorf("end the test: %w", err)
	}
	return nil
}

// lapsed reports whether a test that was asked for at a time and has not ended counts as ended: whoever was to put it on the
// queue died before that, and nobody else ends it.
func (h *Handler) lapsed(asked time.Time) bool { return h.Now().Sub(asked) > testLasts }

// lapse is an execution as it counts.
func (h *Handler) lapse(e backlog.Execution) backlog.Execution {
	e.Closed = e.Closed || e.StartedBy == job.ByTest && h.lapsed(e.At)
	return e
}

// lapseTest is a delivery as it counts. When a test lapsed is nothing that happened, so it has no end's time.
func (h *Handler) lapseTest(d delivery.Delivery) delivery.Delivery {
	if d.Test && !d.Final() && h.lapsed(d.CreatedAt) {
		return d.EndTest(time.Time{})
	}
	return d
}
