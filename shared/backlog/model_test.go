package backlog_test

import (
	"fmt"
	"strings"
	"testing"
)

// The exhaustive check of the protocol in the package's comment: one record of one lane, and every interleaving of its
// writers, scan, dispatch, SQS, two senders and stop, within these budgets.
const (
	writes   = 2
	crashes  = 1
	failures = 1
	// duplicates that SQS hands out, leases that lapse although a message waits, and receives before redrive; as many
	// attempts are promised.
	duplicates = 1
	lapses     = 1
	receives   = 2
)

// protocolStates is how many states the protocol has within the budgets. The number changes when a rule does.
const protocolStates = 945_930

// most bounds the lists of a state; a search that needs more fails.
const most = 8

type (
	id   = int8
	ids  = list[id]
	step string
)

// A list keeps its unused places zero, so that states compare.
type list[T comparable] struct {
	n  int8
	at [most]T
}

func (l list[T]) all() []T { return l.at[:l.n] }

func (l list[T]) with(v T) list[T] {
	l.at[l.n] = v
	l.n++
	return l
}

func (l list[T]) cut(i int) list[T] {
	var zero T
	copy(l.at[i:], l.at[i+1:])
	l.n--
	l.at[l.n] = zero
	return l
}

func (l list[T]) put(i int, v T) list[T] {
	l.at[i] = v
	return l
}

// A set is of deliveries.
type set uint16

func (s set) has(d id) bool    { return s&(1<<d) != 0 }
func (s set) with(d id) set    { return s | 1<<d }
func (s set) without(d id) set { return s &^ (1 << d) }

type message struct {
	delivery, receives int8
	visible            bool
}

// ghost is a request whose sender died: it may arrive later.
type ghost struct{ delivery, state int8 }

type sender struct {
	at       place
	delivery id
	// seen are the changes read from the row, state is the record's that was read after it.
	seen, state int8
}

// place is how far a sender has come.
type place int8

const (
	got place = iota + 1
	claimed
	checked
	read
	posted
	accepted
	refused
	freed
	ended
)

// state is everything at one moment.
type state struct {
	// value is the record's state, left the writes to come, stream the changes that scan has not passed.
	value, left, stream int8
	// The row: whether it is there, its changes, and the delivery that holds it (0: none).
	row             bool
	changes, holder int8
	messages        list[message]
	stopped         ids
	claims          set
	ghosts          list[ghost]
	senders         list[sender]
	// dispatching is the delivery that dispatch has marked and not sent; -d while it has only seen that d's lease is over.
	dispatching       id
	scanned           bool
	last, next, tried int8
	// gaveUp says that a stop freed the row, short that it did so before all attempts were made.
	gaveUp, short                         bool
	crashes, failures, duplicates, lapses int8
	done, leased                          set
	attempts, saw                         [most]int8
}

func start() state {
	return state{left: writes, next: 1, crashes: crashes, failures: failures, duplicates: duplicates, lapses: lapses}
}

func (s state) holds(d id) bool { return s.row && s.holder == d }

func (s state) shown(d id) list[message] {
	for i, m := range s.messages.all() {
		if m.delivery == d {
			m.visible = true
			s.messages = s.messages.put(i, m)
		}
	}
	return s.messages
}

func (s state) without(d id) list[message] {
	for i := int(s.messages.n) - 1; i >= 0; i-- {
		if s.messages.at[i].delivery == d {
			s.messages = s.messages.cut(i)
		}
	}
	return s.messages
}

func (s state) inFlight() (deliveries set, requests int) {
	for _, x := range s.senders.all() {
		if x.at == checked || x.at == read || x.at == posted {
			deliveries, requests = deliveries.with(x.delivery), requests+1
		}
	}
	for _, g := range s.ghosts.all() {
		deliveries = deliveries.with(g.delivery)
	}
	return deliveries, requests
}

// fault is what must never be; moves says whether anything can still happen.
func (s state) fault(moves bool) string {
	deliveries, requests := s.inFlight()
	switch {
	case deliveries&(deliveries-1) != 0:
		return "two deliveries of the record in flight"
	case requests > 1:
		return "one delivery in flight twice"
	case s.short:
		return "given up before its last attempt"
	case moves:
		return ""
	case s.row || s.messages.n > 0 || s.stopped.n > 0 || s.senders.n > 0:
		return "stuck"
	case s.value != s.last && !(s.gaveUp && s.tried == s.value):
		return fmt.Sprintf("the receiver ends with state %d, the newest is %d", s.last, s.value)
	}
	return ""
}

// search looks at every state that can be reached with a rule left out (0: none) and returns how many there are, or the
// moves that lead to a fault.
func search(without int) (states int, found string) {
	type origin struct {
		from int32
		move step
	}
	seen := map[state]bool{start(): true}
	queue, origins := []state{start()}, []origin{{from: -1}}
	for at := 0; at < len(queue); at++ {
		m := mover{state: queue[at], without: without}
		m.moves()
		if f := queue[at].fault(len(m.next) > 0); f != "" {
			var path []string
			for i := int32(at); origins[i].from >= 0; i = origins[i].from {
				path = append([]string{string(origins[i].move)}, path...)
			}
			return len(queue), f + ": " + strings.Join(path, ", ")
		}
		for _, n := range m.next {
			if !seen[n.state] {
				seen[n.state] = true
				queue, origins = append(queue, n.state), append(origins, origin{int32(at), n.move})
			}
		}
	}
	return len(queue), ""
}

func TestTheProtocolHasNoFault(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("looks at a million states")
	}
	states, fault := search(0)
	if fault != "" {
		t.Fatal(fault)
	}
	if states != protocolStates {
		t.Errorf("%d states, want %d: a rule has changed, or the search does not look at all of them", states, protocolStates)
	}
}

// Without any one of these rules there is a fault; so the search can find one.
func TestEachRuleIsNeeded(t *testing.T) {
	t.Parallel()
	for rule, says := range map[int]string{
		2: "dispatch ends a delivery before it takes its rows", 3: "send claims the delivery", 4: "send goes on only with rows of its own",
		6: "a row that changed is released, not deleted", 8: "a stop releases what changed since the last attempt", 9: "stop counts attempts",
	} {
		t.Run(fmt.Sprintf("rule %d", rule), func(t *testing.T) {
			t.Parallel()
			_, fault := search(rule)
			if fault == "" {
				t.Fatalf("no fault without rule %d (%s)", rule, says)
			}
			t.Log(fault)
		})
	}
}
