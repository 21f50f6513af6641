package configure

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"crmhook/shared/fault"
	"crmhook/shared/parameter"
)

// keep works in settings and secrets: keeps or drops them, marks what depends on them, and takes that up.
func (r *run) keep(ctx context.Context, tasks []*task) error {
	var kept, gone []*task
	for _, t := range r.fetch(ctx, tasks) {
		if t.gone {
			gone = append(gone, t)
		} else {
			kept = append(kept, t)
		}
	}
	kept, err := r.announce(ctx, kept)
	if err != nil {
		return err
	}
	facts := make([]parameter.Fact, len(kept))
	for i, t := range kept {
		facts[i] = check(t.Path, t.value)
	}
	done, err := r.Facts.KeepFacts(ctx, facts)
	if err != nil {
		return err
	}
	for i, t := range kept {
		if done[i] {
			r.report(t, facts[i].Faults)
		}
	}
	work := chosen(kept, done)
	dropped, err := r.drop(ctx, gone)
	if err != nil {
		return err
	}
	work = append(work, dropped...)
	if err := r.recheck(ctx, paths(work), parameter.Interface, parameter.Source); err != nil {
		return err
	}
	return r.settle(ctx, work)
}

// drop removes settings and secrets and returns the tasks that are done.
func (r *run) drop(ctx context.Context, tasks []*task) ([]*task, error) {
	held := map[parameter.Path]parameter.Fact{}
	read := map[string]bool{}
	for _, t := range tasks {
		if read[t.Organization] {
			continue
		}
		read[t.Organization] = true
		facts, err := r.Facts.Facts(ctx, t.Organization)
		if err != nil {
			return nil, err
		}
		for _, fact := range facts {
			held[fact.Path] = fact
		}
	}
	claimed, err := r.claim(ctx, tasks, unfinished)
	if err != nil {
		return nil, err
	}
	facts := make([]parameter.Fact, len(claimed))
	for i, t := range claimed {
		facts[i] = parameter.Fact{Path: t.Path, Modified: held[t.Path].Modified}
	}
	gone, err := r.Facts.DropFacts(ctx, facts)
	if err != nil {
		return nil, err
	}
	return chosen(claimed, gone), nil
}

// chosen are the members whose flag is set.
func chosen[T any](list []T, flags []bool) []T {
	var members []T
	for i, member := range list {
		if flags[i] {
			members = append(members, member)
		}
	}
	return members
}

func paths(tasks []*task) []parameter.Path {
	list := make([]parameter.Path, len(tasks))
	for i, t := range tasks {
		list[i] = t.Path
	}
	return list
}

// report logs a parameter that cannot be used; its value is not shown.
func (r *run) report(t *task, faults fault.List) {
	if len(faults) == 0 {
		return
	}
	r.Log.Warn(
		"parameter cannot be used", slog.String("parameter", t.name), slog.Int64("version", t.value.Version),
		slog.Any("faults", texts(faults)),
	)
}

// recheck marks the parameters of some kinds that depend on what changed, and takes them up for this run. The mark is what
// makes sure that they are checked even if this run dies.
func (r *run) recheck(ctx context.Context, changed []parameter.Path, kinds ...parameter.Kind) error {
	dependents, err := r.dependents(ctx, changed, kinds)
	if err != nil {
		return err
	}
	return r.mark(ctx, dependents)
}

// mark marks parameters to be checked again, and takes them up for this run.
func (r *run) mark(ctx context.Context, dependents []parameter.Path) error {
	if len(dependents) == 0 {
		return nil
	}
	names := make([]string, len(dependents))
	for i, path := range dependents {
		names[i] = path.Full(r.Stage)
	}
	marked, err := r.Recorder.Recheck(ctx, names, r.Now(), r.Token())
	if err != nil {
		return err
	}
	for i, seen := range marked {
		if t := r.tasks[seen.Name]; t != nil {
			t.seen = seen
			continue
		}
		r.tasks[seen.Name] = &task{Path: dependents[i], name: seen.Name, seen: seen, removable: true}
	}
	return nil
}

// dependents finds the parameters of some kinds that were checked against any of these.
func (r *run) dependents(ctx context.Context, changed []parameter.Path, kinds []parameter.Kind) ([]parameter.Path, error) {
	byOrganization := map[string][]string{}
	for _, path := range changed {
		if path.Organization != "" || path.String() == allowedNetworks {
			byOrganization[path.Organization] = append(byOrganization[path.Organization], path.String())
		}
	}
	if everywhere := byOrganization[""]; everywhere != nil {
		delete(byOrganization, "")
		organizations, err := r.organizations(ctx)
		if err != nil {
			return nil, err
		}
		for _, organization := range organizations {
			byOrganization[organization] = append(byOrganization[organization], everywhere...)
		}
	}
	var found []parameter.Path
	for _, organization := range slices.Sorted(maps.Keys(byOrganization)) {
		dependencies, err := r.Facts.Dependencies(ctx, organization, kinds...)
		if err != nil {
			return nil, err
		}
		matters := func(name string) bool { return slices.Contains(byOrganization[organization], name) }
		for _, path := range slices.SortedFunc(maps.Keys(dependencies), byName) {
			if slices.ContainsFunc(dependencies[path], matters) {
				found = append(found, path)
			}
		}
	}
	return found, nil
}

func byName(a, b parameter.Path) int { return strings.Compare(a.String(), b.String()) }

// organizations lists those that have interfaces. Only a change of a setting of the stage asks for it.
func (r *run) organizations(ctx context.Context) ([]string, error) {
	var organizations []string
	for after := ""; ; {
		part, err := r.Memory.After(ctx, after, Known)
		if err != nil {
			return nil, err
		}
		for _, s := range part {
			if path, err := parameter.ParsePath(r.Stage, s.Name); err == nil && path.Kind == parameter.Interface {
				organizations = append(organizations, path.Organization)
			}
		}
		// Names are in order, so those of an organization follow each other.
		organizations = slices.Compact(organizations)
		if len(part) < Known {
			return organizations, nil
		}
		after = part[len(part)-1].Name
	}
}
