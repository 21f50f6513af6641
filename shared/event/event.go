// Package event says what an event is: one happening to a record that one interface is told, with the record's data as it
// was then. It words the envelope that the receiver gets and the delivery that carries it. It must not know where events
// are kept, nor how they are sent.
package event

import (
	"cmp"
	"reflect"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
)

// Event is one happening for one interface of the record's organization.
type Event struct {
	// Interface is the name of the one that is told, Generation which of those that had the name.
	Interface, Generation string
	// To is the interface's type, which says what the message holds: for a crm-trigger the ids that its URL is called with,
	// for any other, and where it is empty, the envelope.
	To hook.Type
	// Type is an entity and a verb: contact.created. What a crm-trigger is told has a type of its own (hook.TriggerEvent).
	Type   string
	Record change.Key
	// At is when it happened.
	At time.Time
	// Sequence rises per record, so that a receiver can drop an older event; empty where there is none.
	Sequence string
	// Source is what the event comes from where that is no change, such as a trigger's id; empty: the change, by its
	// Sequence. Two events of one type about one record from the same source are the same event, which is told once.
	Source string
	// Data is the record as of the event, the last state of a deleted one.
	Data map[string]any
	// Previous are the changed fields' former values (null for a field that is new); nil for none.
	Previous map[string]any
	// Body is all that is sent, a JSON object, where that is no envelope; empty: the message is made of the above.
	Body string
	// Ordered says that it goes after the record's earlier ordered events have ended. One without a Sequence has no place
	// among them: it goes at once.
	Ordered bool
}

// Verbs of the events that changes make.
const (
	Created = "created"
	Updated = "updated"
	Deleted = "deleted"
)

// TypeOf is the type of the event that a change makes.
func TypeOf(c change.Change) string {
	verb := Updated
	switch c.Kind {
	case change.Create:
		verb = Created
	case change.Delete:
		verb = Deleted
	}
	return c.Entity + "." + verb
}

// Data is what a change's event tells (Told), and what filters are asked about: the record after it, or the last state of a
// deleted one. A contact without a contactNumber has its record's id as one.
func Data(c change.Change) map[string]any {
	data := c.New
	if c.Kind == change.Delete {
		data = c.Old
	}
	if c.Entity == change.Contact {
		return contact.Numbered(c.ID, data)
	}
	return data
}

// Told is what may be told of a change: its Data, and of a record that was erased nothing but its number.
func Told(c change.Change) map[string]any {
	switch {
	case !c.Erased:
		return Data(c)
	case c.Entity == change.Contact:
		return contact.Numbered(c.ID, map[string]any{})
	}
	return map[string]any{}
}

// Of is the event that tells a working interface of a change.
func Of(i hook.Interface, c change.Change) Event {
	e := Event{
		Interface: i.Name, Generation: i.Generation, Type: TypeOf(c), Record: c.Key, At: c.At, Sequence: c.Sequence, Data: Told(c),
		Ordered: i.Hook.Ordered, To: i.Hook.Type,
	}
	if e.To == hook.CRMTrigger {
		e.Type = hook.TriggerEvent(c.Entity, c.Kind)
	}
	if i.Hook.IncludePrevious && c.Kind == change.Edit {
		e.Previous = previous(c.Old, c.New)
	}
	return e
}

// previous are the former values of the fields that two states do not share.
func previous(before, after map[string]any) map[string]any {
	former := map[string]any{}
	for field, value := range before {
		if now, there := after[field]; !there || !reflect.DeepEqual(value, now) {
			former[field] = value
		}
	}
	for field := range after {
		if _, there := before[field]; !there {
			former[field] = nil
		}
	}
	return former
}

// ID is the id of the delivery that tells it, the same whenever the same event is made.
func (e Event) ID() string {
	return delivery.EventID(e.Record.Organization, e.Interface, e.Generation, e.Record.String(), e.Type, cmp.Or(e.Source, e.Sequence))
}
