package table

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// walk reads the keys of lists that are one, newest first.
type walk struct {
	lists []*downward
	// read are the keys that were read and not yet taken, by list.
	read [][]Item
	last string
}

func walkOf(lists ...*downward) *walk {
	return &walk{lists: lists, read: make([][]Item, len(lists))}
}

// take is the next n keys, fewer only at the end, and whether others follow.
func (w *walk) take(ctx context.Context, n int) (keys []Item, more bool, err error) {
	// Of several lists each is likely to have its part; where one has more, it is read again.
	atOnce := n + 1
	if len(w.lists) > 1 {
		atOnce = n/2 + 1
	}
	for {
		if err := w.fill(ctx, atOnce); err != nil {
			return nil, false, err
		}
		newest := w.newest()
		switch {
		case newest < 0:
			return keys, false, nil
		case len(keys) == n:
			return keys, true, nil
		}
		first := w.read[newest][0]
		w.read[newest] = w.read[newest][1:]
		// A delivery that names a record twice is there twice.
		if created := textOf(first, createdAttribute); created != w.last {
			keys, w.last = append(keys, first), created
		}
	}
}

// fill reads on where nothing is left that was read, several lists at once.
func (w *walk) fill(ctx context.Context, n int) error {
	var empty []int
	for i, list := range w.lists {
		if len(w.read[i]) == 0 && !list.done {
			empty = append(empty, i)
		}
	}
	var mu sync.Mutex
	return eachChunk(empty, 1, func(at []int) error {
		items, err := w.lists[at[0]].read(ctx, n)
		mu.Lock()
		defer mu.Unlock()
		w.read[at[0]] = items
		return err
	})
}

// newest is the list whose next key is the newest; -1: there is none.
func (w *walk) newest() int {
	found, newest := -1, ""
	for i, keys := range w.read {
		if len(keys) == 0 {
			continue
		}
		if created := textOf(keys[0], createdAttribute); found < 0 || created > newest {
			found, newest = i, created
		}
	}
	return found
}

// mostRounds is how often a page reads on because what it found did not match.
const mostRounds = 10

// gather reads a page of what keys stand for, in their order; of reads that gives nil is left out. Each round looks at as
// many keys as the page lacks, atOnce at least.
func gather[T any](ctx context.Context, w *walk, limit, atOnce int, read func(keys []Item) ([]*T, error)) (list []T, next string, err error) {
	for range mostRounds {
		keys, more, err := w.take(ctx, max(limit-len(list), atOnce))
		if err != nil {
			return nil, "", err
		}
		found, err := read(keys)
		if err != nil {
			return nil, "", err
		}
		for i, one := range found {
			next = textOf(keys[i], createdAttribute)
			if one == nil {
				continue
			}
			if list = append(list, *one); len(list) == limit && (more || i+1 < len(keys)) {
				return list, next, nil
			}
		}
		if !more || len(list) == limit {
			return list, "", nil
		}
	}
	return list, next, nil
}

// count counts the rest of a list without its keys.
func (d *downward) count(ctx context.Context) (int, error) {
	n := 0
	d.input.Select = types.SelectCount
	for !d.done {
		out, err := d.Client.Query(ctx, d.input)
		if err != nil {
			return 0, err
		}
		n += int(out.Count)
		d.input.ExclusiveStartKey, d.done = out.LastEvaluatedKey, out.LastEvaluatedKey == nil
	}
	return n, nil
}
