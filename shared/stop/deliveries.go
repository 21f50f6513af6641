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

const (
	givenUp    = "its last attempt failed"
	notWorking = "the interface is paused, disabled, invalid or gone; the records wait again"
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
		is := interfaces[hook.Key{Organization: d.Organization, Name: d.Interface}]
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
		keys[hook.Key{Organization: l.delivery.Organization, Name: l.delivery.Interface}] = true
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
	case d.Status == delivery.Stopped && l.message.Receives > 1:
		return t.notice(ctx, d) // Its stopper may have died before people were told.
	case known && d.Final():
		return nil, nil
	case d.Claim.After(now):
		t.again[l.message.ID] = d.Claim.Sub(now) + time.Second
		return nil, nil
	case !is.Working() || is.Generation != d.Generation:
		return nil, t.cancel(ctx, l, d, known)
	case d.Attempts <= is.Hook.RetriesBeforeStop:
		return nil, t.sendOn(ctx, d)
	default:
		return t.giveUp(ctx, d)
	}
}

// sendOn puts a delivery back on its queue under its id: receives were used up by crashes or faults of ours.
func (t *turn) sendOn(ctx context.Context, d delivery.Delivery) error {
	queue := t.handler.Fast
	if d.LastError == delivery.Timeout {
		queue = t.handler.Slow
	}
	_, err := queue.Send(ctx, d.Organization+"/"+d.Interface, []any{d.Message})
	if err == nil {
		t.log("sent on", d)
	}
	return err
}

// cancel ends a delivery whose interface does not work any more; its records wait again. It ends before its rows are let
// go, so that no sender of it is at work when its records go again.
func (t *turn) cancel(ctx context.Context, l letter, d delivery.Delivery, known bool) error {
	ended := d.End(delivery.Cancelled, notWorking, t.handler.Now())
	took, err := t.write(ctx, d, ended, known)
	if err != nil {
		return err
	}
	if !took {
		t.again[l.message.ID] = ownDelay // It has moved on since it was read.
		return nil
	}
	outcomes := make([]backlog.Outcome, len(d.Records))
	for i, record := range d.Records {
		outcomes[i] = backlog.Outcome{Lane: lane(d), Record: record, Delivery: d.ID}
	}
	if _, err := t.handler.Rows.Settle(ctx, outcomes); err != nil {
		return err
	}
	t.log("cancelled", ended)
	return t.handler.Ledger.Advance(ctx, lane(d), d.Execution, backlog.Progress{Ended: 1})
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

// giveUp is rule 8: rows whose changes the last failed attempt had seen are deleted, the others released. What the ledger
// keeps of the delivery has no expiry. The status comes last, so that a crash on the way is made good by the next receive.
func (t *turn) giveUp(ctx context.Context, d delivery.Delivery) (*notice.Notice, error) {
	h, next := t.handler, d
	if crash := d.Crash(); crash != nil {
		next.LastStatus, next.LastError = 0, crash.Error
		if crash.Number == 1 {
			next.First = crash
		} else if err := h.Attempts.KeepAttempts(ctx, map[delivery.Ref]delivery.Attempt{d.Ref(): *crash}, h.Now().Add(delivery.LedgerTime)); err != nil {
			return nil, err
		}
	}
	attempted := d.Attempted()
	outcomes := make([]backlog.Outcome, len(d.Records))
	for i, record := range d.Records {
		outcomes[i] = backlog.Outcome{Lane: lane(d), Record: record, Delivery: d.ID, Changes: attempted[i], Done: true}
	}
	if _, err := h.Rows.Settle(ctx, outcomes); err != nil {
		return nil, err
	}
	if err := h.Attempts.KeepForever(ctx, d.Ref(), d.Attempts); err != nil {
		return nil, err
	}
	next = next.End(delivery.Stopped, givenUp, h.Now())
	if took, err := h.Deliveries.Update(ctx, []delivery.Update{{Was: d, Now: next}}); err != nil || !took[0] {
		return nil, err // Another receive of the message was faster, and tells people.
	}
	t.log("stopped", next)
	progress := backlog.Progress{Tally: backlog.Tally{Stopped: len(d.Records)}, Ended: 1}
	if err := h.Ledger.Advance(ctx, lane(d), d.Execution, progress); err != nil {
		return nil, err
	}
	return t.notice(ctx, next)
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
	t.handler.Log.Info(what, "organization", d.Organization, "interface", d.Interface, "delivery", d.ID, "execution", d.Execution,
		"records", len(d.Records), "attempts", d.Attempts, "status", d.LastStatus, "cause", string(d.LastError))
}

func lane(d delivery.Delivery) backlog.Lane {
	return backlog.Lane{Organization: d.Organization, Interface: d.Interface, Generation: d.Generation}
}
