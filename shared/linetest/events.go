package linetest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/emit"
	"crmhook/shared/event"
	"crmhook/shared/hook"
)

// EventWebhook is the configuration of an event-webhook that is told of orders, with more members, written ,"name":value.
func EventWebhook(extra string) string {
	return `{"type":"event-webhook","url":"https://crm.example.com/events","events":["order.*"],"retryDelaySeconds":30` + extra + `}`
}

// Maker makes events as scan, or another caller, does.
func (l *Line) Maker() *emit.Maker {
	return &emit.Maker{Deliveries: l.Ledger, Ledger: l.Ledger, Queue: l.Fast, Line: l.Order(), Now: l.Clock.Now}
}

// Order is what a process knows of the lines of ordered events.
func (l *Line) Order() *emit.Line {
	return &emit.Line{Places: l.Backlog, Bodies: l.Ledger, Now: l.Clock.Now}
}

// Order is the creation of an order, with text beside its number.
func Order(n int, text string) change.Change {
	id := strconv.Itoa(n)
	return change.Change{
		Key: change.Key{Organization: Organization, Entity: "order", ID: id}, Kind: change.Create, Origin: change.OriginAPI,
		Sequence: fmt.Sprintf("%021d", n), At: Start, New: map[string]any{"number": json.Number(id), "text": text},
	}
}

// Tell makes the events of changes for the line's interface, as scan does while it works.
func (w *World) Tell(ctx context.Context, changes ...change.Change) error {
	k := hook.Key{Organization: w.Lane.Organization, Name: w.Lane.Interface}
	found, err := w.Configuration.Interfaces(ctx, []hook.Key{k})
	if err != nil || !found[k].Working() {
		return err
	}
	events := make([]event.Event, len(changes))
	for i, c := range changes {
		events[i] = event.Of(found[k], c)
	}
	_, err = w.Maker().Make(ctx, events)
	return err
}

// EventFaults says what is wrong with what arrived of events: one that was never taken although it was not stopped, one
// under two ids or with two bodies, a request that tells none of them, a delivery that has not ended, a body that nobody
// needs or that a stopped one lacks.
func (w *World) EventFaults(ctx context.Context, changes ...change.Change) []string {
	var faults []string
	want := w.messages(changes)
	taken := map[string]bool{}
	for i, r := range w.Receiver.Requests() {
		m, ok := want[r.Delivery]
		switch {
		case w.isTest(r.Delivery):
		case !ok:
			faults = append(faults, fmt.Sprintf("request %d is of %s, which no change made", i, r.Delivery))
		case r.WebhookID(r.Delivery) != r.Delivery:
			faults = append(faults, fmt.Sprintf("request %d has the webhook-id %s, want the delivery's", i, r.WebhookID(r.Delivery)))
		case string(r.Body) != m.Event.Body:
			faults = append(faults, fmt.Sprintf("request %d has a body of %d bytes, want the event's of %d", i, len(r.Body), len(m.Event.Body)))
		}
		taken[r.Delivery] = taken[r.Delivery] || r.Taken
	}
	all := w.Ledger.All()
	for id, m := range want {
		d := all[m.Ref()]
		switch {
		case d.Status == delivery.Delivered && taken[id]:
			w.bodyFault(ctx, &faults, m, "")
		case d.Status == delivery.Stopped:
			w.bodyFault(ctx, &faults, m, m.Event.Body)
			if !w.Ledger.KeptForever(m.Ref()) || !d.Expires.IsZero() {
				faults = append(faults, "what is kept of the stopped "+id+" has an expiry")
			}
		default:
			faults = append(faults, fmt.Sprintf("event %s of %s is %q, taken: %v", id, m.Records[0], d.Status, taken[id]))
		}
	}
	if n := len(all) - len(w.Tests()); n != len(want) {
		faults = append(faults, fmt.Sprintf("%d deliveries, want %d", n, len(want)))
	}
	slices.Sort(faults)
	return faults
}

func (w *World) messages(changes []change.Change) map[string]delivery.Message {
	is := hook.Interface{Organization: w.Lane.Organization, Name: w.Lane.Interface, Generation: w.Lane.Generation, Hook: w.Hook}
	messages := map[string]delivery.Message{}
	for _, c := range changes {
		if m, err := event.Of(is, c).Message(); err == nil {
			messages[m.ID] = m
		}
	}
	return messages
}

func (w *World) bodyFault(ctx context.Context, faults *[]string, m delivery.Message, want string) {
	if got, err := w.Ledger.Body(ctx, m.Ref()); err != nil || got != want {
		*faults = append(*faults, fmt.Sprintf("the ledger has a body of %d bytes for %s (%v), want %d", len(got), m.ID, err, len(want)))
	}
}
