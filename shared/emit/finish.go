package emit

import (
	"context"
	"fmt"

	"crmhook/shared/delivery"
	"crmhook/shared/event"
)

// Finish puts on the queue what was begun of events that are made no more, as their interface stopped working or wants
// others now: who made them died between ledger and queue, and when their changes are read again nobody makes them. Only
// those that are in the ledger and were never tried are sent, with what the ledger lacks of them; send stops them, for a
// replay, where the interface does not work. None is made anew. It costs a read for each event, and may be repeated.
func (m *Maker) Finish(ctx context.Context, events []event.Event) error {
	messages := make(map[delivery.Ref]delivery.Message, len(events))
	var order, begun []delivery.Ref
	for _, e := range events {
		message, unfit := e.Message()
		if _, known := messages[message.Ref()]; known || unfit != nil {
			continue // What no message can carry was set aside and never begun.
		}
		messages[message.Ref()] = message
		order = append(order, message.Ref())
	}
	if len(order) == 0 {
		return nil
	}
	found, err := m.Deliveries.Deliveries(ctx, order)
	if err != nil {
		return fmt.Errorf("read deliveries of events: %w", err)
	}
	for _, ref := range order {
		if d := found[ref]; d.Status == delivery.Pending && d.Attempts == 0 && d.Claim.IsZero() {
			begun = append(begun, ref)
		}
	}
	due := make([]delivery.Message, len(begun))
	for i, ref := range begun {
		due[i] = messages[ref]
	}
	return m.put(ctx, due, nil)
}
