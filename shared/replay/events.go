package replay

import (
	"context"
	"fmt"
	"slices"

	"crmhook/shared/delivery"
	"crmhook/shared/emit"
	"crmhook/shared/hook"
	"crmhook/shared/parallel"
)

// eventsTogether bounds the memory that bodies take; it is a batch of the queue.
const eventsTogether = 10

// againID is the id of the delivery that tells a stopped one's event once more to a generation of its interface. It derives
// from the stopped one's, so that who replays that a second time makes the same, and who ends the stopped one for good finds
// what somebody has begun.
func againID(d delivery.Delivery, generation string) string {
	return delivery.EventID(d.Organization, d.Interface, generation, d.Records[0], "replay", d.ID)
}

// told is the delivery that tells a stopped one's event once more, without the body. It has no place in its record's line, as
// that has gone on.
func told(d delivery.Delivery, is hook.Interface) delivery.Message {
	return delivery.Message{
		ID: againID(d, is.Generation), Organization: d.Organization, Interface: d.Interface, Generation: is.Generation, Records: d.Records,
		Event: &delivery.Event{Type: d.Event.Type}, ReplayOf: d.Identity(),
	}
}

// tell makes new deliveries of stopped events, as who makes events does: into the ledger, with the body, then on the queue.
// Then the stopped ones end. What somebody ends for good meanwhile is not told: that is looked for once the new ones are in
// the ledger, since from then on whoever ends the stopped one finds the new one himself, and for those that could not be ended
// once more, as a body may have been kept too late.
func (r *Replayer) tell(ctx context.Context, events []candidate, done []bool) error {
	messages, err := r.messages(ctx, events)
	if err != nil {
		return err
	}
	var again []candidate
	var list []delivery.Message
	for i, m := range messages {
		if m.Event.Body != "" {
			again, list = append(again, events[i]), append(list, m)
		}
	}
	due, err := r.open(ctx, list)
	if err != nil {
		return err
	}
	if due, again, err = r.wanted(ctx, due, again); err != nil {
		return err
	}
	if err := r.send(ctx, due); err != nil {
		return err
	}
	before, err := r.toldBefore(ctx, events, messages)
	if err != nil {
		return err
	}
	if err := r.end(ctx, delivery.Replayed, append(again, before...), done); err != nil {
		return err
	}
	_, _, err = r.wanted(ctx, nil, slices.DeleteFunc(again, func(c candidate) bool { return done[c.at] }))
	return err
}

// messages are the new deliveries, each with the body that is kept beside the stopped one; empty where none is.
func (r *Replayer) messages(ctx context.Context, events []candidate) ([]delivery.Message, error) {
	messages := make([]delivery.Message, len(events))
	err := parallel.Each(len(events), sideBySide, func(i int) error {
		body, err := r.Ledger.Body(ctx, events[i].was.Ref())
		messages[i] = told(events[i].was, events[i].is)
		messages[i].Event.Body = body
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return messages, nil
}

// open makes the items of deliveries and returns those that are to be sent. One that is there already was begun by somebody
// who died, unless it has ended.
func (r *Replayer) open(ctx context.Context, messages []delivery.Message) ([]delivery.Message, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	now := r.Now()
	deliveries, refs := make([]delivery.Delivery, len(messages)), make([]delivery.Ref, len(messages))
	for i, m := range messages {
		deliveries[i], refs[i] = delivery.Delivery{Message: m, Status: delivery.Pending, CreatedAt: now}, m.Ref()
	}
	made, err := r.Deliveries.Open(ctx, deliveries)
	if err != nil {
		return nil, fmt.Errorf("make deliveries of events: %w", err)
	}
	found := map[delivery.Ref]delivery.Delivery{}
	for _, ok := range made {
		if ok {
			continue
		}
		if found, err = r.Deliveries.Deliveries(ctx, refs); err != nil {
			return nil, fmt.Errorf("read deliveries of events: %w", err)
		}
		break
	}
	var due []delivery.Message
	for i, m := range messages {
		if made[i] || !found[m.Ref()].Final() {
			due = append(due, m)
		}
	}
	return due, nil
}

func (r *Replayer) send(ctx context.Context, messages []delivery.Message) error {
	if len(messages) == 0 {
		return nil
	}
	if err := r.Ledger.KeepBodies(ctx, messages); err != nil {
		return fmt.Errorf("keep events: %w", err)
	}
	if err := emit.Send(ctx, r.Queue, messages); err != nil {
		return fmt.Errorf("send events: %w", err)
	}
	return nil
}

// toldBefore are those of which the body has gone already and the new delivery is on its way, or has ended: whoever replayed
// them died before the last step. One without either cannot be replayed.
func (r *Replayer) toldBefore(ctx context.Context, events []candidate, messages []delivery.Message) ([]candidate, error) {
	var bare []candidate
	var refs []delivery.Ref
	for i, m := range messages {
		if m.Event.Body == "" {
			bare, refs = append(bare, events[i]), append(refs, m.Ref())
		}
	}
	if len(bare) == 0 {
		return nil, nil
	}
	found, err := r.Deliveries.Deliveries(ctx, refs)
	if err != nil {
		return nil, fmt.Errorf("read deliveries of events: %w", err)
	}
	var before []candidate
	for i, c := range bare {
		if _, there := found[refs[i]]; there {
			before = append(before, c)
		}
	}
	return before, nil
}
