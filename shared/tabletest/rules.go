package tabletest

import (
	"context"
	"slices"
	"strings"

	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

// Routes reads an organization's interfaces and rules; see table.Configuration.
func (c *Configuration) Routes(_ context.Context, organization string) ([]hook.Interface, []rule.Rule, error) {
	defer c.mu.Unlock()
	if err := c.begin("Routes", 1, 1); err != nil {
		return nil, nil, err
	}
	var rules []rule.Rule
	for key, checked := range c.rules {
		if key.Organization == organization {
			rules = append(rules, checked.Rule)
		}
	}
	slices.SortFunc(rules, func(a, b rule.Rule) int { return strings.Compare(a.ID, b.ID) })
	return c.interfacesOf(organization), rules, nil
}

// Rules reads rules by key; see table.Configuration.
func (c *Configuration) Rules(_ context.Context, keys []rule.Key) (map[rule.Key]rule.Rule, error) {
	defer c.mu.Unlock()
	if err := c.begin("Rules", len(keys), 100); err != nil {
		return nil, err
	}
	if err := distinct(keys, same); err != nil {
		return nil, err
	}
	rules := map[rule.Key]rule.Rule{}
	for _, key := range keys {
		if checked, there := c.rules[key]; there {
			rules[key] = checked.Rule
		}
	}
	return rules, nil
}

// SaveRules writes rules; see table.Configuration. A test may call it to set up.
func (c *Configuration) SaveRules(_ context.Context, rules []rule.Checked) ([]bool, error) {
	defer c.mu.Unlock()
	if err := c.begin("SaveRules", len(rules), 1); err != nil {
		return nil, err
	}
	saved := make([]bool, len(rules))
	for i, checked := range rules {
		err := c.Kill.Write(func() {
			old, there := c.rules[checked.Key()]
			if saved[i] = !there || !newerVersion(old.Version, old.Modified, checked.Version, checked.Modified); saved[i] {
				c.rules[checked.Key()] = checked
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return saved, nil
}

// RemoveRules deletes rules; see table.Configuration.
func (c *Configuration) RemoveRules(_ context.Context, rules []rule.Rule) ([]bool, error) {
	defer c.mu.Unlock()
	if err := c.begin("RemoveRules", len(rules), 1); err != nil {
		return nil, err
	}
	gone := make([]bool, len(rules))
	for i, read := range rules {
		err := c.Kill.Write(func() {
			held, there := c.rules[read.Key()]
			if gone[i] = !there || held.Modified.Equal(read.Modified); gone[i] {
				delete(c.rules, read.Key())
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return gone, nil
}
