// Package shard says what a stream of changes looks like to its reader: shards that follow one another, pages, positions
// and the leases on them. It must not know how a stream is read or where a position is kept.
package shard

import (
	"errors"
	"time"

	"crmhook/shared/change"
)

// ErrTrimmed: the position is older than what the stream still holds; what lay between is lost to the stream.
var ErrTrimmed = errors.New("the position is older than the stream's oldest record")

// ErrExpired: the iterator was not used for a quarter of an hour; a new one continues at the same position.
var ErrExpired = errors.New("the iterator has expired")

// ErrHeld: another run holds the lease, or has moved the position since it was read.
var ErrHeld = errors.New("another run works on the shard")

// ErrLost: the lease has gone to another run; nothing more may be written for the shard.
var ErrLost = errors.New("the lease was lost to another run")

// Shard is one part of a stream. A record's changes lie in one shard in their order, and after a split in its children:
// they are in order only for who reads a parent to its end before its children.
type Shard struct {
	ID string
	// Parent is empty for a first shard, and may name one that has left the stream.
	Parent string
	// Closed is set when nothing more is written to it.
	Closed bool
}

// Page is what one read gave.
type Page struct {
	// Events are in their order; a page without any is normal and does not mean that there are no more.
	Events []change.Event
	// Next continues after the page; empty when the shard is closed and this was its end.
	Next string
}

// Checkpoint is how far a shard has been read, and who works on it.
type Checkpoint struct {
	Shard string
	// Position is the sequence number of the last event that is done with; empty before the first.
	Position string
	// Finished is set when the shard is closed and was read to its end.
	Finished bool
	// Again is set when a run failed at what follows the position, some of which it may have done.
	Again bool
	// Owner is the run that holds the lease until Until; empty when none does.
	Owner string
	Until time.Time
}

// Held reports whether a run holds the lease at a time.
func (c Checkpoint) Held(at time.Time) bool { return c.Owner != "" && at.Before(c.Until) }

// Begun reports whether a run may have done some of what follows the position: it failed, or died with its lease.
func (c Checkpoint) Begun() bool { return c.Again || c.Owner != "" }
