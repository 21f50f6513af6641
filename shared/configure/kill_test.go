package configure_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
	"crmhook/shared/backlog"
	"crmhook/shared/configure"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
)

// history is what users do, step by step; a run follows each.
var history = []func(w *world){
	func(w *world) { w.put("organizations/demo/settings/firstProductDate", "2026-12-24"); w.put(crm, basic) },
	func(w *world) { w.putSecret(password, hosts); w.put("organizations/demo/interfaces/other", plain) },
	func(w *world) { w.put(crm, basic); w.putSecret(password, hosts) },
	func(w *world) { w.remove(crm); w.put(crm, basic) },
	func(w *world) { w.remove("organizations/demo/interfaces/other"); w.remove(password) },
	func(w *world) { w.put("settings/allowedNetworks", "10.0.0.0/8"); w.putSecret(password, hosts) },
	func(w *world) { w.remove(crm); w.remove("organizations/demo/settings/firstProductDate") },
	func(w *world) { w.put("organizations/demo/interfaces/brief", plain); w.put(crm, plain) },
	func(w *world) { w.remove("organizations/demo/interfaces/brief"); w.remove(crm); w.put(crm, basic) },
	func(w *world) { w.remove(crm); w.put(crm, plain) },
	func(w *world) {
		w.put(shopKey, keyOf("a"))
		w.put("keys/ops", `{"sha256":"`+access.HashToken("o")+`","scopes":["operate:read"]}`)
		w.put("customers/Shop/Main", "demo")
		w.put(shop, zendesk)
		w.put("organizations/rival/sources/Zendesk", zendesk)
	},
	func(w *world) {
		w.put(shopKey, keyOf("b"))
		w.putSecret("organizations/demo/secrets/zd", `{"value":"one"}`)
		w.putSecret("organizations/rival/secrets/zd", `{"value":"two"}`)
	},
	func(w *world) {
		w.put(shopKey, keyOf("c"))
		w.putSecret("organizations/demo/secrets/zd", `{"value":"three"}`)
		w.put("organizations/demo/settings/senders", "example.com")
	},
	func(w *world) {
		w.remove(shopKey)
		w.remove("customers/Shop/Main")
		w.remove("organizations/demo/settings/senders")
		w.put("organizations/rival/sources/Zendesk", `{"verify":"what"}`)
	},
	func(w *world) {
		w.put(shopKey, keyOf("c"))
		w.put("keys/ops", `{}`)
		w.remove(shop)
	},
	func(w *world) {
		w.remove(shopKey)
		w.put(shopKey, keyOf("d"))
		w.put(shop, zendesk)
		w.remove("organizations/rival/sources/Zendesk")
		w.remove("keys/ops")
	},
	func(w *world) { w.put(members, ruled); w.put("organizations/demo/rules/other", ruled) },
	func(w *world) { w.put(called, ruleWebhook); w.put(members, ruled) },
	func(w *world) { w.put(called, plain); w.remove("organizations/demo/rules/other") },
	func(w *world) { w.remove(called); w.remove(members); w.put(members, ruled) },
	func(w *world) { w.put(called, ruleWebhook) },
	func(w *world) { w.remove(called); w.remove(members) },
}

// tokens are those whose keys the history writes.
var tokens = []string{"a", "b", "c", "d", "o"}

// outcome is what the tables say in the end, without tokens.
type outcome struct {
	States map[string]string
	Facts  []string
	Rules  []string
	// Access is who may call, Found which tokens are known, Held who holds which secret's value.
	Access, Found []string
	Held          map[string]string
	Names         []string
	Swept         []string
}

func (w *world) outcome() outcome {
	w.t.Helper()
	o := outcome{States: map[string]string{}, Names: w.table.Names()}
	interfaces, err := w.table.Organization(w.t.Context(), "demo")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, i := range interfaces {
		o.States[i.Name] = string(i.State) + " " + i.Generation + " " + i.Modified.String()
	}
	_, rules, err := w.table.Routes(w.t.Context(), "demo")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, u := range rules {
		o.Rules = append(o.Rules, fmt.Sprintf("%s %s %s %s %d", u.ID, u.State, u.Generation, u.Modified, len(u.Faults)))
	}
	for _, organization := range []string{"", "demo"} {
		facts, err := w.table.Facts(w.t.Context(), organization)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, f := range facts {
			o.Facts = append(o.Facts, f.String()+" "+f.Modified.String())
		}
	}
	for _, e := range w.agenda.All() {
		if e.Purpose == backlog.Sweep {
			o.Swept = append(o.Swept, e.Lane.String())
		}
	}
	w.outcomeOfAccess(&o)
	slices.Sort(o.Swept)
	o.Swept = slices.Compact(o.Swept)
	return o
}

func (w *world) outcomeOfAccess(o *outcome) {
	w.t.Helper()
	var paths []parameter.Path
	for _, name := range []string{shopKey, shop, "keys/ops", "customers/Shop/Main", "organizations/rival/sources/Zendesk"} {
		path, err := parameter.ParsePath("dev", "/crmhook/dev/"+name)
		if err != nil {
			w.t.Fatal(err)
		}
		paths = append(paths, path)
	}
	kept, err := w.table.Access(w.t.Context(), paths)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, path := range paths {
		if c, there := kept[path]; there {
			o.Access = append(o.Access, fmt.Sprintf("%s %s %s %v %s", path.Organization, path, c.Modified, c.Faults, c.Means))
		}
	}
	for _, token := range tokens {
		keys, err := w.table.KeysByHash(w.t.Context(), access.HashToken(token))
		if err != nil {
			w.t.Fatal(err)
		}
		for _, k := range keys {
			o.Found = append(o.Found, token+" is "+k.Organization+"/"+k.Name)
		}
	}
	var prints []string
	for _, value := range []string{"one", "two", "three"} {
		prints = append(prints, quick(value))
	}
	if o.Held, err = w.table.Holders(w.t.Context(), prints); err != nil {
		w.t.Fatal(err)
	}
}

