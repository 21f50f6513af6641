package replay

import (
	"context"
	"fmt"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/parallel"
)

const withdrawn = "the delivery that it repeats was dismissed"

// wanted leaves out what is not wanted any more: events whose stopped delivery was dismissed since it was read, and messages
// of these. Their new deliveries are withdrawn. Those that somebody else has replayed stay, as the new delivery is the same.
func (r *Replayer) wanted(ctx context.Context, messages []delivery.Message, events []candidate) ([]delivery.Message, []candidate, error) {
	if len(events) == 0 {
		return nil, nil, nil
	}
	refs := make([]delivery.Ref, len(events))
	for i, c := range events {
		refs[i] = c.was.Ref()
	}
	found, err := r.Deliveries.Deliveries(ctx, refs)
	if err != nil {
		return nil, nil, fmt.Errorf("read stopped deliveries: %w", err)
	}
	var kept []candidate
	var vain []delivery.Ref
	gone := map[delivery.Ref]bool{}
	for i, c := range events {
		switch found[refs[i]].Status {
		case delivery.Stopped, delivery.Replayed:
			kept = append(kept, c)
		default:
			vain, gone[told(c.was, c.is).Ref()] = append(vain, Begun(c.was, c.is)...), true
		}
	}
	var due []delivery.Message
	for _, m := range messages {
		if !gone[m.Ref()] {
			due = append(due, m)
		}
	}
	return due, kept, r.withdraw(ctx, vain)
}

// withdrawAll withdraws what was begun for events that have been dismissed. An answer that they were not may be wrong, as it
// is where it was lost once; of those it looks again.
func (r *Replayer) withdrawAll(ctx context.Context, list []candidate, done []bool) error {
	var refs []delivery.Ref
	var unsure []candidate
	for _, c := range list {
		switch {
		case c.was.Event == nil:
		case done[c.at]:
			refs = append(refs, Begun(c.was, c.is)...)
		default:
			unsure = append(unsure, c)
		}
	}
	if err := r.withdraw(ctx, refs); err != nil {
		return err
	}
	_, _, err := r.wanted(ctx, nil, unsure)
	return err
}

// Begun are the deliveries that somebody may have begun to tell a stopped event once more, whether or not they are there: for
// the interface of the generation that it was for first, and of the one of its name now, the zero Interface where there is none.
func Begun(d delivery.Delivery, is hook.Interface) []delivery.Ref {
	refs := []delivery.Ref{{Organization: d.Organization, ID: againID(d, d.Generation)}}
	if is.Generation != "" && is.Generation != d.Generation {
		refs = append(refs, delivery.Ref{Organization: d.Organization, ID: againID(d, is.Generation)})
	}
	return refs
}

// withdraw ends those of the deliveries that nobody has sent nor is sending, and lets go of what lies beside those that have
// ended. What was sent once goes on.
func (r *Replayer) withdraw(ctx context.Context, refs []delivery.Ref) error {
	if len(refs) == 0 {
		return nil
	}
	found, err := r.Deliveries.Deliveries(ctx, refs)
	if err != nil {
		return fmt.Errorf("read deliveries of events: %w", err)
	}
	now := r.Now()
	var updates []delivery.Update
	var over []delivery.Delivery
	for _, d := range found {
		switch {
		case d.Status == delivery.Stopped:
		case d.Final():
			over = append(over, d)
		case d.Attempts == 0 && !d.Claim.After(now):
			updates = append(updates, delivery.Update{Was: d, Now: d.End(delivery.Cancelled, withdrawn, now)})
		}
	}
	if len(updates) > 0 {
		ended, err := r.Deliveries.Update(ctx, updates)
		if err != nil {
			return fmt.Errorf("withdraw deliveries of events: %w", err)
		}
		for i, u := range updates {
			if ended[i] {
				over = append(over, u.Now)
			}
		}
	}
	err = parallel.Each(len(over), sideBySide, func(i int) error { return r.Ledger.Expire(ctx, over[i].Ref(), over[i].Attempts, over[i].Expires) })
	if err != nil {
		return fmt.Errorf("let go of what lies beside deliveries: %w", err)
	}
	return nil
}
