package erase

import (
	"context"
	"fmt"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/notice"
)

// Deliveries are the ledger's deliveries.
type Deliveries interface {
	Listed(ctx context.Context, s delivery.Selection, after string, limit int) ([]delivery.Delivery, string, error)
	Update(ctx context.Context, updates []delivery.Update) ([]bool, error)
	Advance(ctx context.Context, lane backlog.Lane, id string, p backlog.Progress) error
}

// Attempts are those after the first, beside their deliveries. Rewrite leaves alone when they are forgotten.
type Attempts interface {
	Log(ctx context.Context, ref delivery.Ref) ([]delivery.Attempt, error)
	Rewrite(ctx context.Context, attempts map[delivery.Ref][]delivery.Attempt) error
	Expire(ctx context.Context, ref delivery.Ref, attempts int, expires time.Time) error
}

// Bodies are those of events, beside their deliveries.
type Bodies interface {
	Body(ctx context.Context, ref delivery.Ref) (string, error)
	EraseBodies(ctx context.Context, refs []delivery.Ref) (int, error)
}

// Notices wait for a digest.
type Notices interface {
	Forget(ctx context.Context, notices []notice.Notice) error
}

// deliveriesRead is the size of a page of deliveries.
const deliveriesRead = 100

// What is said of what was erased. The detail also tells a later call that a delivery is done with.
const (
	contactErased = "the contact was erased"
	answerErased  = "what was answered was removed, as a contact of the delivery was erased"
)

// deliveries goes through all deliveries that concern the contact, newest first.
func (j *job) deliveries(ctx context.Context, _ *person) error {
	of := delivery.Selection{Organization: j.contact.Organization, Record: j.contact.String()}
	for after, more := "", true; more; more = after != "" {
		if err := j.late(ctx); err != nil {
			return err
		}
		list, next, err := j.Ledger.Listed(ctx, of, after, deliveriesRead)
		if err != nil {
			return fmt.Errorf("list deliveries: %w", err)
		}
		j.found.Deliveries += len(list)
		if err := j.page(ctx, list); err != nil {
			return err
		}
		after = next
	}
	return nil
}

// page works on deliveries in the order that a crash asks for: they end first, so that nothing more is sent, and that their
// first attempts say so comes last: until then a later call begins them again.
func (j *job) page(ctx context.Context, list []delivery.Delivery) error {
	farewells, list, err := j.farewells(ctx, list)
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	list, past := j.open(list)
	if list, err = j.stop(ctx, list); err != nil {
		return fmt.Errorf("end deliveries: %w", err)
	}
	if err := j.bodies(ctx, append(past, list...)); err != nil {
		return fmt.Errorf("erase events: %w", err)
	}
	list = append(list, farewells...)
	for _, step := range []func(context.Context, []delivery.Delivery) error{j.attempts, j.expire, j.notices, j.firsts} {
		if err := step(ctx, list); err != nil {
			return fmt.Errorf("erase deliveries: %w", err)
		}
	}
	return nil
}

