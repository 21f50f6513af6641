package scan

import (
	"context"
	"fmt"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/directory"
	"crmhook/shared/reach"
	"crmhook/shared/record"
)

// Directory says by what contacts are found. Whoever writes through crmhook tells it at once; scan tells it of what other
// programs wrote, and takes out what is over.
type Directory interface {
	Add(ctx context.Context, entries []directory.Entry) error
	Retire(ctx context.Context, entries []directory.Entry, until time.Time) error
	Remove(ctx context.Context, entries []directory.Entry) error
	// Of lists what is kept of a contact, also of one that is gone.
	Of(ctx context.Context, contact change.Key) (entries, claims []directory.Entry, err error)
}

// listing is what changes make of the directory, by each entry that they touch.
type listing map[directory.Entry]listed

// listed is how an entry is to be kept. Those of a deleted contact stay as long as its mark: by them an older state of a
// platform is known to be older than the delete.
type listed int

const (
	there listed = iota
	retired
	gone
)

// change notes what a contact is found by, and what it is not found by any more.
func (l listing) change(c change.Change) {
	if c.Entity != change.Contact {
		return
	}
	over := gone
	if c.Kind == change.Delete && !c.Erased {
		over = retired
	}
	added, lost := reach.Diff(c.Organization, c.ID, c.Old, c.New)
	for _, entry := range lost {
		l[entry] = over
	}
	for _, entry := range added {
		l[entry] = there
	}
	if !c.Erased {
		return
	}
	for entry := range l {
		if entry.Organization == c.Organization && entry.Contact == c.ID {
			l[entry] = gone
		}
	}
}

// sweep adds what the directory has of contacts that were erased, and no change of the batch knows: of writes that were under
// way then, and of earlier changes. It is a call for each.
func (r *run) sweep(ctx context.Context, erased []change.Key, l listing) error {
	for _, contact := range erased {
		entries, _, err := r.Directory.Of(ctx, contact)
		if err != nil {
			return fmt.Errorf("list the directory of an erased contact: %w", err)
		}
		for _, entry := range entries {
			if _, known := l[entry]; !known {
				l[entry] = gone
			}
		}
	}
	return nil
}

// list brings the directory in step, 25 entries a call.
func (r *run) list(ctx context.Context, l listing) error {
	entries := map[listed][]directory.Entry{}
	for entry, is := range l {
		entries[is] = append(entries[is], entry)
	}
	if len(entries[there]) > 0 {
		if err := r.Directory.Add(ctx, entries[there]); err != nil {
			return fmt.Errorf("add to directory: %w", err)
		}
	}
	if len(entries[retired]) > 0 {
		if err := r.Directory.Retire(ctx, entries[retired], r.Now().Add(record.MarkKept)); err != nil {
			return fmt.Errorf("retire in directory: %w", err)
		}
	}
	if len(entries[gone]) > 0 {
		if err := r.Directory.Remove(ctx, entries[gone]); err != nil {
			return fmt.Errorf("remove from directory: %w", err)
		}
	}
	return nil
}
