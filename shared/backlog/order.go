package backlog

import "time"

// Place is where an ordered event stands in its record's line: the events of one record for one lane, which are delivered
// one after another. The first in the line is on its way to the receiver, the others wait, whatever other records do. It
// is an item of its own, so a line has no longest length and an event costs the same in a short line and in a long one.
//
// The rules, which shared/backlog/order_model_test.go checks exhaustively for one line:
//
//  1. Who makes events writes them to the ledger with their bodies, then gives each of a record its place, one after
//     another in the record's order, and only then looks who is first. Is that one of its own, it sends that one's message.
//     What it has made before it makes again, in the same order; what has ended gets no place, but its line is looked at.
//     The checkpoint moves last.
//  2. So an event has its place before any later one of its record, and keeps it until it has ended. Whoever finds an
//     event first in the line may send it: all earlier ones have ended.
//  3. send and stop write that an event has ended, then take its place away, then look who is first, and put that one's
//     message on the queue. Only then the message of the ended one goes.
//  4. Who finds an event ended whose message is there does the same again, as whoever ended it may have died on the way. A
//     message in the queue is therefore of an event that is, or was, the first of its line: send need not ask.
//  5. An ended event can get its place back from who makes it a second time and was slow. It is then first again, its
//     message finds it ended, and rule 4 goes on. Should there be none, because who made it died, whoever next makes events
//     of the record finds it first and ended, takes the place away, and goes on as in rule 3.
//
// It comes to an end by itself: a message is followed by at most one other, of an event later in a line that only changes
// make longer. An event that is made again too late can bring one step back, once for each time it is made.
type Place struct {
	Ref
	// Order sorts the events of a record as text; Delivery is the id of the event's.
	Order, Delivery string
	// Event is the event's type.
	Event string
	// Since is when the place was given.
	Since time.Time
}

// Rounds cut places so that each round has at most one of each line, in the order given: written round after round, no
// place of a line is there before an earlier one.
func Rounds(places []Place) [][]Place {
	var rounds [][]Place
	depth := map[Ref]int{}
	for _, p := range places {
		n := depth[p.Ref]
		depth[p.Ref]++
		if n == len(rounds) {
			rounds = append(rounds, nil)
		}
		rounds[n] = append(rounds[n], p)
	}
	return rounds
}
