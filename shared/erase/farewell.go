package erase

import (
	"context"
	"encoding/json"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/event"
	"crmhook/shared/hook"
	"crmhook/shared/parallel"
)

// farewells are the events that tell of a former call's erasure and are still to be sent, or were stopped; rest are all other
// deliveries. Nothing of the person is in them, and who knew it must get them: they neither end nor lose their bodies. Those
// that a sender is at work on are left out, as nobody need wait for them.
func (e *erasure) farewells(ctx context.Context, list []delivery.Delivery) (farewells, rest []delivery.Delivery, err error) {
	is := map[delivery.Ref]bool{}
	err = parallel.Each(len(list), sideBySide, func(i int) error {
		d := list[i]
		if !mayBeFarewell(d) {
			return nil
		}
		body, err := e.Ledger.Body(ctx, d.Ref())
		if err == nil && bare(body) {
			e.count(func(*Found) { is[d.Ref()] = true })
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	for _, d := range list {
		switch {
		case !is[d.Ref()]:
			rest = append(rest, d)
		case !claimed(d, e.Now()) && !done(d):
			farewells = append(farewells, d)
		}
	}
	return farewells, rest, nil
}

// mayBeFarewell reports whether it is worth reading what an event tells.
func mayBeFarewell(d delivery.Delivery) bool {
	if d.Event == nil || d.Test || d.Final() && d.Status != delivery.Stopped {
		return false
	}
	return d.Event.Type == hook.RuleEvent || d.Event.Type == change.Contact+"."+event.Deleted
}

// bare reports whether a body tells nothing of a contact but its number: an event's by its data, a rule-webhook's by the
// members that are the person's.
func bare(body string) bool {
	var told struct {
		Data                  map[string]any
		Previous              any
		Email, Phone, Company *string
	}
	if json.Unmarshal([]byte(body), &told) != nil || told.Previous != nil {
		return false
	}
	if told.Data == nil {
		return told.Email == nil && told.Phone == nil && told.Company == nil
	}
	_, numbered := told.Data["contactNumber"]
	return numbered && len(told.Data) == 1
}
