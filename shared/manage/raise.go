package manage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/event"
	"crmhook/shared/hook"
	"crmhook/shared/record"
	"crmhook/shared/refusal"
	"crmhook/shared/schedule"
	"crmhook/shared/setaside"
)

// raised is to whom a record goes that could not be read or sent before: as it is now.
type raised struct {
	lanes  []hook.Interface
	events []event.Event
}

// raise finds to whom the record of an item goes. What could not be read in the stream concerns all that want a change of it;
// an event that no message could carry, the interface that it was for, under the same id; a record that could not be sent, the
// interface of the delivery. Rules do not fire, as it is not known what changed. The error says what is still wrong.
func (h *Handler) raise(ctx context.Context, item setaside.Item) (func(context.Context) error, error) {
	is, err := h.mended(ctx, item)
	if err != nil {
		return nil, err
	}
	interfaces, err := h.Current.Organization(ctx, item.Organization)
	if err != nil {
		return nil, fmt.Errorf("read interfaces: %w", err)
	}
	var r raised
	unsent, ofDelivery := strings.CutSuffix(item.ID, "/"+item.Subject)
	switch {
	case ofDelivery:
		r.lanes, err = h.unsent(ctx, item, unsent, interfaces)
	case isEventID(item.ID):
		r.events, err = untold(item, is, interfaces)
	default:
		r = unread(item, is, interfaces)
	}
	return func(ctx context.Context) error { return h.spread(ctx, is.Key.String(), r) }, err
}

// mended is the record that an item is about, which can be read and told now.
func (h *Handler) mended(ctx context.Context, item setaside.Item) (record.Record, error) {
	key, ok := change.ParseKey(item.Organization, item.Subject)
	if !ok || !change.ValidEntity(key.Entity) || change.CheckID(key.Entity, key.ID) != nil {
		return record.Record{}, conflict("its key is none of a record, so nothing can be told of it: write the record under a right key, which tells it, and dismiss this")
	}
	is, err := h.recordNow(ctx, key)
	if why := refusal.Of(err); why != nil && why.Status == http.StatusNotFound {
		return is, conflict("the record %s is gone, so there is nothing to tell any more: dismiss this", key)
	}
	if err != nil {
		return is, err
	}
	if _, err := contact.AppendJSON(nil, is.Data); err != nil {
		return is, conflict("the record %s still cannot be written as JSON: %s: correct it first", key, err)
	}
	return is, nil
}

// recordNow is a record that is there. Refusals: 404, 409 for one that cannot be read.
func (h *Handler) recordNow(ctx context.Context, key change.Key) (record.Record, error) {
	found, err := h.Records.Records(ctx, []change.Key{key})
	var spoilt interface{ Unreadable() []change.Key }
	switch {
	case errors.As(err, &spoilt):
		return record.Record{}, conflict("the record %s cannot be read: mend or remove the item in the table first", key)
	case err != nil:
		return record.Record{}, fmt.Errorf("read record: %w", err)
	case !found[key].Exists():
		return record.Record{}, notFound("record")
	}
	return found[key], nil
}

// unsent is the interface of the delivery that a record was left out of.
func (h *Handler) unsent(ctx context.Context, item setaside.Item, id string, interfaces []hook.Interface) ([]hook.Interface, error) {
	d, err := h.delivery(ctx, item.Organization, id)
	if why := refusal.Of(err); why != nil && why.Status == http.StatusNotFound {
		return nil, conflict("the delivery that left the record %s out is not kept any more, so nobody knows whom it was for: change the record, which sends it, or dismiss this", item.Subject)
	}
	if err != nil {
		return nil, err
	}
	for _, i := range interfaces {
		if i.Name == d.Interface && !i.Type.TellsEvents() {
			return []hook.Interface{i}, nil
		}
	}
	return nil, conflict("the interface %s, which the record was to be sent to, is gone: there is nobody to send it to, so dismiss this", d.Interface)
}

// spread counts a change for those that wait for their executions, puts them on the agenda, and makes the events. It may be
// repeated: that counts once more, and makes no event twice.
func (h *Handler) spread(ctx context.Context, key string, r raised) error {
	now := h.Now()
	var additions []backlog.Addition
	var entries []backlog.Entry
	for _, i := range r.lanes {
		additions = append(additions, backlog.Addition{Lane: i.Lane(), Record: key, Changes: 1, Since: now})
		if !i.Working() {
			continue
		}
		if due, ok := schedule.Earliest(i.Hook.Schedules, now); ok {
			entries = append(entries, backlog.Entry{Lane: i.Lane(), Purpose: backlog.Run, Due: due, Token: h.Runs.Token()})
		}
	}
	if len(additions) > 0 {
		if err := h.Changes.Add(ctx, additions); err != nil {
			return fmt.Errorf("add to backlog: %w", err)
		}
	}
	if len(entries) > 0 {
		if err := h.Agenda.Put(ctx, entries); err != nil {
			return fmt.Errorf("put on agenda: %w", err)
		}
	}
	if len(r.events) > 0 {
		if _, err := h.Runs.Events.Make(ctx, r.events); err != nil {
			return fmt.Errorf("make events: %w", err)
		}
	}
	return nil
}
