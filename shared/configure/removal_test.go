package configure_test

import (
	"slices"
	"strings"
	"testing"

	"crmhook/shared/backlog"
	"crmhook/shared/hook"
)

func TestDeletedInterfaceIsRemoved(t *testing.T) {
	t.Parallel()
	for how, run := range map[string]func(w *world){
		"sweep": func(w *world) { w.sweep() },
		"event": func(w *world) { w.event("Delete", crm) },
	} {
		w := newWorld(t)
		w.put(crm, plain)
		w.sweep()
		generation, stamp := w.get("crm").Generation, w.stamp()
		w.remove(crm)
		run(w)
		w.state("crm", "")
		if w.stamp() == stamp {
			t.Errorf("%s: the stamp is still %s", how, stamp)
		}
		if swept := w.planned(backlog.Sweep); len(swept) != 1 || !strings.HasPrefix(swept[0], "crm/"+generation) {
			t.Errorf("%s: sweeps planned %v, want one of generation %s", how, swept, generation)
		}
		if names := w.table.Names(); len(names) != 0 {
			t.Errorf("%s: still remembered: %v", how, names)
		}
		w.sweep()
		if n := w.lines("removed=1"); n != 1 {
			t.Errorf("%s: removed %d times, want once", how, n)
		}
	}
}

func TestMissingFromAListingRemovesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(crm, plain)
	w.put("organizations/demo/interfaces/other", plain)
	w.put("organizations/demo/settings/firstProductDate", "2026-12-24")
	w.put("organizations/demo/rules/r", "{}")
	w.sweep()
	stamp := w.stamp()
	w.store.Lost = func(string) bool { return true }
	w.sweep()
	w.state("crm", hook.Active)
	if len(w.table.Names()) != 4 || w.stamp() != stamp || len(w.planned(backlog.Sweep)) != 0 {
		t.Errorf("after a lost listing: remembered %v, stamp %s (was %s), sweeps %v", w.table.Names(), w.stamp(), stamp, w.planned(backlog.Sweep))
	}
	// What is not listed but changed is seen all the same.
	w.put(crm, strings.Replace(plain, `"type"`, `"state":"paused","type"`, 1))
	w.sweep()
	w.state("crm", hook.Paused)
}

