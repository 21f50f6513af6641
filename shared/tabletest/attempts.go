package tabletest

import (
	"context"
	"maps"
	"slices"
	"time"

	"crmhook/shared/delivery"
)

// attempt is one that lies beside its delivery.
type attempt struct {
	delivery.Attempt
	expires time.Time
}

// KeepAttempts writes attempts after the first; see table.Ledger.
func (l *Ledger) KeepAttempts(_ context.Context, attempts map[delivery.Ref]delivery.Attempt, expires time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["KeepAttempts"] += calls(len(attempts), 25)
	for ref, a := range attempts {
		if err := l.write(a, func() {
			if l.attempts[ref] == nil {
				l.attempts[ref] = map[int]attempt{}
			}
			l.attempts[ref][a.Number] = attempt{keptAttempt(a), keptExpiry(expires)}
		}); err != nil {
			return err
		}
	}
	return nil
}

// KeepForever takes the expiry from what lies beside a delivery; see table.Ledger.
func (l *Ledger) KeepForever(_ context.Context, ref delivery.Ref, attempts int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["KeepForever"] += 1 + calls(max(0, attempts-1)+len(l.listed[ref].records), 25)
	return l.setExpiry(ref, attempts, time.Time{})
}

// Attempt reads one attempt after the first; see table.Ledger.
func (l *Ledger) Attempt(_ context.Context, ref delivery.Ref, n int) (*delivery.Attempt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return nil, err
	}
	l.Calls["Attempt"]++
	if a, ok := l.attempts[ref][n]; ok {
		return &a.Attempt, nil
	}
	return nil, nil
}

// Log reads the attempts after the first; see table.Ledger.
func (l *Ledger) Log(_ context.Context, ref delivery.Ref) ([]delivery.Attempt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return nil, err
	}
	l.Calls["Log"]++
	var log []delivery.Attempt
	for _, n := range slices.Sorted(maps.Keys(l.attempts[ref])) {
		log = append(log, l.attempts[ref][n].Attempt)
	}
	return log, nil
}
