// Package emit makes the deliveries of events: it writes each to the ledger, with its body, and only then to the
// deliveries queue, so that who dies on the way and makes the same events again loses none and makes none twice. Where the
// events of a record go one after another it lets the next one go. It must not know where events come from, nor where
// ledger and queue are kept.
package emit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/event"
	"crmhook/shared/setaside"
)

// Deliveries are the ledger's deliveries.
type Deliveries interface {
	Open(ctx context.Context, deliveries []delivery.Delivery) ([]bool, error)
	Deliveries(ctx context.Context, refs []delivery.Ref) (map[delivery.Ref]delivery.Delivery, error)
}

// Ledger takes what is kept beside deliveries.
type Ledger interface {
	KeepBodies(ctx context.Context, messages []delivery.Message) error
	SetAside(ctx context.Context, items []setaside.Item) error
}

// Queue is the deliveries queue; each message goes in a group of its own.
type Queue interface {
	SendEach(ctx context.Context, groups []string, bodies []any) ([]bool, error)
}

// Maker makes the deliveries of events. Every field is required; it may be used by several goroutines.
type Maker struct {
	Deliveries Deliveries
	Ledger     Ledger
	Queue      Queue
	Line       *Line
	Now        func() time.Time
}

// Bounds of what is made at once: a number of events that fills the batches of ledger and queue, and bytes of their
// bodies, which bound the memory.
const (
	together      = 500
	bytesTogether = 8_000_000
)

// Make makes the deliveries of events for interfaces that work; the caller judges which want them. When it returns
// without an error each event is in the ledger and the queue, or waits for an earlier one of its record where it is
// ordered, or has ended before, or is among those returned, which were set aside because no message can carry them. After
// an error some may be made: the caller makes all of them again, which makes no event a second one. Events that are the same
// may be among them more than once. Those of a record are in its order, and are made by one caller at a time.
func (m *Maker) Make(ctx context.Context, events []event.Event) ([]setaside.Item, error) {
	var aside []setaside.Item
	var messages []delivery.Message
	known, size := make(map[delivery.Ref]bool, len(events)), 0
	flush := func() error {
		err := m.make(ctx, messages)
		messages, size = nil, 0
		return err
	}
	for _, e := range events {
		message, unfit := e.Message()
		if known[message.Ref()] {
			continue
		}
		known[message.Ref()] = true
		if unfit != nil {
			aside = append(aside, m.unfit(message, unfit))
			continue
		}
		messages, size = append(messages, message), size+len(message.Event.Body)
		if len(messages) == together || size > bytesTogether {
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if len(aside) > 0 {
		if err := m.Ledger.SetAside(ctx, aside); err != nil {
			return nil, fmt.Errorf("set events aside: %w", err)
		}
	}
	return aside, nil
}

// make writes deliveries to the ledger, then their bodies, then sends them. What the ledger has already is somebody's
// unfinished work, unless it has ended: it is sent again, which the sender's claim makes harmless.
func (m *Maker) make(ctx context.Context, messages []delivery.Message) error {
	if len(messages) == 0 {
		return nil
	}
	now := m.Now()
	deliveries := make([]delivery.Delivery, len(messages))
	for i, message := range messages {
		deliveries[i] = delivery.Delivery{Message: message, Status: delivery.Pending, CreatedAt: now}
	}
	made, err := m.Deliveries.Open(ctx, deliveries)
	if err != nil {
		return fmt.Errorf("make deliveries of events: %w", err)
	}
	due, ended, err := m.due(ctx, messages, made)
	if err != nil {
		return err
	}
	return m.put(ctx, due, ended)
}

// put keeps the bodies of events that are due and sends those whose turn it is.
func (m *Maker) put(ctx context.Context, due, ended []delivery.Message) error {
	if len(due) > 0 {
		if err := m.Ledger.KeepBodies(ctx, due); err != nil {
			return fmt.Errorf("keep events: %w", err)
		}
	}
	first, err := m.Line.enter(ctx, due, ended)
	if err != nil {
		return fmt.Errorf("put events in order: %w", err)
	}
	return m.send(ctx, first)
}

// due are those that have not ended.
func (m *Maker) due(ctx context.Context, messages []delivery.Message, made []bool) (due, ended []delivery.Message, err error) {
	var before []delivery.Message
	var refs []delivery.Ref
	for i, message := range messages {
		if made[i] {
			due = append(due, message)
			continue
		}
		before, refs = append(before, message), append(refs, message.Ref())
	}
	if len(before) == 0 {
		return due, nil, nil
	}
	found, err := m.Deliveries.Deliveries(ctx, refs)
	if err != nil {
		return nil, nil, fmt.Errorf("read deliveries of events: %w", err)
	}
	due = due[:0]
	for i, message := range messages {
		if d, there := found[message.Ref()]; made[i] || there && !d.Final() {
			due = append(due, message)
		} else {
			ended = append(ended, message)
		}
	}
	return due, ended, nil
}

func (m *Maker) send(ctx context.Context, messages []delivery.Message) error {
	if err := Send(ctx, m.Queue, messages); err != nil {
		return fmt.Errorf("send events: %w", err)
	}
	return nil
}

// Send puts deliveries on a queue, each in its interface's group. After an error some may be on it: all may be sent again.
func Send(ctx context.Context, queue Queue, messages []delivery.Message) error {
	groups, bodies := make([]string, len(messages)), make([]any, len(messages))
	for i, message := range messages {
		groups[i], bodies[i] = message.Group(), message
	}
	sent, err := queue.SendEach(ctx, groups, bodies)
	for i := range messages {
		if err == nil && !sent[i] {
			err = errors.New("the queue did not take every message")
		}
	}
	return err
}

// unfit is what is set aside of an event that no message can carry.
func (m *Maker) unfit(message delivery.Message, cause error) setaside.Item {
	return setaside.Item{
		Organization: message.Organization, Source: setaside.Stream, ID: message.ID, At: m.Now(), Subject: message.Records[0],
		Cause: fmt.Sprintf("the event %s cannot be told to %s: %v", message.Event.Type, message.Interface, cause),
		Body:  delivery.Cut(message.Event.Body, setaside.BodyKept),
	}
}
