package erase

import (
	"context"
	"fmt"
	"sync"
	"time"

	"crmhook/shared/setaside"
	"crmhook/shared/trigger"
)

// Triggers keeps the triggers that wait or have failed, with their messages. Erase removes a message; the entry stays, as one
// that failed for the cause, until it expires.
type Triggers interface {
	Open(ctx context.Context, organization string, status trigger.Status, after string, limit int) ([]trigger.Entry, string, error)
	Entry(ctx context.Context, organization, id string) (trigger.Entry, bool, error)
	Erase(ctx context.Context, organization, id, cause string, expires time.Time) error
}

// Aside keeps what was set aside.
type Aside interface {
	AsidePage(ctx context.Context, organization, after string, limit int) ([]setaside.Item, string, error)
	DropAside(ctx context.Context, organization, id string) error
}

// Sizes of pages: messages and bodies are large.
const (
	triggersRead = 100
	asideRead    = 50
	parallel     = 8
)

// messageErased is why a trigger can be replayed no more.
const messageErased = "it named a contact that was erased; its message was removed, so that it cannot be replayed"

// triggers removes the messages of triggers that wait or have failed and name the person.
func (j *job) triggers(ctx context.Context, p *person) error {
	for _, status := range []trigger.Status{trigger.Waiting, trigger.Failed} {
		for after, more := "", true; more; more = after != "" {
			if err := j.late(ctx); err != nil {
				return err
			}
			list, next, err := j.Triggers.Open(ctx, j.contact.Organization, status, after, triggersRead)
			if err != nil {
				return fmt.Errorf("list kept triggers: %w", err)
			}
			if err := side(list, func(e trigger.Entry) error { return j.trigger(ctx, p, e) }); err != nil {
				return fmt.Errorf("erase kept triggers: %w", err)
			}
			after = next
		}
	}
	return nil
}

// trigger judges one by its message. One that says that it was erased and has a message, or a part of it, was left so by a
// call that died.
func (j *job) trigger(ctx context.Context, p *person, e trigger.Entry) error {
	if err := j.late(ctx); err != nil {
		return err
	}
	kept, there, err := j.Triggers.Entry(ctx, e.Organization, e.ID)
	begun := e.Cause == messageErased
	if err != nil && !begun {
		return err
	}
	if err == nil && (!there || len(kept.Message) == 0) {
		return nil
	}
	if !begun && !p.inMessage(kept.Message) {
		return nil
	}
	if err := j.Triggers.Erase(ctx, e.Organization, e.ID, messageErased, j.expires()); err != nil {
		return err
	}
	j.count(func(f *Found) { f.Triggers++ })
	return nil
}

// inMessage reports whether a kept message names the person.
func (p *person) inMessage(message []byte) bool {
	if t, err := trigger.Decode(message); err == nil {
		return p.inTrigger(t)
	}
	return p.inText(string(message))
}

// setAside removes what was set aside about the contact, or naming the person.
func (j *job) setAside(ctx context.Context, p *person) error {
	for after, more := "", true; more; more = after != "" {
		if err := j.late(ctx); err != nil {
			return err
		}
		list, next, err := j.Ledger.AsidePage(ctx, j.contact.Organization, after, asideRead)
		if err != nil {
			return fmt.Errorf("list what was set aside: %w", err)
		}
		for _, item := range list {
			if item.Subject != p.contact.String() && !p.inText(item.Body) && !p.inText(item.Cause) {
				continue
			}
			if err := j.Ledger.DropAside(ctx, item.Organization, string(item.Source)+"#"+item.ID); err != nil {
				return fmt.Errorf("erase what was set aside: %w", err)
			}
			j.found.SetAside++
		}
		after = next
	}
	return nil
}

// count changes what was found, for those who work side by side.
func (j *job) count(add func(*Found)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	add(&j.found)
}

// side does something for each of a list, some at once, and gives the first error.
func side[T any](list []T, do func(T) error) error {
	var wait sync.WaitGroup
	errs := make([]error, len(list))
	slots := make(chan struct{}, parallel)
	for n, one := range list {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			errs[n] = do(one)
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
