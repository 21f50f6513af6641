package tabletest

import (
	"context"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/setaside"
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

// KeepForever takes the expiry from a delivery's attempts; see table.Ledger.
func (l *Ledger) KeepForever(_ context.Context, ref delivery.Ref, attempts int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["KeepForever"] += calls(max(0, attempts-1), 25)
	for n := 2; n <= attempts; n++ {
		if err := l.write(nil, func() {
			if a, there := l.attempts[ref][n]; there {
				a.expires = time.Time{}
				l.attempts[ref][n] = a
			}
		}); err != nil {
			return err
		}
	}
	return nil
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

// SetAside keeps what nobody could read; see table.Ledger.
func (l *Ledger) SetAside(_ context.Context, items []setaside.Item) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["SetAside"] += calls(len(items), 25)
	for _, item := range items {
		if err := l.write(item, func() { l.setAside[item.Organization+" "+string(item.Source)+" "+item.ID] = item }); err != nil {
			return err
		}
	}
	return nil
}
