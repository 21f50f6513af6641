package access_test

import (
	"testing"

	"crmhook/shared/access"
)

func TestMay(t *testing.T) {
	t.Parallel()
	own := func(scopes ...access.Scope) access.Key {
		return access.Key{Organization: "demo", Name: "a", Scopes: scopes}
	}
	operator := func(scopes ...access.Scope) access.Key { return access.Key{Name: "a", Scopes: scopes} }
	for name, test := range map[string]struct {
		key               access.Key
		organization      string
		look, redo, alter bool
	}{
		"its own":                    {own(access.Manage), "demo", true, true, true},
		"another":                    {own(access.Manage), "else", false, false, false},
		"none":                       {own(access.Manage), "", false, false, false},
		"its own, other scopes":      {own(access.RecordsRead, access.RecordsWrite, access.Triggers, access.Messages), "demo", false, false, false},
		"its own, operators' scopes": {own(access.OperateRead, access.OperateReplay), "demo", false, false, false},
		"operator who reads":         {operator(access.OperateRead), "demo", true, false, false},
		"operator who replays":       {operator(access.OperateReplay), "demo", false, true, false},
		"operator of both":           {operator(access.OperateRead, access.OperateReplay), "else", true, true, false},
		"operator of no place":       {operator(access.OperateRead, access.OperateReplay), "", false, false, false},
		"what is nobody's":           {access.Key{Organization: "unknown", Scopes: []access.Scope{access.Manage}}, "unknown", false, false, false},
		"nobody's, operator":         {operator(access.OperateRead), "unknown", true, false, false},
		"operator who would manage":  {operator(access.Manage), "demo", false, false, false},
	} {
		for need, want := range map[access.Need]bool{access.Look: test.look, access.Redo: test.redo, access.Alter: test.alter, "else": test.alter} {
			if got := test.key.May(test.organization, need); got != want {
				t.Errorf("%s: may %s: %t, want %t", name, need, got, want)
			}
		}
	}
}

func TestBy(t *testing.T) {
	t.Parallel()
	for want, key := range map[string]access.Key{
		"console":          {Organization: "demo", Name: "console"},
		"operator/console": {Name: "console"},
	} {
		if got := key.By(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
