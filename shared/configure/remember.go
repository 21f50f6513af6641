package configure

import (
	"context"
	"slices"

	"crmhook/shared/parameter"
)

// announce remembers names and generations that are new before anything of them takes effect: a deletion that follows a
// crash finds them, and a removal of the former one that is under way loses its hold. It returns the tasks that nobody
// else has worked on meanwhile.
func (r *run) announce(ctx context.Context, tasks []*task) ([]*task, error) {
	var unknown []*task
	for _, t := range tasks {
		if t.seen.Revision == "" || t.generation != "" && !slices.Contains(t.seen.Generations, t.generation) {
			unknown = append(unknown, t)
		}
	}
	announced, err := r.claim(ctx, unknown, func(t *task) parameter.Seen {
		seen := t.seen
		seen.Generations = with(seen.Generations, t.generation)
		return seen
	})
	return slices.DeleteFunc(slices.Clone(tasks), func(t *task) bool {
		return slices.Contains(unknown, t) && !slices.Contains(announced, t)
	}), err
}

// claim takes hold of what is remembered of parameters, each under a new revision, before their removal or before a new
// generation takes effect; it returns the tasks that nobody else has worked on meanwhile.
func (r *run) claim(ctx context.Context, tasks []*task, change func(t *task) parameter.Seen) ([]*task, error) {
	seen, previous := make([]parameter.Seen, len(tasks)), make([]string, len(tasks))
	for i, t := range tasks {
		seen[i], previous[i] = change(t), t.seen.Revision
		seen[i].Name, seen[i].Revision = t.name, r.Token()
	}
	done, err := r.Recorder.Record(ctx, seen, previous)
	if err != nil {
		return nil, err
	}
	for i, t := range tasks {
		if done[i] {
			t.seen = seen[i]
		}
	}
	return chosen(tasks, done), nil
}

// unfinished is what is remembered of a parameter whose removal has begun: no version, so that it is worked in again if
// it turns out to be there.
func unfinished(t *task) parameter.Seen {
	return parameter.Seen{Recheck: t.seen.Recheck, Generations: t.seen.Generations}
}

// settle remembers that the tasks are done. It comes last.
func (r *run) settle(ctx context.Context, tasks []*task) error {
	var present, gone []*task
	var forget []parameter.Seen
	for _, t := range tasks {
		if t.gone {
			gone, forget = append(gone, t), append(forget, t.seen)
		} else {
			present = append(present, t)
		}
	}
	settled, err := r.claim(ctx, present, func(t *task) parameter.Seen {
		// The listing's time, so that its next answer compares equal.
		seen := parameter.Seen{Version: t.value.Version, Modified: t.value.Modified, Generations: t.generations}
		if t.waits {
			seen.Recheck = r.Now()
		}
		if t.listed.Version == t.value.Version {
			seen.Modified = t.listed.Modified
		}
		return seen
	})
	r.changed += len(settled)
	if err != nil {
		return err
	}
	if len(gone) == 0 {
		return nil
	}
	forgotten, err := r.Recorder.Forget(ctx, forget)
	for _, done := range forgotten {
		if done {
			r.removed++
		}
	}
	return err
}
