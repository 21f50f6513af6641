package scan

import (
	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/event"
	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

// interfaces are those of one organization with its rules, by what they may want, so that a change costs nothing for those
// that want others. A nil one has none.
type interfaces struct {
	// contacts are the contact webhooks.
	contacts []hook.Interface
	// told are the interfaces that are told events, by their patterns (hook.EventPatterns), each under every one of its
	// own, of which a type of event matches one at most. Events are made for what works only.
	told map[string][]hook.Interface
	// heard are all event webhooks whose configuration can be read, also those that do not work.
	heard []hook.Interface
	// triggered are the crm-triggers that work, under each type of event that they have a URL for (hook.TriggerEvent).
	triggered map[string][]hook.Interface
	// rules are those that work, and called the rule-webhooks that do, by their names.
	rules  *rule.Set
	called map[string]hook.Interface
}

// sorted puts interfaces where changes look for them. Of an invalid one it is not known what it wants, so what could be a
// contact webhook waits for every contact until it is valid again.
func sorted(list []hook.Interface, rules []rule.Rule) *interfaces {
	s := &interfaces{
		told: map[string][]hook.Interface{}, triggered: map[string][]hook.Interface{}, called: map[string]hook.Interface{}, rules: rule.NewSet(rules),
	}
	for _, i := range list {
		switch {
		case i.Hook == nil && i.Type.TellsEvents():
		case i.Hook == nil || !i.Hook.Type.TellsEvents():
			s.contacts = append(s.contacts, i)
		case i.Working() && i.Hook.Type == hook.CRMTrigger:
			s.trigger(i)
		case i.Working() && i.Hook.Type == hook.RuleWebhook:
			s.called[i.Name] = i
		case i.Hook.Type == hook.EventWebhook:
			s.hear(i)
		}
	}
	return s
}

// waiting names the contact webhooks that want a change. A deleted contact is not sent, and its delete needs no row: send
// reads the record at each attempt, so where one waits or is in flight it finds the contact gone.
func (s *interfaces) waiting(c change.Change) []hook.Interface {
	if s == nil || len(s.contacts) == 0 || c.Entity != change.Contact || c.Kind == change.Delete {
		return nil
	}
	data := contact.Numbered(c.ID, c.New)
	var to []hook.Interface
	for _, i := range s.contacts {
		if wants(i, c.Origin, data) {
			to = append(to, i)
		}
	}
	return to
}

// wants judges by origin and filter also for an interface that does not work now: its changes wait until it does. What an
// invalid one wants is not known, so everything waits; send judges again.
func wants(i hook.Interface, origin string, data map[string]any) bool {
	return i.Hook == nil || i.Hook.Wants(origin) && i.Hook.Matches(data)
}

// hear puts an event webhook where changes look for it, if it works.
func (s *interfaces) hear(i hook.Interface) {
	s.heard = append(s.heard, i)
	if !i.Working() {
		return
	}
	for _, pattern := range i.Hook.Events {
		s.told[pattern] = append(s.told[pattern], i)
	}
}

// events are those that a change makes; source names the change where it has no sequence number.
func (s *interfaces) events(c change.Change, source string) []event.Event {
	if s == nil || len(s.told) == 0 && len(s.triggered) == 0 {
		return nil
	}
	events := s.triggers(c, source)
	var data map[string]any
	for _, pattern := range hook.EventPatterns(event.TypeOf(c)) {
		for _, i := range s.told[pattern] {
			if data == nil {
				data = event.Data(c)
			}
			if wants(i, c.Origin, data) {
				events = append(events, of(i, c, source))
			}
		}
	}
	return events
}

// begun are the events that a former run may have begun: of all event webhooks, as they may have been paused, or may have
// come to want others, since.
func (s *interfaces) begun(c change.Change, source string) []event.Event {
	if s == nil {
		return nil
	}
	events := make([]event.Event, len(s.heard))
	for n, i := range s.heard {
		events[n] = of(i, c, source)
	}
	return events
}

func of(i hook.Interface, c change.Change, source string) event.Event {
	e := event.Of(i, c)
	e.Source = source
	return e
}
