// Package hours says what is counted of an interface hour by hour, for people to see at a glance how it fares. It must not
// know where counts are kept.
package hours

import "time"

// Shown is how many hours back people are shown.
const Shown = 24

// KeptFor is how long a day's counts are kept.
const KeptFor = 8 * 24 * time.Hour

// Counts are deliveries of one hour: those that were delivered, attempts that failed, and deliveries that were stopped.
type Counts struct {
	Delivered int `json:"delivered"`
	Failed    int `json:"failed"`
	Stopped   int `json:"stopped"`
}

// Add adds other counts.
func (c *Counts) Add(other Counts) {
	c.Delivered += other.Delivered
	c.Failed += other.Failed
	c.Stopped += other.Stopped
}

// Hour is the hour that a time is in, UTC.
func Hour(at time.Time) time.Time { return at.UTC().Truncate(time.Hour) }

// Last are the hours that are shown at a time, oldest first; the last is the one under way.
func Last(now time.Time) [Shown]time.Time {
	var list [Shown]time.Time
	for i := range list {
		list[i] = Hour(now).Add(time.Duration(i-Shown+1) * time.Hour)
	}
	return list
}
