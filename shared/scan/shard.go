package scan

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"crmhook/shared/shard"
)

// shard reads a shard until it has caught up or is out of time, and reports whether it is finished: closed and read to
// its end. Reading needs no lease, so a shard without changes costs no write; the lease is taken with the first thing
// there is to write, on the condition that nobody has moved the position meanwhile.
func (r *run) shard(ctx context.Context, s shard.Shard, patience int, childrenListed bool) (bool, error) {
	c, ready := r.checkpoint(s.ID)
	if c.Finished || !ready {
		return c.Finished, nil
	}
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	finished, err := r.pages(ctx, s, c, patience)
	switch {
	case errors.Is(err, shard.ErrHeld), errors.Is(err, shard.ErrLost):
		r.leave(s.ID, held)
		return false, nil
	case err != nil:
		r.leave(s.ID, failed)
		return false, err
	}
	if finished && !childrenListed {
		r.mu.Lock()
		r.ended = true
		r.mu.Unlock()
	}
	return finished, nil
}

func (r *run) pages(ctx context.Context, s shard.Shard, c shard.Checkpoint, patience int) (bool, error) {
	iterator, err := r.iterator(ctx, c)
	if err != nil {
		return false, err
	}
	for empty := 0; empty < patience || s.Closed; {
		if r.outOfTime() {
			return false, nil
		}
		page, err := r.page(ctx, c, iterator)
		if err != nil {
			return false, err
		}
		if len(page.Events) > 0 {
			empty = 0
		} else {
			empty++
		}
		done, err := r.work(ctx, &c, page)
		if err != nil || !done || c.Finished {
			r.places.forget(s.ID)
			return c.Finished && err == nil, err
		}
		iterator = page.Next
		r.places.set(s.ID, place{iterator: iterator, position: c.Position})
	}
	return false, nil
}

// page reads one page, from the same position again where the iterator is too old.
func (r *run) page(ctx context.Context, c shard.Checkpoint, iterator string) (shard.Page, error) {
	page, err := r.Pages.Read(ctx, iterator)
	if errors.Is(err, shard.ErrExpired) {
		iterator, err = r.open(ctx, c)
	} else if errors.Is(err, shard.ErrTrimmed) {
		iterator, err = r.reopen(ctx, c)
	} else {
		return page, err
	}
	if err != nil {
		return page, err
	}
	return r.Pages.Read(ctx, iterator)
}

// iterator goes on where a warm process stopped, which spares a call and passes the empty pages only once.
func (r *run) iterator(ctx context.Context, c shard.Checkpoint) (string, error) {
	if p, ok := r.places.get(c.Shard); ok && p.position == c.Position {
		return p.iterator, nil
	}
	return r.open(ctx, c)
}

func (r *run) open(ctx context.Context, c shard.Checkpoint) (string, error) {
	iterator, err := r.Pages.Iterator(ctx, c.Shard, c.Position)
	if errors.Is(err, shard.ErrTrimmed) {
		return r.reopen(ctx, c)
	}
	return iterator, err
}

// reopen goes on at the oldest event when what followed the position has left the stream.
func (r *run) reopen(ctx context.Context, c shard.Checkpoint) (string, error) {
	r.count(func(n *counts) { n.trimmed++ })
	r.Log.LogAttrs(ctx, slog.LevelError, "position trimmed: changes of more than a day ago may be missing, reading on from the oldest",
		slog.String("shard", c.Shard), slog.String("position", c.Position))
	return r.Pages.Iterator(ctx, c.Shard, "")
}

// work writes what a page asks for, then moves the checkpoint; false when time ran out in between.
func (r *run) work(ctx context.Context, c *shard.Checkpoint, page shard.Page) (bool, error) {
	if page.Next != "" && len(page.Events) == 0 {
		return true, nil
	}
	if err := r.own(ctx, c); err != nil {
		return false, err
	}
	steps, err := r.steps(ctx, c.Position, page.Events)
	if err != nil {
		return false, err
	}
	r.count(func(n *counts) { n.pages++; n.records += len(page.Events) })
	for {
		b := r.cut(steps, c.Again)
		if err := r.write(ctx, b); err != nil {
			return false, err
		}
		steps = steps[b.steps:]
		if b.position != "" {
			c.Position = b.position
		}
		c.Again, c.Finished = false, len(steps) == 0 && page.Next == ""
		if err := r.save(ctx, *c); err != nil {
			c.Finished = false
			return false, err
		}
		if len(steps) == 0 || r.outOfTime() {
			return len(steps) == 0, nil
		}
	}
}

// own takes the lease if this run does not have it yet. It lasts as long as the process may live, so that it cannot end
// while a page is being written.
func (r *run) own(ctx context.Context, c *shard.Checkpoint) error {
	if c.Owner == r.owner {
		return nil
	}
	mine := *c
	mine.Again = c.Begun()
	mine.Owner, mine.Until = r.owner, r.leased
	if err := r.Leases.Acquire(ctx, r.Stream, mine, r.Now()); err != nil {
		return err
	}
	*c = mine
	r.keep(mine)
	return nil
}

func (r *run) save(ctx context.Context, c shard.Checkpoint) error {
	if err := r.Checkpoints.Save(ctx, r.Stream, c, r.Now()); err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	r.keep(c)
	return nil
}

func (r *run) keep(c shard.Checkpoint) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checkpoints[c.Shard] = c
}

// checkpoint is where a shard stands, and whether this run may read it.
func (r *run) checkpoint(id string) (shard.Checkpoint, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, known := r.checkpoints[id]
	if !known {
		c.Shard = id
	}
	if r.idle[id] != 0 {
		return c, false
	}
	if c.Owner != r.owner && c.Held(r.Now()) {
		r.idle[id] = held
		r.counts.held++
		return c, false
	}
	return c, true
}

// leave makes this run leave a shard alone. What it last read was not written, so the next one begins at the checkpoint.
func (r *run) leave(id string, why reason) {
	r.places.forget(id)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle[id] = why
	if why == held {
		r.counts.held++
	}
}
