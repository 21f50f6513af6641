package parameter_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/parameter"
)

func TestParsePath(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]parameter.Path{
		"/crmhook/dev/organizations/demo/interfaces/crm":      {Organization: "demo", Kind: parameter.Interface, Name: "crm"},
		"/crmhook/dev/organizations/demo/interfaces/-odd":     {Organization: "demo", Kind: parameter.Interface, Name: "-odd"},
		"/crmhook/dev/organizations/0-a/rules/r":              {Organization: "0-a", Kind: parameter.Rule, Name: "r"},
		"/crmhook/dev/organizations/demo/secrets/s":           {Organization: "demo", Kind: parameter.Secret, Name: "s"},
		"/crmhook/dev/organizations/demo/sources/Tabology-12": {Organization: "demo", Kind: parameter.Source, Name: "Tabology-12"},
		"/crmhook/dev/organizations/demo/keys/k":              {Organization: "demo", Kind: parameter.Key, Name: "k"},
		"/crmhook/dev/organizations/demo/settings/senders":    {Organization: "demo", Kind: parameter.Setting, Name: "senders"},
		"/crmhook/dev/settings/mailFrom":                      {Kind: parameter.Setting, Name: "mailFrom"},
		"/crmhook/dev/keys/operator":                          {Kind: parameter.Key, Name: "operator"},
		"/crmhook/dev/customers/Acme/Main":                    {Kind: parameter.Customer, Name: "Acme/Main"},
	} {
		got, err := parameter.ParsePath("dev", name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if full := got.Full("dev"); full != name {
			t.Errorf("Full() = %s, want %s", full, name)
		}
	}
}

func TestParsePathSaysWhatIsExpected(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"/crmhook/development/settings/mailFrom":        "/crmhook/dev/",
		"/crmhook/dev":                                  "/crmhook/dev/",
		"/crmhook/dev/other/x":                          "organizations, settings, keys and customers",
		"/crmhook/dev/settings/a/b":                     "one name after settings/",
		"/crmhook/dev/settings/":                        "one name after settings/",
		"/crmhook/dev/organizations/Demo/interfaces/x":  "a-z, 0-9 and -",
		"/crmhook/dev/organizations/-demo/interfaces/x": "a-z, 0-9 and -",
		"/crmhook/dev/organizations/" + strings.Repeat("a", 64) + "/interfaces/x":         "1 to 63",
		"/crmhook/dev/organizations/demo/interface/x":                                     "interfaces, rules, secrets",
		"/crmhook/dev/organizations/demo/interfaces/a/b":                                  "one name after interfaces/",
		"/crmhook/dev/organizations/demo":                                                 "interfaces, rules, secrets",
		"/crmhook/dev/organizations/demo/interfaces":                                      "one name after interfaces/",
		"/crmhook/dev/organizations/" + strings.Repeat("a", 63) + "/interfaces/x/y/z/../": "one name after interfaces/",
	} {
		_, err := parameter.ParsePath("dev", name)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParsePath(%s) error = %v, want one with %q", name, err, want)
		}
	}
}

func FuzzParsePath(f *testing.F) {
	f.Add("/crmhook/dev/organizations/demo/interfaces/crm")
	f.Add("/crmhook/dev/customers/Acme/Main")
	f.Add("/crmhook/dev//")
	f.Fuzz(func(t *testing.T, name string) {
		path, err := parameter.ParsePath("dev", name)
		if err == nil && path.Full("dev") != name {
			t.Errorf("%q reads as %+v, which is %q", name, path, path.Full("dev"))
		}
	})
}
