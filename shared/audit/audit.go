// Package audit says what is kept of who changed, replayed, dismissed, cancelled or erased what. It must not know where it
// is kept.
package audit

import "time"

// Action is what was done.
type Action string

// The actions. Each is recorded before it is done, once nothing is known that speaks against it: one that a crash kept from
// being done is recorded too.
const (
	PutInterface    Action = "put-interface"
	DeleteInterface Action = "delete-interface"
	PutRule         Action = "put-rule"
	DeleteRule      Action = "delete-rule"
	PutSecret       Action = "put-secret"
	DeleteSecret    Action = "delete-secret"
	StartExecution  Action = "start-execution"
	CancelExecution Action = "cancel-execution"
	TestInterface   Action = "test-interface"
	Replay          Action = "replay"
	Dismiss         Action = "dismiss"
	ReplayTrigger   Action = "replay-trigger"
	ReplaySetAside  Action = "replay-setaside"
	Erase           Action = "erase"
)

// Entry is one thing that was done.
type Entry struct {
	// ID sorts entries by time; it is made by NewID of package trigger's kind: time and randomness.
	ID           string
	Organization string
	At           time.Time
	// By is the name of the key: its own, or operator/ and the name of an operator's.
	By     string
	Action Action
	// Subject is what it was done to: interface crm, delivery 01…, contact 4711.
	Subject string
	// Detail says more in words, such as how many matched; it holds no secret, no personal data but ids, and no configuration.
	Detail string
}
