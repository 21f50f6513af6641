package tabletest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
)

// ConfigurationAPI is what the fake and table.Configuration both are.
type ConfigurationAPI interface {
	Stamps(ctx context.Context, organizations []string) (map[string]string, error)
	Organization(ctx context.Context, organization string) ([]hook.Interface, error)
	Interfaces(ctx context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error)
	Setting(ctx context.Context, name string) (string, error)
	SaveInterfaces(ctx context.Context, interfaces []hook.Checked) ([]bool, error)
	RemoveInterfaces(ctx context.Context, interfaces []hook.Interface) ([]bool, error)
	SaveStamps(ctx context.Context, organizations []string, token string) error
	Dependencies(ctx context.Context, organization string, kinds ...parameter.Kind) (map[parameter.Path][]string, error)
	Facts(ctx context.Context, organization string) ([]parameter.Fact, error)
	KeepFacts(ctx context.Context, facts []parameter.Fact) ([]bool, error)
	DropFacts(ctx context.Context, facts []parameter.Fact) ([]bool, error)
	First(ctx context.Context, limit int) ([]parameter.Seen, parameter.Position, bool, error)
	After(ctx context.Context, name string, limit int) ([]parameter.Seen, error)
	ByName(ctx context.Context, names []string) ([]parameter.Seen, error)
	Record(ctx context.Context, seen []parameter.Seen, previous []string) ([]bool, error)
	Forget(ctx context.Context, seen []parameter.Seen) ([]bool, error)
	Recheck(ctx context.Context, names []string, at time.Time, revision string) ([]parameter.Seen, error)
	SavePosition(ctx context.Context, position parameter.Position) error
	AccessAPI
	RulesAPI
	PagesAPI
	LocksAPI
}

// RunConfiguration checks an empty configuration.
func RunConfiguration(t *testing.T, api ConfigurationAPI) {
	t.Run("interfaces", func(t *testing.T) { interfacesKept(t, api) })
	t.Run("rules", func(t *testing.T) { rulesKept(t, api) })
	t.Run("an older version never replaces a newer one", func(t *testing.T) { olderVersions(t, api) })
	t.Run("settings and secrets", func(t *testing.T) { factsKept(t, api) })
	t.Run("parameters seen", func(t *testing.T) { parametersSeen(t, api) })
	t.Run("one of two runs completes a parameter", func(t *testing.T) { revisions(t, api) })
	t.Run("more parameters than the limit", func(t *testing.T) { manySeen(t, api) })
	t.Run("keys", func(t *testing.T) { keysKept(t, api) })
	t.Run("sources", func(t *testing.T) { sourcesKept(t, api) })
	t.Run("a claim is one organization's", func(t *testing.T) { claimsHeld(t, api) })
	t.Run("customers", func(t *testing.T) { customersKept(t, api) })
	t.Run("what was written since it was read stays", func(t *testing.T) { accessRevisions(t, api) })
	t.Run("pages", func(t *testing.T) { pagesRead(t, api) })
	t.Run("organizations", func(t *testing.T) { organizationsListed(t, api) })
	t.Run("a lock is one holder's", func(t *testing.T) { locksHeld(t, api) })
	t.Run("one of many gets a lock", func(t *testing.T) { locksContended(t, api) })
	t.Run("an organization's settings", func(t *testing.T) { organizationSettings(t, api) })
}

var configurationTime = time.Date(2026, 11, 2, 3, 4, 5, 678_000_000, time.UTC)

// checkedInterface is an active V2 interface as configure makes it.
func checkedInterface(t *testing.T, organization, name string, version int64, modified time.Time) hook.Checked {
	t.Helper()
	ready, faults := hook.Parse([]byte(`{"type":"contact-webhook-v2","url":"https://crm.example.com/contacts","details":["GENERAL","ADDRESSES"],
		"filter":"role=MEMBER","schedules":[{"name":"each minute","launch":"automatic","frequencyMinutes":1}]}`), hook.Context{FirstSeen: modified})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return hook.Checked{
		Interface: hook.Interface{
			Organization: organization, Name: name, Generation: "g1", Version: version, Modified: modified, FirstSeen: modified, State: hook.Active, Hook: ready,
			Text: `{"type":"contact-webhook-v2"}`,
		},
		DependsOn: []string{"secret#crm", "setting#firstProductDate"},
	}
}

