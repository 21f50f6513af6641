package configure_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/hook"
)

func TestOneSweepSettlesEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(crm, strings.Replace(basic, `"launch":"automatic"`, `"launch":"automatic","start":{"daysBeforeFirstProductDate":30}`, 1))
	w.putSecret(password, hosts)
	w.put("organizations/demo/settings/firstProductDate", "2026-11-20")
	w.put("settings/mailFrom", "crmhook@example.com")
	w.put("organizations/demo/settings/other", "kept as it is")
	w.sweep()
	got := w.get("crm")
	if !got.Working() || got.Version != 1 || len(got.Faults) > 0 {
		t.Fatalf("interface = %+v, want a working one of version 1", got)
	}
	if start := got.Hook.Schedules[0].Start; !start.Equal(time.Date(2026, 10, 21, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("schedule starts %v, want 30 days before the first product date", start)
	}
	if got.Modified.Format(time.TimeOnly) != "10:00:01" || got.FirstSeen.Nanosecond() != 0 {
		t.Errorf("modified %v, first seen %v; want 10:00:01 and a whole second", got.Modified, got.FirstSeen)
	}
	if w.stamp() == "" {
		t.Error("the organization has no stamp")
	}
	if diff := cmp.Diff([]string{"crm/" + got.Generation + " 10:01:00"}, w.planned(backlog.Run)); diff != "" {
		t.Errorf("executions planned (-want +got):\n%s", diff)
	}
	if from, _ := w.table.Setting(t.Context(), "mailFrom"); from != "crmhook@example.com" {
		t.Errorf("setting mailFrom = %q", from)
	}
	if n := len(w.table.Names()); n != 5 {
		t.Errorf("%d parameters remembered, want 5", n)
	}
	if w.lines("changed=5 removed=0 invalid=0") != 1 {
		t.Errorf("log = %s, want one line with what was done", w.log.String())
	}
}

func TestInterfaceWithoutStartIsDueAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(crm, plain)
	w.sweep()
	if diff := cmp.Diff([]string{"crm/" + w.get("crm").Generation + " 10:00:01"}, w.planned(backlog.Run)); diff != "" {
		t.Errorf("executions planned (-want +got):\n%s", diff)
	}
}

// TestCheckedAgainRunsOnItsGrid: what waited while a secret was missing goes at the next time of the schedule, not at one
// that is past.
func TestCheckedAgainRunsOnItsGrid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(crm, strings.Replace(basic, `"frequencyMinutes":1`, `"frequencyMinutes":60`, 1))
	w.sweep()
	w.pass(90 * time.Minute)
	w.putSecret(password, hosts)
	w.sweep()
	if diff := cmp.Diff([]string{"crm/" + w.get("crm").Generation + " 12:00:01"}, w.planned(backlog.Run)); diff != "" {
		t.Errorf("executions planned (-want +got):\n%s", diff)
	}
}

func TestInvalidInterfaceNamesEveryFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(crm, `{"type":"contact-webhook-v2","url":"https://crm.example.com/{contactNumber}","details":["GENERAL"],"colour":"red",
		"filter":"role","schedules":[{"name":"a","launch":"automatic","frequencyMinutes":0}]}`)
	w.sweep()
	got := w.get("crm")
	if got.State != hook.Invalid || got.Hook != nil || len(got.Faults) < 4 {
		t.Fatalf("interface = %+v, want an invalid one with its four faults", got)
	}
	for _, location := range []string{"url", "colour", "filter", "schedules[0].frequencyMinutes"} {
		if !strings.Contains(got.Faults.Error(), location+": ") {
			t.Errorf("faults %v do not name %s", got.Faults, location)
		}
		if !strings.Contains(w.log.String(), location+": ") {
			t.Errorf("log %s does not name %s", w.log.String(), location)
		}
	}
	if len(w.planned(backlog.Run)) != 0 {
		t.Error("an execution is planned for an invalid interface")
	}
	w.put(crm, plain)
	w.sweep()
	w.state("crm", hook.Active)
	if len(w.planned(backlog.Run)) != 1 {
		t.Error("no execution is planned for what waited while the interface was invalid")
	}
}

