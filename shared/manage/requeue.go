package manage

import (
	"context"
	"encoding/json"
	"fmt"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/fault"
	"crmhook/shared/setaside"
	"crmhook/shared/trigger"
)

// rerun is how an item is run again.
type rerun struct {
	// organization is whose deliveries or triggers come of it, what the thing that comes.
	organization, what string
	do                 func(ctx context.Context) error
}

// again finds how to run an item again; the error says why it cannot be.
func (h *Handler) again(ctx context.Context, item setaside.Item) (rerun, error) {
	if item.Source == setaside.Queue {
		return h.requeue(ctx, item)
	}
	do, err := h.raise(ctx, item)
	return rerun{item.Organization, item.Subject, do}, err
}

// longestNamed is how much of an id the audit shows that a message gives itself, in bytes.
const longestNamed = 64

// concerned are whose audits tell that an item was run again: whoever it lay under, and whom it concerns.
func concerned(under, organization string) []string {
	if organization == under || !change.ValidOrganization(organization) {
		return []string{under}
	}
	return []string{under, organization}
}

// requeue tells a message's queue by what it names, and refuses one that would only be set aside again.
func (h *Handler) requeue(ctx context.Context, item setaside.Item) (rerun, error) {
	var names struct {
		Delivery, Trigger, Kept string
		Organization            string
	}
	if err := json.Unmarshal([]byte(item.Body), &names); err != nil {
		return rerun{}, conflict("the message is no JSON object as crmhook writes it, or only its beginning is kept: have its sender send it again, and dismiss this")
	}
	if item.Organization != setaside.Unknown && names.Organization != item.Organization {
		return rerun{}, conflict("the message names the organization %s, but lies under %s: find out who wrote it, and dismiss it", fault.Shown(names.Organization), item.Organization)
	}
	back := rerun{organization: names.Organization, do: func(ctx context.Context) error { return put(ctx, h.Inbox, "", item.Body) }}
	switch {
	case names.Delivery != "":
		var m delivery.Message
		if err := json.Unmarshal([]byte(item.Body), &m); err != nil || !m.Valid() {
			return back, conflict("the message names the delivery %s and still cannot be read: a delivery names its records with their changes, or its event: %s", fault.Shown(names.Delivery), item.Cause)
		}
		back.what = "delivery " + delivery.Cut(m.ID, longestNamed)
		back.do = func(ctx context.Context) error { return put(ctx, h.Outbox, m.Group(), item.Body) }
	case names.Kept != "":
		e, there, err := h.Triggered.Entry(ctx, names.Organization, names.Kept)
		if err != nil {
			return back, fmt.Errorf("read trigger: %w", err)
		}
		if !there || len(e.Message) == 0 {
			return back, conflict("the message names a trigger that is not kept any more: have the platform send it again, and dismiss this")
		}
		back.what = "trigger " + e.ID
	case names.Trigger != "":
		t, err := trigger.Decode([]byte(item.Body))
		if err != nil {
			return back, conflict("the message names a trigger and still cannot be read: %s", err)
		}
		back.what = "trigger " + delivery.Cut(t.ID, longestNamed)
	default:
		return back, conflict("the message is neither a delivery nor a trigger, so no queue is for it: find out who sent it, have it sent where it belongs, and dismiss this")
	}
	return back, nil
}
