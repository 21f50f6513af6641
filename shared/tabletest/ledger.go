package tabletest

import (
	"context"
	"encoding/json"
	"maps"
	"sync"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/setaside"
)

// Ledger is a fake of table.Ledger.
type Ledger struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by name; Units the write units, by the JSON size of what is written.
	Calls map[string]int
	Units int

	mu         sync.Mutex
	deliveries map[delivery.Ref]delivery.Delivery
	attempts   map[delivery.Ref]map[int]delivery.Attempt
	kept       map[delivery.Ref]bool
	executions map[string]backlog.Execution
	setAside   map[string]setaside.Item
	notices    map[string]*gathering
}

// NewLedger is an empty ledger.
func NewLedger(kill *Kill) *Ledger {
	return &Ledger{
		Kill: kill, Calls: map[string]int{}, deliveries: map[delivery.Ref]delivery.Delivery{}, attempts: map[delivery.Ref]map[int]delivery.Attempt{},
		kept: map[delivery.Ref]bool{}, executions: map[string]backlog.Execution{}, setAside: map[string]setaside.Item{}, notices: map[string]*gathering{},
	}
}

func (l *Ledger) write(item any, write func()) error {
	text, err := json.Marshal(item)
	if err != nil {
		return err
	}
	l.Units += (len(text) + 1023) / 1024
	return l.Kill.Write(write)
}

// All is every delivery by its name.
func (l *Ledger) All() map[delivery.Ref]delivery.Delivery {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.deliveries)
}

// Aside is everything set aside.
func (l *Ledger) Aside() []setaside.Item {
	l.mu.Lock()
	defer l.mu.Unlock()
	items := make([]setaside.Item, 0, len(l.setAside))
	for _, item := range l.setAside {
		items = append(items, item)
	}
	return items
}

// KeptForever reports whether a delivery's attempts have no expiry.
func (l *Ledger) KeptForever(ref delivery.Ref) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept[ref]
}

// Open makes deliveries that are not there; see table.Ledger.
func (l *Ledger) Open(_ context.Context, deliveries []delivery.Delivery) ([]bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["Open"] += (len(deliveries) + 24) / 25
	done := make([]bool, len(deliveries))
	for i, d := range deliveries {
		if err := l.write(d, func() {
			_, there := l.deliveries[d.Ref()]
			if done[i] = !there; done[i] {
				l.deliveries[d.Ref()] = d
			}
		}); err != nil {
			return done, err
		}
	}
	return done, nil
}

// Update writes deliveries conditionally; see table.Ledger.
func (l *Ledger) Update(_ context.Context, updates []delivery.Update) ([]bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["Update"] += (len(updates) + 24) / 25
	done := make([]bool, len(updates))
	for i, u := range updates {
		if err := l.write(u.Now, func() {
			is, there := l.deliveries[u.Was.Ref()]
			done[i] = there && is.Status == u.Was.Status && is.Attempts == u.Was.Attempts && sameInstant(is.Claim, u.Was.Claim) && sameInstant(is.Lease, u.Was.Lease)
			if !done[i] {
				return
			}
			now := u.Now
			if now.First == nil {
				now.First = is.First
			}
			if now.Seen == nil {
				now.Seen = is.Seen
			}
			l.deliveries[u.Was.Ref()] = now
		}); err != nil {
			return done, err
		}
	}
	return done, nil
}

// sameInstant compares as the table keeps times: in milliseconds.
func sameInstant(a, b time.Time) bool {
	return a.IsZero() == b.IsZero() && (a.IsZero() || a.UnixMilli() == b.UnixMilli())
}

// Deliveries reads deliveries; see table.Ledger.
func (l *Ledger) Deliveries(_ context.Context, refs []delivery.Ref) (map[delivery.Ref]delivery.Delivery, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return nil, err
	}
	l.Calls["Deliveries"] += (len(refs) + 99) / 100
	found := map[delivery.Ref]delivery.Delivery{}
	for _, ref := range refs {
		if d, ok := l.deliveries[ref]; ok {
			found[ref] = d
		}
	}
	return found, nil
}

// KeepAttempts writes attempts after the first; see table.Ledger.
func (l *Ledger) KeepAttempts(_ context.Context, attempts map[delivery.Ref]delivery.Attempt, _ time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["KeepAttempts"] += (len(attempts) + 24) / 25
	for ref, attempt := range attempts {
		if err := l.write(attempt, func() {
			if l.attempts[ref] == nil {
				l.attempts[ref] = map[int]delivery.Attempt{}
			}
			l.attempts[ref][attempt.Number] = attempt
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
	l.Calls["KeepForever"] += (attempts + 24) / 25
	l.Units += max(0, attempts-1)
	return l.Kill.Write(func() { l.kept[ref] = true })
}

// Attempt reads one attempt after the first; see table.Ledger.
func (l *Ledger) Attempt(_ context.Context, ref delivery.Ref, n int) (*delivery.Attempt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return nil, err
	}
	l.Calls["Attempt"]++
	if attempt, ok := l.attempts[ref][n]; ok {
		return &attempt, nil
	}
	return nil, nil
}

// SetAside keeps what nobody could read; see table.Ledger.
func (l *Ledger) SetAside(_ context.Context, items []setaside.Item) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["SetAside"] += (len(items) + 24) / 25
	for _, item := range items {
		if err := l.write(item, func() { l.setAside[item.Organization+" "+string(item.Source)+" "+item.ID] = item }); err != nil {
			return err
		}
	}
	return nil
}