// SameHooks compares hooks by what is kept of them.
func SameHooks() cmp.Option {
	return cmp.Comparer(func(a, b *hook.Hook) bool {
		if a == nil || b == nil {
			return a == b
		}
		left, err := hook.Marshal(a)
		right, err2 := hook.Marshal(b)
		return err == nil && err2 == nil && string(left) == string(right)
	})
}

func tookEffect(t *testing.T, done []bool, err error, want ...bool) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, done); diff != "" {
		t.Fatalf("writes that took effect (-want +got):\n%s", diff)
	}
}

func interfacesKept(t *testing.T, api ConfigurationAPI) {
	ctx := t.Context()
	a, b := checkedInterface(t, "demo", "a", 1, configurationTime), checkedInterface(t, "demo", "b", 3, configurationTime)
	b.State, b.Hook, b.DependsOn = hook.Invalid, nil, nil
	b.Faults = fault.List{{Location: "url", Message: "must be an absolute URL", Value: "x"}, {Message: "second"}}
	other := checkedInterface(t, "demo-2", "a", 1, configurationTime)
	done, err := api.SaveInterfaces(ctx, []hook.Checked{b, a, other})
	tookEffect(t, done, err, true, true, true)
	if err := api.SaveStamps(ctx, []string{"demo", "demo-2"}, "one"); err != nil {
		t.Fatal(err)
	}
	if err := api.SaveStamps(ctx, []string{"demo"}, "two"); err != nil {
		t.Fatal(err)
	}
	got, err := api.Organization(ctx, "demo")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]hook.Interface{a.Interface, b.Interface}, got, SameHooks()); diff != "" {
		t.Errorf("interfaces of demo (-want +got):\n%s", diff)
	}
	byKey, err := api.Interfaces(ctx, []hook.Key{a.Key(), other.Key(), {Organization: "demo", Name: "none"}, a.Key()})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[hook.Key]hook.Interface{a.Key(): a.Interface, other.Key(): other.Interface}, byKey, SameHooks()); diff != "" {
		t.Errorf("interfaces by key (-want +got):\n%s", diff)
	}
	dependencies, err := api.Dependencies(ctx, "demo", parameter.Interface, parameter.Source)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"interface#a": "[secret#crm setting#firstProductDate]", "interface#b": "[]"}, dependencyTexts(dependencies)); diff != "" {
		t.Errorf("dependencies (-want +got):\n%s", diff)
	}
	stamps, err := api.Stamps(ctx, []string{"demo", "demo-2", "none", "demo"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"demo": "two", "demo-2": "one"}, stamps); diff != "" {
		t.Errorf("stamps (-want +got):\n%s", diff)
	}
	stale := other.Interface
	stale.Modified = stale.Modified.Add(-time.Millisecond)
	done, err = api.RemoveInterfaces(ctx, []hook.Interface{a.Interface, {Organization: "demo", Name: "none"}, {Organization: "demo", Name: "b"}, stale})
	tookEffect(t, done, err, true, true, false, false)
	if got, err = api.Organization(ctx, "demo"); err != nil || len(got) != 1 {
		t.Errorf("after the removal: %v, error %v; want b alone", got, err)
	}
}

func dependencyTexts(dependencies map[parameter.Path][]string) map[string]string {
	texts := map[string]string{}
	for path, list := range dependencies {
		texts[path.String()] = fmt.Sprint(list)
	}
	return texts
}

