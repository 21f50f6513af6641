package erase

import (
	"context"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/replay"
)

// replays are the deliveries by which events of a list are told again. Somebody may have replayed a stopped event just before it
// was dismissed here, or read it before and replay it after: the index need not show what that made yet, so it is read by its
// id, for the interface that the event was for first, and for the one of its name now. Whoever makes it later finds the stopped
// one dismissed.
func (e *erasure) replays(ctx context.Context, list []delivery.Delivery) ([]delivery.Delivery, error) {
	var events []delivery.Delivery
	var keys []hook.Key
	asked := map[hook.Key]bool{}
	for _, d := range list {
		if d.Event == nil || d.Test || d.Status != delivery.Dismissed && d.Status != delivery.Replayed {
			continue
		}
		events = append(events, d)
		if key := hook.KeyOf(d.Message); !asked[key] {
			asked[key], keys = true, append(keys, key)
		}
	}
	if len(events) == 0 {
		return nil, nil
	}
	interfaces, err := e.Configuration.Interfaces(ctx, keys)
	if err != nil {
		return nil, err
	}
	var refs []delivery.Ref
	for _, d := range events {
		refs = append(refs, replay.Begun(d, interfaces[hook.KeyOf(d.Message)])...)
	}
	return e.read(ctx, refs)
}

// read gives deliveries as they are now, without those that were worked on.
func (e *erasure) read(ctx context.Context, refs []delivery.Ref) ([]delivery.Delivery, error) {
	var wanted []delivery.Ref
	for _, ref := range refs {
		if !e.seen[ref] {
			wanted = append(wanted, ref)
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	found, err := e.Ledger.Deliveries(ctx, wanted)
	if err != nil {
		return nil, err
	}
	var list []delivery.Delivery
	for _, ref := range wanted {
		if d, there := found[ref]; there {
			list = append(list, d)
		}
	}
	return list, nil
}
