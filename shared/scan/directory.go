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
	if c.Kind == change.Delete {
		over = retired
	}
	added, lost := reach.Diff(c.Organization, c.ID, c.Old, c.New)
	for _, entry := range lost {
		l[entry] = over
	}
	for _, entry := range added {
		l[entry] = there
	}
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