func olderVersions(t *testing.T, api ConfigurationAPI) {
	at := func(version int64, later time.Duration) hook.Checked {
		return checkedInterface(t, "versions", "a", version, configurationTime.Add(later))
	}
	for _, step := range []struct {
		name  string
		write hook.Checked
		want  bool
	}{
		{"first", at(5, 0), true},
		{"the same again", at(5, 0), true},
		{"an older one", at(4, -time.Second), false},
		{"a newer one", at(6, time.Second), true},
		{"written anew after its deletion", at(1, 2*time.Second), true},
		{"a late one of the former life", at(6, time.Second), false},
		{"the next one in the same millisecond", at(2, 2*time.Second), true},
		{"the first of the two, late", at(1, 2*time.Second), false},
	} {
		done, err := api.SaveInterfaces(t.Context(), []hook.Checked{step.write})
		if err != nil || done[0] != step.want {
			t.Errorf("%s: written %v, error %v; want %v", step.name, done, err, step.want)
		}
	}
}

func factsKept(t *testing.T, api ConfigurationAPI) {
	ctx := t.Context()
	setting := parameter.Fact{Path: parameter.Path{Organization: "facts", Kind: parameter.Setting, Name: "firstProductDate"}, Version: 2, Modified: configurationTime, Value: "2026-12-24"}
	secret := parameter.Fact{Path: parameter.Path{Organization: "facts", Kind: parameter.Secret, Name: "crm"}, Version: 1, Modified: configurationTime, Hosts: []string{"crm.example.com"}}
	stage := parameter.Fact{Path: parameter.Path{Kind: parameter.Setting, Name: "mailFrom"}, Version: 1, Modified: configurationTime, Value: "crmhook@example.com"}
	wrong := parameter.Fact{Path: parameter.Path{Kind: parameter.Setting, Name: "ledgerDays"}, Version: 1, Modified: configurationTime, Value: "x", Faults: fault.List{{Message: "a number"}}}
	done, err := api.KeepFacts(ctx, []parameter.Fact{setting, secret, stage, wrong})
	tookEffect(t, done, err, true, true, true, true)
	older := setting
	older.Version, older.Modified = 1, configurationTime.Add(-time.Second)
	done, err = api.KeepFacts(ctx, []parameter.Fact{older})
	tookEffect(t, done, err, false)
	interfacesBeside := checkedInterface(t, "facts", "a", 1, configurationTime)
	done, err = api.SaveInterfaces(ctx, []hook.Checked{interfacesBeside})
	tookEffect(t, done, err, true)
	if err := api.SaveStamps(ctx, []string{"facts"}, "x"); err != nil {
		t.Fatal(err)
	}
	for organization, want := range map[string][]parameter.Fact{"facts": {secret, setting}, "": {wrong, stage}} {
		got, err := api.Facts(ctx, organization)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("facts of %q (-want +got):\n%s", organization, diff)
		}
	}
	for name, want := range map[string]string{"mailFrom": "crmhook@example.com", "ledgerDays": "", "lingerSeconds": ""} {
		if got, err := api.Setting(ctx, name); err != nil || got != want {
			t.Errorf("setting %s = %q, error %v; want %q", name, got, err, want)
		}
	}
	done, err = api.DropFacts(ctx, []parameter.Fact{secret, stage, wrong, older, {Path: parameter.Path{Kind: parameter.Setting, Name: "none"}}})
	tookEffect(t, done, err, true, true, true, false, true)
	if got, err := api.Facts(ctx, "facts"); err != nil || len(got) != 1 {
		t.Errorf("after dropping the secret: %v, error %v; want the setting alone", got, err)
	}
}

