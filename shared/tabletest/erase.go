package tabletest

import (
	"context"
	"slices"
	"strings"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/directory"
	"crmhook/shared/record"
	"crmhook/shared/trigger"
)

// Erase puts a mark in a record's place; see table.Records.
func (r *Records) Erase(_ context.Context, mark record.Record) (was record.Record, there bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Calls["Erase"]++
	next, err := keptRecord(mark)
	if err != nil {
		return was, false, err
	}
	item, there := r.kept[mark.Key]
	if err := r.Kill.Write(func() { r.kept[mark.Key] = recordItem{Record: next} }); err != nil {
		return was, false, err
	}
	switch {
	case !there:
		return was, false, nil
	case item.spoilt:
		return record.Record{Key: mark.Key}, true, nil
	}
	return item.read(), true, nil
}

// Of lists a contact's entries and claims; see table.Directory.
func (d *Directory) Of(_ context.Context, contact change.Key) (entries, claims []directory.Entry, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Kill.Alive(); err != nil {
		return nil, nil, err
	}
	d.Calls["Of"]++
	for entry := range d.entries {
		if entry.Organization == contact.Organization && entry.Contact == contact.ID {
			entries = append(entries, entry)
		}
	}
	for ref, holder := range d.holders {
		if ref.Organization == contact.Organization && holder == contact.ID {
			claims = append(claims, directory.Entry{Ref: ref, Contact: holder})
		}
	}
	for _, list := range [][]directory.Entry{entries, claims} {
		slices.SortFunc(list, func(a, b directory.Entry) int { return strings.Compare(string(a.Kind)+a.Value, string(b.Kind)+b.Value) })
	}
	return entries, claims, nil
}

// Unclaim gives up claims; see table.Directory.
func (d *Directory) Unclaim(_ context.Context, claims []directory.Entry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Calls["Unclaim"] += len(claims)
	for _, claim := range claims {
		if err := d.Kill.Write(func() {
			if d.holders[claim.Ref] == claim.Contact {
				delete(d.holders, claim.Ref)
			}
		}); err != nil {
			return err
		}
	}
	return nil
}

// Rewrite writes attempts in place of those that are there; see table.Ledger.
func (l *Ledger) Rewrite(_ context.Context, attempts map[delivery.Ref][]delivery.Attempt) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	written := 0
	for ref, list := range attempts {
		written += len(list)
		for _, a := range list {
			if err := l.write(a, func() {
				if is, there := l.attempts[ref][a.Number]; there {
					l.attempts[ref][a.Number] = attempt{keptAttempt(a), is.expires}
				}
			}); err != nil {
				return err
			}
		}
	}
	l.Calls["Rewrite"] += calls(written, 25)
	return nil
}

// EraseBodies removes bodies; see table.Ledger.
func (l *Ledger) EraseBodies(_ context.Context, refs []delivery.Ref) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := distinct(refs, same); err != nil {
		return 0, err
	}
	l.Calls["EraseBodies"] += len(refs)
	found := 0
	for _, ref := range refs {
		if _, there := l.bodies[ref]; !there {
			continue
		}
		found++
		for n := range l.bodies[ref] {
			if err := l.write(nil, func() { l.bodies[ref][n] = "" }); err != nil {
				return 0, err
			}
		}
		delete(l.bodies, ref)
	}
	return found, nil
}

// Erase removes a trigger's message; see table.Triggers.
func (t *Triggers) Erase(_ context.Context, organization, id, cause string, expires time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Calls["Erase"]++
	key := triggerKey{organization, id}
	entry, there := t.kept[key]
	if !there || entry.Status != trigger.Failed && entry.Status != trigger.Waiting {
		return t.Kill.Alive()
	}
	entry.Status, entry.Cause, entry.Expires = trigger.Failed, cause, keptExpiry(expires)
	if err := t.Kill.Write(func() { t.kept[key] = entry }); err != nil {
		return err
	}
	entry.Message = nil
	return t.Kill.Write(func() { t.kept[key] = entry })
}
