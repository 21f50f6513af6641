package backlog_test

type lineMover struct {
	line
	without int
	next    []lineMove
}

type lineMove struct {
	move step
	line line
}

func (m *lineMover) to(name step, change func(l *line)) {
	l := m.line
	change(&l)
	m.next = append(m.next, lineMove{name, l.sorted()})
}

func (m *lineMover) moves() {
	if m.makers.n == 0 && int(m.made) < 2 {
		m.to("a maker begins", func(l *line) { l.makers = l.makers.with(maker{batch: l.made, at: got}) })
	}
	for i, k := range m.makers.all() {
		m.make(i, k)
		if m.crashes > 0 {
			m.to("a maker dies", func(l *line) {
				l.makers, l.left = l.makers.cut(i), l.left || k.late
				l.crashes--
			})
		}
		if m.overtaken > 0 && !k.late && k.at != got {
			m.to("a maker is overtaken", func(l *line) {
				k.late = true
				l.makers = l.makers.put(i, k).with(maker{batch: l.made, at: got})
				l.overtaken--
			})
		}
	}
	m.sqs()
	for i, w := range m.workers.all() {
		m.work(i, w)
	}
}

// make is rule 1.
func (m *lineMover) make(i int, k maker) {
	to := func(name step, change func(l *line, k *maker)) {
		m.to(name, func(l *line) {
			changed := k
			change(l, &changed)
			l.makers = l.makers.put(i, changed)
		})
	}
	switch k.at {
	case got:
		to("writes to the ledger and looks what has ended", func(l *line, k *maker) {
			for _, e := range batchOf(k.batch) {
				l.known = l.known.with(e)
				if !l.ended.has(e) {
					k.due = k.due.with(e)
				}
			}
			k.at = judged
		})
	case judged:
		to("keeps bodies", func(l *line, k *maker) {
			l.bodies |= k.due
			if k.at = entering; m.without == 11 {
				k.first = firstOf(l.places | k.due) // It looks before it has given the places.
			}
		})
	case entering:
		e := firstOf(k.due &^ k.entered)
		if m.without == 1 && e != 0 { // The last one first.
			for _, other := range batchOf(k.batch) {
				if (k.due &^ k.entered).has(other) {
					e = other
				}
			}
		}
		if e == 0 {
			k.at = looking
			m.make(i, k)
			return
		}
		to("gives a place", func(l *line, k *maker) { l.places = l.places.with(e); k.entered = k.entered.with(e) })
	case looking:
		to("looks who is first", func(l *line, k *maker) {
			if k.at = found; m.without != 11 {
				k.first = firstOf(l.places)
			}
		})
	case found:
		switch {
		case k.due.has(k.first), k.passing && m.bodies.has(k.first):
			to("sends who is first", func(l *line, k *maker) { *l = l.put(k.first); k.at = over })
		case m.ended.has(k.first) && m.without != 5 && m.without != 11:
			to("takes away who has ended", func(l *line, k *maker) {
				l.places = l.places.without(k.first)
				k.at, k.passing = looking, true
			})
		default:
			to("leaves who is first", func(_ *line, k *maker) { k.at = over })
		}
	case over:
		m.to("is done", func(l *line) {
			l.makers = l.makers.cut(i)
			if !k.late && l.made == k.batch {
				l.made++
			}
		})
	}
}

func (m *lineMover) sqs() {
	for i, e := range m.messages.all() {
		if m.workers.n < 2 {
			m.to("receive", func(l *line) {
				l.messages = l.messages.cut(i)
				l.workers = l.workers.with(worker{at: got, event: e})
			})
		}
		if m.duplicates > 0 {
			m.to("a duplicate", func(l *line) { *l = l.put(e); l.duplicates-- })
		}
	}
}

