package emit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
)

// Places are where ordered events stand in their records' lines.
type Places interface {
	Enter(ctx context.Context, places []backlog.Place) error
	First(ctx context.Context, lines []backlog.Ref) (map[backlog.Ref]backlog.Place, error)
	Leave(ctx context.Context, places []backlog.Place) error
}

// Bodies are those of events, beside their deliveries.
type Bodies interface {
	Body(ctx context.Context, ref delivery.Ref) (string, error)
	Deliveries(ctx context.Context, refs []delivery.Ref) (map[delivery.Ref]delivery.Delivery, error)
}

// Line lets the events of a record go one after another where they are ordered; see backlog.Place for its rules. Every
// field is required; it may be used by several goroutines.
type Line struct {
	Places Places
	Bodies Bodies
	Now    func() time.Time
}

// overdue is after how long an event that is first and was never tried is put on the queue once more when a later one is
// made: it never was where who made it died, and its interface did not work when its change was read again.
const overdue = 15 * time.Minute

// Next takes away the places of ordered events that have ended, and returns the messages that are to be put on the queue
// now: one for each line in which somebody waits. Only when they are there the messages of the ended ones may go. It may
// be repeated; events that are not ordered are passed over. Events must be distinct.
func (l *Line) Next(ctx context.Context, ended []delivery.Message) ([]delivery.Message, error) {
	_, places, _ := l.sort(ended)
	next, err := l.next(ctx, places)
	if err != nil {
		return nil, fmt.Errorf("let the next events go: %w", err)
	}
	return next, nil
}

func (l *Line) next(ctx context.Context, gone []backlog.Place) ([]delivery.Message, error) {
	var next []delivery.Message
	for len(gone) > 0 {
		if err := l.Places.Leave(ctx, gone); err != nil {
			return nil, err
		}
		first, err := l.Places.First(ctx, lines(gone))
		if err != nil {
			return nil, err
		}
		var found []delivery.Message
		if found, gone, err = l.messages(ctx, slices.Collect(maps.Values(first))); err != nil {
			return nil, err
		}
		next = append(next, found...)
	}
	return next, nil
}

// enter gives ordered events that are due their places and returns the messages that are to be sent: those of events that
// are not ordered, and of those that are first, and what else it finds to be done in their lines and those of events that
// have ended.
func (l *Line) enter(ctx context.Context, due, ended []delivery.Message) ([]delivery.Message, error) {
	free, places, own := l.sort(due)
	_, past, _ := l.sort(ended)
	all := append(places, past...)
	if len(all) == 0 {
		return due, nil
	}
	if err := l.Places.Enter(ctx, places); err != nil {
		return nil, err
	}
	first, err := l.Places.First(ctx, lines(all))
	if err != nil {
		return nil, err
	}
	var others []backlog.Place
	for _, p := range first {
		if m, is := own[refOf(p)]; is {
			free = append(free, m)
		} else {
			others = append(others, p)
		}
	}
	stuck, err := l.unstick(ctx, others)
	return append(free, stuck...), err
}

// sort tells events that are not ordered from those that are, which have places.
func (l *Line) sort(messages []delivery.Message) (free []delivery.Message, places []backlog.Place, ordered map[delivery.Ref]delivery.Message) {
	ordered = map[delivery.Ref]delivery.Message{}
	for _, m := range messages {
		if !m.Ordered() {
			free = append(free, m)
			continue
		}
		places, ordered[m.Ref()] = append(places, l.place(m)), m
	}
	return free, places, ordered
}

// unstick looks at others' events that are first, behind which the caller's own wait, and returns what must be sent lest they
// wait for ever. Those that have ended make room: nobody else does so where they were made a second time by one that died.
// Those that were never tried for long have perhaps never been put on the queue; they are, and have their places from now
// on, so that this is not done again soon.
func (l *Line) unstick(ctx context.Context, first []backlog.Place) ([]delivery.Message, error) {
	if len(first) == 0 {
		return nil, nil
	}
	found, err := l.Bodies.Deliveries(ctx, refs(first))
	if err != nil {
		return nil, err
	}
	var ended, untried []backlog.Place
	for _, p := range first {
		switch d, there := found[refOf(p)]; {
		case !there || d.Final():
			ended = append(ended, p)
		case d.Attempts == 0 && l.Now().Sub(p.Since) > overdue:
			p.Since = l.Now()
			untried = append(untried, p)
		}
	}
	if err := l.Places.Enter(ctx, untried); err != nil {
		return nil, err
	}
	late, gone, err := l.messages(ctx, untried)
	if err != nil {
		return nil, err
	}
	next, err := l.next(ctx, append(ended, gone...))
	return append(late, next...), err
}
