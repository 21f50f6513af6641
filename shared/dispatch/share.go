package dispatch

import (
	"context"

	"crmhook/shared/change"
	"crmhook/shared/job"
)

// Bounds of how many records a step over all contacts looks at: their data is in memory a page at a time.
const (
	contactsRead     = 250
	contactPagesRead = 8
)

// share is what the job's next step takes, at most so many contacts.
func (h *Handler) share(ctx context.Context, l *lane, j job.Job, at making, most int) (share, error) {
	switch j.Kind {
	case job.Identifiers:
		return share{names: distinct(j.Identifiers), next: at, last: true}, nil
	case job.File:
		return h.shareOfFile(ctx, l, j, at, most)
	case job.All:
		return h.shareOfAll(ctx, l, at, most)
	}
	return share{next: at}, nil
}

// shareOfFile is taken from one piece of the file.
func (h *Handler) shareOfFile(ctx context.Context, l *lane, j job.Job, at making, most int) (share, error) {
	if at.Piece >= j.Pieces {
		return share{next: at, last: true}, nil
	}
	numbers, err := h.Jobs.Numbers(ctx, l.lane, j.ID, at.Piece)
	if err != nil {
		return share{}, err
	}
	rest := numbers[min(at.Offset, len(numbers)):]
	n := min(most, len(rest))
	if at.Offset += n; n == len(rest) {
		at.Piece, at.Offset = at.Piece+1, 0
	}
	return share{names: distinct(rest[:n]), next: at, last: at.Piece >= j.Pieces}, nil
}

// shareOfAll is taken from the next contacts, in order of their ids, that match the filter.
func (h *Handler) shareOfAll(ctx context.Context, l *lane, at making, most int) (share, error) {
	part := share{next: at}
	for range contactPagesRead {
		page, more, err := h.Contacts.Page(ctx, l.lane.Organization, change.Contact, part.next.After, contactsRead)
		if err != nil {
			return part, err
		}
		for _, is := range page {
			if len(part.names) == most {
				return part, nil
			}
			part.next.After = is.ID
			if l.hook.Matches(is.Data) {
				part.names = append(part.names, is.ID)
			}
		}
		if !more {
			part.last = true
			return part, nil
		}
	}
	return part, nil
}

// distinct leaves out names that came before.
func distinct(names []string) []string {
	seen := make(map[string]bool, len(names))
	var list []string
	for _, name := range names {
		if !seen[name] {
			seen[name] = true
			list = append(list, name)
		}
	}
	return list
}
