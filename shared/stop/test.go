package stop

import (
	"context"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
)

// endTest ends a test that comes here: it is sent once, and its sender died, or never came to send it. Nobody is told but who
// looks at it. Its one record counts for its execution.
func (t *turn) endTest(ctx context.Context, l letter, d delivery.Delivery, known bool) error {
	next, err := t.crashed(ctx, d)
	if err != nil {
		return err
	}
	next = next.EndTest(t.handler.Now())
	took, err := t.write(ctx, d, next, known)
	if err != nil {
		return err
	}
	if !took {
		t.again[l.message.ID] = ownDelay // It has moved on since it was read.
		return nil
	}
	t.log("cancelled", next)
	progress := backlog.Progress{Tally: backlog.Tally{Sent: sent(d), Failed: sent(d)}, Ended: 1, EndedAt: next.EndedAt}
	return t.handler.Ledger.Advance(ctx, d.Lane(), d.Execution, progress)
}

// ended does once more what follows the end of a delivery: who ended it may have died before. A test's execution, which has
// no other, is closed, as it was perhaps not counted for.
func (t *turn) ended(ctx context.Context, d delivery.Delivery) error {
	if d.Test {
		return t.handler.Ledger.Close(ctx, d.Lane(), d.Execution)
	}
	return t.next(ctx, d)
}
