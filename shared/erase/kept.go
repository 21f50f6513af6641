package erase

import (
	"context"
	"fmt"
	"time"

	"crmhook/shared/parallel"
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
)

// messageErased is why a trigger can be replayed no more.
const messageErased = "it named a contact that was erased; its message was removed, so that it cannot be replayed"

// triggers removes the messages of triggers that wait or have failed and name the person.
func (e *erasure) triggers(ctx context.Context, p *person) error {
	for _, status := range []trigger.Status{trigger.Waiting, trigger.Failed} {
		for after, more := "", true; more; more = after != "" {
			if err := e.late(ctx); err != nil {
				return err
			}
			list, next, err := e.Triggers.Open(ctx, e.contact.Organization, status, after, triggersRead)
			if err != nil {
				return fmt.Errorf("list kept triggers: %w", err)
			}
			if err := parallel.Each(len(list), sideBySide, func(i int) error { return e.trigger(ctx, p, list[i]) }); err != nil {
				return fmt.Errorf("erase kept triggers: %w", err)
			}
			after = next
		}
	}
	return nil
}

// trigger judges one by its message. One that says that it was erased and has a message, or a part of it, was left so by a
// call that died.
func (e *erasure) trigger(ctx context.Context, p *person, is trigger.Entry) error {
	if err := e.late(ctx); err != nil {
		return err
	}
	kept, there, err := e.Triggers.Entry(ctx, is.Organization, is.ID)
	begun := is.Cause == messageErased
	if err != nil && !begun {
		return err
	}
	if err == nil && (!there || len(kept.Message) == 0) {
		return nil
	}
	if !begun && !p.inMessage(kept.Message) {
		return nil
	}
	if err := e.Triggers.Erase(ctx, is.Organization, is.ID, messageErased, e.expires()); err != nil {
		return err
	}
	e.count(func(f *Found) { f.Triggers++ })
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
func (e *erasure) setAside(ctx context.Context, p *person) error {
	for after, more := "", true; more; more = after != "" {
		if err := e.late(ctx); err != nil {
			return err
		}
		list, next, err := e.Ledger.AsidePage(ctx, e.contact.Organization, after, asideRead)
		if err != nil {
			return fmt.Errorf("list what was set aside: %w", err)
		}
		for _, item := range list {
			if item.Subject != p.contact.String() && !p.inText(item.Body) && !p.inText(item.Cause) {
				continue
			}
			if err := e.Ledger.DropAside(ctx, item.Organization, item.Key()); err != nil {
				return fmt.Errorf("erase what was set aside: %w", err)
			}
			e.found.SetAside++
		}
		after = next
	}
	return nil
}
