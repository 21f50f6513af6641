package configure_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/fault"
	"crmhook/shared/parameter"
)

// faultsOf are the faults that a sweep found in a parameter.
func (w *world) faultsOf(path parameter.Path) fault.List {
	w.t.Helper()
	interfaces, rules, err := w.table.Routes(w.t.Context(), path.Organization)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, i := range interfaces {
		if path.Kind == parameter.Interface && path.Name == i.Name {
			return i.Faults
		}
	}
	for _, u := range rules {
		if path.Kind == parameter.Rule && path.Name == u.ID {
			return u.Faults
		}
	}
	facts, err := w.table.Facts(w.t.Context(), path.Organization)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range facts {
		if path == f.Path {
			return f.Faults
		}
	}
	w.t.Fatalf("%s is not there", path)
	return nil
}

// TestCheckFindsWhatASweepFinds compares what is said of a text with what a sweep says once it is written.
func TestCheckFindsWhatASweepFinds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		name, text string
		secure     bool
		faults     int
	}{
		"an interface":             {crm, plain, false, 0},
		"a missing secret":         {"organizations/demo/interfaces/other", strings.Replace(basic, `"password"`, `"none"`, 1), false, 1},
		"a secret for its host":    {crm, basic, false, 0},
		"a secret for another one": {crm, strings.Replace(basic, "crm.example.com", "other.example.com", 1), false, 1},
		"several faults":           {crm, `{"type":"contact-webhook-v2","url":"ftp://x","details":[],"batch":1}`, false, 3},
		"no JSON":                  {crm, `{"type":`, false, 1},
		"no text":                  {crm, ` `, false, 1},
		"thousands of faults":      {crm, `{"type":"contact-webhook-v2"` + strings.Repeat(`,"x":1`, 1000) + `}`, false, 501},
		"a SecureString":           {"organizations/demo/interfaces/hidden", plain, true, 1},
		"an odd name":              {"organizations/demo/interfaces/-odd", plain, false, 1},
		"a rule":                   {members, ruled, false, 0},
		"a rule without interface": {members, strings.Replace(ruled, `"called"`, `"none"`, 1), false, 1},
		"a rule's faults":          {"organizations/demo/rules/-odd", `{"event":1,"more":2}`, false, 4},
		"a hidden rule":            {"organizations/demo/rules/hidden", ruled, true, 1},
		"a secret":                 {password, hosts, true, 0},
		"an open secret":           {"organizations/demo/secrets/open", hosts, false, 1},
		"a secret's faults":        {password, `{"value":"","hosts":["https://not-a-real-host"]}`, true, 2},
		"a secret of another form": {password, `not-a-real-password`, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.put(called, ruleWebhook)
			w.put(crm, plain)
			w.putSecret(password, hosts)
			w.sweep()
			path, err := parameter.ParsePath("dev", "/crmhook/dev/"+test.name)
			if err != nil {
				t.Fatal(err)
			}
			w.kill.At(1 << 30)
			got, err := w.handler().Check(t.Context(), path, test.text, test.secure)
			if err != nil {
				t.Fatal(err)
			}
			if w.kill.Steps() != 0 {
				t.Errorf("%d steps of writes, want none", w.kill.Steps())
			}
			kind := types.ParameterTypeString
			if test.secure {
				kind = types.ParameterTypeSecureString
			}
			w.putAs(test.name, test.text, kind)
			w.sweep()
			if diff := cmp.Diff(w.faultsOf(path), got); diff != "" {
				t.Errorf("faults (-a sweep's +the check's):\n%s", diff)
			}
			if len(got) != test.faults {
				t.Errorf("%d faults, want %d: %v", len(got), test.faults, got)
			}
			if strings.Contains(got.Error(), "not-a-real") {
				t.Errorf("faults %v show a secret", got)
			}
		})
	}
}

func TestCheckKnowsWhatIsNotWrittenHere(t *testing.T) {
	t.Parallel()
	for _, kind := range []parameter.Kind{parameter.Key, parameter.Source, parameter.Setting, parameter.Customer} {
		w := newWorld(t)
		path := parameter.Path{Organization: "demo", Kind: kind, Name: "a"}
		if faults, err := w.handler().Check(t.Context(), path, "{}", false); err == nil || faults != nil {
			t.Errorf("%s: faults %v, error %v; want an error", kind, faults, err)
		}
	}
}

func TestTheTextIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const wrong = `{"type": "contact-webhook-v2",`
	w.put(crm, wrong)
	w.put(members, ruled)
	w.putSecret("organizations/demo/interfaces/hidden", plain)
	w.putSecret("organizations/demo/rules/hidden", ruled)
	w.sweep()
	interfaces, rules, err := w.table.Routes(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, i := range interfaces {
		got["interface "+i.Name] = i.Text
	}
	for _, u := range rules {
		got["rule "+u.ID] = u.Text
	}
	want := map[string]string{"interface crm": wrong, "interface hidden": "", "rule members": ruled, "rule hidden": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("texts kept (-want +got):\n%s", diff)
	}
}
