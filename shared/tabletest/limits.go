package tabletest

import (
	"context"
	"maps"
	"slices"
	"sync"

	"crmhook/shared/rule"
)

// Limits is a fake of table.Limits.
type Limits struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by name.
	Calls map[string]int
	// Before is asked before each call, with its name, while nothing is locked; nil: nothing is asked.
	Before func(method string)

	mu   sync.Mutex
	kept map[rule.CounterKey]rule.Counter
}

// NewLimits counts nothing.
func NewLimits(kill *Kill) *Limits {
	return &Limits{Kill: kill, Calls: map[string]int{}, kept: map[rule.CounterKey]rule.Counter{}}
}

// All are all counters.
func (l *Limits) All() map[rule.CounterKey]rule.Counter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.kept)
}

func (l *Limits) begin(method string, n, batch int) error {
	if l.Before != nil {
		l.Before(method)
	}
	l.mu.Lock()
	l.Calls[method] += calls(n, batch)
	return l.Kill.Alive()
}

// Counters reads counters; see table.Limits.
func (l *Limits) Counters(_ context.Context, keys []rule.CounterKey) (map[rule.CounterKey]rule.Counter, error) {
	defer l.mu.Unlock()
	if err := l.begin("Counters", len(keys), 100); err != nil {
		return nil, err
	}
	if err := distinct(keys, same); err != nil {
		return nil, err
	}
	counters := map[rule.CounterKey]rule.Counter{}
	for _, key := range keys {
		counter := l.kept[key]
		counter.CounterKey, counter.Fired = key, slices.Clone(counter.Fired)
		counters[key] = counter
	}
	return counters, nil
}

// SaveCounters writes counters; see table.Limits.
func (l *Limits) SaveCounters(_ context.Context, counters []rule.Counter) ([]bool, error) {
	defer l.mu.Unlock()
	if err := l.begin("SaveCounters", len(counters), 25); err != nil {
		return nil, err
	}
	if err := distinct(counters, func(c rule.Counter) rule.CounterKey { return c.CounterKey }); err != nil {
		return nil, err
	}
	saved := make([]bool, len(counters))
	for i, counter := range counters {
		err := l.Kill.Write(func() {
			if saved[i] = l.kept[counter.CounterKey].Revision == counter.Revision; saved[i] {
				l.kept[counter.CounterKey] = keptCounter(counter)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return saved, nil
}

func keptCounter(counter rule.Counter) rule.Counter {
	counter.Revision++
	counter.Fired = slices.Clone(counter.Fired)
	for i, f := range counter.Fired {
		counter.Fired[i].At, counter.Fired[i].Counted = kept(f.At), kept(f.Counted)
	}
	return counter
}