func TestThousandsOfFaultsFitTheTable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(crm, `{"type":"contact-webhook-v2","url":"https://crm.example.com","details":["GENERAL"],"notify":[`+strings.Repeat("1,", 3000)+`1]}`)
	w.sweep()
	faults := w.get("crm").Faults
	if len(faults) < 2 || len(faults) > 501 || len(faults.Error()) > 200_000 {
		t.Errorf("%d faults of %d bytes, want at most 501 in 200,000", len(faults), len(faults.Error()))
	}
}

func TestDependenciesAreCheckedAgain(t *testing.T) {
	t.Parallel()
	secret := func(w *world) { w.putSecret(password, hosts) }
	local := strings.Replace(plain, "https://crm.example.com", "http://127.0.0.1:8080", 1)
	relative := strings.Replace(plain, `"launch"`, `"start":{"daysBeforeFirstProductDate":1},"launch"`, 1)
	for name, test := range map[string]struct {
		configuration string
		before, then  func(w *world)
		first, want   hook.State
	}{
		"secret appears":       {basic, nil, secret, hook.Invalid, hook.Active},
		"secret disappears":    {basic, secret, func(w *world) { w.remove(password) }, hook.Active, hook.Invalid},
		"hosts change":         {basic, secret, func(w *world) { w.putSecret(password, `{"value":"x","hosts":["other.example.com"]}`) }, hook.Active, hook.Invalid},
		"secret becomes wrong": {basic, secret, func(w *world) { w.putSecret(password, `x`) }, hook.Active, hook.Invalid},
		"unrelated secret":     {basic, nil, func(w *world) { w.putSecret(password+"2", hosts) }, hook.Invalid, hook.Invalid},
		"first product date":   {relative, nil, func(w *world) { w.put("organizations/demo/settings/firstProductDate", "2026-12-24") }, hook.Invalid, hook.Active},
		"wrong product date":   {relative, nil, func(w *world) { w.put("organizations/demo/settings/firstProductDate", "24.12.2026") }, hook.Invalid, hook.Invalid},
		"the organization's networks": {
			local, nil, func(w *world) { w.put("organizations/demo/settings/allowedNetworks", "10.0.0.0/8, 127.0.0.0/8") }, hook.Invalid, hook.Active,
		},
		"the stage's networks":       {local, nil, func(w *world) { w.put("settings/allowedNetworks", "127.0.0.0/8") }, hook.Invalid, hook.Active},
		"another one's networks":     {local, nil, func(w *world) { w.put("organizations/other/settings/allowedNetworks", "127.0.0.0/8") }, hook.Invalid, hook.Invalid},
		"the stage's networks go":    {local, func(w *world) { w.put("settings/allowedNetworks", "127.0.0.0/8") }, func(w *world) { w.remove("settings/allowedNetworks") }, hook.Active, hook.Invalid},
		"another setting changes":    {local, nil, func(w *world) { w.put("settings/mailFrom", "crmhook@example.com") }, hook.Invalid, hook.Invalid},
		"secret as a plain String":   {basic, nil, func(w *world) { w.put(password, hosts) }, hook.Invalid, hook.Invalid},
		"secret and interface go":    {basic, secret, func(w *world) { w.remove(password); w.remove(crm) }, hook.Active, ""},
		"interface changes with it":  {basic, secret, func(w *world) { w.putSecret(password, hosts); w.put(crm, plain) }, hook.Active, hook.Active},
		"paused one stays as it is":  {strings.Replace(basic, `"type"`, `"state":"paused","type"`, 1), nil, secret, hook.Invalid, hook.Paused},
		"nothing it depends on":      {plain, nil, secret, hook.Active, hook.Active},
		"the same secret once again": {basic, secret, secret, hook.Active, hook.Active},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for how, run := range map[string]func(w *world){
				"sweep": func(w *world) { w.sweep() },
				"event": func(w *world) {
					for _, name := range []string{password, "organizations/demo/settings/firstProductDate", "settings/allowedNetworks", "organizations/demo/settings/allowedNetworks", crm} {
						w.event("Delete", name)
					}
				},
			} {
				w := newWorld(t)
				w.put(crm, test.configuration)
				if test.before != nil {
					test.before(w)
				}
				w.sweep()
				w.state("crm", test.first)
				generation := w.get("crm").Generation
				test.then(w)
				run(w)
				w.state("crm", test.want)
				if got := w.get("crm").Generation; test.want != "" && got != generation {
					t.Errorf("%s: generation %s, want %s as before", how, got, generation)
				}
				calls := w.store.Calls()["GetParameters"]
				w.sweep()
				if again := w.store.Calls()["GetParameters"] - calls; how == "sweep" && again != 0 {
					t.Errorf("%s: %d reads of values by the next sweep, want none", how, again)
				}
			}
		})
	}
}

func TestValueOfASecretStaysInParameterStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(crm, basic)
	w.putSecret(password, hosts)
	w.putSecret(password+"2", `"not-a-real-password`)
	w.putSecret(password+"3", `{"not-a-real-password":"x"}`)
	w.putSecret(password+"4", `{"value":{"not-a-real-password":1},"hosts":["not-a-real-password/"]}`)
	w.putSecret("organizations/demo/settings/firstProductDate", "not-a-real-password")
	w.putSecret("organizations/demo/interfaces/wrong", `{"not-a-real-password":1}`)
	w.sweep()
	facts, err := w.table.Facts(t.Context(), "demo")
	if err != nil || len(facts) != 5 {
		t.Fatalf("%d facts, error %v; want 5", len(facts), err)
	}
	for _, fact := range facts {
		if strings.Contains(fact.Value+strings.Join(fact.Hosts, " ")+fact.Faults.Error(), "not-a-real") {
			t.Errorf("%s holds the secret: %+v", fact.Path, fact)
		}
		if fact.Name != "password" && fact.Usable() {
			t.Errorf("%s has no faults", fact.Path)
		}
	}
	if strings.Contains(w.get("wrong").Faults.Error(), "not-a-real") || strings.Contains(w.log.String(), "not-a-real") {
		t.Errorf("a secret is shown: %v %s", w.get("wrong").Faults, w.log.String())
	}
}

func TestWhatNothingCanHoldIsLoggedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put("organizations/Demo/interfaces/crm", plain)
	w.put("organizations/demo/interfaces/a/b", plain)
	w.put("organization/demo/interfaces/a", plain)
	w.put("organizations/demo/interfaces/-odd", plain)
	w.putAs("organizations/demo/interfaces/secret", plain, types.ParameterTypeSecureString)
	w.sweep()
	w.sweep()
	if n := w.lines("parameter without effect"); n != 3 {
		t.Errorf("%d lines of parameters without effect, want 3:\n%s", n, w.log.String())
	}
	for name, want := range map[string]string{"-odd": "name must be", "secret": "must be a String"} {
		if got := w.get(name); got.State != hook.Invalid || !strings.Contains(got.Faults.Error(), want) {
			t.Errorf("%s = %+v, want it invalid: %s", name, got, want)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for name, values := range map[string]struct{ good, bad []string }{
		"settings/mailFrom":                            {[]string{"crmhook@example.com", " crmhook@example.com\n"}, []string{"crmhook", "-"}},
		"settings/ledgerDays":                          {nil, []string{"90"}},
		"settings/lingerSeconds":                       {[]string{"0", "58"}, []string{"-1", "59", "1m"}},
		"settings/allowedNetworks":                     {[]string{"127.0.0.0/8", "10.0.0.0/8,fd00::/8"}, []string{"10.0.0.1", "10.0.0.0/8,", "any"}},
		"settings/other":                               {[]string{"anything"}, nil},
		"organizations/demo/settings/firstProductDate": {[]string{"2026-12-24"}, []string{"2026-13-01", "24/12/2026"}},
		"organizations/demo/settings/allowedNetworks":  {[]string{"192.0.2.7/32"}, []string{"192.0.2.7"}},
		"organizations/demo/settings/other":            {[]string{"anything"}, nil},
		"organizations/demo/settings/emailRecipients": {
			[]string{"ops@example.com", "ops@example.com,crm.example.com", "o'hara+a@example.com"},
			[]string{"ops", "ops@", "@example.com", "ops@example", "a b@example.com", "Ops <ops@example.com>", "ops@example.com,", "-a.example.com", "*.example.com"},
		},
		"organizations/demo/settings/senders":       {[]string{"example.com"}, []string{"anything", "http://example.com", "example.com;example.org"}},
		"organizations/demo/settings/smsCountries":  {[]string{"FR", "FR,BE,GB"}, []string{"UK", "FRA", "F", "FR,,BE", "FR BE", "33"}},
		"organizations/demo/settings/dailyMessages": {[]string{"0", "1000000"}, []string{"-1", "1000001", "many", "1e3", "1.5"}},
	} {
		w := newWorld(t)
		for usable, list := range map[bool][]string{true: values.good, false: values.bad} {
			for _, value := range list {
				w.put(name, value)
				w.sweep()
				organization := ""
				if strings.HasPrefix(name, "organizations") {
					organization = "demo"
				}
				facts, err := w.table.Facts(t.Context(), organization)
				if err != nil || len(facts) != 1 || facts[0].Usable() != usable || facts[0].Value != strings.TrimSpace(value) {
					t.Errorf("%s = %q: %+v, error %v; want usable %v", name, value, facts, err, usable)
				}
			}
		}
	}
}

func TestListsAreKeptInOneForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, test := range map[string]struct{ value, want string }{
		"emailRecipients": {" Ops@Example.COM , crm.EXAMPLE.com", "Ops@example.com,crm.example.com"},
		"senders":         {"  ", ""},
		"smsCountries":    {"fr, Be ,GB", "FR,BE,GB"},
		"dailyMessages":   {" 100 ", "100"},
	} {
		w.put("organizations/demo/settings/"+name, test.value)
		w.sweep()
		got, err := w.table.OrganizationSettings(t.Context(), "demo", []string{name})
		if value, there := got[name]; err != nil || !there || value != test.want {
			t.Errorf("%s = %q, error %v; want %q", name, got, err, test.want)
		}
	}
	w.put("organizations/demo/settings/smsCountries", "FR,UK,x")
	w.sweep()
	want := `must be a list separated by commas: member 2, \"UK\": expected a two-letter country code of ISO 3166, such as FR or GB; member 3, \"x\": expected`
	if !strings.Contains(w.log.String(), strings.ReplaceAll(want, `\"`, `\\\"`)) && !strings.Contains(w.log.String(), want) {
		t.Errorf("log %s does not name both countries", w.log.String())
	}
}

func TestDisabledInterfaceIsEnabledByWritingItOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(crm, basic)
	w.putSecret(password, hosts)
	w.sweep()
	disabled := w.get("crm")
	disabled.State = hook.Disabled
	if _, err := w.table.SaveInterfaces(t.Context(), []hook.Checked{{Interface: disabled, DependsOn: []string{"secret#password"}}}); err != nil {
		t.Fatal(err)
	}
	w.putSecret(password, hosts)
	w.sweep()
	w.state("crm", hook.Disabled)
	w.put(crm, basic)
	w.sweep()
	w.state("crm", hook.Active)
}
