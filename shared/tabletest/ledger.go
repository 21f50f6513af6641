package tabletest

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"crmhook/shared/audit"
	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/setaside"
	"crmhook/shared/upload"
)

// Ledger is a fake of table.Ledger.
type Ledger struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by name; Units the write units, by the JSON size of what is written, and
	// IndexUnits those that the lists of deliveries cost besides.
	Calls      map[string]int
	Units      int
	IndexUnits int

	mu         sync.Mutex
	deliveries map[delivery.Ref]delivery.Delivery
	attempts   map[delivery.Ref]map[int]attempt
	bodies     map[delivery.Ref][]string
	// tests is when the bodies of tests are forgotten.
	tests      map[delivery.Ref]time.Time
	executions map[string]backlog.Execution
	setAside   map[string]setaside.Item
	notices    map[string]*gathering
	listed     map[delivery.Ref]listedRecords
	refusals   map[string][]upload.Refusal
	hours      map[hook.Key]map[time.Time]hours.Counts
	audit      map[string]map[string]audit.Entry
}

// NewLedger is an empty ledger.
func NewLedger(kill *Kill) *Ledger {
	return &Ledger{
		Kill: kill, Calls: map[string]int{}, deliveries: map[delivery.Ref]delivery.Delivery{}, attempts: map[delivery.Ref]map[int]attempt{},
		bodies: map[delivery.Ref][]string{}, tests: map[delivery.Ref]time.Time{}, executions: map[string]backlog.Execution{}, setAside: map[string]setaside.Item{}, notices: map[string]*gathering{},
		listed: map[delivery.Ref]listedRecords{}, refusals: map[string][]upload.Refusal{}, hours: map[hook.Key]map[time.Time]hours.Counts{},
		audit: map[string]map[string]audit.Entry{},
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

// AllAside is everything set aside.
func (l *Ledger) AllAside() []setaside.Item {
	l.mu.Lock()
	defer l.mu.Unlock()
	items := make([]setaside.Item, 0, len(l.setAside))
	for _, item := range l.setAside {
		items = append(items, item)
	}
	return items
}

// KeptForever reports whether nothing beside a delivery has an expiry.
func (l *Ledger) KeptForever(ref delivery.Ref) bool {
	for _, expires := range l.Beside(ref) {
		if !expires.IsZero() {
			return false
		}
	}
	return true
}

// Expires is when an attempt after the first is forgotten; zero: never.
func (l *Ledger) Expires(ref delivery.Ref, n int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.attempts[ref][n].expires
}

// Open makes deliveries that are not there; see table.Ledger.
func (l *Ledger) Open(_ context.Context, deliveries []delivery.Delivery) ([]bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := distinct(deliveries, func(d delivery.Delivery) delivery.Ref { return d.Ref() }); err != nil {
		return nil, err
	}
	l.Calls["Open"] += calls(len(deliveries), 25)
	done := make([]bool, len(deliveries))
	for i, d := range deliveries {
		if err := l.write(bodiless(d), func() {
			_, there := l.deliveries[d.Ref()]
			if done[i] = !there; done[i] {
				l.deliveries[d.Ref()] = opened(d)
				l.IndexUnits += openUnits(d)
			}
		}); err != nil {
			return done, err
		}
	}
	return done, nil
}

// opened is what the ledger keeps of a delivery that is opened.
func opened(d delivery.Delivery) delivery.Delivery {
	d = bodiless(d)
	d.Records, d.Changes = slices.Clone(d.Records), slices.Clone(d.Changes)
	return delivery.Delivery{
		Message: d.Message, Status: d.Status, CreatedAt: kept(d.CreatedAt), EndedAt: kept(d.EndedAt), Attempts: d.Attempts, Claim: kept(d.Claim),
		Lease: kept(d.Lease), Reason: d.Reason, Expires: keptExpiry(d.Expires),
	}
}

// openUnits are the write units of the lists that a new delivery is in: its interface's, its record's where it has one, and
// those of its status.
func openUnits(d delivery.Delivery) int {
	units := 1 + listUnits("", d.Listed())
	if len(d.Records) == 1 {
		units++
	}
	return units
}

// listUnits are the write units of the two lists of each status that a delivery leaves or comes to.
func listUnits(was, is delivery.Status) int {
	units := 0
	if was == is {
		return units
	}
	for _, status := range []delivery.Status{was, is} {
		if status != "" {
			units += 2
		}
	}
	return units
}

// bodiless is a delivery without the body of its event, which is kept beside it.
func bodiless(d delivery.Delivery) delivery.Delivery {
	if d.Event != nil {
		d.Event = &delivery.Event{Type: d.Event.Type}
	}
	return d
}

// Update writes deliveries conditionally; see table.Ledger.
func (l *Ledger) Update(_ context.Context, updates []delivery.Update) ([]bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := distinct(updates, func(u delivery.Update) delivery.Ref { return u.Was.Ref() }); err != nil {
		return nil, err
	}
	l.Calls["Update"] += calls(len(updates), 25)
	done := make([]bool, len(updates))
	for i, u := range updates {
		if err := l.write(bodiless(u.Now), func() {
			is, there := l.deliveries[u.Was.Ref()]
			done[i] = there && is.Status == u.Was.Status && is.Attempts == u.Was.Attempts && is.Claim.Equal(kept(u.Was.Claim)) && is.Lease.Equal(kept(u.Was.Lease))
			if done[i] {
				next := updated(is, u.Now)
				l.IndexUnits += listUnits(is.Listed(), next.Listed())
				l.deliveries[u.Was.Ref()] = next
			}
		}); err != nil {
			return done, err
		}
	}
	return done, nil
}

// updated is a delivery after a writing: what now leaves empty stays as it was.
func updated(is, now delivery.Delivery) delivery.Delivery {
	is.Status, is.Attempts, is.Claim, is.Lease = now.Status, now.Attempts, kept(now.Claim), kept(now.Lease)
	is.LastStatus, is.LastError, is.Warned = now.LastStatus, now.LastError, is.Warned || now.Warned
	if now.Reason != "" {
		is.Reason = now.Reason
	}
	if !now.EndedAt.IsZero() {
		is.EndedAt = kept(now.EndedAt)
	}
	if !now.Expires.IsZero() {
		is.Expires = keptExpiry(now.Expires)
	}
	if now.Seen != nil {
		is.Seen = slices.Clone(now.Seen)
	}
	if now.First != nil {
		first := keptAttempt(*now.First)
		is.First = &first
	}
	return is
}

// keptExpiry is an expiry as the table keeps it: in seconds.
func keptExpiry(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.Unix(t.Unix(), 0).UTC()
}

// keptAttempt is an attempt as its JSON keeps it.
func keptAttempt(a delivery.Attempt) delivery.Attempt {
	a.Duration, a.RetryAfter = a.Duration.Truncate(time.Millisecond), 0
	a.Headers, a.Records = maps.Clone(a.Headers), slices.Clone(a.Records)
	return a
}

// Deliveries reads deliveries; see table.Ledger.
func (l *Ledger) Deliveries(_ context.Context, refs []delivery.Ref) (map[delivery.Ref]delivery.Delivery, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return nil, err
	}
	if err := distinct(refs, same); err != nil {
		return nil, err
	}
	l.Calls["Deliveries"] += calls(len(refs), 100)
	found := map[delivery.Ref]delivery.Delivery{}
	for _, ref := range refs {
		if d, ok := l.deliveries[ref]; ok {
			found[ref] = d
		}
	}
	return found, nil
}
