package configure

import (
	"context"
	"log/slog"
	"slices"
	"strconv"

	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

// ruling is a rule on its way into the table.
type ruling struct {
	*task
	old     rule.Rule
	checked rule.Checked
}

func (t *task) rule() rule.Key { return rule.Key{Organization: t.Organization, ID: t.Name} }

// rules works in a group of rules.
func (r *run) rules(ctx context.Context, tasks []*task) error {
	tasks = r.fetch(ctx, tasks)
	if len(tasks) == 0 {
		return nil
	}
	keys := make([]rule.Key, len(tasks))
	for i, t := range tasks {
		keys[i] = t.rule()
	}
	held, err := r.Rules.Rules(ctx, keys)
	if err != nil {
		return err
	}
	var present []*ruling
	var gone []*task
	for _, t := range tasks {
		switch old := held[t.rule()]; {
		case t.gone:
			gone = append(gone, t)
		case !t.value.Modified.Before(old.Modified):
			present = append(present, &ruling{task: t, old: old})
		}
	}
	done, err := steady(ctx, r, present, callables, checkRules, r.writeRules)
	if err != nil {
		return err
	}
	var settled []*task
	for _, u := range done {
		r.tellRule(u)
		settled = append(settled, u.task)
	}
	removed, err := r.removeRules(ctx, gone, held)
	if err != nil {
		return err
	}
	return r.settle(ctx, append(settled, removed...))
}

func checkRules(_ context.Context, all []*ruling, against map[string]callable) ([]*ruling, error) {
	for _, u := range all {
		u.check(against[u.Organization])
	}
	return all, nil
}

// check makes the rule of a parameter's value.
func (u *ruling) check(interfaces callable) {
	v := u.value
	u.checked = rule.Checked{Rule: rule.Rule{
		Organization: u.Organization, ID: u.Name, Version: v.Version, Modified: v.Modified,
		Generation: strconv.FormatInt(v.Modified.UnixMilli(), 36),
	}}
	if sameLife(u.old.Generation, u.old.Version, u.old.Modified, v.Parameter) {
		u.checked.Generation = u.old.Generation
	}
	var faults fault.List
	if !hook.ValidName(u.Name) {
		faults.Add("", nameRule)
	}
	if v.Secure {
		faults.Add("", "must be a String parameter: secrets have parameters of their own, under secrets/")
	} else {
		u.checked.Text = v.Text
		definition, wrong := rule.Parse([]byte(v.Text), interfaces)
		u.checked.Definition, faults = definition, append(faults, wrong...)
		for _, name := range rule.InterfacesOf([]byte(v.Text)) {
			kind, exists := interfaces[name]
			u.checked.DependsOn = append(u.checked.DependsOn, found(name, kind, exists))
		}
	}
	if len(faults) > 0 {
		u.checked.State, u.checked.Definition, u.checked.Faults = hook.Invalid, nil, bounded(faults)
		return
	}
	u.checked.State = u.checked.Definition.State
}

// writeRules announces and writes rules, then their organizations' stamps, and returns those that no newer version kept
// out.
func (r *run) writeRules(ctx context.Context, all []*ruling) ([]*ruling, error) {
	tasks := make([]*task, len(all))
	for i, u := range all {
		tasks[i] = u.task
	}
	announced, err := r.announce(ctx, tasks)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(u *ruling) bool { return !slices.Contains(announced, u.task) })
	list := make([]rule.Checked, len(all))
	for i, u := range all {
		list[i] = u.checked
	}
	saved, err := r.Rules.SaveRules(ctx, list)
	if err != nil {
		return nil, err
	}
	written := chosen(all, saved)
	var organizations []string
	for _, u := range written {
		organizations = with(organizations, u.Organization)
	}
	return written, r.publish(ctx, organizations, nil)
}

// removeRules deletes rules and returns the tasks that are done.
func (r *run) removeRules(ctx context.Context, tasks []*task, held map[rule.Key]rule.Rule) ([]*task, error) {
	tasks, err := r.claim(ctx, tasks, unfinished)
	if err != nil {
		return nil, err
	}
	read := make([]rule.Rule, len(tasks))
	for i, t := range tasks {
		read[i] = rule.Rule{Organization: t.Organization, ID: t.Name, Modified: held[t.rule()].Modified}
	}
	gone, err := r.Rules.RemoveRules(ctx, read)
	if err != nil {
		return nil, err
	}
	var organizations []string
	removed := chosen(tasks, gone)
	for _, t := range removed {
		organizations = with(organizations, t.Organization)
		r.Log.Info("rule removed", slog.String("organization", t.Organization), slog.String("rule", t.Name))
	}
	return removed, r.publish(ctx, organizations, nil)
}

// tellRule counts and logs an invalid rule with all that is wrong with it.
func (r *run) tellRule(u *ruling) {
	if u.checked.State != hook.Invalid {
		return
	}
	r.invalid++
	r.Log.Warn(
		"rule invalid", slog.String("organization", u.Organization), slog.String("rule", u.Name),
		slog.Int64("version", u.checked.Version), slog.Any("faults", texts(u.checked.Faults)),
	)
}