func parametersSeen(t *testing.T, api ConfigurationAPI) {
	ctx := t.Context()
	a := parameter.Seen{Name: "/seen/a", Version: 3, Modified: configurationTime, Generations: []string{"g1", "g2"}, Revision: "r1"}
	b := parameter.Seen{Name: "/seen/b", Revision: "r1"}
	done, err := api.Record(ctx, []parameter.Seen{a, b}, []string{"", ""})
	tookEffect(t, done, err, true, true)
	got, position, more, err := api.First(ctx, 2)
	if err != nil || more || position != (parameter.Position{}) {
		t.Fatalf("position %v, more %v, error %v; want none", position, more, err)
	}
	if diff := cmp.Diff([]parameter.Seen{a, b}, got); diff != "" {
		t.Errorf("seen (-want +got):\n%s", diff)
	}
	marked, err := api.Recheck(ctx, []string{"/seen/a", "/seen/c"}, configurationTime.Add(time.Hour), "r2")
	if err != nil {
		t.Fatal(err)
	}
	a.Recheck, a.Revision = configurationTime.Add(time.Hour), "r2"
	c := parameter.Seen{Name: "/seen/c", Recheck: a.Recheck, Revision: "r2"}
	if diff := cmp.Diff([]parameter.Seen{a, c}, marked); diff != "" {
		t.Errorf("marked (-want +got):\n%s", diff)
	}
	want := parameter.Position{Token: "t", After: "/seen/a"}
	if err := api.SavePosition(ctx, want); err != nil {
		t.Fatal(err)
	}
	got, position, more, err = api.First(ctx, 2)
	if err != nil || !more || position != want {
		t.Errorf("position %v, more %v, error %v; want %v and more", position, more, err, want)
	}
	if diff := cmp.Diff([]parameter.Seen{a, b}, got); diff != "" {
		t.Errorf("the first two (-want +got):\n%s", diff)
	}
	for after, want := range map[string][]parameter.Seen{"": {a, b, c}, "/seen/a": {b, c}, "/seen/c": {}} {
		if got, err = api.After(ctx, after, 3); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after %q (-want +got):\n%s", after, diff)
		}
	}
	if got, err = api.ByName(ctx, []string{"/seen/b", "/seen/none"}); err != nil || len(got) != 1 || got[0].Name != "/seen/b" {
		t.Errorf("by name: %v, error %v; want /seen/b", got, err)
	}
	done, err = api.Forget(ctx, []parameter.Seen{a, b, c})
	tookEffect(t, done, err, true, true, true)
}

func revisions(t *testing.T, api ConfigurationAPI) {
	ctx := t.Context()
	seen := parameter.Seen{Name: "/revisions/a", Version: 1, Revision: "r1"}
	done, err := api.Record(ctx, []parameter.Seen{seen}, []string{""})
	tookEffect(t, done, err, true)
	done, err = api.Record(ctx, []parameter.Seen{seen}, []string{""})
	tookEffect(t, done, err, false)
	next := parameter.Seen{Name: seen.Name, Version: 2, Revision: "r2"}
	done, err = api.Record(ctx, []parameter.Seen{next}, []string{"r1"})
	tookEffect(t, done, err, true)
	done, err = api.Record(ctx, []parameter.Seen{seen}, []string{"r1"})
	tookEffect(t, done, err, false)
	done, err = api.Forget(ctx, []parameter.Seen{seen})
	tookEffect(t, done, err, false)
	done, err = api.Forget(ctx, []parameter.Seen{next})
	tookEffect(t, done, err, true)
	done, err = api.Forget(ctx, []parameter.Seen{next})
	tookEffect(t, done, err, false)
}

func manySeen(t *testing.T, api ConfigurationAPI) {
	ctx := t.Context()
	seen, previous := make([]parameter.Seen, 130), make([]string, 130)
	names := make([]string, len(seen))
	for i := range seen {
		names[i] = fmt.Sprintf("/many/%03d", i)
		seen[i] = parameter.Seen{Name: names[i], Version: 1, Modified: configurationTime, Revision: "r"}
	}
	if _, err := api.Record(ctx, seen, previous); err != nil {
		t.Fatal(err)
	}
	if got, err := api.ByName(ctx, names); err != nil || len(got) != len(names) {
		t.Errorf("by name: %d, error %v; want %d", len(got), err, len(names))
	}
	for limit, want := range map[int]struct {
		n    int
		more bool
	}{129: {129, true}, 130: {130, false}, 500: {130, false}} {
		got, _, more, err := api.First(ctx, limit)
		if err != nil || len(got) != want.n || more != want.more {
			t.Errorf("first %d: %d, more %v, error %v; want %d, %v", limit, len(got), more, err, want.n, want.more)
		}
	}
	if _, err := api.Forget(ctx, seen); err != nil {
		t.Fatal(err)
	}
}
