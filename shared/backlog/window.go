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
	Slow  bool
	Watch Watch
}

// Watch is what the window knows of the one execution that it grows with although deliveries are still made for it.
type Watch struct {
	Execution string
	// Ended is how many of its deliveries must have ended before it says more; Failed are the records that had failed when
	// it last did.
	Ended, Failed int
}

// Next is the window after looking at the lane's executions: those still running and those that have ended since the last
// look. A record that a receiver always refuses does not close the window while others are taken: of an execution that
// began to fail before the last success, at most one failure counts. An execution that is open doubles the window each time
// that all it had made at the last look has ended and none failed since.
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
	next.Watch = w.Watch.among(executions)
	for _, e := range executions {
		failures := e.failuresSince(next.LastSuccess)
		streak += failures
		if e.LastAttempt.IsZero() {
			continue
		}
		if e.Done() {
			next.Streak += failures
		}
		if next.Watch.clean(e) && next.Size != ProbeWindow {
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

// among is the watch of the same execution while that is looked at, else of the first that is open and has made any.
func (w Watch) among(executions []Execution) Watch {
	var next Watch
	for _, e := range executions {
		switch {
		case e.ID == w.Execution:
			return w
		case next.Execution == "" && e.Open && e.Deliveries > 0:
			next = Watch{Execution: e.ID, Ended: e.Deliveries}
		}
	}
	return next
}

// clean reports whether the window may grow with an execution: with one that is over if nothing of it failed, with the one
// that is watched if nothing failed since it last said so, and never twice for the same deliveries.
func (w *Watch) clean(e Execution) bool {
	if w.Execution == "" || e.ID != w.Execution {
		return e.Done() && e.Clean()
	}
	if e.Ended < w.Ended {
		return false
	}
	failed := e.Tally.Failed + e.Tally.Stopped
	clean := failed == w.Failed
	w.Ended, w.Failed = e.Deliveries+1, failed
	return clean
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
