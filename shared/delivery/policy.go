package delivery

import "time"

// Limits are what an interface says about failure: retries (not attempts) before people are warned and before the
// delivery is given up, and the delay after a failed attempt.
type Limits struct {
	RetriesBeforeWarning int
	RetriesBeforeStop    int
	RetryDelay           time.Duration
}

// LongestRetryAfter is how far a receiver may lengthen the delay with Retry-After.
const LongestRetryAfter = 15 * time.Minute

// Attempts is how many attempts a delivery has in all: the first and the retries.
func (l Limits) Attempts() int { return l.RetriesBeforeStop + 1 }

// Verdict is what follows from an attempt that has ended.
type Verdict string

// Done ends the delivery; Again tries it after the delay; GiveUp stops it, at once.
const (
	Done   Verdict = "done"
	Again  Verdict = "again"
	GiveUp Verdict = "give-up"
)

// After is the verdict on a delivery's latest attempt, given how many have begun.
func (l Limits) After(a Attempt, attempts int) Verdict {
	switch {
	case a.OK():
		return Done
	case attempts < l.Attempts():
		return Again
	default:
		return GiveUp
	}
}

// Warns reports whether people are to be told after a failed attempt: from attempt retries-before-warning + 1 on, once.
func (l Limits) Warns(attempts int, warned bool) bool {
	return !warned && attempts > l.RetriesBeforeWarning
}

// Delay is the time until the next attempt: the interface's, or what the receiver asked for where that is longer, up to
// fifteen minutes.
func (l Limits) Delay(a Attempt) time.Duration {
	return max(l.RetryDelay, min(a.RetryAfter, LongestRetryAfter))
}

// Standing says what a sender may do with a delivery that it has received.
type Standing string

// Free: it may be claimed. Busy: another sender works on it. Ended: nothing is left to do. Exhausted: its attempts are
// made and only the stop is left.
const (
	Free      Standing = "free"
	Busy      Standing = "busy"
	Ended     Standing = "ended"
	Exhausted Standing = "exhausted"
)

// Standing is the delivery's at a time; a claim that is over was a sender's that crashed.
func (d Delivery) Standing(l Limits, now time.Time) Standing {
	switch {
	case d.Final():
		return Ended
	case d.Claim.After(now):
		return Busy
	case d.Attempts >= l.Attempts():
		return Exhausted
	default:
		return Free
	}
}

// Crash is the attempt that a crashed sender left unfinished, nil when the last one ended as it should. Its time is not
// known; the end of its claim is given.
func (d Delivery) Crash() *Attempt {
	if d.Claim.IsZero() || d.Attempts == 0 {
		return nil
	}
	return &Attempt{Number: d.Attempts, At: d.Claim, Error: Crashed, Detail: "the sender ended before it could say what came of the request"}
}
