package tabletest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"crmhook/shared/trigger"
)

// Triggers is a fake of table.Triggers.
type Triggers struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by name.
	Calls map[string]int

	now  func() time.Time
	mu   sync.Mutex
	kept map[triggerKey]trigger.Entry
}

type triggerKey struct{ organization, id string }

// idLength is how many letters and digits a trigger's id has. They hold the time at the door, so that the fake can take it
// from the entry.
const idLength = 26

// NewTriggers holds no entries.
func NewTriggers(kill *Kill, now func() time.Time) *Triggers {
	return &Triggers{Kill: kill, Calls: map[string]int{}, now: now, kept: map[triggerKey]trigger.Entry{}}
}

// All lists the entries with their messages, in order of organizations and ids.
func (t *Triggers) All() []trigger.Entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]trigger.Entry, 0, len(t.kept))
	for _, entry := range t.kept {
		all = append(all, entry)
	}
	slices.SortFunc(all, func(a, b trigger.Entry) int { return strings.Compare(a.Organization+" "+a.ID, b.Organization+" "+b.ID) })
	return all
}

// Keep keeps entries; see table.Triggers.
func (t *Triggers) Keep(_ context.Context, entries []trigger.Entry) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, entry := range entries {
		if len(entry.ID) != idLength {
			return fmt.Errorf("keep triggers: %q is no trigger's id", entry.ID)
		}
	}
	t.Calls["Keep"] += calls(len(entries), 25)
	for _, entry := range entries {
		if err := t.Kill.Write(func() { t.kept[triggerKey{entry.Organization, entry.ID}] = keptEntry(entry) }); err != nil {
			return err
		}
	}
	return nil
}

// keptEntry is an entry as the table keeps it.
func keptEntry(e trigger.Entry) trigger.Entry {
	e.At, e.EndedAt, e.Expires = kept(e.At), kept(e.EndedAt), keptExpiry(e.Expires)
	e.Records, e.Message = append([]string(nil), e.Records...), append([]byte(nil), e.Message...)
	return e
}

// Entry reads an entry with its message; see table.Triggers.
func (t *Triggers) Entry(_ context.Context, organization, id string) (trigger.Entry, bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.Kill.Alive(); err != nil {
		return trigger.Entry{}, false, err
	}
	t.Calls["Entry"]++
	entry, there := t.kept[triggerKey{organization, id}]
	return keptEntry(entry), there, nil
}

// Entries reads entries, newest first; see table.Triggers.
func (t *Triggers) Entries(_ context.Context, organization, before string, limit int) ([]trigger.Entry, string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.Kill.Alive(); err != nil {
		return nil, "", err
	}
	t.Calls["Entries"]++
	if before != "" && len(before) != idLength {
		return nil, "", nil
	}
	from := t.now()
	if last, there := t.kept[triggerKey{organization, before}]; there {
		from = last.At
	}
	newest := from.UTC().Truncate(24 * time.Hour)
	var page []trigger.Entry
	for key, entry := range t.kept {
		day := entry.At.UTC().Truncate(24 * time.Hour)
		walked := !day.After(newest) && newest.Sub(day) < 90*24*time.Hour
		if key.organization == organization && walked && (before == "" || key.id < before) {
			entry = keptEntry(entry)
			entry.Message = nil
			page = append(page, entry)
		}
	}
	slices.SortFunc(page, func(a, b trigger.Entry) int { return strings.Compare(b.ID, a.ID) })
	if len(page) > limit {
		return page[:limit], page[limit-1].ID, nil
	}
	return page, "", nil
}

// Open reads entries that failed or wait, newest first; see table.Triggers.
func (t *Triggers) Open(_ context.Context, organization string, status trigger.Status, after string, limit int) ([]trigger.Entry, string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.Kill.Alive(); err != nil {
		return nil, "", err
	}
	t.Calls["Open"]++
	var list []trigger.Entry
	for key, entry := range t.kept {
		if key.organization == organization && entry.Status == status && (status == trigger.Failed || status == trigger.Waiting) {
			entry = keptEntry(entry)
			entry.Message = nil
			list = append(list, entry)
		}
	}
	page, next := pageOf(list, func(e trigger.Entry) string { return e.ID }, after, limit)
	return page, next, nil
}
