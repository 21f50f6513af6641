package tabletest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
	"crmhook/shared/rule"
)

// RulesAPI is what the fake and table.Configuration are for rules.
type RulesAPI interface {
	Routes(ctx context.Context, organization string) ([]hook.Interface, []rule.Rule, error)
	Rules(ctx context.Context, keys []rule.Key) (map[rule.Key]rule.Rule, error)
	SaveRules(ctx context.Context, rules []rule.Checked) ([]bool, error)
	RemoveRules(ctx context.Context, rules []rule.Rule) ([]bool, error)
}

// checkedRule is an active rule as configure makes it.
func checkedRule(t *testing.T, organization, id string, version int64, modified time.Time) rule.Checked {
	t.Helper()
	definition, faults := rule.Parse([]byte(`{"name":"Members","event":{"type":"score.reached","value":99.5},"conditions":"role=MEMBER;name=.*\\;.*",
		"then":["a"],"else":["b"],"limits":{"maxPerContact":3,"minIntervalMinutes":10}}`), map[string]hook.Type{"a": hook.RuleWebhook, "b": hook.RuleWebhook})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return rule.Checked{
		Rule: rule.Rule{
			Organization: organization, ID: id, Generation: "g1", Version: version, Modified: modified, State: hook.Active, Definition: definition,
			Text: `{"name":"Members"}`,
		},
		DependsOn: []string{"interface#a", "interface#b"},
	}
}

// SameRules compares definitions by what is kept of them.
func SameRules() cmp.Option {
	return cmp.Comparer(func(a, b *rule.Definition) bool {
		if a == nil || b == nil {
			return a == b
		}
		left, err := rule.Marshal(a)
		right, err2 := rule.Marshal(b)
		return err == nil && err2 == nil && string(left) == string(right)
	})
}

func rulesKept(t *testing.T, api ConfigurationAPI) {
	ctx := t.Context()
	a, b := checkedRule(t, "ruled", "a", 1, configurationTime), checkedRule(t, "ruled", "b", 3, configurationTime)
	b.State, b.Definition, b.DependsOn = hook.Invalid, nil, nil
	b.Faults = fault.List{{Location: "limits.maxPerContact", Message: "must be a whole number"}, {Message: "second"}}
	other := checkedRule(t, "ruled-2", "a", 1, configurationTime)
	done, err := api.SaveRules(ctx, []rule.Checked{b, a, other})
	tookEffect(t, done, err, true, true, true)
	older := a
	older.Version, older.Modified = 7, configurationTime.Add(-time.Second)
	done, err = api.SaveRules(ctx, []rule.Checked{older})
	tookEffect(t, done, err, false)
	beside := besideRules(t, api)
	interfaces, rules, err := api.Routes(ctx, "ruled")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]hook.Interface{beside}, interfaces, SameHooks()); diff != "" {
		t.Errorf("interfaces (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]rule.Rule{a.Rule, b.Rule}, rules, SameRules()); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	byKey, err := api.Rules(ctx, []rule.Key{a.Key(), other.Key(), {Organization: "ruled", ID: "none"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[rule.Key]rule.Rule{a.Key(): a.Rule, other.Key(): other.Rule}, byKey, SameRules()); diff != "" {
		t.Errorf("rules by key (-want +got):\n%s", diff)
	}
	dependencies, err := api.Dependencies(ctx, "ruled", parameter.Rule)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"rule#a": "[interface#a interface#b]", "rule#b": "[]"}, dependencyTexts(dependencies)); diff != "" {
		t.Errorf("dependencies (-want +got):\n%s", diff)
	}
	stale := other.Rule
	stale.Modified = stale.Modified.Add(-time.Millisecond)
	done, err = api.RemoveRules(ctx, []rule.Rule{a.Rule, {Organization: "ruled", ID: "none"}, {Organization: "ruled", ID: "b"}, stale})
	tookEffect(t, done, err, true, true, false, false)
	if _, rules, err = api.Routes(ctx, "ruled"); err != nil || len(rules) != 1 {
		t.Errorf("after the removal: %v, error %v; want b alone", rules, err)
	}
}

// besideRules keeps what lies about the rules in the table, and returns the one interface.
func besideRules(t *testing.T, api ConfigurationAPI) hook.Interface {
	t.Helper()
	beside := checkedInterface(t, "ruled", "z", 1, configurationTime)
	done, err := api.SaveInterfaces(t.Context(), []hook.Checked{beside})
	tookEffect(t, done, err, true)
	path := parameter.Path{Organization: "ruled", Kind: parameter.Key, Name: "k"}
	key := access.Change{Path: path, Now: access.Checked{Path: path, Revision: "r1"}, Seen: parameter.Seen{Name: "/ruled/k", Revision: "r1"}}
	done, err = api.ChangeAccess(t.Context(), []access.Change{key})
	tookEffect(t, done, err, true)
	fact := parameter.Fact{Path: parameter.Path{Organization: "ruled", Kind: parameter.Secret, Name: "s"}, Modified: configurationTime}
	done, err = api.KeepFacts(t.Context(), []parameter.Fact{fact})
	tookEffect(t, done, err, true)
	if err := api.SaveStamps(t.Context(), []string{"ruled"}, "x"); err != nil {
		t.Fatal(err)
	}
	// The others count what is remembered.
	done, err = api.Forget(t.Context(), []parameter.Seen{key.Seen})
	tookEffect(t, done, err, true)
	return beside.Interface
}
