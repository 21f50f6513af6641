package tabletest

import (
	"context"
	"sort"
	"sync"
	"time"

	"crmhook/shared/backlog"
)

// Agenda is a fake of table.Agenda.
type Agenda struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by name.
	Calls map[string]int

	mu      sync.Mutex
	entries map[backlog.Entry]string
}

// NewAgenda is an empty agenda.
func NewAgenda(kill *Kill) *Agenda {
	return &Agenda{Kill: kill, Calls: map[string]int{}, entries: map[backlog.Entry]string{}}
}

// place is an entry without its token: what makes two entries the same.
func place(e backlog.Entry) backlog.Entry {
	e.Token, e.Due = "", e.Due.UTC().Truncate(time.Second)
	return e
}

// All lists the entries, earliest first.
func (a *Agenda) All() []backlog.Entry {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.list(func(backlog.Entry) bool { return true })
}

func (a *Agenda) list(wanted func(backlog.Entry) bool) []backlog.Entry {
	var entries []backlog.Entry
	for e, token := range a.entries {
		if wanted(e) {
			e.Token = token
			entries = append(entries, e)
		}
	}
	sort.Slice(entries, func(i, j int) bool {
		if !entries[i].Due.Equal(entries[j].Due) {
			return entries[i].Due.Before(entries[j].Due)
		}
		return string(entries[i].Purpose)+"#"+entries[i].Lane.String() < string(entries[j].Purpose)+"#"+entries[j].Lane.String()
	})
	return entries
}

// Put writes entries; see table.Agenda.
func (a *Agenda) Put(_ context.Context, entries []backlog.Entry) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Calls["Put"] += (len(entries) + 24) / 25
	for _, e := range entries {
		if err := a.Kill.Write(func() { a.entries[place(e)] = e.Token }); err != nil {
			return err
		}
	}
	return nil
}

// Due reads the entries whose time has come; see table.Agenda.
func (a *Agenda) Due(_ context.Context, now time.Time, limit int) ([]backlog.Entry, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.Kill.Alive(); err != nil {
		return nil, err
	}
	a.Calls["Due"]++
	due := a.list(func(e backlog.Entry) bool { return !e.Due.After(now) })
	return due[:min(limit, len(due))], nil
}

// Drop removes entries; see table.Agenda.
func (a *Agenda) Drop(_ context.Context, entries []backlog.Entry) ([]bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Calls["Drop"] += (len(entries) + 24) / 25
	gone := make([]bool, len(entries))
	for i, e := range entries {
		if err := a.Kill.Write(func() {
			token, there := a.entries[place(e)]
			if gone[i] = !there || token == e.Token; gone[i] {
				delete(a.entries, place(e))
			}
		}); err != nil {
			return gone, err
		}
	}
	return gone, nil
}
