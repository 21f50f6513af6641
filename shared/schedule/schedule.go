// Package schedule says when an interface runs: the due times of a schedule, and local times in a zone whose clocks
// change. It must not know interfaces, nor what an execution does.
package schedule

import "time"

// Launch is what makes a schedule run.
type Launch string

// Automatic runs at its due times; Manual only when asked.
const (
	Automatic Launch = "automatic"
	Manual    Launch = "manual"
)

// daily is the one frequency, in minutes, that follows the wall clock.
const daily = 24 * 60

// Schedule is one schedule of an interface, checked and ready to use.
//
// Due times lie on a grid: Start and every FrequencyMinutes after it, in elapsed minutes. Only a frequency of 1440 keeps
// Start's wall time in Location when clocks change: where that time is left out, the first instant after the gap is due;
// where it comes twice, the first. A late run does not shift the next.
type Schedule struct {
	Name   string
	Launch Launch
	// FrequencyMinutes is 1 to 1440; below 1 nothing is due.
	FrequencyMinutes int
	// Start is the first due time and never zero: without one of its own, the parameter's first time.
	Start time.Time
	// End is exclusive: a due time at or after it is none. Zero: no end.
	End time.Time
	// Location is the zone of wall times; nil means UTC.
	Location *time.Location
	// BatchSize is the most records one execution takes, BucketSize the most in one request.
	BatchSize  int
	BucketSize int
	// Identifiers are records that each run sends, changed or not, instead of what waits; empty: what waits.
	Identifiers []string
}

// Next is the first due time strictly after the given one, in the schedule's zone. It is false where there is none: the
// schedule is manual, or over, or the year 9999 is. The cost does not depend on how far apart Start and the given time are.
func (s Schedule) Next(after time.Time) (time.Time, bool) {
	if s.Launch != Automatic || s.FrequencyMinutes < 1 {
		return time.Time{}, false
	}
	due := s.Start
	switch {
	case after.Before(s.Start):
	case after.Year() > 9999:
		return time.Time{}, false
	case s.FrequencyMinutes == daily:
		due = s.nextDay(after)
	default:
		due = s.nextElapsed(after)
	}
	if !s.End.IsZero() && !due.Before(s.End) {
		return time.Time{}, false
	}
	return due.In(s.location()), true
}

// nextElapsed counts in seconds, since a Duration ends after 292 years.
func (s Schedule) nextElapsed(after time.Time) time.Time {
	period := int64(s.FrequencyMinutes) * 60
	elapsed := after.Unix() - s.Start.Unix()
	if after.Nanosecond() < s.Start.Nanosecond() {
		elapsed--
	}
	return time.Unix(s.Start.Unix()+(elapsed/period+1)*period, int64(s.Start.Nanosecond()))
}

// nextDay finds the first day whose due time is after the given one. Clocks shift by a day at most (where the date line
// moved), so it lies within two days of the local date; days up to Start are never after a time from Start on.
func (s Schedule) nextDay(after time.Time) time.Time {
	start := wallOf(s.Start, s.location())
	day := wallOf(after, s.location()).Unix()/(daily*60) - start.Unix()/(daily*60)
	for n := day - 2; ; n++ {
		if due := firstInstant(start.AddDate(0, 0, int(n)), s.location()); due.After(after) {
			return due
		}
	}
}

func (s Schedule) location() *time.Location {
	if s.Location == nil {
		return time.UTC
	}
	return s.Location
}

// Earliest is the first due time of any of the schedules strictly after the given one, false where there is none.
func Earliest(schedules []Schedule, after time.Time) (time.Time, bool) {
	var earliest time.Time
	found := false
	for _, s := range schedules {
		if due, ok := s.Next(after); ok && (!found || due.Before(earliest)) {
			earliest, found = due, true
		}
	}
	return earliest, found
}
