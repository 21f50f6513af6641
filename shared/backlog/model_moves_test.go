package backlog_test

// mover lists what can happen next in a state.
type mover struct {
	state
	without int
	next    []move
}

type move struct {
	move  step
	state state
}

// to adds a move to the state as changed.
func (m *mover) to(name step, change func(s *state)) {
	s := m.state
	change(&s)
	m.next = append(m.next, move{name, s})
}

func (m *mover) moves() {
	m.writers()
	m.scan()
	m.dispatch()
	m.leases()
	m.sqs()
	for i := range m.senders.all() {
		m.send(i)
	}
	for i := range m.stopped.all() {
		m.stop(i)
	}
}

func (m *mover) writers() {
	if m.left > 0 {
		m.to("write", func(s *state) { s.value++; s.left--; s.stream++ })
	}
}

// scan is rule 1: count the change, then move the checkpoint.
func (m *mover) scan() {
	if !m.scanned && m.stream > 0 {
		m.to("scan adds to the row", func(s *state) {
			if !s.row {
				s.row, s.changes, s.holder = true, 0, 0
			}
			s.changes++
			s.scanned = true
		})
	}
	if m.scanned {
		m.to("scan moves the checkpoint", func(s *state) { s.scanned = false; s.stream-- })
		if m.crashes > 0 {
			m.to("scan crashes", func(s *state) { s.scanned = false; s.crashes-- })
		}
	}
}

// dispatch is rule 2: end a delivery whose lease is over, mark a row that is free or whose delivery has ended, then send the
// message.
func (m *mover) dispatch() {
	mark := func(s *state) {
		s.holder, s.dispatching = s.next, s.next
		s.leased, s.saw[s.next] = s.leased.with(s.next), s.changes
		s.next++
	}
	d := m.holder
	over := m.row && d != 0 && !m.leased.has(d)
	switch {
	case m.dispatching > 0:
		m.to("dispatch sends", func(s *state) {
			s.messages = s.messages.with(message{delivery: s.dispatching, visible: true})
			s.dispatching = 0
		})
		if m.crashes > 0 {
			m.to("dispatch crashes", func(s *state) { s.dispatching = 0; s.crashes-- })
		}
	case m.dispatching < 0 && m.holds(-m.dispatching):
		m.to("dispatch takes the row", mark)
	case m.dispatching < 0:
		m.to("dispatch leaves the row", func(s *state) { s.dispatching = 0 })
	default:
		if over && !m.done.has(d) && !m.claims.has(d) {
			m.to("dispatch ends the delivery", func(s *state) { s.done = s.done.with(d) })
		}
		if m.row && (d == 0 || m.done.has(d)) {
			m.to("dispatch marks the row", mark)
		}
		if over && m.without == 2 {
			m.to("dispatch sees that the lease is over", func(s *state) { s.dispatching = -d })
		}
	}
}

// leases lapse while a message waits too long (budgeted), or because whoever held them is dead; a dead sender's claim ends
// after its request has arrived or failed.
func (m *mover) leases() {
	if d := m.holder; m.row && d != 0 && m.leased.has(d) && !m.claims.has(d) && m.dispatching != d {
		if m.lapses > 0 {
			m.to("the lease lapses", func(s *state) { s.leased = s.leased.without(d); s.lapses-- })
		}
		if !m.waits(d) {
			m.to("nobody is left, the lease lapses", func(s *state) { s.leased = s.leased.without(d) })
		}
	}
	for d := id(1); d < m.state.next; d++ {
		if m.claims.has(d) && !m.worked(d) {
			m.to("the claim ends", func(s *state) { s.claims = s.claims.without(d) })
		}
	}
	for i, g := range m.ghosts.all() {
		m.to("a dead sender's request arrives", func(s *state) { s.ghosts, s.last = s.ghosts.cut(i), g.state })
		m.to("a dead sender's request is lost", func(s *state) { s.ghosts = s.ghosts.cut(i) })
	}
}

// waits reports whether a message of the delivery is in a queue, worked whether somebody or a late request is at it.
func (m *mover) waits(d id) bool {
	for _, x := range m.messages.all() {
		if x.delivery == d {
			return true
		}
	}
	for _, x := range m.stopped.all() {
		if x == d {
			return true
		}
	}
	return false
}

func (m *mover) worked(d id) bool {
	for _, x := range m.senders.all() {
		if x.delivery == d && x.at != got {
			return true
		}
	}
	for _, g := range m.ghosts.all() {
		if g.delivery == d {
			return true
		}
	}
	return false
}

func (m *mover) sqs() {
	if m.senders.n >= 2 {
		return
	}
	for i, x := range m.messages.all() {
		receive := func(s *state) { s.senders = s.senders.with(sender{at: got, delivery: x.delivery}) }
		switch {
		case x.visible && x.receives >= receives:
			m.to("sqs redrives", func(s *state) { s.messages, s.stopped = s.messages.cut(i), s.stopped.with(x.delivery) })
		case x.visible:
			m.to("sqs hands out", func(s *state) {
				s.messages = s.messages.put(i, message{x.delivery, x.receives + 1, false})
				receive(s)
			})
		case m.duplicates > 0 && m.received(x.delivery, -1):
			m.to("sqs hands out again", func(s *state) { receive(s); s.duplicates-- })
		}
	}
}

