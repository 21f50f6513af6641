// Package recent keeps answers for a while, as many as are bounded and none longer than it is told, so that a question
// that is asked again and again costs one read, and a flood of new questions takes no more memory. It must not know what
// is asked nor whom.
package recent

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

// Cache keeps answers by key, also that there is none, which is an answer like others. Make it with New; it is safe for
// concurrent use.
type Cache[K comparable, V any] struct {
	most int
	keep time.Duration
	now  func() time.Time

	mu sync.Mutex
	// kept has the entries by key, used those that were used last at its front.
	kept    map[K]*list.Element
	used    *list.List
	flights map[K]*flight[V]
}

type entry[K comparable, V any] struct {
	key   K
	value V
	until time.Time
}

// flight is a read under way; done is closed when it ended.
type flight[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// New is an empty cache of at most most answers (1 or more), each kept for the duration from when it was asked for.
func New[K comparable, V any](most int, keep time.Duration, now func() time.Time) *Cache[K, V] {
	return &Cache[K, V]{
		most: most, keep: keep, now: now, kept: map[K]*list.Element{}, used: list.New(), flights: map[K]*flight[V]{},
	}
}

// Get is the answer that is kept, else the one that read gives. Of callers who ask for the same key at once one reads and
// the others wait for it. An error is nobody's answer but theirs: it is not kept.
func (c *Cache[K, V]) Get(ctx context.Context, key K, read func(context.Context) (V, error)) (V, error) {
	for {
		value, flight, mine := c.find(key)
		if flight == nil {
			return value, nil
		}
		if mine {
			c.land(ctx, key, flight, read)
			return flight.value, flight.err
		}
		select {
		case <-ctx.Done():
			return value, ctx.Err()
		case <-flight.done:
		}
		// That the one who read gave up is no answer to those who did not.
		if flight.err == nil || !errors.Is(flight.err, context.Canceled) && !errors.Is(flight.err, context.DeadlineExceeded) {
			return flight.value, flight.err
		}
	}
}

// find is the value that is kept, or the flight that brings it, which is the caller's own to make where mine is true.
func (c *Cache[K, V]) find(key K) (value V, under *flight[V], mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element := c.kept[key]; element != nil {
		kept := element.Value.(entry[K, V])
		if c.now().Before(kept.until) {
			c.used.MoveToFront(element)
			return kept.value, nil, false
		}
		c.drop(element)
	}
	if under = c.flights[key]; under != nil {
		return value, under, false
	}
	under = &flight[V]{done: make(chan struct{}), err: errNoAnswer}
	c.flights[key] = under
	return value, under, true
}

// errNoAnswer is what is left to those who wait for a read that panicked.
var errNoAnswer = errors.New("the read that was waited for gave no answer")

// land reads, keeps the answer and lets those who wait go on.
func (c *Cache[K, V]) land(ctx context.Context, key K, under *flight[V], read func(context.Context) (V, error)) {
	until := c.now().Add(c.keep)
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.flights, key)
		close(under.done)
		if under.err != nil {
			return
		}
		c.kept[key] = c.used.PushFront(entry[K, V]{key: key, value: under.value, until: until})
		if c.used.Len() > c.most {
			c.drop(c.used.Back())
		}
	}()
	under.value, under.err = read(ctx)
}

func (c *Cache[K, V]) drop(element *list.Element) {
	delete(c.kept, element.Value.(entry[K, V]).key)
	c.used.Remove(element)
}

// Len is how many answers are kept.
func (c *Cache[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used.Len()
}
