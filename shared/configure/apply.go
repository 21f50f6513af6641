package configure

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"crmhook/shared/parameter"
)

// run is the state of one run.
type run struct {
	Handler
	began, until time.Time
	// tasks are the parameters to work in, by name.
	tasks map[string]*task
	errs  []error
	// incomplete says that there was no time for some of them.
	incomplete bool
	// Counts for the log. Calls are those to Parameter Store.
	parameters, changed, removed, invalid, calls int
}

// task is one parameter to work in.
type task struct {
	parameter.Path
	name string
	// seen is what is remembered of it; zero for one never seen.
	seen parameter.Seen
	// listed is how a listing showed it; zero when none did.
	listed parameter.Parameter
	// removable says that it is gone unless it is found by name.
	removable bool
	// value is what was read by name; gone says that there is nothing of that name.
	value parameter.Value
	gone  bool
	// generations are those of its interface that are left once the work is done.
	generations []string
}

func (r *run) failed(err error) {
	if err != nil {
		r.errs = append(r.errs, err)
	}
}

// late reports whether nothing more should be begun.
func (r *run) late() bool { return !r.until.IsZero() && !r.Now().Before(r.until) }

// take makes a task of a parameter; one that is not listed is gone unless it is found by name. A name that nothing can
// hold is logged once, with its version.
func (r *run) take(name string, seen parameter.Seen, listed parameter.Parameter) {
	path, err := parameter.ParsePath(r.Stage, name)
	if err != nil && listed.Version != 0 {
		r.Log.Warn("parameter without effect", slog.String("parameter", name), slog.Int64("version", listed.Version), slog.String("reason", err.Error()))
	}
	r.tasks[name] = &task{Path: path, name: name, seen: seen, listed: listed, removable: listed.Version == 0}
}

// apply works in all tasks: settings and secrets first, so that interfaces are checked against the latest, then
// interfaces, with those that depend on what changed.
func (r *run) apply(ctx context.Context) {
	r.groups(ctx, func(t *task) bool { return !effective(t.Kind) }, r.idle)
	r.groups(ctx, func(t *task) bool { return t.Kind == parameter.Setting || t.Kind == parameter.Secret }, r.keep)
	r.groups(ctx, func(t *task) bool { return t.Kind == parameter.Interface }, r.hooks)
}

// groups gives the wanted tasks to work in groups, in order of names, until the run is late.
func (r *run) groups(ctx context.Context, wanted func(*task) bool, work func(context.Context, []*task) error) {
	var tasks []*task
	for _, t := range r.tasks {
		if wanted(t) {
			tasks = append(tasks, t)
		}
	}
	slices.SortFunc(tasks, func(a, b *task) int { return cmp.Compare(a.name, b.name) })
	for part := range slices.Chunk(tasks, group) {
		if r.late() {
			r.incomplete = true
			return
		}
		r.failed(work(ctx, part))
	}
}

// idle records parameters that have no effect here: as listed, without reading them.
func (r *run) idle(ctx context.Context, tasks []*task) error {
	var listed, unlisted []*task
	for _, t := range tasks {
		if t.removable {
			unlisted = append(unlisted, t)
			continue
		}
		t.value.Parameter = t.listed
		listed = append(listed, t)
	}
	return r.settle(ctx, append(listed, r.fetch(ctx, unlisted)...))
}

// fetch reads the tasks' values by name and returns those that there is work for. Secrets are read apart, so that a key
// that may not be used holds up nothing else.
func (r *run) fetch(ctx context.Context, tasks []*task) []*task {
	secret := func(t *task) bool { return t.Kind == parameter.Secret || t.listed.Secure }
	var work []*task
	for _, secrets := range []bool{false, true} {
		part := slices.DeleteFunc(slices.Clone(tasks), func(t *task) bool { return secret(t) != secrets })
		for chunk := range slices.Chunk(part, valuesSize) {
			if r.late() {
				r.incomplete = true
				return work
			}
			err := r.read(ctx, chunk)
			if err != nil && len(chunk) > 1 && ctx.Err() == nil {
				err = r.readEach(ctx, chunk)
			}
			r.failed(err)
			work = append(work, slices.DeleteFunc(slices.Clone(chunk), func(t *task) bool { return !t.wanted() })...)
		}
	}
	return work
}

// readEach reads one by one what could not be read together.
func (r *run) readEach(ctx context.Context, tasks []*task) error {
	var errs []error
	for _, t := range tasks {
		if r.late() {
			r.incomplete = true
			break
		}
		errs = append(errs, r.read(ctx, []*task{t}))
	}
	return errors.Join(errs...)
}

func (r *run) read(ctx context.Context, tasks []*task) error {
	names := make([]string, len(tasks))
	for i, t := range tasks {
		names[i] = t.name
	}
	r.calls++
	values, missing, err := r.Parameters.Values(ctx, names)
	if err != nil {
		return err
	}
	for _, v := range values {
		if t := r.tasks[v.Name]; t != nil {
			t.value = v
		}
	}
	for _, name := range missing {
		if t := r.tasks[name]; t != nil {
			t.gone = true
		}
	}
	return nil
}

// wanted reports whether what was read asks for work. A listed parameter that is not found by name, or is found in the
// version that was worked in, is looked at again by the next run; so is one that could not be read.
func (t *task) wanted() bool {
	if t.value.Version == 0 {
		return t.gone && t.removable && t.seen.Revision != ""
	}
	return !t.seen.Current(t.value.Parameter) || t.value.Version == t.listed.Version
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
