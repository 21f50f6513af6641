package manage

import (
	"context"
	"encoding/json"
	"fmt"

	"crmhook/shared/audit"
	"crmhook/shared/delivery"
	"crmhook/shared/fault"
	"crmhook/shared/setaside"
	"crmhook/shared/trigger"
)

// SetAside lists what nobody could read, in the order of its ids.
func (h *Handler) SetAside(ctx context.Context, organization string, l List) (Page[SetAside], error) {
	list, next, err := h.Aside.AsidePage(ctx, organization, l.After, l.Most())
	if err != nil {
		return Page[SetAside]{}, fmt.Errorf("list what was set aside: %w", err)
	}
	return pageOf(list, next, func(i setaside.Item) SetAside {
		return SetAside{ID: string(i.Source) + "#" + i.ID, Source: i.Source, At: i.At, Subject: i.Subject, Cause: i.Cause, Body: i.Body}
	}), nil
}

// ReplaySetAside runs again what was set aside, once what was wrong with it is mended: a message goes back to its queue, a
// record that can be read now goes to whom it did not. Then the item is gone; who dies before that runs it again. Refusals:
// 404, 409 that says what is still wrong.
func (h *Handler) ReplaySetAside(ctx context.Context, who Who, id string) error {
	item, there, err := h.Aside.Aside(ctx, who.Organization, id)
	switch {
	case err != nil:
		return fmt.Errorf("read what was set aside: %w", err)
	case !there:
		return notFound("thing set aside")
	}
	run, err := h.again(ctx, item)
	if err != nil {
		return err
	}
	if err := h.record(ctx, who, audit.ReplaySetAside, "set aside "+id, item.Subject); err != nil {
		return err
	}
	if err := run(ctx); err != nil {
		return err
	}
	if err := h.Aside.DropAside(ctx, who.Organization, id); err != nil {
		return fmt.Errorf("drop what was set aside: %w", err)
	}
	return nil
}

// again finds how to run an item again; the error says why it cannot be.
func (h *Handler) again(ctx context.Context, item setaside.Item) (func(context.Context) error, error) {
	if item.Source == setaside.Queue {
		return h.requeue(ctx, item)
	}
	return h.raise(ctx, item)
}

// requeue tells a message's queue by what it names, and refuses one that would only be set aside again.
func (h *Handler) requeue(ctx context.Context, item setaside.Item) (func(context.Context) error, error) {
	var names struct {
		Delivery, Trigger, Kept string
		Organization            string
	}
	if err := json.Unmarshal([]byte(item.Body), &names); err != nil {
		return nil, conflict("the message is no JSON object as crmhook writes it, or only its beginning is kept: have its sender send it again")
	}
	switch {
	case names.Delivery != "":
		var m delivery.Message
		if err := json.Unmarshal([]byte(item.Body), &m); err != nil || !m.Valid() {
			return nil, conflict("the message names the delivery %s and still cannot be read: a delivery names its records with their changes, or its event: %s", fault.Shown(names.Delivery), item.Cause)
		}
		return func(ctx context.Context) error { return put(ctx, h.Outbox, m.Group(), item.Body) }, nil
	case names.Kept != "":
		e, there, err := h.Triggered.Entry(ctx, names.Organization, names.Kept)
		if err != nil {
			return nil, fmt.Errorf("read trigger: %w", err)
		}
		if !there || len(e.Message) == 0 {
			return nil, conflict("the message names a trigger that is not kept any more: have the platform send it again")
		}
	case names.Trigger != "":
		if _, err := trigger.Decode([]byte(item.Body)); err != nil {
			return nil, conflict("the message names a trigger and still cannot be read: %s", err)
		}
	default:
		return nil, conflict("the message is neither a delivery nor a trigger, so no queue is for it: find out who sent it, and have it sent where it belongs")
	}
	return func(ctx context.Context) error { return put(ctx, h.Inbox, "", item.Body) }, nil
}