// TestKilledAtEveryWrite lets the run after each step of a history die just before and just after each of its writes. The
// run after it must reach what an undisturbed one reaches: also when the next step happened before.
func TestKilledAtEveryWrite(t *testing.T) {
	t.Parallel()
	for step := range history {
		for _, followed := range []bool{false, true} {
			want := newWorld(t)
			for i, do := range history[:min(len(history), step+2)] {
				if i == step+1 && !followed {
					break
				}
				do(want)
				want.sweep()
			}
			deaths := 0
			for at := 1; ; at++ {
				w := newWorld(t)
				for _, do := range history[:step] {
					do(w)
					w.sweep()
				}
				history[step](w)
				w.kill.At(at)
				w.pass(time.Minute)
				err := w.handler().Run(t.Context(), configure.Event{})
				died := w.kill.Dead()
				w.kill.At(0)
				if died != (err != nil) {
					t.Fatalf("step %d, write %d: died %v, error %v", step, at, died, err)
				}
				if !died {
					break
				}
				deaths++
				if followed && step+1 < len(history) {
					history[step+1](w)
				}
				w.sweep()
				got, wanted := w.outcome(), want.outcome()
				if followed {
					// Times differ by the run that is missing, and a generation that never came to be need not be swept.
					w.checkFollowed(step, at, got, wanted)
					continue
				}
				if diff := cmp.Diff(wanted, got); diff != "" {
					t.Errorf("step %d killed at %d, tables (-want +got):\n%s", step, at, diff)
				}
				w.checkPlanned(step, at)
			}
			if deaths == 0 {
				t.Errorf("step %d: no write to die at", step)
			}
		}
	}
}

func (w *world) checkFollowed(step, at int, got, want outcome) {
	w.t.Helper()
	keys := func(o outcome) []string {
		var list []string
		for name, state := range o.States {
			list = append(list, name+" "+strings.Fields(state)[0])
		}
		slices.Sort(list)
		for _, lines := range [][]string{o.Facts, o.Access, o.Rules} {
			for _, line := range lines {
				list = append(list, strings.Join(strings.Fields(line)[:2], " "))
			}
		}
		return slices.Concat(list, o.Found, slices.Sorted(maps.Keys(o.Held)), o.Names)
	}
	if diff := cmp.Diff(keys(want), keys(got)); diff != "" {
		w.t.Errorf("step %d killed at %d, then the next step (-want +got):\n%s", step, at, diff)
	}
	w.checkPlanned(step, at)
}

// checkPlanned demands an execution for each working interface, a sweep for each generation that had one and is no more,
// and none for one that is.
func (w *world) checkPlanned(step, at int) {
	w.t.Helper()
	interfaces, err := w.table.Organization(w.t.Context(), "demo")
	if err != nil {
		w.t.Fatal(err)
	}
	live := map[string]bool{}
	for _, i := range interfaces {
		lane := backlog.Lane{Organization: "demo", Interface: i.Name, Generation: i.Generation}
		live[lane.String()] = true
		if i.Working() && !i.Hook.Type.TellsEvents() && !slices.ContainsFunc(w.agenda.All(), func(e backlog.Entry) bool { return e.Lane == lane && e.Purpose == backlog.Run }) {
			w.t.Errorf("step %d killed at %d: no execution is planned for %s", step, at, lane)
		}
	}
	swept, planned := map[string]bool{}, map[string]bool{}
	for _, e := range w.agenda.All() {
		if e.Purpose == backlog.Sweep {
			swept[e.Lane.String()] = true
		} else {
			planned[e.Lane.String()] = true
		}
	}
	for lane := range planned {
		if !live[lane] && !swept[lane] {
			w.t.Errorf("step %d killed at %d: what waits for %s is never let go of", step, at, lane)
		}
	}
	for lane := range swept {
		if live[lane] {
			w.t.Errorf("step %d killed at %d: what waits for %s is let go of though it lives", step, at, lane)
		}
	}
}

// TestKilledWhileRemovingWhatIsThere has Parameter Store deny a parameter that exists, and the run die at each write of
// the removal. What is found again later works again.
func TestKilledWhileRemovingWhatIsThere(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		w := newWorld(t)
		w.put(crm, plain)
		w.put(shopKey, keyOf("a"))
		w.sweep()
		w.store.Lost = func(string) bool { return true }
		w.store.Denied = w.store.Lost
		w.kill.At(at)
		err := w.handler().Run(t.Context(), configure.Event{})
		w.kill.At(0)
		if err == nil {
			w.state("crm", "")
			w.known("a")
		}
		w.store.Lost, w.store.Denied = nil, nil
		w.sweep()
		w.state("crm", hook.Active)
		w.known("a", "demo/shop")
		if err == nil {
			break
		}
	}
}
