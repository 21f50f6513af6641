package tabletest

import (
	"context"
	"slices"
	"strings"

	"crmhook/shared/backlog"
)

// spot is a place's key.
type spot struct {
	backlog.Ref
	order, delivery string
}

func spotOf(p backlog.Place) spot { return spot{p.Ref, p.Order, p.Delivery} }

// Enter gives places; see table.Backlog.
func (b *Backlog) Enter(_ context.Context, places []backlog.Place) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := distinct(places, spotOf); err != nil {
		return err
	}
	for _, round := range backlog.Rounds(places) {
		b.called("Enter", len(round), 25)
		for _, p := range slices.Backward(round) { // Nobody may rely on the order within a batch.
			if err := b.write(func() {
				p.Since = kept(p.Since)
				b.places[spotOf(p)] = p
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// First reads who is first; see table.Backlog.
func (b *Backlog) First(_ context.Context, lines []backlog.Ref) (map[backlog.Ref]backlog.Place, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.Kill.Alive(); err != nil {
		return nil, err
	}
	if err := distinct(lines, same); err != nil {
		return nil, err
	}
	b.called("First", len(lines), 1)
	first := map[backlog.Ref]backlog.Place{}
	for _, p := range b.inOrder() {
		if _, there := first[p.Ref]; !there && slices.Contains(lines, p.Ref) {
			first[p.Ref] = p
		}
	}
	return first, nil
}

// Leave takes places away; see table.Backlog.
func (b *Backlog) Leave(_ context.Context, places []backlog.Place) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := distinct(places, spotOf); err != nil {
		return err
	}
	b.called("Leave", len(places), 25)
	for _, p := range places {
		if err := b.write(func() { delete(b.places, spotOf(p)) }); err != nil {
			return err
		}
	}
	return nil
}

// Places are all places, those of a line in its order.
func (b *Backlog) Places() []backlog.Place {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.inOrder()
}

func (b *Backlog) inOrder() []backlog.Place {
	places := make([]backlog.Place, 0, len(b.places))
	for _, p := range b.places {
		places = append(places, p)
	}
	slices.SortFunc(places, func(p, q backlog.Place) int {
		return strings.Compare(p.Order+"#"+p.Delivery, q.Order+"#"+q.Delivery)
	})
	return places
}
