package rule

import (
	"strings"
	"time"

	"crmhook/shared/filter"
	"crmhook/shared/hook"
)

// Type is what a rule waits for.
type Type string

// The types of events. Those of e-mails come from message records.
const (
	ContactCreated    Type = "contact.created"
	ContactUpdated    Type = "contact.updated"
	ContactDeleted    Type = "contact.deleted"
	TagAdded          Type = "tag.added"
	TagRemoved        Type = "tag.removed"
	ScoreReached      Type = "score.reached"
	FunnelChanged     Type = "funnel.changed"
	EmailSent         Type = "email.sent"
	EmailOpened       Type = "email.opened"
	EmailClicked      Type = "email.clicked"
	EmailBounced      Type = "email.bounced"
	EmailUnsubscribed Type = "email.unsubscribed"
)

// Types are all of them, in the order in which people are told.
func Types() []Type {
	return []Type{
		ContactCreated, ContactUpdated, ContactDeleted, TagAdded, TagRemoved, ScoreReached, FunnelChanged,
		EmailSent, EmailOpened, EmailClicked, EmailBounced, EmailUnsubscribed,
	}
}

const emailPrefix = "email."

// email reports whether the event is told by a message record.
func (t Type) email() bool { return strings.HasPrefix(string(t), emailPrefix) }

// Event is what a rule waits for. Value is the tag or the stage, empty for any.
type Event struct {
	Type  Type   `json:"type"`
	Value string `json:"value,omitempty"`
	// Score is the number to reach.
	Score float64 `json:"score,omitempty"`
}

// Limits bound how often a rule fires for one contact; zero: without this bound. MinInterval is the least time between two
// changes for which it fires.
type Limits struct {
	MaxPerContact int64         `json:"maxPerContact,omitempty"`
	MinInterval   time.Duration `json:"minInterval,omitempty"`
}

// Any reports whether firings are counted.
func (l Limits) Any() bool { return l != Limits{} }

// Bounds of limits: times, and minutes (a year).
const (
	LargestMaxPerContact = 1_000_000_000
	LongestMinInterval   = 525_600
)

// Definition is a checked configuration, ready to use. It is not changed after Parse or Unmarshal, so it may be shared by
// goroutines.
type Definition struct {
	// Name and Description are sent with each call; empty for none.
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	Event       Event  `json:"event"`
	// Conditions are asked about the contact; it is never nil.
	Conditions *filter.Filter `json:"-"`
	// Then and Else name the interfaces to call when the conditions hold, and when they do not.
	Then   []string `json:"then,omitempty"`
	Else   []string `json:"else,omitempty"`
	Limits Limits   `json:"limits"`
	// State is hook.Active or hook.Paused.
	State hook.State `json:"state"`
}

// Branch are the interfaces to call, by whether the conditions hold.
func (d *Definition) Branch(hold bool) []string {
	if hold {
		return d.Then
	}
	return d.Else
}
