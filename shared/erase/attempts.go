package erase

import (
	"context"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/notice"
	"crmhook/shared/parallel"
)

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

// bodies removes those of events, also of events that were done with: who was about to stop one may have kept its body since.
func (e *erasure) bodies(ctx context.Context, list []delivery.Delivery) error {
	var refs []delivery.Ref
	for _, d := range list {
		if d.Event != nil {
			refs = append(refs, d.Ref())
		}
	}
	if len(refs) == 0 {
		return nil
	}
	n, err := e.Ledger.EraseBodies(ctx, refs)
	e.found.Bodies += n
	return err
}

// attempts removes what was answered to attempts after the first.
func (e *erasure) attempts(ctx context.Context, list []delivery.Delivery) error {
	rewritten, answers := map[delivery.Ref][]delivery.Attempt{}, 0
	err := parallel.Each(len(list), sideBySide, func(i int) error {
		d := list[i]
		if d.Attempts < 2 {
			return nil
		}
		log, err := e.Ledger.Log(ctx, d.Ref())
		if err != nil {
			return err
		}
		for _, a := range log {
			if answered(a) {
				e.count(func(*Found) { rewritten[d.Ref()] = append(rewritten[d.Ref()], silent(a)); answers++ })
			}
		}
		return nil
	})
	if err != nil || answers == 0 {
		return err
	}
	if err := e.Ledger.Rewrite(ctx, rewritten); err != nil {
		return err
	}
	e.found.Answers += answers
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
func (e *erasure) expire(ctx context.Context, list []delivery.Delivery) error {
	return parallel.Each(len(list), sideBySide, func(i int) error {
		d := list[i]
		ended := d.Status == delivery.Dismissed || d.Status == delivery.Cancelled
		if !ended || d.Attempts < 2 || d.Expires.IsZero() {
			return nil
		}
		return e.Ledger.Expire(ctx, d.Ref(), d.Attempts, d.Expires)
	})
}

// notices removes those that wait to be mailed about the deliveries, which quote answers.
func (e *erasure) notices(ctx context.Context, list []delivery.Delivery) error {
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
	return e.Ledger.Forget(ctx, notices)
}

// firsts removes what was answered to the first attempts, and says of deliveries with others that they are done with.
func (e *erasure) firsts(ctx context.Context, list []delivery.Delivery) error {
	var updates []delivery.Update
	for _, d := range list {
		if d.First == nil || !answered(*d.First) && d.Attempts < 2 {
			continue
		}
		next, first := d, silent(*d.First)
		next.First = &first
		updates = append(updates, delivery.Update{Was: d, Now: next})
	}
	written, err := e.update(ctx, updates)
	if err != nil {
		return err
	}
	was := make(map[delivery.Ref]*delivery.Attempt, len(updates))
	for _, u := range updates {
		was[u.Was.Ref()] = u.Was.First
	}
	for _, d := range written {
		if answered(*was[d.Ref()]) {
			e.found.Answers++
		}
	}
	return nil
}
