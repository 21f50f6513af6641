package configure

import (
	"context"

	"crmhook/shared/access"
	"crmhook/shared/parameter"
)

// entry is a key, source or customer on its way into the table.
type entry struct {
	*task
	was, now access.Checked
}

// callers works in a group of keys and customers.
func (r *run) callers(ctx context.Context, tasks []*task) error {
	return r.enter(ctx, tasks, func(ctx context.Context, all []*entry) ([]*entry, error) {
		for _, e := range all {
			e.read()
			e.complete()
		}
		return r.change(ctx, all)
	})
}

// sources works in a group of sources.
func (r *run) sources(ctx context.Context, tasks []*task) error {
	return r.enter(ctx, tasks, func(ctx context.Context, all []*entry) ([]*entry, error) {
		return steady(ctx, r, all, contexts[*entry], r.checkSources, r.change)
	})
}

// enter saves what is there and removes what is gone.
func (r *run) enter(ctx context.Context, tasks []*task, save func(context.Context, []*entry) ([]*entry, error)) error {
	tasks = r.fetch(ctx, tasks)
	if len(tasks) == 0 {
		return nil
	}
	held, err := r.Access.Access(ctx, paths(tasks))
	if err != nil {
		return err
	}
	var present, gone []*entry
	for _, t := range tasks {
		e := &entry{task: t, was: held[t.Path]}
		switch {
		case t.gone:
			gone = append(gone, e)
		case !e.late():
			present = append(present, e)
		}
	}
	saved, err := save(ctx, present)
	if err != nil {
		return err
	}
	for _, e := range saved {
		r.report(e.task, e.now.Faults)
	}
	removed, err := r.change(ctx, gone)
	if err != nil {
		return err
	}
	var done []*task
	for _, e := range append(saved, removed...) {
		done = append(done, e.task)
	}
	return r.settle(ctx, done)
}

// late reports whether the table holds a newer version than the one that was read.
func (e *entry) late() bool {
	return e.was.Modified.After(e.value.Modified) || e.was.Modified.Equal(e.value.Modified) && e.was.Version > e.value.Version
}

// read checks the parameter's own text.
func (e *entry) read() {
	v := e.value
	e.now = access.Checked{Path: e.Path, Version: v.Version, Modified: v.Modified}
	if v.Secure {
		e.now.Faults.Add("", "must be a String parameter: secrets have parameters of their own, under secrets/")
		return
	}
	switch e.Kind {
	case parameter.Key:
		e.now.Key, e.now.Faults = access.ParseKey(e.Organization, e.Name, v.Text)
	case parameter.Source:
		e.now.Source, e.now.Faults = access.ParseSource(e.Organization, e.Name, v.Text)
	case parameter.Customer:
		e.now.Means, e.now.Faults = access.ParseCustomer(e.Name, v.Text)
	}
}

// complete leaves of one with faults nothing but these.
func (e *entry) complete() {
	if len(e.now.Faults) == 0 {
		return
	}
	e.now.Faults, e.now.Means = bounded(e.now.Faults), ""
	e.now.Key = access.Key{Organization: e.Organization, Name: e.Name}
	e.now.Source = access.Source{Organization: e.Organization, Name: e.Name}
}

// change writes entries, and removes those that are gone, each together with what is remembered of it; it returns those
// that nobody else has worked on meanwhile. One that waits and has not changed is left as it is.
func (r *run) change(ctx context.Context, all []*entry) ([]*entry, error) {
	var work []*entry
	var changes []access.Change
	for _, e := range all {
		if e.unchanged() {
			continue
		}
		seen := e.seen
		if e.gone {
			seen, e.now = unfinished(e.task), access.Checked{}
		} else {
			e.now.Revision = r.Token()
		}
		seen.Name, seen.Revision = e.name, r.Token()
		work = append(work, e)
		changes = append(changes, access.Change{Path: e.Path, Was: e.was, Now: e.now, Seen: seen, Before: e.seen.Revision})
	}
	made, err := r.Access.ChangeAccess(ctx, changes)
	if err != nil {
		return nil, err
	}
	for i, e := range work {
		if made[i] {
			e.was, e.seen = changes[i].Now, changes[i].Seen
		}
	}
	return chosen(work, made), nil
}

// unchanged reports whether it still waits for what it waited for.
func (e *entry) unchanged() bool {
	return e.waits && !e.seen.Recheck.IsZero() && e.was.Version == e.now.Version && e.was.Modified.Equal(e.now.Modified) &&
		e.was.Faults.Error() == e.now.Faults.Error()
}
