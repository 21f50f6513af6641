package change

import "time"

// Event is one write to the records table as its stream tells it, the items as Go data (string, json.Number, bool, nil,
// []any, map[string]any).
type Event struct {
	// Sequence is the stream's sequence number.
	Sequence string
	// At is the stream's time of the write, to the second.
	At time.Time
	// Keys holds pk and sk.
	Keys map[string]any
	// Old and New are the whole item before and after the write; nil where there was or is none.
	Old, New map[string]any
	// Unreadable says why the items could not be turned into Go data; such an event is no change.
	Unreadable error
}
