package scan

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"crmhook/shared/shard"
)

// lingerSetting names the setting that keeps a run looking until so many seconds after its start; unset or 0: off.
const lingerSetting = "lingerSeconds"

// lookEach is how often a lingering run looks.
const lookEach = time.Second

// patience is how many empty pages in a row mean that an open shard has no more: an empty page may also come before
// events. A lingering run looks again anyway.
const (
	patience          = 3
	lingeringPatience = 1
)

// load reads where the stream and its checkpoints stand.
func (r *run) load(ctx context.Context) error {
	if err := r.loadCheckpoints(ctx); err != nil {
		return err
	}
	return r.loadShards(ctx)
}

func (r *run) loadShards(ctx context.Context) error {
	shards, err := r.Shards.Shards(ctx)
	if err != nil {
		return fmt.Errorf("list shards: %w", err)
	}
	r.shards = shards
	r.places.keep(shards)
	return nil
}

// loadCheckpoints also gives another chance to the shards that were another run's.
func (r *run) loadCheckpoints(ctx context.Context) error {
	found, err := r.Checkpoints.Checkpoints(ctx, r.Stream)
	if err != nil {
		return fmt.Errorf("read checkpoints: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checkpoints = found
	for id, why := range r.idle {
		if why == held {
			delete(r.idle, id)
		}
	}
	return nil
}

// catchUp goes round until a round has ended no shard whose children had yet to appear.
func (r *run) catchUp(ctx context.Context, patience int) error {
	for {
		r.ended = false
		err := r.round(ctx, patience)
		if !r.ended || r.outOfTime() {
			return err
		}
		if err := errors.Join(err, r.loadShards(ctx)); err != nil {
			return err
		}
	}
}

// round reads every shard once, side by side, each parent to its end before its children. As a shard has one parent, they
// make trees; a parent that has left the stream, a day after its last event, is done with.
func (r *run) round(ctx context.Context, patience int) error {
	var wait sync.WaitGroup
	var mu sync.Mutex
	var errs error
	listed := map[string]bool{}
	children := map[string][]shard.Shard{}
	for _, s := range r.shards {
		listed[s.ID] = true
		children[s.Parent] = append(children[s.Parent], s)
	}
	var follow func(s shard.Shard)
	follow = func(s shard.Shard) {
		finished, err := r.shard(ctx, s, patience, len(children[s.ID]) > 0)
		if err != nil {
			mu.Lock()
			errs = errors.Join(errs, fmt.Errorf("shard %s: %w", s.ID, err))
			mu.Unlock()
		}
		if finished {
			for _, child := range children[s.ID] {
				wait.Go(func() { follow(child) })
			}
		}
	}
	for _, s := range r.shards {
		if !listed[s.Parent] {
			wait.Go(func() { follow(s) })
		}
	}
	wait.Wait()
	return errs
}

// linger looks each second until the setting's time, so that a change is on its way at once.
func (r *run) linger(ctx context.Context) error {
	text, err := r.Settings.Setting(ctx, lingerSetting)
	if err != nil || text == "" {
		return err
	}
	seconds, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("setting %s must be a number of seconds, 0 to 58: %w", lingerSetting, err)
	}
	end := r.start.Add(time.Duration(seconds) * time.Second)
	if end.After(r.end) {
		end = r.end
	}
	var errs error
	for r.Now().Add(lookEach).Before(end) {
		if err := pause(ctx, lookEach); err != nil {
			return errors.Join(errs, err)
		}
		errs = errors.Join(errs, r.look(ctx))
	}
	return errs
}

func (r *run) look(ctx context.Context) error {
	if r.anyHeld() {
		// What this run holds itself stays as it is: it is also what the table says.
		if err := r.loadCheckpoints(ctx); err != nil {
			return err
		}
	}
	return r.catchUp(ctx, lingeringPatience)
}

func (r *run) anyHeld() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, why := range r.idle {
		if why == held {
			return true
		}
	}
	return false
}

// release lets the next run begin at once.
func (r *run) release(ctx context.Context) error {
	var errs error
	for _, c := range r.checkpoints {
		if c.Owner == r.owner && !c.Finished {
			c.Again = c.Again || r.idle[c.Shard] == failed
			errs = errors.Join(errs, r.Leases.Release(ctx, r.Stream, c))
		}
	}
	return errs
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