// received reports whether a sender other than the i-th has the delivery.
func (m *mover) received(d id, i int) bool {
	for j, x := range m.senders.all() {
		if j != i && x.delivery == d {
			return true
		}
	}
	return false
}

// send is one sender's next step.
func (m *mover) send(i int) {
	x := m.senders.at[i]
	d := x.delivery
	gone := func(s *state) { s.senders = s.senders.cut(i) }
	on := func(s *state, at place) { s.senders.at[i].at = at }
	final := func(s *state) { s.claims, s.done = s.claims.without(d), s.done.with(d); on(s, ended) }
	switch x.at {
	case got:
		m.claim(i)
	case claimed: // rule 4
		switch {
		case m.holds(d):
			m.to("send reads the row", func(s *state) { on(s, checked); s.senders.at[i].seen = s.changes })
		case m.without == 4:
			m.to("send reads no row", func(s *state) { on(s, checked) })
		default:
			m.to("send finds the row another's", final)
		}
	case checked: // rule 5: the record after the row
		m.to("send reads the record", func(s *state) { on(s, read); s.senders.at[i].state = s.value })
	case read:
		m.to("send posts", func(s *state) { on(s, posted); s.tried = max(s.tried, x.state) })
	case posted:
		m.to("the receiver takes it", func(s *state) { on(s, accepted); s.last = x.state })
		if m.failures > 0 {
			m.to("the receiver refuses", func(s *state) { on(s, refused); s.failures-- })
			m.to("the receiver takes it and fails", func(s *state) { on(s, refused); s.last = x.state; s.failures-- })
		}
	case accepted: // rule 6
		m.settle(i)
	case freed:
		m.to("send ends the delivery", final)
	case ended:
		m.to("the message is deleted", func(s *state) { s.messages = s.without(d); gone(s) })
	case refused: // rule 7
		m.to("send notes the failure", func(s *state) {
			s.messages, s.claims = s.shown(d), s.claims.without(d)
			s.leased, s.saw[d] = s.leased.with(d), x.seen
			gone(s)
		})
	}
	if m.crashes > 0 {
		m.to("send crashes", func(s *state) {
			s.messages = s.shown(d)
			if x.at == posted {
				s.ghosts = s.ghosts.with(ghost{d, x.state})
			}
			s.crashes--
			gone(s)
		})
	}
}

// claim is rule 3: who finds the delivery claimed leaves the message alone.
func (m *mover) claim(i int) {
	d := m.senders.at[i].delivery
	gone := func(s *state) { s.senders = s.senders.cut(i) }
	switch {
	case m.done.has(d):
		m.to("send finds it ended", func(s *state) { s.messages = s.without(d); gone(s) })
	case m.claims.has(d) && m.without != 3:
		m.to("send finds it claimed", func(s *state) {
			if !m.received(d, i) {
				s.messages = s.shown(d)
			}
			gone(s)
		})
	case m.attempts[d] >= receives:
		m.to("send finds no attempt left", func(s *state) { s.messages, s.stopped = s.without(d), s.stopped.with(d); gone(s) })
	default:
		m.to("send claims", func(s *state) {
			s.senders.at[i].at = claimed
			s.claims, s.leased = s.claims.with(d), s.leased.with(d)
			s.attempts[d]++
		})
	}
}

func (m *mover) settle(i int) {
	x := m.senders.at[i]
	switch {
	case !m.holds(x.delivery):
		m.to("send has lost the row", func(s *state) { s.senders.at[i].at = freed })
	case m.changes == x.seen || m.without == 6:
		m.to("send deletes the row", func(s *state) { s.senders.at[i].at = freed; s.row, s.changes, s.holder = false, 0, 0 })
	default:
		m.to("send releases the row", func(s *state) { s.senders.at[i].at = freed; s.holder = 0 })
	}
}

// stop is rules 8 and 9: a delivery with attempts left goes back; else the row is freed unless it has changed.
func (m *mover) stop(i int) {
	d := m.stopped.at[i]
	switch {
	case m.claims.has(d):
	case m.done.has(d) || !m.holds(d):
		m.to("stop ends the delivery", func(s *state) { s.stopped, s.done = s.stopped.cut(i), s.done.with(d) })
	case m.attempts[d] < receives && m.without != 9:
		m.to("stop sends it on", func(s *state) {
			s.stopped = s.stopped.cut(i)
			s.messages = s.messages.with(message{d, s.attempts[d], true})
		})
	case m.changes == m.saw[d] || m.without == 8:
		m.to("stop deletes the row", func(s *state) {
			s.short = s.short || s.attempts[d] < receives
			s.row, s.changes, s.holder, s.gaveUp = false, 0, 0, true
		})
	default:
		m.to("stop releases the row", func(s *state) { s.holder = 0 })
	}
}
