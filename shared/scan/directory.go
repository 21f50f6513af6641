package scan

import (
	"context"
	"fmt"

	"crmhook/shared/change"
	"crmhook/shared/directory"
)

// Directory says by what contacts are found. Whoever writes through crmhook tells it at once; scan tells it of what other
// programs wrote, and takes out what is over.
type Directory interface {
	Add(ctx context.Context, entries []directory.Entry) error
	Remove(ctx context.Context, entries []directory.Entry) error
}

// listing is what changes make of the directory: whether each entry that they touch is to be there.
type listing map[directory.Entry]bool

// change notes what a contact is found by, and what it is not found by any more.
func (l listing) change(c change.Change) {
	if c.Entity != change.Contact {
		return
	}
	for _, entry := range directory.Added(c.Organization, c.ID, c.New, c.Old) {
		l[entry] = false
	}
	for _, entry := range directory.Added(c.Organization, c.ID, c.Old, c.New) {
		l[entry] = true
	}
}

// list brings the directory in step, 25 entries a call.
func (r *run) list(ctx context.Context, l listing) error {
	var added, removed []directory.Entry
	for entry, there := range l {
		if there {
			added = append(added, entry)
		} else {
			removed = append(removed, entry)
		}
	}
	if len(added) > 0 {
		if err := r.Directory.Add(ctx, added); err != nil {
			return fmt.Errorf("add to directory: %w", err)
		}
	}
	if len(removed) > 0 {
		if err := r.Directory.Remove(ctx, removed); err != nil {
			return fmt.Errorf("remove from directory: %w", err)
		}
	}
	return nil
}
