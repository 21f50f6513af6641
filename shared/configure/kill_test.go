package configure_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/configure"
	"crmhook/shared/hook"
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
}

// outcome is what the tables say in the end, without tokens.
type outcome struct {
	States map[string]string
	Facts  []string
	Names  []string
	Swept  []string
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
	slices.Sort(o.Swept)
	o.Swept = slices.Compact(o.Swept)
	return o
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
		return append(list, o.Names...)
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
		if i.Working() && !slices.ContainsFunc(w.agenda.All(), func(e backlog.Entry) bool { return e.Lane == lane && e.Purpose == backlog.Run }) {
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
		w.sweep()
		w.store.Lost = func(string) bool { return true }
		w.store.Denied = w.store.Lost
		w.kill.At(at)
		err := w.handler().Run(t.Context(), configure.Event{})
		w.kill.At(0)
		if err == nil {
			w.state("crm", "")
		}
		w.store.Lost, w.store.Denied = nil, nil
		w.sweep()
		w.state("crm", hook.Active)
		if err == nil {
			break
		}
	}
}
