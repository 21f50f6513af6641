// Package setaside says what is kept of a change or a message that nobody could read: apart from what a receiver
// refused, with its cause, until it is run again or dismissed. It must not know where it is kept.
package setaside

import "time"

// Source is where the thing came from.
type Source string

// The two sources.
const (
	Stream Source = "stream"
	Queue  Source = "queue"
)

// BodyKept bounds what is kept of the thing itself, in bytes: the item must stay well under DynamoDB's 400 KB.
const BodyKept = 256 << 10

// Unknown stands for the organization of a thing that does not even name one.
const Unknown = "unknown"

// Item is one thing set aside. Items with the same Organization, Source and ID are the same thing, so setting it aside
// twice keeps one.
type Item struct {
	// Organization it belongs to; Unknown where it names none.
	Organization string
	Source       Source
	// ID tells it from others of its source: a stream's sequence number, a queue's message id.
	ID string
	At time.Time
	// Subject is what it seems to be about: a record's key (contact/4711) or a delivery's id; may be empty.
	Subject string
	// Cause says in words what could not be understood and what was expected.
	Cause string
	// Body is the thing itself as JSON or text, cut at BodyKept.
	Body string
}

// Key tells the thing from all others of its organization: source#id.
func (i Item) Key() string { return string(i.Source) + "#" + i.ID }
