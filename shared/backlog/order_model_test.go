package backlog_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
)

// The exhaustive check of the protocol in Place's comment: one line, and every interleaving of those who make its events, of
// SQS and of two senders, within a budget. The last two events are made together, after the first.
const lineEvents = 3

// budget is what may go wrong: how many makers go on although another has begun to make the same again, how many processes
// die, attempts fail, and messages come twice.
type budget struct{ overtaken, crashes, failures, duplicates int8 }

// budgets have the number of states that the protocol has within each. It changes when a rule does.
func budgets() map[budget]int {
	return map[budget]int{
		{overtaken: 0, crashes: 2, failures: 0, duplicates: 0}: 314_837,
		{overtaken: 0, crashes: 1, failures: 1, duplicates: 0}: 105_692,
		{overtaken: 0, crashes: 1, failures: 0, duplicates: 1}: 162_179,
		{overtaken: 1, crashes: 0, failures: 0, duplicates: 0}: 162_885,
	}
}

// batchOf are the events that are made together.
func batchOf(n int8) []id { return [][]id{{1}, {2, 3}}[n] }

func batchSet(n int8) set {
	var s set
	for _, e := range batchOf(n) {
		s = s.with(e)
	}
	return s
}

// maker is one who makes a batch.
type maker struct {
	batch int8
	at    place
	// due are those that had not ended when it looked, entered those that it has given places.
	due, entered set
	// first is who it found first.
	first id
	// late says that another makes the same again, passing that it has found an ended event first.
	late, passing bool
}

// worker has a message in hand: a sender, or stop.
type worker struct {
	at    place
	event id
	// first is who it found first, when its event had ended.
	first id
}

// How far makers and workers have come, besides what a sender of a bucket knows.
const (
	judged place = iota + 100
	entering
	looking
	found
	taken
	forgotten
	over
	left
)

type line struct {
	// made are the batches that the checkpoint has passed.
	made     int8
	makers   list[maker]
	known    set
	bodies   set
	places   set
	ended    set
	claims   set
	messages ids
	workers  list[worker]

	budget
	// broken says that an event was requested before an earlier one had ended.
	broken bool
	// left says that an overtaken maker has died: the place of an ended event may be there until another event comes.
	left bool
}

func firstOf(s set) id {
	for e := id(1); e <= lineEvents; e++ {
		if s.has(e) {
			return e
		}
	}
	return 0
}

func (l line) put(e id) line {
	l.messages = l.messages.with(e)
	return l
}

// sorted makes one state of those that differ in the order of their lists only.
func (l line) sorted() line {
	slices.Sort(l.messages.at[:l.messages.n])
	slices.SortFunc(l.workers.at[:l.workers.n], func(v, w worker) int {
		return cmp.Or(cmp.Compare(v.at, w.at), cmp.Compare(v.event, w.event), cmp.Compare(v.first, w.first))
	})
	return l
}

func (l line) fault(moves bool) string {
	switch {
	case l.broken:
		return "an event was requested before an earlier one had ended"
	case moves:
		return ""
	case l.ended != batchSet(0)|batchSet(1):
		return "stuck: an event has not ended"
	case l.places != 0 && !l.left:
		return "a place is left, although nobody was overtaken"
	}
	return ""
}

// searchLine looks at every state that can be reached with a rule left out (0: none) and returns how many there are, or the
// moves that lead to a fault.
func searchLine(within budget, without int) (states int, fault string) {
	type origin struct {
		from int32
		move step
	}
	start := line{budget: within}
	seen := map[line]bool{start: true}
	queue, origins := []line{start}, []origin{{from: -1}}
	for at := 0; at < len(queue); at++ {
		m := lineMover{line: queue[at], without: without}
		m.moves()
		if f := queue[at].fault(len(m.next) > 0); f != "" {
			var path []string
			for i := int32(at); origins[i].from >= 0; i = origins[i].from {
				path = append([]string{string(origins[i].move)}, path...)
			}
			return len(queue), f + ": " + strings.Join(path, ", ")
		}
		for _, n := range m.next {
			if !seen[n.line] {
				seen[n.line] = true
				queue, origins = append(queue, n.line), append(origins, origin{int32(at), n.move})
			}
		}
	}
	return len(queue), ""
}

func TestTheOrderHasNoFault(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("looks at hundreds of thousands of states")
	}
	for within, want := range budgets() {
		states, fault := searchLine(within, 0)
		if fault != "" {
			t.Errorf("%+v: %s", within, fault)
		} else if states != want {
			t.Errorf("%+v: %d states, want %d: a rule has changed, or the search does not look at all of them", within, states, want)
		}
	}
}

// Without any one of these rules there is a fault; so the search can find one.
func TestEachRuleOfTheOrderIsNeeded(t *testing.T) {
	t.Parallel()
	for rule, says := range map[int]string{
		1: "places are given in the record's order", 11: "who is first is looked up after all places are given",
		2: "a place is kept until the end is written", 3: "the message of the ended one goes last",
		4: "who finds an event ended lets the next one go", 5: "who makes events takes away the place of a first one that has ended",
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			for within := range budgets() {
				if _, fault := searchLine(within, rule); fault != "" {
					t.Log(fault)
					return
				}
			}
			t.Errorf("no fault without rule %d", rule)
		})
	}
}