func TestWrittenAnewIsANewGeneration(t *testing.T) {
	t.Parallel()
	for name, writes := range map[string]struct{ before, after int }{
		"fewer versions": {3, 1}, "as many versions": {1, 1}, "removed in between": {1, 2},
	} {
		w := newWorld(t)
		for range writes.before {
			w.put(crm, plain)
		}
		w.sweep()
		old := w.get("crm")
		w.remove(crm)
		if name == "removed in between" {
			w.sweep()
		}
		for range writes.after {
			w.put(crm, plain)
		}
		w.sweep()
		got := w.get("crm")
		if got.Generation == old.Generation || !got.FirstSeen.After(old.FirstSeen) || !got.Working() {
			t.Errorf("%s: generation %s first seen %v, want another than %s of %v", name, got.Generation, got.FirstSeen, old.Generation, old.FirstSeen)
		}
		if swept := w.planned(backlog.Sweep); len(swept) != 1 || !strings.HasPrefix(swept[0], "crm/"+old.Generation) {
			t.Errorf("%s: sweeps planned %v, want one of generation %s", name, swept, old.Generation)
		}
		if strings.Contains(got.Generation, "#") {
			t.Errorf("generation %s holds a #", got.Generation)
		}
	}
	w := newWorld(t)
	w.put(crm, plain)
	w.sweep()
	old := w.get("crm")
	w.put(crm, plain)
	w.sweep()
	if got := w.get("crm"); got.Generation != old.Generation || got.FirstSeen != old.FirstSeen || got.Version != 2 {
		t.Errorf("after another version: %+v, want the generation of %+v", got, old)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(crm, basic)
	w.event("Create", crm)
	w.state("crm", hook.Invalid)
	w.putSecret(password, hosts)
	w.event("Create", password)
	w.state("crm", hook.Active)
	w.put(crm, strings.Replace(basic, `"type"`, `"state":"paused","type"`, 1))
	w.event("Update", crm)
	w.state("crm", hook.Paused)

	// An event that comes before Parameter Store shows the parameter, or after it is gone, concludes nothing.
	w.remove(crm)
	w.event("Update", crm)
	w.state("crm", hook.Paused)
	w.event("Delete", crm)
	w.state("crm", "")

	// A late event of a deletion finds the new parameter.
	w.put(crm, basic)
	w.event("Delete", crm)
	w.state("crm", hook.Active)

	w.store.Reset()
	w.event("Create", "nowhere")
	if err := w.handler().Run(t.Context(), change("Create", "/crmhook/other/organizations/demo/interfaces/crm")); err != nil {
		t.Fatal(err)
	}
	if calls := w.store.Calls(); len(calls) != 0 {
		t.Errorf("events without effect made calls: %v", calls)
	}
	// The sweep after events has nothing to do but to remember the listing.
	stamp := w.stamp()
	w.sweep()
	if w.stamp() != stamp {
		t.Error("a sweep after events wrote interfaces again")
	}
}

// TestSecretWrittenBetweenCheckAndWrite has another run keep a secret at each call of a run that checks the interface.
func TestSecretWrittenBetweenCheckAndWrite(t *testing.T) {
	t.Parallel()
	happened := 0
	for _, method := range []string{"First", "Interfaces", "Facts", "Record", "SaveInterfaces", "SaveStamps"} {
		for nth := 1; nth <= 3; nth++ {
			w := newWorld(t)
			w.put(crm, basic)
			w.interleave(method, nth, func() {
				w.putSecret(password, hosts)
				w.event("Create", password)
			})
			w.sweep()
			if w.table.Before != nil {
				continue // there is no such call
			}
			happened++
			if w.get("crm").State != hook.Active {
				// The run that lost leaves the interface to the next.
				w.sweep()
			}
			w.state("crm", hook.Active)
		}
	}
	if happened < 10 {
		t.Errorf("only %d meetings of two runs, want 10 or more", happened)
	}
}

// TestWrittenAnewDuringItsRemoval has another run work in a new parameter at each call of a run that removes the old one.
func TestWrittenAnewDuringItsRemoval(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"First", "Interfaces", "Record", "RemoveInterfaces", "SaveStamps", "Forget"} {
		w := newWorld(t)
		w.put(crm, plain)
		w.sweep()
		old := w.get("crm").Generation
		w.remove(crm)
		w.interleave(method, 1, func() {
			w.put(crm, plain)
			w.event("Create", crm)
		})
		w.sweep()
		if w.table.Before != nil {
			t.Fatalf("%s is not called", method)
		}
		w.sweep()
		w.state("crm", hook.Active)
		got := w.get("crm").Generation
		if got == old {
			t.Errorf("%s: still generation %s", method, old)
		}
		swept := w.planned(backlog.Sweep)
		if !slices.ContainsFunc(swept, func(s string) bool { return strings.HasPrefix(s, "crm/"+old) }) {
			t.Errorf("%s: sweeps planned %v, want one of generation %s", method, swept, old)
		}
	}
}

// TestSecretWrittenAnewDuringItsRemoval is the same for a secret.
func TestSecretWrittenAnewDuringItsRemoval(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"First", "Facts", "Record", "DropFacts", "Dependencies", "Recheck", "Forget"} {
		w := newWorld(t)
		w.putSecret(password, hosts)
		w.put(crm, basic)
		w.sweep()
		w.remove(password)
		w.interleave(method, 1, func() {
			w.putSecret(password, hosts)
			w.event("Create", password)
		})
		w.sweep()
		if w.table.Before != nil {
			t.Fatalf("%s is not called", method)
		}
		w.sweep()
		w.state("crm", hook.Active)
	}
}

// TestEventAndSweepAtOnce has an event's run overtake a sweep at each of its calls.
func TestEventAndSweepAtOnce(t *testing.T) {
	t.Parallel()
	paused := strings.Replace(plain, `"type"`, `"state":"paused","type"`, 1)
	for _, method := range []string{"First", "Interfaces", "Facts", "Record", "SaveInterfaces", "SaveStamps"} {
		w := newWorld(t)
		w.put(crm, plain)
		w.sweep()
		w.put(crm, plain)
		w.interleave(method, 1, func() {
			w.put(crm, paused)
			w.event("Update", crm)
		})
		w.sweep()
		if w.table.Before != nil {
			t.Fatalf("%s is not called", method)
		}
		w.state("crm", hook.Paused)
		if got := w.get("crm").Version; got != 3 {
			t.Errorf("%s: version %d, want 3", method, got)
		}
		w.sweep()
		w.state("crm", hook.Paused)
	}
}

// interleave calls do once, before the nth call of a method.
func (w *world) interleave(method string, nth int, do func()) {
	n := 0
	w.table.Before = func(called string) {
		if called != method {
			return
		}
		if n++; n == nth {
			w.table.Before = nil
			do()
		}
	}
}