// work is what send and stop do with a message.
func (m *lineMover) work(i int, w worker) {
	switch w.at {
	case got:
		m.receive(i, w)
	case claimed, posted, accepted, forgotten:
		m.deliver(i, w)
	default:
		m.pass(i, w)
	}
	if m.crashes > 0 {
		m.to("a worker dies", func(l *line) {
			l.crashes--
			if w.holds() {
				l.claims = l.claims.without(w.event)
			}
			if l.workers = l.workers.cut(i); w.at != freed && w.at != taken {
				*l = l.put(w.event)
			}
		})
	}
}

// holds says that the worker has claimed its event.
func (w worker) holds() bool {
	return w.at == claimed || w.at == posted || w.at == accepted || w.at == forgotten
}

// on moves a worker on, from a state as changed.
func (m *lineMover) on(i int, name step, w worker, change func(l *line)) {
	m.to(name, func(l *line) {
		change(l)
		l.workers = l.workers.put(i, w)
	})
}

// gone ends a worker and its message.
func (m *lineMover) gone(i int, name step, change func(l *line)) {
	m.to(name, func(l *line) {
		l.workers = l.workers.cut(i)
		change(l)
	})
}

func nothing(*line) {}

func (w worker) to(at place) worker {
	w.at = at
	return w
}

func (m *lineMover) receive(i int, w worker) {
	switch {
	case m.ended.has(w.event) && m.without == 4:
		m.gone(i, "is done with what has ended", nothing)
	case m.ended.has(w.event):
		m.on(i, "finds it ended", w.to(over), nothing)
	case m.claims.has(w.event):
		m.gone(i, "leaves what another works on", func(l *line) { *l = l.put(w.event) })
	default:
		m.on(i, "claims", w.to(claimed), func(l *line) { l.claims = l.claims.with(w.event) })
	}
}

func (m *lineMover) deliver(i int, w worker) {
	switch w.at {
	case claimed:
		m.on(i, "requests", w.to(posted), func(l *line) { l.broken = l.broken || firstOf(l.known&^l.ended) < w.event })
	case posted:
		m.on(i, "is taken", w.to(accepted), nothing)
		if m.failures > 0 {
			m.gone(i, "is refused", func(l *line) {
				l.claims, l.failures = l.claims.without(w.event), l.failures-1
				*l = l.put(w.event)
			})
			m.on(i, "is given up", w.to(forgotten), func(l *line) { l.bodies, l.failures = l.bodies.with(w.event), l.failures-1 })
		}
	case accepted:
		if m.without == 2 {
			m.on(i, "lets the next go before the end is written", w.to(forgotten), func(l *line) {
				if l.places = l.places.without(w.event); l.places != 0 {
					*l = l.put(firstOf(l.places))
				}
			})
			return
		}
		m.on(i, "forgets the body", w.to(forgotten), func(l *line) { l.bodies = l.bodies.without(w.event) })
	case forgotten:
		m.on(i, "ends it", w.to(over), func(l *line) { l.ended, l.claims = l.ended.with(w.event), l.claims.without(w.event) })
	}
}

// pass is rule 3, and rule 4 where the event had ended before.
func (m *lineMover) pass(i int, w worker) {
	next := w
	switch w.at {
	case over:
		if next.at = left; m.without == 3 {
			next.at = freed // Its message goes now.
		}
		m.on(i, "takes the place away", next, func(l *line) { l.places = l.places.without(w.event) })
	case left:
		next.at, next.first = found, firstOf(m.places)
		m.on(i, "looks who is next", next, nothing)
	case freed:
		next.at, next.first = taken, firstOf(m.places)
		m.on(i, "looks who is next", next, nothing)
	default:
		switch {
		case w.first == 0:
			m.gone(i, "nobody waits", nothing)
		case m.bodies.has(w.first):
			m.gone(i, "sends the next", func(l *line) { *l = l.put(w.first) })
		case m.ended.has(w.first):
			next.at, next.first = left, 0
			m.on(i, "takes away who has ended", next, func(l *line) { l.places = l.places.without(w.first) })
		default:
			m.gone(i, "leaves who is being taken", nothing)
		}
	}
}
