package manage

import (
	"strings"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/delivery"
	"crmhook/shared/event"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

// sampleID is that of records that are made up.
const sampleID = "SAMPLE"

// sample is what a test tells.
type sample struct {
	key  change.Key
	data map[string]any
	// named says that it is a record's that is there.
	named bool
	at    time.Time
	// eventType is the type of what an event-webhook is told, kind the change that a crm-trigger is.
	eventType string
	kind      change.Kind
}

// sample chooses what an interface is told: the first that it can be, about the record where the body names one.
func (a *asked) sample(is hook.Interface) sample {
	s := sample{key: change.Key{Organization: is.Organization, Entity: change.Contact, ID: sampleID}}
	if text := a.text("record", "a record's key as in order/4711, or a contact's number"); text != "" {
		s.key, s.named = checkRecord(&a.faults, "record", is.Organization, text), true
	}
	able := s.key.Entity == change.Contact
	switch is.Hook.Type {
	case hook.CRMTrigger:
		able = s.firstURL(is.Hook)
	case hook.EventWebhook:
		able = s.firstEvent(is.Hook)
	}
	if !able && len(a.faults) == 0 {
		a.faults.AddValue("record", fault.Shown(s.key.String()), "must be a record that the interface is told of: its configuration names none of this entity")
	}
	return s
}

// firstURL chooses the first change that a crm-trigger has a URL for, of the record's entity where one is named.
func (s *sample) firstURL(h *hook.Hook) bool {
	for _, entity := range hook.TriggerEntities() {
		for _, kind := range hook.TriggerKinds() {
			if h.URLs[entity][kind] != "" && (!s.named || s.key.Entity == entity) {
				s.key.Entity, s.kind = entity, kind
				return true
			}
		}
	}
	return false
}

// firstEvent chooses the first event of an event-webhook, of the record's entity where one is named.
func (s *sample) firstEvent(h *hook.Hook) bool {
	for _, pattern := range h.Events {
		entity, verb, _ := strings.Cut(pattern, ".")
		if pattern == hook.AllEvents {
			entity, verb = s.key.Entity, event.Updated
		}
		if verb == hook.AllEvents {
			verb = event.Updated
		}
		if !s.named || s.key.Entity == entity {
			s.key.Entity, s.eventType = entity, entity+"."+verb
			return true
		}
	}
	return false
}

// message is the test without its ids. The error says why the record cannot be told.
func (s sample) message(is hook.Interface) (delivery.Message, error) {
	switch is.Hook.Type {
	case hook.CRMTrigger, hook.EventWebhook:
		return s.event(is).Message()
	case hook.RuleWebhook:
		definition := &rule.Definition{Name: "Sample", Description: "A test of the interface: no rule has fired"}
		fired := event.Fired{Rule: rule.Rule{ID: sampleID, Definition: definition}, Contact: s.key, Data: s.data}
		return fired.Of(is).Message()
	}
	body, err := contact.AppendJSON(nil, contact.Numbered(s.key.ID, s.data))
	return contactMessage(is, s.key, body), err
}

func (s sample) event(is hook.Interface) event.Event {
	c := change.Change{Key: s.key, Kind: change.Edit, At: s.at, Old: s.data, New: s.data}
	if s.kind != "" {
		c.Kind = s.kind
	}
	e := event.Of(is, c)
	if s.eventType != "" {
		e.Type = s.eventType
	}
	return e
}
