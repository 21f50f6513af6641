// Package job says what people ask dispatch to do beside what schedules ask for: executions that were started by hand,
// and what is done to many deliveries. A job is worked off over as many runs as it needs, each of which says how far it
// came, so that one that dies is gone on with. It must not know where jobs are kept.
package job

import (
	"time"

	"crmhook/shared/backlog"
)

// Kind is what is asked for.
type Kind string

// The kinds. The first four make an execution, whose id is the job's; Cancel ends one, whose id is Execution; Replay and
// Dismiss concern all stopped deliveries that match.
const (
	Immediate   Kind = "immediate"
	Identifiers Kind = "identifiers"
	File        Kind = "file"
	All         Kind = "all"
	Cancel      Kind = "cancel"
	Replay      Kind = "replay"
	Dismiss     Kind = "dismiss"
)

// What starts an execution is the kind of the job that makes it, or one of these.
const (
	BySchedule = "schedule"
	ByTest     = "test"
	// ByReplay starts one of the records of stopped deliveries, a File whose numbers nobody uploaded.
	ByReplay = "replay"
)

// MostIdentifiers is how many contacts one job names itself; MostNumbers how many a file may name.
const (
	MostIdentifiers = 100
	MostNumbers     = 100_000
)

// PieceNumbers is how many numbers of a file are kept together at most: a job's step reads one piece.
const PieceNumbers = 2_000

// Makes reports whether a job of the kind makes deliveries, all of the one execution whose id is the job's.
func (k Kind) Makes() bool {
	switch k {
	case Immediate, Identifiers, File, All:
		return true
	}
	return false
}

// Job is one thing to do.
type Job struct {
	// Lane is the interface's; of a Replay or Dismiss that names no interface it has the organization only.
	backlog.Lane
	// ID sorts jobs by time.
	ID   string
	Kind Kind
	At   time.Time
	// Schedule is the one whose batch and bucket size count; empty: the first.
	Schedule string
	// Identifiers are the contact numbers of a job that names them itself.
	Identifiers []string
	// Pieces is in how many pieces a file's numbers are kept, Numbers how many they are.
	Pieces, Numbers int
	// Execution is the one that a Cancel ends.
	Execution string
	// Matching are the deliveries that a Replay or Dismiss concerns.
	Matching Matching

	// Position is how far the job came, in words of its own; empty at the beginning.
	Position string
	// Revision rises with each saving, so that of two runs at once only one goes on.
	Revision int64
}

// Matching says which stopped deliveries are meant.
type Matching struct {
	// Interface and Record are empty for any.
	Interface string `json:"interface,omitempty"`
	Record    string `json:"record,omitempty"`
	// Since is inclusive, Until exclusive, on the deliveries' creation; a job's Until is never after its At, so that what
	// stops while it is at work is not concerned.
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// Bound is the selection of the deliveries that the job concerns: Until is the job's At where that is earlier or none is
// given.
func (j Job) Bound() Matching {
	m := j.Matching
	if m.Until.IsZero() || m.Until.After(j.At) {
		m.Until = j.At
	}
	return m
}

// Entry has dispatch look at the jobs of the job's lane from a time on.
func (j Job) Entry(due time.Time, token string) backlog.Entry {
	return backlog.Entry{Lane: j.Lane, Purpose: backlog.Work, Due: due.Truncate(time.Second), Token: token}
}
