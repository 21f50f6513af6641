// Package backlog says how changed records wait for an interface's next execution, each once however often it changed,
// and how at most one delivery of a record is in flight per interface. It holds the words and the pure rules; it must
// not know how rows are stored or messages sent.
//
// The rules, which shared/backlog/model_test.go checks exhaustively for one record:
//
//  1. scan adds 1 to a row's Changes (creating it), and only then moves its checkpoint.
//  2. dispatch marks a row with a new delivery, on the condition that it has none or names one that has ended; only then
//     it sends the message. A delivery whose lease is over and that no sender claims is ended first, by a conditional
//     write of its own, so that a late sender of it finds it ended.
//  3. send claims the delivery before anything else; who finds it claimed leaves the message alone, who finds it ended
//     is done with it.
//  4. It goes on only with the rows that still name this delivery, and remembers their Changes.
//  5. Only after the rows it reads the records, so that what it sends includes the changes it counted.
//  6. Success: a row is deleted if it is this delivery's and its Changes are still those read; else it is released. Then
//     the delivery ends.
//  7. Failure: the delivery keeps what the attempt had seen and a new lease, and the claim ends, in one write.
//  8. stop deletes the rows whose Changes are those the last failed attempt had seen, and releases the others: what
//     changed since has not been given up. Then the delivery ends.
//  9. stop counts attempts, not receives: a delivery with attempts left goes back to its queue under its id.
package backlog

import (
	"hash/fnv"
	"time"
)

// Lease is how long a delivery holds its rows without a sender at work: from the mark, and again from each failed
// attempt's next try. A crash can block a record for no longer.
const Lease = 30 * time.Minute

// Shards is the number of key ranges that the rows of a lane are spread over. A DynamoDB partition takes 1,000 writes a
// second, so a lane takes four times as many.
const Shards = 4

// Lane is the place where the rows of one generation of an interface wait.
type Lane struct {
	Organization string
	Interface    string
	Generation   string
}

// String is organization#interface#generation; none of the three may hold a #.
func (l Lane) String() string { return l.Organization + "#" + l.Interface + "#" + l.Generation }

// Row is one record that waits or is in flight for a lane.
type Row struct {
	Lane
	// Record is its key, entity/id.
	Record string
	// Changes counts the changes since the row was made.
	Changes int64
	// Since is when the first of them was found.
	Since time.Time
	// Delivery is the one that holds the row; empty while it waits.
	Delivery string
	// Lease is until when the mark alone holds it: until a sender has claimed the delivery, whose own lease then counts.
	Lease time.Time
}

// Shard is the key range that a record's row lies in, 0 to Shards-1.
func Shard(record string) int {
	h := fnv.New32a()
	h.Write([]byte(record))
	return int(h.Sum32() % Shards)
}

// Addition is one record's changes that scan found, those of one page merged.
type Addition struct {
	Lane
	Record  string
	Changes int64
	Since   time.Time
}

// Mark is what dispatch writes on a row: this delivery holds it now.
type Mark struct {
	Row      Row
	Delivery string
	Lease    time.Time
}

// Outcome is what becomes of a row when its delivery ends: Done rows are deleted if their Changes are still those seen
// and released otherwise; the rest are released.
type Outcome struct {
	Lane
	Record   string
	Delivery string
	// Changes are those that what was sent had included.
	Changes int64
	// Done is false where the record must go again whatever its count.
	Done bool
}

// Cursor is a place in the round that dispatch goes through a lane's rows: a shard and the record after which to go on.
// It goes round by key, so no waiting record starves.
type Cursor struct {
	Shard int
	After string
}

// Ref names a row.
type Ref struct {
	Lane
	Record string
}
