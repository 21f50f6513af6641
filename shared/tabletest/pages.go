package tabletest

import (
	"context"
	"slices"
	"strings"

	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

// Page reads interfaces after a name; see table.Configuration.
func (c *Configuration) Page(_ context.Context, organization, after string, limit int) ([]hook.Interface, string, error) {
	defer c.mu.Unlock()
	if err := c.begin("Page", 1, 1); err != nil {
		return nil, "", err
	}
	list, next := following(c.interfacesOf(organization), func(i hook.Interface) string { return i.Name }, after, limit)
	return list, next, nil
}

// RulePage reads rules after an id; see table.Configuration.
func (c *Configuration) RulePage(_ context.Context, organization, after string, limit int) ([]rule.Rule, string, error) {
	defer c.mu.Unlock()
	if err := c.begin("RulePage", 1, 1); err != nil {
		return nil, "", err
	}
	var rules []rule.Rule
	for key, checked := range c.rules {
		if key.Organization == organization {
			rules = append(rules, checked.Rule)
		}
	}
	list, next := following(rules, func(r rule.Rule) string { return r.ID }, after, limit)
	return list, next, nil
}

// Organizations reads organizations after a name; see table.Configuration.
func (c *Configuration) Organizations(_ context.Context, after string, limit int) ([]string, string, error) {
	defer c.mu.Unlock()
	if err := c.begin("Organizations", 1, 1); err != nil {
		return nil, "", err
	}
	var organizations []string
	for organization := range c.organizations {
		organizations = append(organizations, organization)
	}
	list, next := following(organizations, func(name string) string { return name }, after, limit)
	return list, next, nil
}

// following is the page of a list, in order of names, after one, and the name to go on after.
func following[T any](list []T, name func(T) string, after string, limit int) (page []T, next string) {
	slices.SortFunc(list, func(a, b T) int { return strings.Compare(name(a), name(b)) })
	first := slices.IndexFunc(list, func(one T) bool { return name(one) > after })
	if first < 0 {
		return nil, ""
	}
	list = list[first:]
	if len(list) <= limit {
		return list, ""
	}
	return list[:limit], name(list[limit-1])
}
