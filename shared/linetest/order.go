package linetest

import (
	"fmt"
	"strconv"
	"sync"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/event"
	"crmhook/shared/hook"
)

// Edit is the n-th change of all, one of an order that has been there before.
func Edit(order, n int, text string) change.Change {
	c := Order(n, text)
	c.ID, c.Kind = strconv.Itoa(order), change.Edit
	return c
}

// Watch notes requests of events that came before the earlier ones of their record had ended.
type Watch struct {
	world *World

	mu     sync.Mutex
	told   map[string]delivery.Message
	faults []string
}

// NewWatch lets the receiver answer as answer says, nil: 200, and looks at each request before.
func NewWatch(w *World, answer func(Request) delivery.Attempt) *Watch {
	watch := &Watch{world: w, told: map[string]delivery.Message{}}
	w.Receiver.Answer = func(r Request) delivery.Attempt {
		watch.look(r)
		if answer == nil {
			return Status(200)
		}
		return answer(r)
	}
	return watch
}

// Tell makes the watch know changes before they are told.
func (w *Watch) Tell(changes ...change.Change) {
	lane := w.world.Lane
	is := hook.Interface{Organization: lane.Organization, Name: lane.Interface, Generation: lane.Generation, Hook: w.world.Hook}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range changes {
		if m, err := event.Of(is, c).Message(); err == nil {
			w.told[m.ID] = m
		}
	}
}

func (w *Watch) look(r Request) {
	all := w.world.Ledger.All()
	w.mu.Lock()
	defer w.mu.Unlock()
	m, known := w.told[r.Delivery]
	if !known || !m.Ordered() {
		w.faults = append(w.faults, fmt.Sprintf("%s is no event in an order", r.Delivery))
		return
	}
	for _, earlier := range w.told {
		if earlier.Records[0] == m.Records[0] && earlier.Event.Order < m.Event.Order && !all[earlier.Ref()].Final() {
			w.faults = append(w.faults, fmt.Sprintf("%s of %s was requested while %s before it is %q", m.ID, m.Records[0], earlier.ID, all[earlier.Ref()].Status))
		}
	}
}

// Faults are what the watch has seen, and the places that are left.
func (w *Watch) Faults() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	faults := append([]string(nil), w.faults...)
	for _, p := range w.world.Backlog.Places() {
		faults = append(faults, fmt.Sprintf("%s has a place in the line of %s still", p.Delivery, p.Record))
	}
	return faults
}
