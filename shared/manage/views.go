package manage

import (
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/setaside"
	"crmhook/shared/trigger"
	"crmhook/shared/upload"
)

// Interface is an interface as it is shown.
type Interface struct {
	Name   string
	Type   hook.Type
	State  hook.State
	Faults fault.List
	// Configuration is the parameter's JSON as it was written; a text where it is no JSON.
	Configuration any
	// NextExecution is when a schedule is due next, should anything wait then; LastExecution when the last was made.
	NextExecution *time.Time
	LastExecution *time.Time
	// Waiting is how many records waited when dispatch last went round, at WaitingAsOf.
	Waiting     int
	WaitingAsOf *time.Time

	// ETag names this state of the parameter.
	ETag string
	// Hook is the checked configuration; nil with faults.
	Hook *hook.Hook
}

// Rule is an automation rule as it is shown.
type Rule struct {
	ID            string
	State         string
	Faults        fault.List
	Configuration any
	ETag          string
}

// Secret is a secret as it is shown: never its value.
type Secret struct {
	Name  string
	Hosts []string
	// Faults say why it cannot be used.
	Faults fault.List
}

// Execution is an execution as it is shown. Counts are records.
type Execution struct {
	ID       string
	Schedule string
	// StartedBy is schedule, immediate, identifiers, file, all, replay or test.
	StartedBy string
	At        time.Time
	EndedAt   *time.Time
	Taken     int
	Merged    int
	Sent      int
	Delivered int
	Failed    int
	Stopped   int
	Skipped   int
	// Refused counts the lines of a file that were not taken; Numbers the contacts that it names.
	Refused int
	Numbers int
	Status  string
	// Refusals say of the first of these lines what is wrong; only one execution, not a list, shows them.
	Refusals []upload.Refusal
}

// The statuses of an execution.
const (
	Running   = "running"
	Done      = "done"
	Cancelled = "cancelled"
)

// Delivery is a delivery as it is shown; one by itself, not one of a list, has its log.
type Delivery struct {
	ID        string
	WebhookID string
	Interface string
	Execution string
	Event     string
	Test      bool
	Status    delivery.Status
	Reason    string
	Records   []string
	CreatedAt time.Time
	EndedAt   *time.Time
	Attempts  int
	// LastStatus is the last answer's; 0 where none came.
	LastStatus int
	LastError  delivery.Cause
	ReplayOf   string
	Log        []delivery.Attempt
	// Body is what an event or a test tells, where it is still kept: while it is pending or stopped.
	Body string
}

// Trigger is what became of a trigger.
type Trigger struct {
	ID       string
	Platform string
	Entity   string
	Action   string
	SourceID int
	At       time.Time
	EndedAt  *time.Time
	Status   trigger.Status
	Cause    string
	Tries    int
	Records  []string
	// Kept says that the trigger itself is kept, so that it can be replayed.
	Kept bool
}

// SetAside is a change or message that nobody could read.
type SetAside struct {
	// ID is for callers to hand back as it is; it fits into a part of a path.
	ID      string
	Source  setaside.Source
	At      time.Time
	Subject string
	Cause   string
	Body    string
}

// Recorded is an entry of the audit.
type Recorded struct {
	ID      string
	At      time.Time
	By      string
	Action  string
	Subject string
	Detail  string
}

// Started is what was asked for and goes on by itself: an execution, or a test's delivery.
type Started struct {
	ID string
}

// Bulk is a replay or dismissal of many deliveries that goes on by itself; without an id where they were counted only.
type Bulk struct {
	ID      string
	Matched int
}

// Saved is what became of a write of configuration.
type Saved[T any] struct {
	Is      T
	Created bool
}

// Summary is an interface at a glance.
type Summary struct {
	Interface
	// Hours are the counts of the last 24 hours, oldest first, the last of them under way.
	Hours [hours.Shown]hours.Counts
	// Oldest is since when the record that waits longest does; nil where none waits.
	Oldest *time.Time
}
