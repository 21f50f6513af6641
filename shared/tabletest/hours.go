package tabletest

import (
	"context"
	"time"

	"crmhook/shared/hook"
	"crmhook/shared/hours"
)

// Count adds to the hour's counts; see table.Ledger.
func (l *Ledger) Count(_ context.Context, counts map[hook.Key]hours.Counts, at time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, c := range counts {
		if c == (hours.Counts{}) {
			continue
		}
		l.Calls["Count"]++
		if err := l.write(c, func() {
			if l.hours[key] == nil {
				l.hours[key] = map[time.Time]hours.Counts{}
			}
			c.Add(l.hours[key][hours.Hour(at)])
			l.hours[key][hours.Hour(at)] = c
		}); err != nil {
			return err
		}
	}
	return nil
}

// Hours reads the counts of the hours that are shown; see table.Ledger.
func (l *Ledger) Hours(_ context.Context, keys []hook.Key, now time.Time) (map[hook.Key][hours.Shown]hours.Counts, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return nil, err
	}
	if err := distinct(keys, same); err != nil {
		return nil, err
	}
	l.Calls["Hours"] += calls(2*len(keys), 100)
	shown := make(map[hook.Key][hours.Shown]hours.Counts, len(keys))
	for _, key := range keys {
		var list [hours.Shown]hours.Counts
		for i, hour := range hours.Last(now) {
			list[i] = l.hours[key][hour]
		}
		shown[key] = list
	}
	return shown, nil
}
