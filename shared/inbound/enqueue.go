package inbound

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"crmhook/shared/trigger"
)

// enqueue puts the trigger on its queue. One that is to wait longer than a queue can waits in the ledger, and a one-time
// schedule puts its name on the queue: hidden messages would use up what the queue may have in flight, and a schedule cannot
// hold a body.
func (d *door) enqueue(ctx context.Context) error {
	message, err := d.trigger.Encode()
	if err != nil {
		return fmt.Errorf("encode trigger: %w", err)
	}
	if d.delay > MostDelay {
		return d.later(ctx, message)
	}
	queue := d.Live
	if d.trigger.Bulk {
		queue = d.Bulk
	}
	if err := queue.SendLater(ctx, string(message), d.delay); err != nil {
		return fmt.Errorf("enqueue trigger: %w", err)
	}
	return nil
}

// later keeps the trigger first: a schedule without it would find nothing. An entry without a schedule, after a crash in
// between, is of a trigger that was never accepted; the sender sends it again.
func (d *door) later(ctx context.Context, message []byte) error {
	entry := d.trigger.Ended(trigger.Waiting, "the sender asked for a delay", 0, nil, time.Time{}, time.Time{})
	entry.Message = message
	if err := d.Ledger.Keep(ctx, []trigger.Entry{entry}); err != nil {
		return fmt.Errorf("keep trigger: %w", err)
	}
	name, err := json.Marshal(trigger.Kept{Organization: d.organization, ID: d.trigger.ID})
	if err != nil {
		return fmt.Errorf("name trigger: %w", err)
	}
	if err := d.Clock.At(ctx, d.trigger.ID, d.trigger.Due, d.trigger.Bulk, string(name)); err != nil {
		return fmt.Errorf("schedule trigger: %w", err)
	}
	return nil
}
