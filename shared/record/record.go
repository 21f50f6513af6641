// Package record says what is kept of one CRM record, and the rules by which it changes: what changes nothing makes no new
// version, a delete is a mark that carries its origin, and an older state of a platform never replaces a newer one. It must
// not know where records are kept.
package record

import (
	"time"

	"crmhook/shared/change"
	"crmhook/shared/document"
)

// MostBytes of a record's data as JSON, and as DynamoDB counts it; see Size. With what is kept beside the data an item stays
// below DynamoDB's 400 KB.
const MostBytes = 380_000

// MarkKept is how long the mark of a deleted record stays, so that scan, and updates older than the delete, find it.
const MarkKept = 30 * 24 * time.Hour

// Record is one record with what is kept beside its data. The zero value but for its Key is a record that is not there.
type Record struct {
	change.Key
	// Data is the record as in the API. That of a deleted one is its last state.
	Data map[string]any
	// Origin and UpdatedAt say who wrote the last version, and when.
	Origin    string
	UpdatedAt time.Time
	// Version is 0 for a record that only other programs have written.
	Version int64
	// Deleted marks a record that is gone; Expires is when the mark goes too.
	Deleted bool
	Expires time.Time
	// Erased says that a person's data was erased: the mark has no Data and no States.
	Erased bool
	// States are the last states that were taken from platforms, by Source.
	States map[string]State
	// Read is what the store read, the condition of its next write. It belongs to the store.
	Read any
}

// Exists reports whether there is a record.
func (r Record) Exists() bool { return r.Data != nil && !r.Deleted }

// With is the record with other data, or deleted where data is nil, as its next version; changed says whether it differs.
// A record that is not there stays so when it is deleted. What is not data, the States, does not make a version.
func (r Record) With(data map[string]any, origin string, now time.Time) (next Record, changed bool) {
	next = r
	switch {
	case data == nil && !r.Exists(), r.Exists() && data != nil && document.Same(r.Data, data):
		return next, false
	case data == nil:
		next.Deleted, next.Expires = true, now.Add(MarkKept)
	default:
		next.Data, next.Deleted, next.Erased, next.Expires = data, false, false, time.Time{}
	}
	return next.signed(origin, now), true
}

// Marked is the mark of a deleted record in place of one that was never there, so that an older state of it cannot come to
// be after its delete.
func (r Record) Marked(origin string, now time.Time) Record {
	r.Deleted, r.Expires = true, now.Add(MarkKept)
	return r.signed(origin, now)
}

// Erase is the mark of a record whose data was erased: nothing of it stays but its key. Its version rises over that of any
// write made before now.
func (r Record) Erase(origin string, now time.Time) Record {
	mark := Record{Key: r.Key, Version: max(r.Version, now.UnixMilli()-1), Deleted: true, Erased: true, Expires: now.Add(MarkKept)}
	return mark.signed(origin, now)
}

// signed is the next version.
func (r Record) signed(origin string, now time.Time) Record {
	r.Origin, r.UpdatedAt, r.Version = origin, now, r.Version+1
	if r.Version == 1 {
		r.Version = now.UnixMilli()
	}
	return r
}

// Write is one write of a record: from what was read to what it becomes.
type Write struct{ Was, Now Record }
