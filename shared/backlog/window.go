package backlog

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
	// Streak are the attempts that failed since the last success, of executions that are over.
	Streak int
	// Slow says that the last attempt timed out: deliveries go through the slow queue.
	Slow bool
}

// Next is the window after looking at the lane's executions, oldest first: those still running and those that have ended
// since the last look. The newest execution with a success decides where the streak of failures begins, so that one
// record that a receiver always refuses does not close the window while others are taken.
func (w Window) Next(executions []Execution) Window {
	next := Window{Size: w.Size, Streak: w.Streak, Slow: w.Slow}
	if next.Size == 0 {
		next.Size = FirstWindow
	}
	streak := w.Streak
	for _, e := range executions {
		if e.LastAttempt.IsZero() {
			continue
		}
		if e.Tally.Delivered > 0 {
			next.Streak, streak = 0, 0
		}
		next.Slow = e.TimedOut
		streak += e.Streak
		if !e.Done() {
			continue
		}
		next.Streak += e.Streak
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

// Free is how many more deliveries may go while underWay of them are on their way.
func (w Window) Free(underWay int) int { return max(0, w.Size-underWay) }
