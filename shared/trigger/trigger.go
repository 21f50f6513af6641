// Package trigger says what a trigger is: one request from an outside platform, as it waits on a queue, and what became of
// it. It must not know what a platform means by it, nor how it travels.
package trigger

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"
	"unicode/utf8"
)

// Trigger is one request of CRM360's QueueProcess that was accepted.
type Trigger struct {
	// ID names it: 26 letters and digits that sort by time.
	ID           string `json:"trigger"`
	Organization string `json:"organization"`
	// Platform, Entity and Action have the table's spelling.
	Platform string `json:"platform"`
	Entity   string `json:"entity"`
	Action   string `json:"action"`
	// SourceID, ZoneID, BrandID and AddressTypeID are the query's; nil where it has none.
	SourceID      int    `json:"sourceId"`
	ZoneID        *int64 `json:"zoneId,omitempty"`
	BrandID       *int64 `json:"brandId,omitempty"`
	AddressTypeID *int64 `json:"contactAddressTypeId,omitempty"`
	// Store and Currency are Tabology's.
	Store    string `json:"store,omitempty"`
	Currency string `json:"currency,omitempty"`
	// Email is where the content is mailed to besides.
	Email string `json:"email,omitempty"`
	// Bulk says that it goes to the bulk queue.
	Bulk bool `json:"bulk,omitempty"`
	// At is the time at the door, to the millisecond; SignedAt that of the platform's signature, where it has one; Due when
	// the sender wants it worked on, not before At.
	At       time.Time `json:"at"`
	SignedAt time.Time `json:"signedAt,omitzero"`
	Due      time.Time `json:"due"`
	// Event names what happened, for what must happen once: a platform's own id of the event, else the trigger's.
	Event string `json:"event"`
	// Method, URI, Headers (names in lower case) and Query are the request's, without credentials.
	Method  string            `json:"method"`
	URI     string            `json:"uri"`
	Headers map[string]string `json:"headers"`
	Query   url.Values        `json:"query,omitempty"`
	// Body is the request's, whole.
	Body []byte `json:"-"`
}

// Name is platform/entity/action, as logs and the ledger show it.
func (t Trigger) Name() string { return t.Platform + "/" + t.Entity + "/" + t.Action }

// Origin is whose the changes are that the trigger makes.
func (t Trigger) Origin() string { return "inbound:" + t.Platform }

// message is a trigger with its body, as text where it is UTF-8, so that a queue's messages can be read.
type message struct {
	Trigger
	Text   *string `json:"body,omitempty"`
	Binary []byte  `json:"bodyBase64,omitempty"`
}

// mostText is how long a message with its body as text may be; a longer one has it as base64, which always fits SQS's 1 MiB:
// a body has at most 700 KiB, a request's line and headers 10 KiB.
const mostText = 900_000

// Encode is the trigger as a message of at most 1 MiB.
func (t Trigger) Encode() ([]byte, error) {
	body := string(t.Body)
	if utf8.Valid(t.Body) {
		text, err := json.Marshal(message{Trigger: t, Text: &body})
		if err != nil || len(text) <= mostText {
			return text, err
		}
	}
	return json.Marshal(message{Trigger: t, Binary: t.Body})
}

// Decode reads a message; the error says why it is no trigger.
func Decode(text []byte) (Trigger, error) {
	var m message
	if err := json.Unmarshal(text, &m); err != nil {
		return Trigger{}, fmt.Errorf("the message is not a JSON object as crmhook writes it: %w", err)
	}
	t := m.Trigger
	if t.Body = m.Binary; m.Text != nil {
		t.Body = []byte(*m.Text)
	}
	if t.ID == "" || t.Organization == "" || t.Platform == "" || t.At.IsZero() || t.Due.IsZero() {
		return t, fmt.Errorf("the message is not a trigger: trigger, organization, platform, at and due are needed")
	}
	return t, nil
}
