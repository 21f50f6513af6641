package stop

import (
	"context"
	"fmt"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/notice"
)

// Why deliveries end whose interface does not work.
const (
	notWorking = "the interface is paused, disabled, invalid or gone; the records wait again"
	notTold    = "the interface is paused, disabled, invalid or gone; the event can be replayed"
)

// stop ends deliveries and returns what people are to be told.
func (t *turn) stop(ctx context.Context, letters []letter) ([]letter, error) {
	if len(letters) == 0 {
		return nil, nil
	}
	found, interfaces, err := t.look(ctx, letters)
	if err != nil {
		for _, l := range letters {
			t.again[l.message.ID] = ownDelay
		}
		return nil, err
	}
	var told []letter
	var failed []error
	for _, l := range letters {
		d, known := found[l.delivery.Ref()]
		if !known {
			d = delivery.Delivery{Message: l.delivery}
		}
		d.Message = l.delivery // An event's body the message alone carries.
		is := interfaces[hook.KeyOf(d.Message)]
		n, err := t.one(ctx, l, d, known, is)
		if err != nil {
			t.again[l.message.ID] = ownDelay
			failed = append(failed, fmt.Errorf("stop delivery %s: %w", d.ID, err))
			continue
		}
		if n != nil {
			told = append(told, letter{message: l.message, notice: *n})
		}
	}
	return told, join(failed)
}

// look reads the deliveries and their interfaces, one batch each.
func (t *turn) look(ctx context.Context, letters []letter) (map[delivery.Ref]delivery.Delivery, map[hook.Key]hook.Interface, error) {
	refs, keys := map[delivery.Ref]bool{}, map[hook.Key]bool{}
	for _, l := range letters {
		refs[l.delivery.Ref()] = true
		keys[hook.KeyOf(l.delivery)] = true
	}
	found, err := t.handler.Deliveries.Deliveries(ctx, list(refs))
	if err != nil {
		return nil, nil, err
	}
	interfaces, err := t.handler.Configuration.Interfaces(ctx, list(keys))
	return found, interfaces, err
}

// one ends one delivery, or sends it on while it has attempts left (rule 9).
func (t *turn) one(ctx context.Context, l letter, d delivery.Delivery, known bool, is hook.Interface) (*notice.Notice, error) {
	now := t.handler.Now()
	switch {
	case d.Status == delivery.Stopped && d.Reason == delivery.GivenUp && l.message.Receives > 1:
		if err := t.next(ctx, d); err != nil {
			return nil, err
		}
		return t.notice(ctx, d) // Its stopper may have died before people were told.
	case known && d.Final():
		return nil, t.ended(ctx, d)
	case d.Claim.After(now):
		t.again[l.message.ID] = d.Claim.Sub(now) + time.Second
		return nil, nil
	case d.Test:
		return nil, t.endTest(ctx, l, d, known)
	case !is.Delivers(d.Message):
		return nil, t.cancel(ctx, l, d, known)
	case d.Attempts <= is.Hook.RetriesBeforeStop:
		return nil, t.sendOn(ctx, d)
	default:
		return t.giveUp(ctx, l, d)
	}
}

// sendOn puts a delivery back on its queue under its id: receives were used up by crashes or faults of ours.
func (t *turn) sendOn(ctx context.Context, d delivery.Delivery) error {
	_, err := t.queue(d).Send(ctx, d.Group(), []any{d.Message})
	if err == nil {
		t.log("sent on", d)
	}
	return err
}

// queue is the one that suits an interface one of whose deliveries ended so.
func (t *turn) queue(d delivery.Delivery) Queue {
	if d.LastError == delivery.Timeout {
		return t.handler.Slow
	}
	return t.handler.Fast
}

// next lets the next event of the record go, if the delivery was an ordered one's. It may be repeated.
func (t *turn) next(ctx context.Context, d delivery.Delivery) error {
	if !d.Ordered() {
		return nil
	}
	next, err := t.handler.Line.Next(ctx, []delivery.Message{d.Message})
	if err != nil {
		return err
	}
	for _, m := range next {
		if _, err := t.queue(d).Send(ctx, m.Group(), []any{m}); err != nil {
			return fmt.Errorf("send the next event: %w", err)
		}
	}
	return nil
}

// cancel ends a delivery whose interface does not work any more; its records wait again, an event is stopped, for a replay,
// and nobody told. It ends before its rows are let go, so that no sender of it is at work when its records go again.
func (t *turn) cancel(ctx context.Context, l letter, d delivery.Delivery, known bool) error {
	ended := d.End(delivery.Cancelled, notWorking, t.handler.Now())
	if d.Event != nil {
		if err := t.preserve(ctx, d); err != nil {
			return err
		}
		ended = d.End(delivery.Stopped, notTold, t.handler.Now())
	}
	took, err := t.write(ctx, d, ended, known)
	if err != nil {
		return err
	}
	if !took {
		t.again[l.message.ID] = ownDelay // It has moved on since it was read.
		return nil
	}
	if d.Event != nil {
		t.add(d)
		t.log("stopped", ended)
		return t.next(ctx, ended)
	}
	outcomes := make([]backlog.Outcome, len(d.Records))
	for i, record := range d.Records {
		outcomes[i] = backlog.Outcome{Lane: d.Lane(), Record: record, Delivery: d.ID}
	}
	if _, err := t.handler.Rows.Settle(ctx, outcomes); err != nil {
		return err
	}
	t.log("cancelled", ended)
	return t.handler.Ledger.Advance(ctx, d.Lane(), d.Execution, backlog.Progress{Ended: 1, EndedAt: ended.EndedAt})
}

func (t *turn) write(ctx context.Context, was, now delivery.Delivery, known bool) (bool, error) {
	var took []bool
	var err error
	if known {
		took, err = t.handler.Deliveries.Update(ctx, []delivery.Update{{Was: was, Now: now}})
	} else {
		now.CreatedAt = t.handler.Now()
		took, err = t.handler.Deliveries.Open(ctx, []delivery.Delivery{now})
	}
	return err == nil && took[0], err
}

// notice is what people are told about a stopped delivery, with its last attempt.
func (t *turn) notice(ctx context.Context, d delivery.Delivery) (*notice.Notice, error) {
	last := d.First
	if d.Attempts > 1 {
		var err error
		if last, err = t.handler.Attempts.Attempt(ctx, d.Ref(), d.Attempts); err != nil {
			return nil, err
		}
	}
	n := notice.Of(notice.Stopped, d, last, d.EndedAt)
	return &n, nil
}

func (t *turn) log(what string, d delivery.Delivery) {
	of, name := "execution", d.Execution
	if d.Event != nil {
		of, name = "event", d.Event.Type
	}
	t.handler.Log.Info(what, "organization", d.Organization, "interface", d.Interface, "delivery", d.ID, of, name,
		"records", len(d.Records), "attempts", d.Attempts, "status", d.LastStatus, "cause", string(d.LastError))
}
