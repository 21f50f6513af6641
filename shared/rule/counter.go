package rule

import (
	"slices"
	"time"
)

// CounterKey names the count of a rule's firings for a contact.
type CounterKey struct {
	Key
	Generation string
	// Contact is the contact's record id.
	Contact string
}

// Counter is how often a rule has fired for a contact. It does not expire.
type Counter struct {
	CounterKey
	// Firings counts all of them.
	Firings int64
	// Fired are those that may be asked about again, in the order in which they were counted.
	Fired []Firing
	// Revision is that of the writing it was read from, which a writing must find; 0: there was none.
	Revision int64
}

// Firing is one that was counted.
type Firing struct {
	// Source names the change that it was for.
	Source string
	// At is when the change was made, Counted when it was counted.
	At, Counted time.Time
	// Held is whether the conditions held, which tells the branch that was taken.
	Held bool
}

const (
	// Remembered is how long a firing is known by its change, longer than the change stays in the stream (a day), and by
	// so much longer than the limit's least interval as that may still matter.
	Remembered = 25 * time.Hour
	// MostRemembered bounds the firings of one counter that are known by their changes: twice the changes that are read
	// again after a crash at most. They take about 100 KB.
	MostRemembered = 2_000
)

// Known is the firing for a change that was counted before.
func (c Counter) Known(source string) (Firing, bool) {
	at := slices.IndexFunc(c.Fired, func(f Firing) bool { return f.Source == source })
	if at < 0 {
		return Firing{}, false
	}
	return c.Fired[at], true
}

// Fire asks for a firing and returns the counter as it is after it; ok is false where a limit forbids it. A firing that
// was counted before is allowed again, as it was then: the firing that is returned is that one, and the counter is the
// same.
func (c Counter) Fire(f Firing, limits Limits) (after Counter, counted Firing, ok bool) {
	if known, before := c.Known(f.Source); before {
		return c, known, true
	}
	if limits.MaxPerContact > 0 && c.Firings >= limits.MaxPerContact {
		return c, f, false
	}
	for _, known := range c.Fired {
		if apart := f.At.Sub(known.At).Abs(); apart < limits.MinInterval {
			return c, f, false
		}
	}
	after = c
	after.Firings++
	after.Fired = append(c.remembered(f.Counted.Add(-Remembered-limits.MinInterval)), f)
	return after, f, true
}

// remembered are the firings that are kept: those since a time, and of them the last.
func (c Counter) remembered(since time.Time) []Firing {
	kept := slices.DeleteFunc(slices.Clone(c.Fired), func(f Firing) bool { return f.At.Before(since) && f.Counted.Before(since) })
	return kept[max(0, len(kept)-MostRemembered+1):]
}
