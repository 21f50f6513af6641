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
	Name   string     `json:"name"`
	Type   hook.Type  `json:"type"`
	State  hook.State `json:"state"`
	Faults fault.List `json:"faults"`
	// Configuration is the parameter's JSON as it was written; a text where it is no JSON.
	Configuration any `json:"configuration"`
	// NextExecution is when a schedule is due next, should anything wait then; LastExecution when the last was made.
	NextExecution *time.Time `json:"nextExecution"`
	LastExecution *time.Time `json:"lastExecution"`
	// Waiting is how many records waited when dispatch last went round, at WaitingAsOf.
	Waiting     int        `json:"waiting"`
	WaitingAsOf *time.Time `json:"waitingAsOf"`

	// ETag names this state of the parameter.
	ETag string `json:"-"`
	// Hook is the checked configuration; nil with faults.
	Hook *hook.Hook `json:"-"`
}

// Rule is an automation rule as it is shown.
type Rule struct {
	ID            string     `json:"id"`
	State         string     `json:"state"`
	Faults        fault.List `json:"faults"`
	Configuration any        `json:"configuration"`
	ETag          string     `json:"-"`
}

// Secret is a secret as it is shown: never its value.
type Secret struct {
	Name  string   `json:"name"`
	Hosts []string `json:"hosts"`
	// Faults say why it cannot be used.
	Faults fault.List `json:"faults"`
}

// Execution is an execution as it is shown. Counts are records.
type Execution struct {
	ID       string `json:"id"`
	Schedule string `json:"schedule"`
	// StartedBy is schedule, immediate, identifiers, file, all or test.
	StartedBy string     `json:"startedBy"`
	At        time.Time  `json:"at"`
	EndedAt   *time.Time `json:"endedAt"`
	Taken     int        `json:"taken"`
	Merged    int        `json:"merged"`
	Sent      int        `json:"sent"`
	Delivered int        `json:"delivered"`
	Failed    int        `json:"failed"`
	Stopped   int        `json:"stopped"`
	Skipped   int        `json:"skipped"`
	// Refused counts the lines of a file that name no contact; Numbers the contacts that it names.
	Refused int    `json:"refused"`
	Numbers int    `json:"numbers,omitempty"`
	Status  string `json:"status"`
	// Refusals say of the first of these lines what is wrong; only one execution, not a list, shows them.
	Refusals []upload.Refusal `json:"refusals,omitempty"`
}

// The statuses of an execution.
const (
	Running   = "running"
	Done      = "done"
	Cancelled = "cancelled"
)

// Delivery is a delivery as it is shown; one by itself, not one of a list, has its log.
type Delivery struct {
	ID        string          `json:"id"`
	WebhookID string          `json:"webhookId"`
	Interface string          `json:"interface"`
	Execution string          `json:"execution,omitempty"`
	Event     string          `json:"event,omitempty"`
	Test      bool            `json:"test,omitempty"`
	Status    delivery.Status `json:"status"`
	Reason    string          `json:"reason,omitempty"`
	Records   []string        `json:"records"`
	CreatedAt time.Time       `json:"createdAt"`
	EndedAt   *time.Time      `json:"endedAt"`
	Attempts  int             `json:"attempts"`
	// LastStatus is the last answer's; 0 where none came.
	LastStatus int                `json:"lastStatus"`
	LastError  delivery.Cause     `json:"lastError,omitempty"`
	ReplayOf   string             `json:"replayOf,omitempty"`
	Log        []delivery.Attempt `json:"log,omitempty"`
	// Body is what an event or a test tells, where it is still kept: while it is pending or stopped.
	Body string `json:"body,omitempty"`
}

// Trigger is what became of a trigger.
type Trigger struct {
	ID       string         `json:"id"`
	Platform string         `json:"platform"`
	Entity   string         `json:"entity"`
	Action   string         `json:"action"`
	SourceID int            `json:"sourceId"`
	At       time.Time      `json:"at"`
	EndedAt  *time.Time     `json:"endedAt"`
	Status   trigger.Status `json:"status"`
	Cause    string         `json:"cause,omitempty"`
	Tries    int            `json:"tries"`
	Records  []string       `json:"records"`
	// Kept says that the trigger itself is kept, so that it can be replayed.
	Kept bool `json:"kept"`
}

// SetAside is a change or message that nobody could read.
type SetAside struct {
	// ID is the source and its own id: stream#4711.
	ID      string          `json:"id"`
	Source  setaside.Source `json:"source"`
	At      time.Time       `json:"at"`
	Subject string          `json:"subject"`
	Cause   string          `json:"cause"`
	Body    string          `json:"body"`
}

// Recorded is an entry of the audit.
type Recorded struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Action  string    `json:"action"`
	Subject string    `json:"subject"`
	Detail  string    `json:"detail,omitempty"`
}

// Started is what was asked for and goes on by itself: an execution, or a test's delivery.
type Started struct {
	ID string `json:"id"`
}

// Bulk is a replay or dismissal of many deliveries that goes on by itself; without an id where they were counted only.
type Bulk struct {
	ID      string `json:"id,omitempty"`
	Matched int    `json:"matched"`
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
