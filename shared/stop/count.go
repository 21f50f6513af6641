package stop

import (
	"context"
	"fmt"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
)

// count adds what was stopped to the hour of every interface, all in one call. It comes after the ends have been written, and
// is not made good: who dies before it loses a count.
func (t *turn) count(ctx context.Context) error {
	if len(t.stopped) == 0 {
		return nil
	}
	if err := t.handler.Ledger.Count(ctx, t.stopped, t.handler.Now()); err != nil {
		return fmt.Errorf("count for the hour: %w", err)
	}
	return nil
}

func (t *turn) add(d delivery.Delivery) {
	is := t.stopped[hook.KeyOf(d.Message)]
	is.Add(hours.Counts{Stopped: 1})
	t.stopped[hook.KeyOf(d.Message)] = is
}
