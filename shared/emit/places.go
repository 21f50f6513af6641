package emit

import (
	"context"
	"maps"
	"slices"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/parallel"
)

// messages makes the messages of events as they were when they were made, with the bodies that the ledger has. An event
// without one was taken by its receiver: it has ended, and is returned as gone, or its sender is about to write that down
// and has its message still.
func (l *Line) messages(ctx context.Context, places []backlog.Place) (messages []delivery.Message, gone []backlog.Place, err error) {
	bodies, err := l.bodies(ctx, places)
	if err != nil {
		return nil, nil, err
	}
	var taken []backlog.Place
	for i, p := range places {
		if bodies[i] == "" {
			taken = append(taken, p)
			continue
		}
		messages = append(messages, messageOf(p, bodies[i]))
	}
	if len(taken) == 0 {
		return messages, nil, nil
	}
	found, err := l.Bodies.Deliveries(ctx, refs(taken))
	if err != nil {
		return nil, nil, err
	}
	for _, p := range taken {
		if d, there := found[refOf(p)]; !there || d.Final() {
			gone = append(gone, p)
		}
	}
	return messages, gone, nil
}

// bodiesAtOnce bounds how many bodies are read at once.
const bodiesAtOnce = 8

func (l *Line) bodies(ctx context.Context, places []backlog.Place) ([]string, error) {
	bodies := make([]string, len(places))
	err := parallel.Each(len(places), bodiesAtOnce, func(i int) (err error) {
		bodies[i], err = l.Bodies.Body(ctx, refOf(places[i]))
		return err
	})
	return bodies, err
}

func (l *Line) place(m delivery.Message) backlog.Place {
	return backlog.Place{
		Ref: backlog.Ref{Lane: m.Lane(), Record: m.Records[0]}, Order: m.Event.Order, Delivery: m.ID, Event: m.Event.Type, Since: l.Now(),
	}
}

func messageOf(p backlog.Place, body string) delivery.Message {
	return delivery.Message{
		ID: p.Delivery, Organization: p.Organization, Interface: p.Interface, Generation: p.Generation, Records: []string{p.Record},
		Event: &delivery.Event{Type: p.Event, Body: body, Order: p.Order},
	}
}

func refOf(p backlog.Place) delivery.Ref {
	return delivery.Ref{Organization: p.Organization, ID: p.Delivery}
}

func refs(places []backlog.Place) []delivery.Ref {
	list := make([]delivery.Ref, len(places))
	for i, p := range places {
		list[i] = refOf(p)
	}
	return list
}

// lines are the lines of places, each once.
func lines(places []backlog.Place) []backlog.Ref {
	set := map[backlog.Ref]bool{}
	for _, p := range places {
		set[p.Ref] = true
	}
	return slices.Collect(maps.Keys(set))
}
