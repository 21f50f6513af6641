package table

import (
	"context"
	"fmt"
	"strings"

	"crmhook/shared/hook"
	"crmhook/shared/parameter"
	"crmhook/shared/rule"
)

const rulePrefix = "rule#"

// Routes reads all that the changes of an organization may go to, its interfaces and its rules, each in order of names, in
// one query. The few keys that lie between them in the table are read with them.
func (c Configuration) Routes(ctx context.Context, organization string) ([]hook.Interface, []rule.Rule, error) {
	items, err := c.query(ctx, organization, "sk BETWEEN :a AND :b", []string{interfacePrefix, string(parameter.Rule) + "$"}, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("read interfaces and rules of %s: %w", organization, err)
	}
	var interfaces []hook.Interface
	var rules []rule.Rule
	for _, item := range items {
		switch pathOf(item).Kind {
		case parameter.Interface:
			interfaces = append(interfaces, interfaceOf(item))
		case parameter.Rule:
			rules = append(rules, ruleOf(item))
		}
	}
	return interfaces, rules, nil
}

// Rules reads rules by key, 100 a call; those that do not exist are left out. Keys must be distinct.
func (c Configuration) Rules(ctx context.Context, keys []rule.Key) (map[rule.Key]rule.Rule, error) {
	wanted := make([]Item, len(keys))
	for i, k := range keys {
		wanted[i] = key(k.Organization, rulePrefix+k.ID)
	}
	items, err := c.getAll(ctx, wanted)
	if err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	rules := make(map[rule.Key]rule.Rule, len(items))
	for _, item := range items {
		r := ruleOf(item)
		rules[r.Key()] = r
	}
	return rules, nil
}

// SaveRules writes rules and answers for each whether it was written: false where the table holds a newer version.
func (c Configuration) SaveRules(ctx context.Context, rules []rule.Checked) ([]bool, error) {
	items := make([]Item, len(rules))
	for i, checked := range rules {
		item, err := ruleItem(checked)
		if err != nil {
			return nil, fmt.Errorf("save rule %s: %w", checked.Key(), err)
		}
		items[i] = item
	}
	saved, err := c.putNotNewer(ctx, items)
	if err != nil {
		return nil, fmt.Errorf("save rules: %w", err)
	}
	return saved, nil
}

// RemoveRules deletes rules, each unless it was written since it was read (the zero Modified: since it was not there), and
// answers for each whether it is gone.
func (c Configuration) RemoveRules(ctx context.Context, rules []rule.Rule) ([]bool, error) {
	gone, err := eachWrite(len(rules), func(i int) (bool, error) {
		return c.removeUnchanged(ctx, key(rules[i].Organization, rulePrefix+rules[i].ID), rules[i].Modified)
	})
	if err != nil {
		return nil, fmt.Errorf("remove rules: %w", err)
	}
	return gone, nil
}

func ruleItem(checked rule.Checked) (Item, error) {
	item := key(checked.Organization, rulePrefix+checked.ID)
	item["generation"] = text(checked.Generation)
	item["version"] = number(checked.Version)
	item["modified"] = instant(checked.Modified)
	item["state"] = text(string(checked.State))
	item["dependsOn"] = texts(checked.DependsOn)
	item["text"] = text(checked.Text)
	if err := setFaults(item, checked.Faults); err != nil {
		return nil, err
	}
	if checked.Definition != nil {
		kept, err := rule.Marshal(checked.Definition)
		if err != nil {
			return nil, err
		}
		item["rule"] = text(string(kept))
	}
	return item, nil
}

// ruleOf never fails: a rule that was kept in a form this version cannot read shows as invalid, so that those of others go
// on.
func ruleOf(item Item) rule.Rule {
	r := rule.Rule{
		Organization: textOf(item, "pk"), ID: strings.TrimPrefix(textOf(item, "sk"), rulePrefix), Generation: textOf(item, "generation"),
		Version: numberOf(item, "version"), Modified: instantOf(item, "modified"), State: hook.State(textOf(item, "state")), Faults: faultsOf(item),
		Text: textOf(item, "text"),
	}
	kept := textOf(item, "rule")
	if kept == "" {
		return r
	}
	definition, err := rule.Unmarshal([]byte(kept))
	if err != nil {
		r.State = hook.Invalid
		r.Faults.Add("", "is kept in a form that this version of crmhook cannot read (%v): write the parameter again", err)
		return r
	}
	r.Definition = definition
	return r
}
