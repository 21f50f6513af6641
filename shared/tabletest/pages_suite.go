package tabletest

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

// PagesAPI is what the fake and table.Configuration are for lists.
type PagesAPI interface {
	Page(ctx context.Context, organization, after string, limit int) ([]hook.Interface, string, error)
	RulePage(ctx context.Context, organization, after string, limit int) ([]rule.Rule, string, error)
	Organizations(ctx context.Context, after string, limit int) ([]string, string, error)
}

// pagedNames are in the order of the table.
var pagedNames = []string{"-odd", "A", "a", "a-1", "a.b", "a0", "b"}

func pagesRead(t *testing.T, api ConfigurationAPI) {
	ctx := t.Context()
	var interfaces []hook.Checked
	var rules []rule.Checked
	for _, name := range pagedNames {
		interfaces = append(interfaces, checkedInterface(t, "paged", name, 1, configurationTime))
		rules = append(rules, checkedRule(t, "paged", name, 1, configurationTime))
	}
	if _, err := api.SaveInterfaces(ctx, interfaces); err != nil {
		t.Fatal(err)
	}
	if _, err := api.SaveRules(ctx, rules); err != nil {
		t.Fatal(err)
	}
	if err := api.SaveStamps(ctx, []string{"paged"}, "x"); err != nil {
		t.Fatal(err)
	}
	got, next, err := api.Page(ctx, "paged", "A", 1)
	if err != nil || next != "a" {
		t.Errorf("the page after A goes on after %q, error %v; want a", next, err)
	}
	if diff := cmp.Diff([]hook.Interface{interfaces[2].Interface}, got, SameHooks()); diff != "" {
		t.Errorf("the page after A (-want +got):\n%s", diff)
	}
	for _, limit := range []int{1, 3, len(pagedNames), 200} {
		sameNames(t, limit, pagedNames, func(after string) ([]string, string, error) {
			list, next, err := api.Page(ctx, "paged", after, limit)
			return names(list, func(i hook.Interface) string { return i.Name }), next, err
		})
		sameNames(t, limit, pagedNames, func(after string) ([]string, string, error) {
			list, next, err := api.RulePage(ctx, "paged", after, limit)
			return names(list, func(r rule.Rule) string { return r.ID }), next, err
		})
	}
	if list, next, err := api.Page(ctx, "paged-2", "", 10); err != nil || len(list) != 0 || next != "" {
		t.Errorf("page of an organization without interfaces: %v, next %q, error %v", list, next, err)
	}
}

func organizationsListed(t *testing.T, api ConfigurationAPI) {
	ctx := t.Context()
	want := []string{"0", "listed", "listed-2", "zz"}
	if err := api.SaveStamps(ctx, want, "x"); err != nil {
		t.Fatal(err)
	}
	if err := api.SaveStamps(ctx, []string{"zz"}, "y"); err != nil {
		t.Fatal(err)
	}
	all, next, err := api.Organizations(ctx, "", 200)
	if err != nil || next != "" {
		t.Fatalf("organizations: next %q, error %v", next, err)
	}
	if !slices.IsSorted(all) || slices.ContainsFunc(want, func(name string) bool { return !slices.Contains(all, name) }) {
		t.Errorf("organizations %v, want %v among them, sorted", all, want)
	}
	for _, limit := range []int{1, 2, len(all)} {
		sameNames(t, limit, all, func(after string) ([]string, string, error) { return api.Organizations(ctx, after, limit) })
	}
}

// sameNames demands that the pages of a list make the whole, none longer than the limit, and the last not empty.
func sameNames(t *testing.T, limit int, want []string, page func(after string) ([]string, string, error)) {
	t.Helper()
	var got []string
	for after := ""; ; {
		list, next, err := page(after)
		if err != nil || len(list) > limit || len(list) == 0 {
			t.Fatalf("page of %d after %q: %v, error %v", limit, after, list, err)
		}
		got = append(got, list...)
		if after = next; after == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pages of %d (-want +got):\n%s", limit, diff)
	}
}

func names[T any](list []T, name func(T) string) []string {
	texts := make([]string, len(list))
	for i, one := range list {
		texts[i] = name(one)
	}
	return texts
}
