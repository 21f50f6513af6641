package configure

import (
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/schedule"
)

// due is what dispatch is to do for an interface just written: run it, where it works, from the change on, as records may
// have waited while it did not; and let go of what waits for its former generations.
func (r *run) due(c *candidate) []backlog.Entry {
	entries := r.sweeps(c.task, c.checked.Generation)
	if !c.checked.Working() {
		return entries
	}
	since := c.value.Modified
	if c.seen.Recheck.After(since) {
		since = c.seen.Recheck
	}
	at, ok := schedule.Earliest(c.checked.Hook.Schedules, since.Truncate(time.Second).Add(-time.Nanosecond))
	if !ok {
		return entries
	}
	return append(entries, r.entry(c.task, c.checked.Generation, backlog.Run, at))
}

// sweepAfter is longer than a run of scan, which may still add rows for an interface that was removed meanwhile.
const sweepAfter = 2 * time.Minute

// sweeps are the entries that remove the rows of all generations but one.
func (r *run) sweeps(t *task, but string) []backlog.Entry {
	var entries []backlog.Entry
	for _, generation := range t.seen.Generations {
		if generation != but {
			entries = append(entries, r.entry(t, generation, backlog.Sweep, r.Now().Add(sweepAfter)))
		}
	}
	return entries
}

func (r *run) entry(t *task, generation string, purpose backlog.Purpose, at time.Time) backlog.Entry {
	lane := backlog.Lane{Organization: t.Organization, Interface: t.Name, Generation: generation}
	return backlog.Entry{Lane: lane, Purpose: purpose, Due: at.Truncate(time.Second), Token: r.Token()}
}
