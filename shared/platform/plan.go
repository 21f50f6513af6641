package platform

import (
	"time"

	"crmhook/shared/directory"
)

// Plan is what a trigger asks for. It is made from the trigger alone, at the door to check it and by apply to do it, so it
// must be the same each time: its changes are functions of the state they are given, may be called again with a later one,
// and give the same for what they have given before.
type Plan struct {
	// At is the time of the state that the platform tells, by which ordered changes are ordered; zero: the signature's
	// time, else the time at the door.
	At time.Time
	// People are found first. Writes that concern nobody stand beside them.
	People []Person
	Writes []Write
	// SMS, Email and Card leave the house: at most one of them, once per event.
	SMS   *SMS
	Email *Email
	Card  *Card
}

// Person is somebody whom the trigger concerns.
type Person struct {
	// Find are tried in order; the first that finds somebody decides. With none, nobody is looked for.
	Find []Lookup
	// All: the change concerns everybody who is found. Else it must be exactly one, or nobody is changed.
	All bool
	// Create makes a new contact where nobody is found.
	Create bool
	// Optional: that nobody is found is no reason to wait for somebody, nor to say so.
	Optional bool
	// Change gives the contact's new data from its present ones (nil: a new contact); nil takes it away. A nil func: the
	// contact is found only.
	Change func(data map[string]any) map[string]any
	// Ordered: an older state of the source changes nothing.
	Ordered bool
	// Writes are records that concern the person; they are told the contact's number, "" when there is none or several.
	Writes []Write
}

// Lookup is one way to find a contact. Exactly one of Number and Value is set.
type Lookup struct {
	// Number is the contact's own.
	Number string
	Kind   directory.Kind
	Value  string
	// IfMatching: only where the source says matchByEmail.
	IfMatching bool
}

// Write is a change to one record that is not a contact, or to a contact by its number.
type Write struct {
	Entity, ID string
	// Change gives the record's new data from its present ones (nil: there is none) and the number of the contact it
	// concerns; nil deletes it.
	Change func(data map[string]any, contact string) map[string]any
	// Ordered: an older state of the source changes nothing.
	Ordered bool
}

// SMS is a text message to send, with the record that it becomes.
type SMS struct {
	// To is in E.164, Country its ISO 3166 two-letter code. Sender is shown where the country allows it.
	To, Country, Sender, Text string
	// Message is kept of it, besides what every message has.
	Message map[string]any
}

// Email is a mail to send, with the record that it becomes. Variables are replaced already.
type Email struct {
	To, From, Alias, ReplyTo string
	Subject, HTML, Text      string
	Message                  map[string]any
}

// Card is a loyalty card whose record goes to the interface that the source names.
type Card struct{ ID string }
