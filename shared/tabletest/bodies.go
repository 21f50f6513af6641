package tabletest

import (
	"context"
	"strings"
	"time"

	"crmhook/shared/delivery"
)

// KeepBodies keeps bodies of events; see table.Ledger.
func (l *Ledger) KeepBodies(_ context.Context, messages []delivery.Message) error {
	return l.eachPiece("KeepBodies", messages, func(ref delivery.Ref, n int, pieces []string) {
		if len(l.bodies[ref]) != len(pieces) {
			l.bodies[ref] = make([]string, len(pieces))
		}
		l.bodies[ref][n] = pieces[n]
	})
}

// KeepTest keeps the body of a test until a time; see table.Ledger.
func (l *Ledger) KeepTest(_ context.Context, m delivery.Message, expires time.Time) error {
	return l.eachPiece("KeepTest", []delivery.Message{m}, func(ref delivery.Ref, n int, pieces []string) {
		if len(l.bodies[ref]) != len(pieces) {
			l.bodies[ref] = make([]string, len(pieces))
		}
		l.bodies[ref][n], l.tests[ref] = pieces[n], keptExpiry(expires)
	})
}

// ForgetBodies removes bodies; see table.Ledger.
func (l *Ledger) ForgetBodies(_ context.Context, messages []delivery.Message) error {
	return l.eachPiece("ForgetBodies", messages, func(ref delivery.Ref, n int, _ []string) {
		if body := l.bodies[ref]; n < len(body) {
			body[n] = ""
		}
		if strings.Join(l.bodies[ref], "") == "" {
			delete(l.bodies, ref)
		}
	})
}

func (l *Ledger) eachPiece(call string, messages []delivery.Message, do func(ref delivery.Ref, n int, pieces []string)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := distinct(messages, func(m delivery.Message) delivery.Ref { return m.Ref() }); err != nil {
		return err
	}
	total := 0
	for _, m := range messages {
		pieces := m.Event.Pieces()
		for n := range pieces {
			if err := l.write(pieces[n], func() { do(m.Ref(), n, pieces) }); err != nil {
				return err
			}
		}
		total += len(pieces)
	}
	l.Calls[call] += calls(total, 25)
	return nil
}

// Body reads the body of an event; see table.Ledger.
func (l *Ledger) Body(_ context.Context, ref delivery.Ref) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return "", err
	}
	l.Calls["Body"]++
	for _, piece := range l.bodies[ref] {
		if piece == "" {
			return "", nil
		}
	}
	return strings.Join(l.bodies[ref], ""), nil
}

// Bodies is how many deliveries have a body, or a part of one.
func (l *Ledger) Bodies() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.bodies)
}
