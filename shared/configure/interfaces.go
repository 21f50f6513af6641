package configure

import (
	"context"
	"log/slog"
	"slices"

	"crmhook/shared/backlog"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
)

// rounds bounds how often a group is checked again because settings or secrets changed meanwhile.
const rounds = 3

func (t *task) key() hook.Key { return hook.Key{Organization: t.Organization, Name: t.Name} }

// hooks works in a group of interfaces.
func (r *run) hooks(ctx context.Context, tasks []*task) error {
	tasks = r.fetch(ctx, tasks)
	if len(tasks) == 0 {
		return nil
	}
	keys := make([]hook.Key, len(tasks))
	for i, t := range tasks {
		keys[i] = t.key()
	}
	held, err := r.Interfaces.Interfaces(ctx, keys)
	if err != nil {
		return err
	}
	var present []*candidate
	var gone []*task
	for _, t := range tasks {
		old := held[t.key()]
		t.seen.Generations = with(t.seen.Generations, old.Generation)
		switch {
		case t.gone:
			gone = append(gone, t)
		case !t.value.Modified.Before(old.Modified):
			present = append(present, &candidate{task: t, old: old})
		}
	}
	saved, err := r.save(ctx, present)
	if err != nil {
		return err
	}
	removed, err := r.remove(ctx, gone, held)
	if err != nil {
		return err
	}
	return r.settle(ctx, append(saved, removed...))
}

// save checks and writes interfaces and returns the tasks that are done.
func (r *run) save(ctx context.Context, all []*candidate) ([]*task, error) {
	if len(all) == 0 {
		return nil, nil
	}
	contexts, err := r.contexts(ctx, all)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		c.check(contexts[c.Organization])
	}
	all, err = r.announce(ctx, all)
	if err != nil {
		return nil, err
	}
	done := make(map[*candidate]bool, len(all))
	for work, round := all, 0; len(work) > 0 && round < rounds; round++ {
		if work, err = r.write(ctx, work); err != nil {
			return nil, err
		}
		latest, err := r.contexts(ctx, work)
		if err != nil {
			return nil, err
		}
		var again []*candidate
		for _, c := range work {
			if done[c] = latest[c.Organization].same(contexts[c.Organization]); !done[c] {
				c.check(latest[c.Organization])
				again = append(again, c)
			}
		}
		contexts, work = latest, again
	}
	var tasks []*task
	for _, c := range all {
		if done[c] {
			r.tell(c)
			c.generations = []string{c.checked.Generation}
			tasks = append(tasks, c.task)
		}
	}
	return tasks, nil
}

// announce remembers generations that are new before anything of them takes effect: a deletion that follows a crash finds
// them, and a removal of the former one that is under way loses its hold.
func (r *run) announce(ctx context.Context, all []*candidate) ([]*candidate, error) {
	var unknown []*task
	for _, c := range all {
		if !slices.Contains(c.seen.Generations, c.checked.Generation) || c.seen.Revision == "" {
			unknown = append(unknown, c.task)
		}
	}
	generation := make(map[*task]string, len(all))
	for _, c := range all {
		generation[c.task] = c.checked.Generation
	}
	announced, err := r.claim(ctx, unknown, func(t *task) parameter.Seen {
		seen := t.seen
		seen.Generations = with(seen.Generations, generation[t])
		return seen
	})
	return slices.DeleteFunc(all, func(c *candidate) bool {
		return slices.Contains(unknown, c.task) && !slices.Contains(announced, c.task)
	}), err
}

// write writes interfaces, then their organizations' stamps, then what is due for them, and returns those that no newer
// version kept out.
func (r *run) write(ctx context.Context, all []*candidate) ([]*candidate, error) {
	list := make([]hook.Checked, len(all))
	for i, c := range all {
		list[i] = c.checked
	}
	saved, err := r.Interfaces.SaveInterfaces(ctx, list)
	if err != nil {
		return nil, err
	}
	var written []*candidate
	var organizations []string
	var entries []backlog.Entry
	for i, c := range all {
		if saved[i] {
			written = append(written, c)
			organizations = with(organizations, c.Organization)
			entries = append(entries, r.due(c)...)
		}
	}
	return written, r.publish(ctx, organizations, entries)
}

func (r *run) publish(ctx context.Context, organizations []string, entries []backlog.Entry) error {
	if len(organizations) == 0 {
		return nil
	}
	if err := r.Interfaces.SaveStamps(ctx, organizations, r.Token()); err != nil {
		return err
	}
	if len(entries) == 0 {
		return nil
	}
	return r.Agenda.Put(ctx, entries)
}

// remove deletes interfaces and lets go of what waits for them; it returns the tasks that are done.
func (r *run) remove(ctx context.Context, tasks []*task, held map[hook.Key]hook.Interface) ([]*task, error) {
	tasks, err := r.claim(ctx, tasks, unfinished)
	if err != nil {
		return nil, err
	}
	read := make([]hook.Interface, len(tasks))
	for i, t := range tasks {
		read[i] = hook.Interface{Organization: t.Organization, Name: t.Name, Modified: held[t.key()].Modified}
	}
	gone, err := r.Interfaces.RemoveInterfaces(ctx, read)
	if err != nil {
		return nil, err
	}
	var organizations []string
	var entries []backlog.Entry
	removed := chosen(tasks, gone)
	for _, t := range removed {
		organizations = with(organizations, t.Organization)
		entries = append(entries, r.sweeps(t, "")...)
		r.Log.Info("interface removed", slog.String("organization", t.Organization), slog.String("interface", t.Name))
	}
	return removed, r.publish(ctx, organizations, entries)
}

// tell counts and logs an invalid interface with all that is wrong with it.
func (r *run) tell(c *candidate) {
	if c.checked.State != hook.Invalid {
		return
	}
	r.invalid++
	r.Log.Warn(
		"interface invalid", slog.String("organization", c.Organization), slog.String("interface", c.Name),
		slog.Int64("version", c.checked.Version), slog.Any("faults", texts(c.checked.Faults)),
	)
}

// with is a list with one more text, unless it is empty or there already.
func with(list []string, one string) []string {
	if one == "" || slices.Contains(list, one) {
		return list
	}
	return append(slices.Clone(list), one)
}
