package scan

import (
	"crmhook/shared/change"
	"crmhook/shared/event"
	"crmhook/shared/hook"
)

// trigger puts a crm-trigger where the changes look that it has a URL for.
func (s *interfaces) trigger(i hook.Interface) {
	for entity, urls := range i.Hook.URLs {
		for kind := range urls {
			happening := hook.TriggerEvent(entity, kind)
			s.triggered[happening] = append(s.triggered[happening], i)
		}
	}
}

// triggers are the events that tell crm-triggers of a change, by whoever they want changes of. One whose record lacks an id
// is among them: who makes events sets it aside.
func (s *interfaces) triggers(c change.Change, source string) []event.Event {
	var events []event.Event
	for _, i := range s.triggered[hook.TriggerEvent(c.Entity, c.Kind)] {
		if i.Hook.Wants(c.Origin) {
			e := event.Of(i, c)
			e.Source = source
			events = append(events, e)
		}
	}
	return events
}
