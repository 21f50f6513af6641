package backlog

import "time"

// State is what dispatch remembers of a lane between its runs; one item, written once a run.
type State struct {
	Lane
	// Revision rises with each writing, so that of two dispatch runs at once only one goes on.
	Revision int64
	// LastRun is when the last execution was made; a due time before it is worked off.
	LastRun time.Time
	Cursor  Cursor
	Window  Window
	// Running are the ids of executions that had deliveries under way when last looked at, oldest first.
	Running []string
	Round   Round
	// Waiting is how many rows the last whole round saw waiting, Oldest since when the oldest row was there (zero: none),
	// and WaitingAsOf when the round ended.
	Waiting     int
	Oldest      time.Time
	WaitingAsOf time.Time
	// Busy is the execution that a run has begun and not yet finished, empty if none, and BusyUntil when its run must have
	// ended. After that another run sends its messages again: the rows were perhaps marked and the messages not sent.
	Busy      string
	BusyUntil time.Time
}

// Round is the count of a round that is not over yet.
type Round struct {
	Waiting int
	Oldest  time.Time
}

// Count adds rows that the round has passed.
func (r *Round) Count(rows []Row) {
	for _, row := range rows {
		if r.Oldest.IsZero() || row.Since.Before(r.Oldest) {
			r.Oldest = row.Since
		}
		if row.Delivery == "" {
			r.Waiting++
		}
	}
}

// Finish makes a round's count the lane's, and begins the next.
func (s *State) Finish(now time.Time) {
	s.Waiting, s.Oldest, s.WaitingAsOf = s.Round.Waiting, s.Round.Oldest, now
	s.Round = Round{}
}

// Execution is one run of an interface: what it took from the backlog and what became of it. Counts are records, but
// for Deliveries and Ended.
type Execution struct {
	Lane
	ID        string
	Schedule  string
	StartedBy string
	At        time.Time
	Taken     int
	// Merged are identifiers whose record was in flight: it goes after that delivery has ended.
	Merged int
	// Deliveries were made, Ended of them are final. Ended may lag behind after a crash of a sender; a round of dispatch
	// that finds none of them in flight closes the execution.
	Deliveries, Ended int
	Tally             Tally
	// Streak is how many attempts failed since the last one that succeeded, StreakSince when the first of them ended, and
	// TimedOut whether the last timed out.
	Streak      int
	StreakSince time.Time
	TimedOut    bool
	// LastAttempt is when the last attempt ended, LastSuccess when the last that succeeded did.
	LastAttempt, LastSuccess time.Time
	// EndedAt is when the last of its deliveries that has ended did.
	EndedAt time.Time
	Closed  bool
	// Open says that a job still makes deliveries for it.
	Open bool
	// Cancelled says that somebody ended it: what had not been sent is not, and its records wait again.
	Cancelled bool
	// Numbers and Refused are how many lines of a file named a contact, and how many did not.
	Numbers, Refused int
}

// Done reports whether nothing of the execution is under way any more.
func (e Execution) Done() bool { return e.Closed || !e.Open && e.Ended >= e.Deliveries }

// Tally is what senders add to an execution's counts, in records. Failed are the records of deliveries whose first
// attempt failed; they count as Delivered too when a later one succeeds. Sent are those whose first attempt was made.
type Tally struct {
	Sent, Delivered, Failed, Stopped, Skipped int
}

// Clean reports whether nothing of the execution ever failed.
func (e Execution) Clean() bool { return e.Tally.Failed == 0 && e.Tally.Stopped == 0 }

// Progress is what one invocation of send or stop has to add to an execution.
type Progress struct {
	Tally
	Ended int
	// EndedAt is when the last of them ended; zero where none did.
	EndedAt time.Time
	// Attempts says whether there were any; only then the rest speaks.
	Attempts int
	// Streak is how many of the last attempts failed in a row, and Since when the first of these ended. Reset says that a
	// success came before them, SuccessAt when.
	Streak    int
	Since     time.Time
	Reset     bool
	SuccessAt time.Time
	// TimedOut says whether the last attempt timed out, At when it ended.
	TimedOut bool
	At       time.Time
}
