package hook

import (
	"slices"
	"strings"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
)

// AllEvents is the pattern that every type of event matches, and what an entity's pattern ends in.
const AllEvents = "*"

// ValidEventType reports whether text can be an event's type, such as contact.created: an entity, a full stop and a verb
// of [a-z0-9_]+, which may go on with further ones (message.bounced.hard).
func ValidEventType(text string) bool {
	entity, verb, ok := strings.Cut(text, ".")
	if !ok || !change.ValidEntity(entity) {
		return false
	}
	for segment := range strings.SplitSeq(verb, ".") {
		if segment == "" || strings.ContainsFunc(segment, func(r rune) bool { return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') }) {
			return false
		}
	}
	return true
}

// validPattern reports whether text can stand in events: *, entity.* or a type.
func validPattern(text string) bool {
	if entity, all := strings.CutSuffix(text, "."+AllEvents); all {
		return change.ValidEntity(entity)
	}
	return text == AllEvents || ValidEventType(text)
}

// EventPatterns are the patterns that a type of event matches: itself, its entity's and *. Of these an interface's Events
// name one at most.
func EventPatterns(eventType string) [3]string {
	entity, _, _ := strings.Cut(eventType, ".")
	return [3]string{eventType, entity + "." + AllEvents, AllEvents}
}

// WantsEvent reports whether the interface is told events of the type. Only an event-webhook is told any.
func (h *Hook) WantsEvent(eventType string) bool {
	for _, pattern := range EventPatterns(eventType) {
		if slices.Contains(h.Events, pattern) {
			return true
		}
	}
	return false
}

// TellsEvents reports whether the type is one that is told each event, as opposed to the newest state of a contact.
func (t Type) TellsEvents() bool { return t == EventWebhook || t == CRMTrigger || t == RuleWebhook }

// takes reports whether a delivery is of the kind that the interface is sent: events, or buckets and tests with a contact.
func (h *Hook) takes(m delivery.Message) bool {
	e := m.Event
	switch {
	case !h.Type.TellsEvents():
		return e == nil && !m.Test || e != nil && m.Test && e.Type == delivery.TestEvent
	case e == nil:
		return false
	case h.Type == CRMTrigger:
		return h.triggerURL(e.Type) != ""
	case h.Type == RuleWebhook:
		return e.Type == RuleEvent
	default:
		return !isTriggerEvent(e.Type) && e.Type != RuleEvent && e.Type != delivery.TestEvent
	}
}

// events reads the patterns and keeps those that no other one includes.
func (c *checker) events(n *node) {
	if !c.is(n, list) {
		return
	}
	if len(n.items) == 0 {
		c.hidden(n, `must list at least one event, such as ["contact.*"]`)
	}
	var listed []string
	c.texts(n, func(item *node) {
		if !validPattern(item.value) {
			c.fault(item, "must be *, an entity's events such as contact.*, or one event such as contact.created")
			return
		}
		listed = append(listed, item.value)
	})
	for _, pattern := range listed {
		if !slices.ContainsFunc(listed, func(wider string) bool { return includes(wider, pattern) }) {
			c.hook.Events = append(c.hook.Events, pattern)
		}
	}
}

// includes reports whether a pattern includes another, different one.
func includes(wider, pattern string) bool {
	entity, _, _ := strings.Cut(pattern, ".")
	return wider != pattern && (wider == AllEvents || pattern != AllEvents && wider == entity+"."+AllEvents)
}

func (c *checker) includePrevious(n *node) {
	if c.is(n, boolean) {
		c.hook.IncludePrevious = n.value == "true"
	}
}

func (c *checker) ordered(n *node) {
	if c.is(n, boolean) {
		c.hook.Ordered = n.value == "true"
	}
}
