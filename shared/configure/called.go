package configure

import (
	"context"
	"maps"
	"slices"
	"strings"

	"crmhook/shared/hook"
	"crmhook/shared/parameter"
	"crmhook/shared/rule"
)

// callable are an organization's interfaces, as far as rules name them, with the types that their parameters name.
type callable map[string]hook.Type

func (c callable) same(other callable) bool { return maps.Equal(c, other) }

// callables reads the interfaces that rules name.
func callables(ctx context.Context, r *run, all []*ruling) (map[string]callable, error) {
	types, named := map[string]callable{}, map[hook.Key]bool{}
	for _, u := range all {
		types[u.Organization] = callable{}
		for _, name := range rule.InterfacesOf([]byte(u.value.Text)) {
			named[hook.Key{Organization: u.Organization, Name: name}] = true
		}
	}
	held, err := r.Interfaces.Interfaces(ctx, slices.Collect(maps.Keys(named)))
	if err != nil {
		return nil, err
	}
	for key, i := range held {
		types[key.Organization][key.Name] = i.Type
	}
	return types, nil
}

// found is an interface as a rule depends on it.
func found(name string, kind hook.Type, exists bool) string {
	text := parameter.Path{Kind: parameter.Interface, Name: name}.String()
	if exists {
		text += "=" + string(kind)
	}
	return text
}

// recheckRules marks the rules that were checked against these interfaces as they are no more, and takes them up for this
// run. Since each rule says what it was checked against, it does not matter how often that is asked, nor who died in
// between.
func (r *run) recheckRules(ctx context.Context, saved []*candidate, removed []*task) error {
	now := map[string]map[string]string{}
	note := func(t *task, text string) {
		if now[t.Organization] == nil {
			now[t.Organization] = map[string]string{}
		}
		now[t.Organization][t.Path.String()] = text
	}
	for _, c := range saved {
		note(c.task, found(c.Name, c.checked.Type, true))
	}
	for _, t := range removed {
		note(t, found(t.Name, "", false))
	}
	var changed []parameter.Path
	for _, organization := range slices.Sorted(maps.Keys(now)) {
		dependencies, err := r.Facts.Dependencies(ctx, organization, parameter.Rule)
		if err != nil {
			return err
		}
		for _, path := range slices.SortedFunc(maps.Keys(dependencies), byName) {
			stale := func(was string) bool {
				name, _, _ := strings.Cut(was, "=")
				is, known := now[organization][name]
				return known && is != was
			}
			if slices.ContainsFunc(dependencies[path], stale) {
				changed = append(changed, path)
			}
		}
	}
	return r.mark(ctx, changed)
}
