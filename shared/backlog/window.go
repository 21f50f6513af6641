package backlog

import "time"

// Bounds of a window, in deliveries.
const (
	FirstWindow    = 100
	LargestWindow  = 10_000
	ProbeWindow    = 1
	RestoredWindow = 10
	// FailingStreak is how many attempts in a row must fail before an interface counts as failing.
	FailingStreak = 5
)

// Window bounds how many deliveries of one interface may be under way at once. It doubles after an execution whose
// deliveries all succeeded, is a single probe while the last five attempts failed, and is restored to ten by one success.
type Window struct {
	Size int
	// Streak are the attempts that failed since LastSuccess, of executions that are over.
	Streak int
	// LastSuccess and LastAttempt are the latest that were seen of any execution.
	LastSuccess, LastAttempt time.Time
	// Slow says that the last attempt timed out: deliveries go through the slow queue.
	Slow bool
}

// Next is the window after looking at the lane's executions: those still running and those that have ended since the last
// look. A record that a receiver always refuses does not close the window while others are taken: of an execution that
// began to fail before the last success, at most one failure counts.
func (w Window) Next(executions []Execution) Window {
	next := w
	if next.Size == 0 {
		next.Size = FirstWindow
	}
	for _, e := range executions {
		if e.LastSuccess.After(next.LastSuccess) {
			next.LastSuccess, next.Streak = e.LastSuccess, 0
		}
		if e.LastAttempt.After(next.LastAttempt) {
			next.LastAttempt, next.Slow = e.LastAttempt, e.TimedOut
		}
	}
	streak := next.Streak
	for _, e := range executions {
		failures := e.failuresSince(next.LastSuccess)
		streak += failures
		if !e.Done() || e.LastAttempt.IsZero() {
			continue
		}
		next.Streak += failures
		if e.Clean() && next.Size != ProbeWindow {
			next.Size = min(2*next.Size, LargestWindow)
		}
	}
	switch {
	case streak >= FailingStreak:
		next.Size = ProbeWindow
	case next.Size == ProbeWindow:
		next.Size = RestoredWindow
	}
	return next
}

// failuresSince is how many of the execution's last attempts are known to have failed after a time.
func (e Execution) failuresSince(success time.Time) int {
	switch {
	case e.Streak == 0 || !e.LastAttempt.After(success):
		return 0
	case e.StreakSince.After(success):
		return e.Streak
	default:
		return 1
	}
}

// Free is how many more deliveries may go while underWay of them are on their way.
func (w Window) Free(underWay int) int { return max(0, w.Size-underWay) }
