// Package once says how something is done once that cannot be undone, such as a message that leaves the house: it is claimed
// under a key with a lease, done, and then marked done. Whoever comes later finds it done; whoever comes after a crash finds
// a lease that is over, and does it again. It must not know what is done, nor where claims are kept.
package once

import "time"

const (
	// Lease is how long a claim holds without being marked done: longer than a run of a function.
	Lease = 2 * time.Minute
	// Kept is how long a claim is remembered.
	Kept = 7 * 24 * time.Hour
)

// Claim is one thing to be done once.
type Claim struct {
	// Key names it within its organization: what is done, and the event that asks for it.
	Organization string
	Key          string
	// Result is what the doer wants to be told when it comes again, such as the number of a contact that it was about to
	// make. The first claim's stays.
	Result string
	Lease  time.Time
	Done   bool
}

// Limit bounds how much is claimed in a day.
type Limit struct {
	// Name is what is counted, Day the day as 2006-01-02, Most how much of it there may be.
	Name, Day string
	Most      int
}

// Standing is how a claim stands.
type Standing int

const (
	// Mine: the caller is to do it, and then to mark it done.
	Mine Standing = iota
	// Busy: another caller's lease is not over.
	Busy
	// Done: there is nothing to do.
	Done
	// Full: the day's limit is reached; nothing was claimed.
	Full
)
