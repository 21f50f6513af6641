// Package hook says what an interface is: one outbound webhook configuration of an organization (Go keeps the word
// interface). It checks a configuration, naming every fault at once, and answers what a checked one asks for.
// It must not know where configurations are kept, nor send anything.
package hook

import (
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/fault"
)

// Type is the kind of webhook an interface sends.
type Type string

// The types that can be configured.
const (
	ContactWebhookV1 Type = "contact-webhook-v1"
	ContactWebhookV2 Type = "contact-webhook-v2"
	EventWebhook     Type = "event-webhook"
	CRMTrigger       Type = "crm-trigger"
)

// State is whether an interface works.
type State string

// Active and Paused are written by people; Invalid (its parameter has faults) and Disabled (the receiver answered 410)
// are found by crmhook.
const (
	Active   State = "active"
	Paused   State = "paused"
	Invalid  State = "invalid"
	Disabled State = "disabled"
)

// Interface is one interface as the configuration table holds it.
type Interface struct {
	Organization string
	Name         string
	// Generation tells this interface from an earlier, deleted one of the same name.
	Generation string
	// Version and Modified are those of the parameter it was read from.
	Version  int64
	Modified time.Time
	// FirstSeen is the parameter's first time: the start of schedules that name none.
	FirstSeen time.Time
	State     State
	// Type is the one that the parameter names, also where it has faults; empty where it names none that is known.
	Type Type
	// Faults are what is wrong with the parameter; with any, Hook is nil.
	Faults fault.List
	// Text is what the parameter holds, for people to see and change; empty where that is a SecureString.
	Text string
	// Hook is the checked configuration, ready to use.
	Hook *Hook
}

// Working reports whether deliveries are made for the interface.
func (i Interface) Working() bool { return i.State == Active && i.Hook != nil }

// Delivers reports whether a delivery can go to the interface as it is now: it works, is no later one of the same name,
// and has not become one that is told otherwise than the delivery was made for: events where that is a bucket, or the other
// way round, or what crm-triggers are told. A test goes to one that is paused or disabled too.
func (i Interface) Delivers(m delivery.Message) bool {
	if i.Hook == nil || i.Generation != m.Generation {
		return false
	}
	return (m.Test || i.Working()) && i.Hook.takes(m)
}