// open are the deliveries that are not done with, and past those that are. One that a sender is at work on is neither, and left
// to a later call, as what is answered to it is written down after this one.
func (j *job) open(list []delivery.Delivery) (open, past []delivery.Delivery) {
	for _, d := range list {
		switch {
		case done(d):
			past = append(past, d)
		case claimed(d, j.Now()):
			j.busy++
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
func (j *job) stop(ctx context.Context, list []delivery.Delivery) ([]delivery.Delivery, error) {
	var rest []delivery.Delivery
	var updates []delivery.Update
	for _, d := range list {
		switch {
		case len(d.Records) == 1 && d.Status == delivery.Stopped:
			updates = append(updates, delivery.Update{Was: d, Now: d.End(delivery.Dismissed, contactErased, j.Now())})
		case d.Event != nil && d.Status == delivery.Pending:
			updates = append(updates, delivery.Update{Was: d, Now: d.End(delivery.Cancelled, contactErased, j.Now())})
		default:
			rest = append(rest, d)
		}
	}
	ended, err := j.update(ctx, updates)
	if err != nil {
		return nil, err
	}
	for _, d := range ended {
		if d.Status != delivery.Cancelled {
			continue
		}
		j.found.Cancelled++
		if d.Execution == "" {
			continue
		}
		lane := backlog.Lane{Organization: d.Organization, Interface: d.Interface, Generation: d.Generation}
		if err := j.Ledger.Advance(ctx, lane, d.Execution, backlog.Progress{Ended: 1, EndedAt: d.EndedAt}); err != nil {
			return nil, err
		}
	}
	return append(rest, ended...), nil
}

// update writes deliveries and returns those that were as they were read; the others are somebody's work.
func (j *job) update(ctx context.Context, updates []delivery.Update) ([]delivery.Delivery, error) {
	if len(updates) == 0 {
		return nil, nil
	}
	took, err := j.Ledger.Update(ctx, updates)
	if err != nil {
		return nil, err
	}
	var written []delivery.Delivery
	for i, u := range updates {
		if took[i] {
			written = append(written, u.Now)
		} else {
			j.busy++
		}
	}
	return written, nil
}

// bodies removes those of events, also of events that were done with: who was about to stop one may have kept its body since.
func (j *job) bodies(ctx context.Context, list []delivery.Delivery) error {
	var refs []delivery.Ref
	for _, d := range list {
		if d.Event != nil {
			refs = append(refs, d.Ref())
		}
	}
	if len(refs) == 0 {
		return nil
	}
	n, err := j.Ledger.EraseBodies(ctx, refs)
	j.found.Bodies += n
	return err
}

// attempts removes what was answered to attempts after the first.
func (j *job) attempts(ctx context.Context, list []delivery.Delivery) error {
	rewritten, answers := map[delivery.Ref][]delivery.Attempt{}, 0
	err := side(list, func(d delivery.Delivery) error {
		if d.Attempts < 2 {
			return nil
		}
		log, err := j.Ledger.Log(ctx, d.Ref())
		if err != nil {
			return err
		}
		for _, a := range log {
			if answered(a) {
				j.count(func(*Found) { rewritten[d.Ref()] = append(rewritten[d.Ref()], silent(a)); answers++ })
			}
		}
		return nil
	})
	if err != nil || answers == 0 {
		return err
	}
	if err := j.Ledger.Rewrite(ctx, rewritten); err != nil {
		return err
	}
	j.found.Answers += answers
	return nil
}

// answered reports whether an attempt holds what a receiver said, or words about it.
func answered(a delivery.Attempt) bool {
	return a.Answer != "" || a.Detail != "" && a.Detail != answerErased
}

func silent(a delivery.Attempt) delivery.Attempt {
	a.Answer, a.Detail = "", answerErased
	return a
}

// expire lets go in time what was kept without expiry beside deliveries that were stopped.
func (j *job) expire(ctx context.Context, list []delivery.Delivery) error {
	return side(list, func(d delivery.Delivery) error {
		ended := d.Status == delivery.Dismissed || d.Status == delivery.Cancelled
		if !ended || d.Attempts < 2 || d.Expires.IsZero() {
			return nil
		}
		return j.Ledger.Expire(ctx, d.Ref(), d.Attempts, d.Expires)
	})
}

// notices removes those that wait to be mailed about the deliveries, which quote answers.
func (j *job) notices(ctx context.Context, list []delivery.Delivery) error {
	var notices []notice.Notice
	for _, d := range list {
		if well := d.Status == delivery.Delivered || d.Status == delivery.Skipped; d.Attempts == 0 || well && !d.Warned {
			continue
		}
		for _, kind := range []notice.Kind{notice.Warning, notice.Stopped} {
			notices = append(notices, notice.Notice{Kind: kind, Organization: d.Organization, Interface: d.Interface, Delivery: d.ID})
		}
	}
	if len(notices) == 0 {
		return nil
	}
	return j.Ledger.Forget(ctx, notices)
}

// firsts removes what was answered to the first attempts, and says of deliveries with others that they are done with.
func (j *job) firsts(ctx context.Context, list []delivery.Delivery) error {
	var updates []delivery.Update
	for _, d := range list {
		if d.First == nil || !answered(*d.First) && d.Attempts < 2 {
			continue
		}
		next, first := d, silent(*d.First)
		next.First = &first
		updates = append(updates, delivery.Update{Was: d, Now: next})
	}
	written, err := j.update(ctx, updates)
	if err != nil {
		return err
	}
	was := make(map[delivery.Ref]*delivery.Attempt, len(updates))
	for _, u := range updates {
		was[u.Was.Ref()] = u.Was.First
	}
	for _, d := range written {
		if answered(*was[d.Ref()]) {
			j.found.Answers++
		}
	}
	return nil
}
