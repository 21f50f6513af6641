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
	// generation is its interface's, once it was checked; generations are those that are left once the work is done.
	generation  string
	generations []string
	// waits says that it is to be looked at again with each sweep.
	waits bool
}

// of is the task of whatever is made of it.
func (t *task) of() *task { return t }

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

// apply works in all tasks: keys first, so that a revoked one waits for nothing; settings and secrets before sources and
// interfaces and these before rules, so that each is checked against the latest, with those that depend on what changed.
func (r *run) apply(ctx context.Context) {
	r.groups(ctx, of(""), r.idle)
	r.groups(ctx, of(parameter.Key, parameter.Customer), r.callers)
	r.groups(ctx, of(parameter.Setting, parameter.Secret), r.keep)
	r.groups(ctx, of(parameter.Source), r.sources)
	r.groups(ctx, of(parameter.Interface), r.hooks)
	r.groups(ctx, of(parameter.Rule), r.rules)
}

func of(kinds ...parameter.Kind) func(*task) bool {
	return func(t *task) bool { return slices.Contains(kinds, t.Kind) }
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
