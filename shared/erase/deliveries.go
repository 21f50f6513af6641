package erase

import (
	"context"
	"fmt"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
)

// Deliveries are the ledger's deliveries.
type Deliveries interface {
	Listed(ctx context.Context, s delivery.Selection, after string, limit int) ([]delivery.Delivery, string, error)
	Deliveries(ctx context.Context, refs []delivery.Ref) (map[delivery.Ref]delivery.Delivery, error)
	Update(ctx context.Context, updates []delivery.Update) ([]bool, error)
	Advance(ctx context.Context, lane backlog.Lane, id string, p backlog.Progress) error
}

// deliveriesRead is the size of a page of deliveries.
const deliveriesRead = 100

// What is said of what was erased. The detail also tells a later call that a delivery is done with.
const (
	contactErased = "the contact was erased"
	answerErased  = "what was answered was removed, as a contact of the delivery was erased"
)

// deliveries goes through all deliveries that concern the contact, newest first, and then looks from the top again, until it
// finds none that it has not worked on: the index is a little behind, and some are made meanwhile. Those are the newest.
func (e *erasure) deliveries(ctx context.Context, _ *person) error {
	more, err := e.listed(ctx)
	for more && err == nil {
		more, err = e.listed(ctx)
	}
	return err
}

// listed goes through the list to its end, or to a page on which nothing is new, and answers whether anything was.
func (e *erasure) listed(ctx context.Context) (some bool, err error) {
	of := delivery.Selection{Organization: e.contact.Organization, Record: e.contact.String()}
	for after, more := "", true; more; more = after != "" {
		if err := e.late(ctx); err != nil {
			return some, err
		}
		list, next, err := e.Ledger.Listed(ctx, of, after, deliveriesRead)
		if err != nil {
			return some, fmt.Errorf("list deliveries: %w", err)
		}
		fresh := e.unseen(list)
		if err := e.work(ctx, fresh); err != nil {
			return some, err
		}
		if some = some || len(fresh) > 0; len(list) > 0 && len(fresh) == 0 {
			break
		}
		after = next
	}
	return some, nil
}

// unseen are the deliveries that were not worked on; from now on they were.
func (e *erasure) unseen(list []delivery.Delivery) []delivery.Delivery {
	var fresh []delivery.Delivery
	for _, d := range list {
		if !e.seen[d.Ref()] {
			e.seen[d.Ref()] = true
			fresh = append(fresh, d)
		}
	}
	e.found.Deliveries += len(fresh)
	return fresh
}

// work works on deliveries, and then on those that tell their events again.
func (e *erasure) work(ctx context.Context, list []delivery.Delivery) error {
	for len(list) > 0 {
		done, err := e.page(ctx, list)
		if err != nil {
			return err
		}
		again, err := e.replays(ctx, done)
		if err != nil {
			return fmt.Errorf("look for replays: %w", err)
		}
		list = e.unseen(again)
	}
	return nil
}

// page works on deliveries in the order that a crash asks for: they end first, so that nothing more is sent, and that their
// first attempts say so comes last: until then a later call begins them again. It returns them as they are then, without those
// that go on.
func (e *erasure) page(ctx context.Context, list []delivery.Delivery) (ended []delivery.Delivery, err error) {
	farewells, list, err := e.farewells(ctx, list)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	list, past := e.open(list)
	if list, err = e.stop(ctx, list); err != nil {
		return nil, fmt.Errorf("end deliveries: %w", err)
	}
	ended = append(past, list...)
	if err := e.bodies(ctx, ended); err != nil {
		return nil, fmt.Errorf("erase events: %w", err)
	}
	list = append(list, farewells...)
	for _, step := range []func(context.Context, []delivery.Delivery) error{e.attempts, e.expire, e.notices, e.firsts} {
		if err := step(ctx, list); err != nil {
			return nil, fmt.Errorf("erase deliveries: %w", err)
		}
	}
	return ended, nil
}

// open are the deliveries that are not done with, and past those that are. One that a sender is at work on is neither, and left
// to a later call, as what is answered to it is written down after this one.
func (e *erasure) open(list []delivery.Delivery) (open, past []delivery.Delivery) {
	for _, d := range list {
		switch {
		case done(d):
			past = append(past, d)
		case claimed(d, e.Now()):
			e.busy++
		default:
			open = append(open, d)
		}
	}
	return open, past
}

func claimed(d delivery.Delivery, now time.Time) bool { return !d.Final() && d.Claim.After(now) }

func done(d delivery.Delivery) bool {
	return d.First != nil && d.First.Detail == answerErased
}

// stop ends those that concern the contact alone: its events that are still to be sent, and what was stopped. It returns the
// deliveries as they are then, without those that moved on meanwhile. A bucket ends by itself when it finds the contact gone,
// with its row and its execution's counts.
func (e *erasure) stop(ctx context.Context, list []delivery.Delivery) ([]delivery.Delivery, error) {
	var rest []delivery.Delivery
	var updates []delivery.Update
	for _, d := range list {
		switch {
		case len(d.Records) == 1 && d.Status == delivery.Stopped:
			updates = append(updates, delivery.Update{Was: d, Now: d.End(delivery.Dismissed, contactErased, e.Now())})
		case d.Event != nil && d.Status == delivery.Pending:
			updates = append(updates, delivery.Update{Was: d, Now: d.End(delivery.Cancelled, contactErased, e.Now())})
		default:
			rest = append(rest, d)
		}
	}
	ended, err := e.update(ctx, updates)
	if err != nil {
		return nil, err
	}
	for _, d := range ended {
		if d.Status != delivery.Cancelled {
			continue
		}
		e.found.Cancelled++
		if d.Execution == "" {
			continue
		}
		if err := e.Ledger.Advance(ctx, d.Lane(), d.Execution, backlog.Progress{Ended: 1, EndedAt: d.EndedAt}); err != nil {
			return nil, err
		}
	}
	return append(rest, ended...), nil
}

// update writes deliveries and returns those that were as they were read; the others are somebody's work.
func (e *erasure) update(ctx context.Context, updates []delivery.Update) ([]delivery.Delivery, error) {
	if len(updates) == 0 {
		return nil, nil
	}
	took, err := e.Ledger.Update(ctx, updates)
	if err != nil {
		return nil, err
	}
	var written []delivery.Delivery
	for i, u := range updates {
		if took[i] {
			written = append(written, u.Now)
		} else {
			e.busy++
		}
	}
	return written, nil
}
