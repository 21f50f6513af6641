package tabletest

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/shard"
)

// Checkpoints is a fake of table.Checkpoints.
type Checkpoints struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by name.
	Calls map[string]int

	mu   sync.Mutex
	kept map[string]map[string]shard.Checkpoint
}

// NewCheckpoints holds none.
func NewCheckpoints(kill *Kill) *Checkpoints {
	return &Checkpoints{Kill: kill, Calls: map[string]int{}, kept: map[string]map[string]shard.Checkpoint{}}
}

// All are the checkpoints of a stream.
func (c *Checkpoints) All(stream string) map[string]shard.Checkpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string]shard.Checkpoint{}
	maps.Copy(all, c.kept[stream])
	return all
}

// Checkpoints reads those of a stream; see table.Checkpoints.
func (c *Checkpoints) Checkpoints(_ context.Context, stream string) (map[string]shard.Checkpoint, error) {
	if err := c.Kill.Alive(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.Calls["Checkpoints"]++
	c.mu.Unlock()
	return c.All(stream), nil
}

// Acquire takes a lease; see table.Checkpoints.
func (c *Checkpoints) Acquire(_ context.Context, stream string, known shard.Checkpoint, now time.Time) error {
	return c.update("Acquire", stream, known.Shard, shard.ErrHeld, func(is *shard.Checkpoint) bool {
		if is.Finished || is.Held(now) || is.Position != known.Position {
			return false
		}
		is.Owner, is.Until = known.Owner, known.Until
		return true
	})
}

// Save moves a position; see table.Checkpoints.
func (c *Checkpoints) Save(_ context.Context, stream string, checkpoint shard.Checkpoint, _ time.Time) error {
	return c.update("Save", stream, checkpoint.Shard, shard.ErrLost, func(is *shard.Checkpoint) bool {
		if is.Owner != checkpoint.Owner {
			return false
		}
		*is = checkpoint
		is.Again = false
		if is.Finished {
			is.Owner, is.Until = "", time.Time{}
		}
		return true
	})
}

// Release ends a lease; see table.Checkpoints.
func (c *Checkpoints) Release(_ context.Context, stream string, checkpoint shard.Checkpoint) error {
	return c.update("Release", stream, checkpoint.Shard, nil, func(is *shard.Checkpoint) bool {
		if is.Owner == checkpoint.Owner {
			is.Owner, is.Until, is.Again = "", time.Time{}, is.Again || checkpoint.Again
		}
		return true
	})
}

func (c *Checkpoints) update(call, stream, id string, refused error, change func(*shard.Checkpoint) bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Calls[call]++
	done := false
	err := c.Kill.Write(func() {
		is := c.kept[stream][id]
		is.Shard = id
		if done = change(&is); !done {
			return
		}
		if c.kept[stream] == nil {
			c.kept[stream] = map[string]shard.Checkpoint{}
		}
		c.kept[stream][id] = is
	})
	if err == nil && !done {
		return refused
	}
	return err
}

// CheckpointsAPI is what a fake and the table both are.
type CheckpointsAPI interface {
	Checkpoints(ctx context.Context, stream string) (map[string]shard.Checkpoint, error)
	Acquire(ctx context.Context, stream string, known shard.Checkpoint, now time.Time) error
	Save(ctx context.Context, stream string, checkpoint shard.Checkpoint, now time.Time) error
	Release(ctx context.Context, stream string, checkpoint shard.Checkpoint) error
}

// RunCheckpoints checks what scan relies on; api holds no checkpoints yet.
func RunCheckpoints(t *testing.T, api CheckpointsAPI) {
	t.Helper()
	now := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	later := now.Add(time.Minute)
	by := func(owner, position string) shard.Checkpoint {
		return shard.Checkpoint{Shard: "s1", Owner: owner, Position: position, Until: later}
	}
	steps := []struct {
		name string
		do   func(stream string) error
		want error
		kept map[string]shard.Checkpoint
	}{
		{"nothing is known at first", func(string) error { return nil }, nil, map[string]shard.Checkpoint{}},
		{"who has no lease cannot save", func(s string) error { return api.Save(t.Context(), s, by("a", "1"), now) }, shard.ErrLost, map[string]shard.Checkpoint{}},
		{"first lease", func(s string) error { return api.Acquire(t.Context(), s, by("a", ""), now) }, nil, one(by("a", ""))},
		{"second lease meanwhile", func(s string) error { return api.Acquire(t.Context(), s, by("b", ""), now) }, shard.ErrHeld, one(by("a", ""))},
		{"the owner saves", func(s string) error { return api.Save(t.Context(), s, by("a", "7"), now) }, nil, one(by("a", "7"))},
		{"another cannot save", func(s string) error { return api.Save(t.Context(), s, by("b", "9"), now) }, shard.ErrLost, one(by("a", "7"))},
		{"another cannot release", func(s string) error { return api.Release(t.Context(), s, by("b", "")) }, nil, one(by("a", "7"))},
		{"a lease that is over is free", func(s string) error { return api.Acquire(t.Context(), s, by("b", "7"), later) }, nil, one(by("b", "7"))},
		{"its last owner has lost it", func(s string) error { return api.Save(t.Context(), s, by("a", "8"), now) }, shard.ErrLost, one(by("b", "7"))},
		{"release", func(s string) error { return api.Release(t.Context(), s, by("b", "")) }, nil, one(shard.Checkpoint{Shard: "s1", Position: "7"})},
		{"a position that has moved is not had", func(s string) error { return api.Acquire(t.Context(), s, by("c", "6"), now) }, shard.ErrHeld, one(shard.Checkpoint{Shard: "s1", Position: "7"})},
		{"nor one that was none", func(s string) error { return api.Acquire(t.Context(), s, by("c", ""), now) }, shard.ErrHeld, one(shard.Checkpoint{Shard: "s1", Position: "7"})},
		{"the position known is had", func(s string) error { return api.Acquire(t.Context(), s, by("c", "7"), now) }, nil, one(by("c", "7"))},
		{"a run that failed says so", func(s string) error {
			failed := by("c", "7")
			failed.Again = true
			return api.Release(t.Context(), s, failed)
		}, nil, one(shard.Checkpoint{Shard: "s1", Position: "7", Again: true})},
		{"the next run knows", func(s string) error { return api.Acquire(t.Context(), s, by("c", "7"), now) }, nil, one(shard.Checkpoint{Shard: "s1", Owner: "c", Position: "7", Until: later, Again: true})},
		{"until it has saved", func(s string) error { return api.Save(t.Context(), s, by("c", "7"), now) }, nil, one(by("c", "7"))},
		{"finishing ends the lease", func(s string) error {
			last := by("c", "8")
			last.Finished = true
			return api.Save(t.Context(), s, last, now)
		}, nil, one(shard.Checkpoint{Shard: "s1", Position: "8", Finished: true})},
		{"a finished shard is not had", func(s string) error { return api.Acquire(t.Context(), s, by("d", "8"), later) }, shard.ErrHeld, one(shard.Checkpoint{Shard: "s1", Position: "8", Finished: true})},
	}
	for _, step := range steps {
		if err := step.do("label"); !errors.Is(err, step.want) || (err != nil) != (step.want != nil) {
			t.Fatalf("%s: got %v, want %v", step.name, err, step.want)
		}
		got, err := api.Checkpoints(t.Context(), "label")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.kept, got); diff != "" {
			t.Errorf("%s: checkpoints differ (-want +got):\n%s", step.name, diff)
		}
	}
	finishedWithoutEvents(t, api, now)
	if other, err := api.Checkpoints(t.Context(), "another label"); err != nil || len(other) != 0 {
		t.Errorf("another stream has checkpoints %v, error %v", other, err)
	}
}

func finishedWithoutEvents(t *testing.T, api CheckpointsAPI, now time.Time) {
	t.Helper()
	empty := shard.Checkpoint{Shard: "s2", Owner: "a", Until: now.Add(time.Minute)}
	if err := api.Acquire(t.Context(), "label", empty, now); err != nil {
		t.Fatal(err)
	}
	empty.Finished = true
	if err := api.Save(t.Context(), "label", empty, now); err != nil {
		t.Fatal(err)
	}
	got, err := api.Checkpoints(t.Context(), "label")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shard.Checkpoint{Shard: "s2", Finished: true}, got["s2"]); diff != "" {
		t.Errorf("a shard that ended without events differs (-want +got):\n%s", diff)
	}
}

func one(c shard.Checkpoint) map[string]shard.Checkpoint {
	return map[string]shard.Checkpoint{c.Shard: c}
}
