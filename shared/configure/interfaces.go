package configure

import (
	"context"
	"log/slog"
	"slices"

	"crmhook/shared/backlog"
	"crmhook/shared/hook"
)

func (t *task) key() hook.Key { return hook.Key{Organization: t.Organization, Name: t.Name} }

// hooks works in a group of interfaces, and takes up the rules that depend on what they were.
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
	if err := r.recheckRules(ctx, saved, removed); err != nil {
		return err
	}
	var done []*task
	for _, c := range saved {
		done = append(done, c.task)
	}
	return r.settle(ctx, append(done, removed...))
}

// save checks and writes interfaces and returns those that are done.
func (r *run) save(ctx context.Context, all []*candidate) ([]*candidate, error) {
	done, err := steady(ctx, r, all, contexts[*candidate], checkHooks, r.write)
	if err != nil {
		return nil, err
	}
	for _, c := range done {
		r.tell(c)
		c.generations = []string{c.checked.Generation}
	}
	return done, nil
}

func checkHooks(_ context.Context, all []*candidate, against map[string]*facts) ([]*candidate, error) {
	for _, c := range all {
		c.check(against[c.Organization])
		c.generation = c.checked.Generation
	}
	return all, nil
}

// write announces and writes interfaces, then their organizations' stamps, then what is due for them, and returns those
// that no newer version kept out.
func (r *run) write(ctx context.Context, all []*candidate) ([]*candidate, error) {
	tasks := make([]*task, len(all))
	for i, c := range all {
		tasks[i] = c.task
	}
	announced, err := r.announce(ctx, tasks)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(c *candidate) bool { return !slices.Contains(announced, c.task) })
	list := make([]hook.Checked, len(all))
	for i, c := range all {
		list[i] = c.checked
	}
	saved, err := r.Interfaces.SaveInterfaces(ctx, list)
	if err != nil {
		return nil, err
	}
	written := chosen(all, saved)
	var organizations []string
	var entries []backlog.Entry
	for _, c := range written {
		organizations = with(organizations, c.Organization)
		entries = append(entries, r.due(c)...)
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
