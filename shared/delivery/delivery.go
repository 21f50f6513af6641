// Package delivery says what a delivery is: one bucket of records, or one event, on its way to one URL, its attempts, and
// what each answer means for it. It must not know how a request travels or where anything is stored.
package delivery

import (
	"time"

	"crmhook/shared/backlog"
)

// Status is where a delivery stands.
type Status string

// The statuses that the ledger holds. Pending is the only one that is not final.
const (
	Pending   Status = "pending"
	Delivered Status = "delivered"
	Stopped   Status = "stopped"
	Dismissed Status = "dismissed"
	Replayed  Status = "replayed"
	Skipped   Status = "skipped"
	Cancelled Status = "cancelled"
)

// GivenUp is the reason of a delivery that is stopped because its attempts are all made.
const GivenUp = "its last attempt failed"

// LedgerTime is how long the ledger keeps what has ended.
const LedgerTime = 90 * 24 * time.Hour

// Message is a delivery as it waits in SQS: who it is for and which records it covers. It holds no URL and no secret, and
// of a bucket's records no data, so that what is sent is always the state and the configuration of the attempt's own time.
// An event carries its data, as of its change.
type Message struct {
	// ID is the delivery's, stable over retries.
	ID           string `json:"delivery"`
	Organization string `json:"organization"`
	Interface    string `json:"interface"`
	// Generation tells an interface from an earlier one of the same name.
	Generation string `json:"generation"`
	// Execution is the run that made the delivery; empty for an event.
	Execution string `json:"execution,omitempty"`
	// Records are the keys (contact/4711) of the bucket, at most 1,000, and Changes how many changes of each had been
	// counted when the delivery took it, in the same order. An event has its one record and no count.
	Records []string `json:"records"`
	Changes []int64  `json:"changes,omitempty"`
	// Event is what an event tells; nil for a bucket.
	Event *Event `json:"event,omitempty"`
	// ReplayOf is the delivery that an event was first told by, where this is its replay: it keeps that one's webhook-id.
	ReplayOf string `json:"replayOf,omitempty"`
	// Test says that somebody asked for one request to see what the receiver answers. It is sent once, tells nobody of a
	// failure, holds no rows, and goes to a paused interface too. Event holds what is sent: of an interface that is told
	// events the body as it is, of a contact webhook the contact, with the type TestEvent.
	Test bool `json:"test,omitempty"`
}

// TestEvent is the type of what a test tells a contact webhook.
const TestEvent = "test"

// Valid reports whether the message names a delivery and has a count for each record, or an event with its body; any
// other cannot be read.
func (m Message) Valid() bool {
	if m.ID == "" || m.Organization == "" || m.Interface == "" || m.Generation == "" {
		return false
	}
	if m.Event != nil {
		return m.validEvent()
	}
	return !m.Test && len(m.Records) > 0 && len(m.Records) == len(m.Changes)
}

// Delivery is the ledger's item.
type Delivery struct {
	Message
	Status    Status
	CreatedAt time.Time
	EndedAt   time.Time
	// Attempts counts the attempts that have begun. A fault of ours before the request went out is taken back.
	Attempts int
	// Claim is until when a sender works on the delivery; zero when none does.
	Claim time.Time
	// Lease is until when the delivery holds its rows in the backlog although no sender works on it.
	Lease time.Time
	// Seen are the changes that the last failed attempt's state included, in the order of Records; nil before one failed.
	Seen []int64
	// First is the first attempt; later ones are kept beside the delivery. LastStatus and LastError are the last one's.
	First      *Attempt
	LastStatus int
	LastError  Cause
	// Reason says why a delivery was stopped, skipped or cancelled.
	Reason string
	// Expires is when the ledger forgets it; zero: never (pending and stopped ones).
	Expires time.Time
	// Warned is set with the attempt after which people were warned.
	Warned bool
}

// Final reports whether nothing more will be sent under this id.
func (d Delivery) Final() bool { return d.Status != Pending && d.Status != "" }

// Attempted is what a stop compares the rows with: the changes that the last failed attempt had seen, or those counted
// when the delivery took its records.
func (d Delivery) Attempted() []int64 {
	if d.Seen != nil {
		return d.Seen
	}
	return d.Changes
}

// Cause says why an attempt failed.
type Cause string

// The causes of a failed attempt; empty for one that succeeded.
const (
	Timeout        Cause = "timeout"
	DNS            Cause = "dns"
	Connect        Cause = "connect"
	TLS            Cause = "tls"
	RefusedAddress Cause = "refused-address"
	Redirect       Cause = "redirect"
	BadStatus      Cause = "status"
	Token          Cause = "token"
	TooLarge       Cause = "too-large"
	Crashed        Cause = "crashed"
)

// Bounds of what an attempt keeps of an answer, in bytes; and of what is read of one.
const (
	AnswerKept     = 1_000
	LastAnswerKept = 16_000
	AnswerRead     = 64 << 10
)

// End is the delivery with a final status: without claim, and forgotten after LedgerTime unless it was stopped.
func (d Delivery) End(status Status, reason string, now time.Time) Delivery {
	d.Status, d.Reason, d.EndedAt, d.Claim = status, reason, now, time.Time{}
	if status != Stopped {
		d.Expires = now.Add(LedgerTime)
	}
	return d
}

// Ref names a delivery.
type Ref struct{ Organization, ID string }

// Identity is what the webhook-id of the delivery's requests begins with: its own id, or the first delivery's of an event
// that is replayed.
func (m Message) Identity() string {
	if m.ReplayOf != "" {
		return m.ReplayOf
	}
	return m.ID
}

// Group is the message group of a fair queue: organization and interface, so that one that is slow holds up no other.
func (m Message) Group() string { return m.Organization + "/" + m.Interface }

// Ref is the delivery's name.
func (m Message) Ref() Ref { return Ref{m.Organization, m.ID} }

// Lane is where the records of the interface wait that it is for.
func (m Message) Lane() backlog.Lane {
	return backlog.Lane{Organization: m.Organization, Interface: m.Interface, Generation: m.Generation}
}

// Update is a conditional writing of a delivery: as Now, if its status, claim, lease and attempts are still those of Was.
type Update struct{ Was, Now Delivery }
