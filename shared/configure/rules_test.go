package configure_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

const (
	members = "organizations/demo/rules/members"
	called  = "organizations/demo/interfaces/called"

	ruleWebhook = `{"type":"rule-webhook","url":"https://crm.example.com/rules"}`
	ruled       = `{"name":"Members","event":{"type":"contact.created"},"then":["called"]}`
)

// ruleOf is a rule of the organization demo as the table holds it; the zero one when there is none.
func (w *world) ruleOf(id string) rule.Rule {
	w.t.Helper()
	key := rule.Key{Organization: "demo", ID: id}
	found, err := w.table.Rules(context.Background(), []rule.Key{key})
	if err != nil {
		w.t.Fatal(err)
	}
	return found[key]
}

func (w *world) ruleState(want hook.State) {
	w.t.Helper()
	if got := w.ruleOf("members"); got.State != want || got.Working() != (want == hook.Active) {
		w.t.Errorf("rule is %q (%v), want %q", got.State, got.Faults, want)
	}
}

func TestRulesFollowTheirInterfaces(t *testing.T) {
	t.Parallel()
	appears := func(w *world) { w.put(called, ruleWebhook) }
	both := `{"event":{"type":"contact.created"},"then":["other"],"else":["called"]}`
	for name, test := range map[string]struct {
		rule         string
		before, then func(w *world)
		first, want  hook.State
	}{
		"interface appears":                {ruled, nil, appears, hook.Invalid, hook.Active},
		"interface goes":                   {ruled, appears, func(w *world) { w.remove(called) }, hook.Active, hook.Invalid},
		"interface becomes another type":   {ruled, appears, func(w *world) { w.put(called, plain) }, hook.Active, hook.Invalid},
		"interface is another type":        {ruled, func(w *world) { w.put(called, plain) }, appears, hook.Invalid, hook.Active},
		"interface names no type":          {ruled, appears, func(w *world) { w.put(called, "{}") }, hook.Active, hook.Invalid},
		"interface has faults of its own":  {ruled, nil, func(w *world) { w.put(called, `{"type":"rule-webhook"}`) }, hook.Invalid, hook.Active},
		"interface is paused":              {ruled, appears, func(w *world) { w.put(called, strings.Replace(ruleWebhook, `{`, `{"state":"paused",`, 1)) }, hook.Active, hook.Active},
		"another organization's interface": {ruled, nil, func(w *world) { w.put("organizations/other/interfaces/called", ruleWebhook) }, hook.Invalid, hook.Invalid},
		"another interface":                {ruled, nil, func(w *world) { w.put(called+"2", ruleWebhook) }, hook.Invalid, hook.Invalid},
		"one of two is missing":            {both, appears, func(w *world) { w.put("organizations/demo/interfaces/other", ruleWebhook) }, hook.Invalid, hook.Active},
		"paused rule":                      {strings.Replace(ruled, `{`, `{"state":"paused",`, 1), nil, appears, hook.Invalid, hook.Paused},
		"a fault besides":                  {strings.Replace(ruled, `{`, `{"colour":"red",`, 1), nil, appears, hook.Invalid, hook.Invalid},
		"rule is mended":                   {`{}`, appears, func(w *world) { w.put(members, ruled) }, hook.Invalid, hook.Active},
		"rule is broken":                   {ruled, appears, func(w *world) { w.put(members, `{`) }, hook.Active, hook.Invalid},
		"rule and interface go":            {ruled, appears, func(w *world) { w.remove(members); w.remove(called) }, hook.Active, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for how, run := range map[string]func(w *world){
				"sweep": func(w *world) { w.sweep() },
				"event": func(w *world) {
					for _, name := range []string{called, "organizations/demo/interfaces/other", members} {
						w.event("Delete", name)
					}
				},
			} {
				w := newWorld(t)
				w.put(members, test.rule)
				if test.before != nil {
					test.before(w)
				}
				w.sweep()
				w.ruleState(test.first)
				generation, stamp := w.ruleOf("members").Generation, w.stamp()
				test.then(w)
				run(w)
				w.ruleState(test.want)
				if got := w.ruleOf("members"); test.want != "" && got.Generation != generation {
					t.Errorf("%s: generation %s, want %s as before", how, got.Generation, generation)
				}
				if test.first != test.want && w.stamp() == stamp {
					t.Errorf("%s: the organization's stamp is still %s", how, stamp)
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

func TestInvalidRuleNamesEveryFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(called, plain)
	w.put(members, `{"event":{"type":"score.reached"},"conditions":"role","then":["none","called"],"limits":{"maxPerContact":0},"colour":1}`)
	w.putSecret("organizations/demo/rules/secret", ruled)
	w.put("organizations/demo/rules/-odd", ruled)
	w.sweep()
	got := w.ruleOf("members")
	if got.State != hook.Invalid || got.Definition != nil {
		t.Fatalf("rule = %+v, want an invalid one", got)
	}
	for _, location := range []string{"event.value", "conditions", "then[0]", "then[1]", "limits.maxPerContact", "colour"} {
		if !strings.Contains(got.Faults.Error(), location+": ") || !strings.Contains(w.log.String(), location+": ") {
			t.Errorf("faults %v and log do not both name %s", got.Faults, location)
		}
	}
	if faults := w.ruleOf("secret").Faults.Error(); !strings.Contains(faults, "must be a String parameter") {
		t.Errorf("faults of a SecureString: %s", faults)
	}
	if faults := w.ruleOf("-odd").Faults.Error(); !strings.Contains(faults, "its name must be") {
		t.Errorf("faults of an odd name: %s", faults)
	}
	if w.lines("invalid=3") != 1 {
		t.Errorf("log does not count three invalid ones: %s", w.log.String())
	}
}

func TestDeletedRuleIsRemoved(t *testing.T) {
	t.Parallel()
	for how, run := range map[string]func(w *world){
		"sweep": func(w *world) { w.sweep() },
		"event": func(w *world) { w.event("Delete", members) },
	} {
		w := newWorld(t)
		w.put(members, ruled)
		w.sweep()
		stamp := w.stamp()
		w.remove(members)
		run(w)
		w.ruleState("")
		if w.stamp() == stamp {
			t.Errorf("%s: the stamp is still %s", how, stamp)
		}
		if names := w.table.Names(); len(names) != 0 {
			t.Errorf("%s: still remembered: %v", how, names)
		}
	}
}

// TestRuleWrittenAnewIsANewOne: its counts start from nothing; another version of it goes on counting.
func TestRuleWrittenAnewIsANewOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(members, ruled)
	w.sweep()
	first := w.ruleOf("members").Generation
	w.put(members, ruled)
	w.sweep()
	if got := w.ruleOf("members"); got.Generation != first || got.Version != 2 {
		t.Errorf("after another version: generation %s of version %d, want %s", got.Generation, got.Version, first)
	}
	w.remove(members)
	w.put(members, ruled)
	w.sweep()
	if got := w.ruleOf("members").Generation; got == first || got == "" {
		t.Errorf("written anew: generation %q, want another than %s", got, first)
	}
}

// TestInterfaceChangesWhileARuleIsWritten has another run work in the interface at each call of a run that works in the
// rule.
func TestInterfaceChangesWhileARuleIsWritten(t *testing.T) {
	t.Parallel()
	happened := 0
	for _, goes := range []bool{false, true} {
		for _, method := range []string{"First", "Rules", "Interfaces", "Record", "SaveRules", "SaveStamps"} {
			for nth := 1; nth <= 3; nth++ {
				w := newWorld(t)
				want := hook.Active
				if goes {
					w.put(called, ruleWebhook)
					w.sweep()
					want = hook.Invalid
				}
				w.put(members, ruled)
				w.interleave(method, nth, func() {
					if goes {
						w.remove(called)
						w.event("Delete", called)
						return
					}
					w.put(called, ruleWebhook)
					w.event("Create", called)
				})
				w.sweep()
				if w.table.Before != nil {
					continue // there is no such call
				}
				happened++
				if w.ruleOf("members").State != want {
					// The run that lost leaves the rule to the next.
					w.sweep()
				}
				w.ruleState(want)
			}
		}
	}
	if happened < 12 {
		t.Errorf("only %d meetings of two runs, want 12 or more", happened)
	}
}

// TestRuleWrittenAnewDuringItsRemoval has another run work in a new rule at each call of a run that removes the old one.
func TestRuleWrittenAnewDuringItsRemoval(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"First", "Rules", "Record", "RemoveRules", "SaveStamps", "Forget"} {
		w := newWorld(t)
		w.put(called, ruleWebhook)
		w.put(members, ruled)
		w.sweep()
		old := w.ruleOf("members").Generation
		w.remove(members)
		w.interleave(method, 1, func() {
			w.put(members, ruled)
			w.event("Create", members)
		})
		w.sweep()
		if w.table.Before != nil {
			t.Fatalf("%s is not called", method)
		}
		w.sweep()
		w.ruleState(hook.Active)
		if got := w.ruleOf("members").Generation; got == old {
			t.Errorf("%s: still generation %s", method, old)
		}
	}
}

// TestRulesCost: a hundred rules of three interfaces are checked with one read of the interfaces before and one after.
func TestRulesCost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(called, ruleWebhook)
	w.sweep()
	for i := range 100 {
		w.put(members+string(rune('A'+i/26))+string(rune('a'+i%26)), ruled)
	}
	w.table.Reset()
	w.store.Reset()
	w.sweep()
	want := map[string]int{"First": 1, "Rules": 1, "Interfaces": 2, "Record": 200, "SaveRules": 100, "SaveStamps": 1}
	if diff := cmp.Diff(want, w.table.Calls); diff != "" {
		t.Errorf("calls to the table (-want +got):\n%s", diff)
	}
	if got := w.store.Calls()["GetParameters"]; got != 10 {
		t.Errorf("%d reads of values, want 10", got)
	}
	// An interface that stays what it is asks for none of them again.
	w.put(called, strings.Replace(ruleWebhook, `{`, `{"state":"paused",`, 1))
	w.store.Reset()
	w.table.Reset()
	w.sweep()
	if w.store.Calls()["GetParameters"] != 1 || w.table.Calls["Recheck"] != 0 || w.table.Calls["SaveRules"] != 0 || w.table.Calls["Dependencies"] != 1 {
		t.Errorf("calls when the interface changed: %v and %v, want one value and one query of the rules", w.store.Calls(), w.table.Calls)
	}
}
