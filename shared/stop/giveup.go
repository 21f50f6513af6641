package stop

import (
	"context"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/notice"
)

// delivery.GivenUp is why a delivery ends that has no attempts left.
// giveUp is rule 8: rows whose changes the last failed attempt had seen are deleted, the others released. What the ledger
// keeps of the delivery has no expiry. The status comes last, so that a crash on the way is made good by the next receive.
func (t *turn) giveUp(ctx context.Context, l letter, d delivery.Delivery) (*notice.Notice, error) {
	h := t.handler
	next, err := t.crashed(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := t.letGo(ctx, d); err != nil {
		return nil, err
	}
	if err := t.preserve(ctx, d); err != nil {
		return nil, err
	}
	next = next.End(delivery.Stopped, delivery.GivenUp, h.Now())
	took, err := h.Deliveries.Update(ctx, []delivery.Update{{Was: d, Now: next}})
	if err != nil {
		return nil, err
	}
	if !took[0] {
		// Another receive of the message was faster, or a call of this one whose answer was lost. Who then finds it stopped does
		// what follows: people may be told twice, but not never.
		t.again[l.message.ID] = ownDelay
		return nil, nil
	}
	t.add(next)
	t.log("stopped", next)
	if err := t.next(ctx, next); err != nil {
		return nil, err
	}
	if d.Event == nil {
		progress := backlog.Progress{Tally: backlog.Tally{Sent: sent(d), Stopped: len(d.Records)}, Ended: 1, EndedAt: next.EndedAt}
		if err := h.Ledger.Advance(ctx, d.Lane(), d.Execution, progress); err != nil {
			return nil, err
		}
	}
	return t.notice(ctx, next)
}

// crashed is the delivery with the attempt that a crashed sender left unfinished, which is written down.
func (t *turn) crashed(ctx context.Context, d delivery.Delivery) (delivery.Delivery, error) {
	crash := d.Crash()
	if crash == nil {
		return d, nil
	}
	next, attempts := d, map[delivery.Ref]delivery.Attempt{d.Ref(): *crash}
	next.LastStatus, next.LastError = 0, crash.Error
	if crash.Number == 1 {
		next.First = crash
		return next, nil
	}
	return next, t.handler.Attempts.KeepAttempts(ctx, attempts, t.handler.Now().Add(delivery.LedgerTime))
}

// sent are the records of a first attempt that its sender died in, before it could count them.
func sent(d delivery.Delivery) int {
	if crash := d.Crash(); crash != nil && crash.Number == 1 {
		return len(d.Records)
	}
	return 0
}

// letGo settles a bucket's rows; an event has none.
func (t *turn) letGo(ctx context.Context, d delivery.Delivery) error {
	if d.Event != nil {
		return nil
	}
	attempted := d.Attempted()
	outcomes := make([]backlog.Outcome, len(d.Records))
	for i, record := range d.Records {
		outcomes[i] = backlog.Outcome{Lane: d.Lane(), Record: record, Delivery: d.ID, Changes: attempted[i], Done: true}
	}
	_, err := t.handler.Rows.Settle(ctx, outcomes)
	return err
}

// preserve keeps without expiry what lies beside a delivery that is stopped.
func (t *turn) preserve(ctx context.Context, d delivery.Delivery) error {
	if d.Event != nil {
		if err := t.handler.Attempts.KeepBodies(ctx, []delivery.Message{d.Message}); err != nil {
			return err
		}
	}
	return t.handler.Attempts.KeepForever(ctx, d.Ref(), d.Attempts)
}
