package record

import (
	"fmt"
	"maps"
	"time"
)

// State orders what a platform says of a record: by the state's own time, and of equal times the later at the door.
type State struct {
	At   time.Time
	Door time.Time
}

// Before reports whether the state is older than the other. Instants are compared, to the millisecond in which they are
// kept.
func (s State) Before(other State) bool {
	if at, than := s.At.UnixMilli(), other.At.UnixMilli(); at != than {
		return at < than
	}
	return s.Door.UnixMilli() < other.Door.UnixMilli()
}

// Source names who a state comes from: a platform's source has its own clock.
func Source(platform string, sourceID int) string { return fmt.Sprintf("%s-%d", platform, sourceID) }

// Older reports whether the record has taken a later state of this source already.
func (r Record) Older(source string, state State) bool {
	kept, ok := r.States[source]
	return ok && state.Before(kept)
}

// Took is the record with the state as the last one of its source.
func (r Record) Took(source string, state State) Record {
	states := maps.Clone(r.States)
	if states == nil {
		states = map[string]State{}
	}
	states[source] = state
	r.States = states
	return r
}

// Has reports whether this very state was the last that was taken from the source.
func (r Record) Has(source string, state State) bool {
	kept, ok := r.States[source]
	return ok && !state.Before(kept) && !kept.Before(state)
}
