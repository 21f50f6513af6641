package table

import (
	"context"
	"fmt"
	"strings"

	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

// organizationsPartition holds an item for each organization that has or had interfaces or rules.
const organizationsPartition = "#organizations"

// Organizations reads up to limit organizations that have or had interfaces or rules, after one of that name; next is the
// name to go on after, empty at the end.
func (c Configuration) Organizations(ctx context.Context, after string, limit int) (list []string, next string, err error) {
	// Whatever follows the name begins with another character than a blank.
	items, err := c.query(ctx, organizationsPartition, "sk > :a", []string{max(after, " ")}, limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("read organizations: %w", err)
	}
	list, next = cutPage(items, limit, func(item Item) string { return textOf(item, "sk") }, func(name string) string { return name })
	return list, next, nil
}

// Page reads up to limit interfaces of an organization, in order of names, after one of that name; next is the name to go on
// after, empty at the end.
func (c Configuration) Page(ctx context.Context, organization, after string, limit int) (list []hook.Interface, next string, err error) {
	items, err := c.following(ctx, organization, interfacePrefix, after, limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("read interfaces of %s: %w", organization, err)
	}
	list, next = cutPage(items, limit, interfaceOf, func(i hook.Interface) string { return i.Name })
	return list, next, nil
}

// RulePage reads rules as Page reads interfaces.
func (c Configuration) RulePage(ctx context.Context, organization, after string, limit int) (list []rule.Rule, next string, err error) {
	items, err := c.following(ctx, organization, rulePrefix, after, limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("read rules of %s: %w", organization, err)
	}
	list, next = cutPage(items, limit, ruleOf, func(r rule.Rule) string { return r.ID })
	return list, next, nil
}

// following reads the first items whose names come after one.
func (c Configuration) following(ctx context.Context, organization, prefix, after string, limit int) ([]Item, error) {
	if after != "" {
		// No name of a parameter has a blank, and all that it has sorts behind one.
		after += " "
	}
	end := strings.TrimSuffix(prefix, "#") + "$"
	return c.query(ctx, organization, "sk BETWEEN :a AND :b", []string{prefix + after, end}, limit)
}

// cutPage cuts what was read to a page: one item more than fits on it says that another follows.
func cutPage[T any](items []Item, limit int, of func(Item) T, name func(T) string) (list []T, next string) {
	list = make([]T, min(limit, len(items)))
	for i := range list {
		list[i] = of(items[i])
	}
	if len(items) > limit {
		next = name(list[limit-1])
	}
	return list, next
}
