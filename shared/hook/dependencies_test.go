package hook_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/hook"
)

func TestDependenciesOf(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		source string
		want   hook.Dependencies
	}{
		"nothing":          {source: v2()},
		"unreadable":       {source: `{"authentication":{"secret":"a"}`},
		"odd types":        {source: `{"authentication":[],"url":1,"schedules":[1,{"start":[]}]}`},
		"secret":           {v2("authentication", `{"mode":"BASIC","secret":"not-yet"}`), hook.Dependencies{Secrets: []string{"not-yet"}}},
		"no name":          {source: v2("authentication", `{"secret":"not a name"}`)},
		"start":            {v2("schedules", `[{},{"start":{"daysBeforeFirstProductDate":1}}]`), hook.Dependencies{FirstProductDate: true}},
		"end":              {v2("schedules", `[{"end":{"daysAfterFirstProductDate":"x"}}]`), hook.Dependencies{FirstProductDate: true}},
		"network":          {v2("url", `"http://127.0.0.1/"`), hook.Dependencies{AllowedNetworks: true}},
		"network, V1":      {v1("url", `"http://localhost/${contactNumber}"`), hook.Dependencies{AllowedNetworks: true}},
		"network, trigger": {trigger("urls", `{"case":{"edit":"https://crm.example.com/","create":"http://127.0.0.1/"}}`), hook.Dependencies{AllowedNetworks: true}},
		"trigger":          {source: trigger()},
		"odd urls":         {source: `{"urls":["http://127.0.0.1/",{"case":1}]}`},
		"network, refused": {v2("url", `"http://10.1.2.3/"`), hook.Dependencies{AllowedNetworks: true}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, hook.DependenciesOf([]byte(test.source))); diff != "" {
				t.Errorf("dependencies (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDependenciesNames(t *testing.T) {
	t.Parallel()
	all := hook.Dependencies{Secrets: []string{"a", "b"}, FirstProductDate: true, AllowedNetworks: true}
	want := []string{"secret#a", "secret#b", "setting#firstProductDate", "setting#allowedNetworks"}
	if diff := cmp.Diff(want, all.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if got := (hook.Dependencies{}).Names(); got != nil {
		t.Errorf("names of nothing = %q, want none", got)
	}
}
