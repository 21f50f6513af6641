package configure_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/configure"
)

// usable demands that a source can be used, or that its faults say something.
func (w *world) usable(name, fault string) {
	w.t.Helper()
	got := w.checked(name)
	if fault == "" && !got.Usable() || fault != "" && (got.Usable() || !strings.Contains(got.Faults.Error(), fault)) {
		w.t.Errorf("%s: revision %q, faults %v; want %q", name, got.Revision, got.Faults, fault)
	}
}

const (
	zd      = "organizations/demo/secrets/zd"
	missing = "secrets[0]: names no secret"
	shared  = "secrets[0]: has the value of a secret that serves another organization's source"
)

func TestSourcesFollowTheirSecrets(t *testing.T) {
	t.Parallel()
	secret := func(w *world) { w.putSecret(zd, `{"value":"one"}`) }
	for name, test := range map[string]struct {
		source       string
		before, then func(w *world)
		first, want  string
	}{
		"secret appears":               {zendesk, nil, secret, missing, ""},
		"secret disappears":            {zendesk, secret, func(w *world) { w.remove(zd) }, "", missing},
		"secret becomes wrong":         {zendesk, secret, func(w *world) { w.putSecret(zd, `x`) }, "", missing},
		"secret becomes empty":         {zendesk, secret, func(w *world) { w.putSecret(zd, `{"value":""}`) }, "", missing},
		"secret as a plain String":     {zendesk, nil, func(w *world) { w.put(zd, `{"value":"one"}`) }, missing, missing},
		"another value":                {zendesk, secret, func(w *world) { w.putSecret(zd, `{"value":"two"}`) }, "", ""},
		"an unrelated secret":          {zendesk, nil, func(w *world) { w.putSecret(zd+"2", `{"value":"one"}`) }, missing, missing},
		"another organization's":       {zendesk, nil, func(w *world) { w.putSecret("organizations/other/secrets/zd", `{"value":"one"}`) }, missing, missing},
		"a token":                      {`{"verify":"token","secrets":["zd"]}`, nil, secret, missing, ""},
		"basic":                        {`{"verify":"basic","login":"a","secrets":["zd"]}`, secret, func(w *world) { w.remove(zd) }, "", missing},
		"the second secret is missing": {`{"verify":"zendesk","secrets":["zd","zd2"]}`, secret, func(w *world) { w.putSecret(zd+"2", `{"value":"two"}`) }, "secrets[1]: names no secret", ""},
		"a fault besides":              {`{"verify":"what","secrets":["zd"]}`, nil, secret, missing, "verify: "},
		"nothing it depends on":        {`{}`, nil, secret, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for how, run := range map[string]func(w *world){
				"sweep": func(w *world) { w.sweep() },
				"event": func(w *world) { w.event("Delete", zd); w.event("Delete", zd+"2") },
			} {
				w := newWorld(t)
				w.put(shop, test.source)
				if test.before != nil {
					test.before(w)
				}
				w.sweep()
				w.usable(shop, test.first)
				test.then(w)
				run(w)
				w.usable(shop, test.want)
				calls := w.store.Calls()["GetParameters"]
				w.sweep()
				if again := w.store.Calls()["GetParameters"] - calls; how == "sweep" && again != 0 {
					t.Errorf("%s: %d reads of values by the next sweep, want none", how, again)
				}
			}
		})
	}
}

const rival = "organizations/rival/sources/Zendesk"

// rivals are two organizations whose sources use secrets of the same value; demo had it first.
func rivals(t *testing.T) *world {
	w := newWorld(t)
	w.putSecret(zd, `{"value":"one"}`)
	w.put(shop, zendesk)
	w.sweep()
	w.putSecret("organizations/rival/secrets/zd", `{"value":"one","hosts":["a.example.com"]}`)
	w.put(rival, zendesk)
	w.sweep()
	return w
}

func TestOneSecretDoesNotServeTwoOrganizations(t *testing.T) {
	t.Parallel()
	for name, resolve := range map[string]func(w *world){
		"the source goes":               func(w *world) { w.remove(shop) },
		"its secret changes":            func(w *world) { w.putSecret(zd, `{"value":"two"}`) },
		"its secret goes":               func(w *world) { w.remove(zd) },
		"it takes another proof":        func(w *world) { w.put(shop, `{"verify":"token","secrets":["zd"]}`) },
		"it gets a fault":               func(w *world) { w.put(shop, `{"verify":"zendesk","secrets":["zd"],"colour":"red"}`) },
		"the other secret changes":      func(w *world) { w.putSecret("organizations/rival/secrets/zd", `{"value":"two"}`) },
		"the other takes another proof": func(w *world) { w.put(rival, `{"verify":"token","secrets":["zd"]}`) },
		"the other names another secret": func(w *world) {
			w.putSecret("organizations/rival/secrets/b", `{"value":"b"}`)
			w.put(rival, `{"verify":"zendesk","secrets":["b"]}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := rivals(t)
			w.usable(shop, "")
			w.usable(rival, shared)
			if faults := w.checked(rival).Faults.Error(); strings.Contains(faults, "demo") {
				t.Errorf("faults %s name the other organization", faults)
			}
			resolve(w)
			w.sweep()
			w.sweep()
			w.usable(rival, "")
		})
	}
}

func TestOneOrganizationMayUseASecretTwice(t *testing.T) {
	t.Parallel()
	w := rivals(t)
	w.put(shop+"-7", `{"verify":"hmac","secrets":["zd","same"],"header":"X-Sum"}`)
	w.putSecret("organizations/demo/secrets/same", `{"value":"one"}`)
	w.sweep()
	w.usable(shop+"-7", "")
	w.remove(shop)
	w.sweep()
	w.sweep()
	w.usable(rival, shared)
	w.remove(shop + "-7")
	w.sweep()
	w.sweep()
	w.usable(rival, "")
}

// TestWaitingForASecretCosts: a source that waits for another organization's to go is looked at with each sweep, without
// a secret read, a fingerprint made, a write or a word.
func TestWaitingForASecretCosts(t *testing.T) {
	t.Parallel()
	w := rivals(t)
	w.sweep()
	w.store.Reset()
	w.table.Reset()
	w.log.Reset()
	w.fingerprints = 0
	w.sweep()
	if diff := cmp.Diff(map[string]int{"DescribeParameters": 1, "GetParameters": 1}, w.store.Calls()); diff != "" {
		t.Errorf("calls to Parameter Store (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"First": 1, "Access": 1, "Facts": 2, "Holders": 1}, w.table.Calls); diff != "" {
		t.Errorf("calls to the table (-want +got):\n%s", diff)
	}
	if w.fingerprints != 0 || w.lines("") != 1 {
		t.Errorf("%d fingerprints, log %s; want none and one line", w.fingerprints, w.log.String())
	}
}

func TestFingerprintIsMadeOncePerVersion(t *testing.T) {
	t.Parallel()
	w := rivals(t)
	w.fingerprints = 0
	w.put(shop, `{"verify":"zendesk","secrets":["zd"],"matchByEmail":true}`)
	w.putSecret("organizations/demo/secrets/other", `{"value":"x"}`)
	w.sweep()
	if w.fingerprints != 0 || !w.checked(shop).Source.MatchByEmail {
		t.Errorf("%d fingerprints for another version of the source, want none", w.fingerprints)
	}
	w.putSecret(zd, `{"value":"two"}`)
	w.sweep()
	if w.fingerprints != 1 {
		t.Errorf("%d fingerprints for another version of the secret, want one", w.fingerprints)
	}
}

func TestValueOfASourcesSecretIsKeptNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.putSecret(zd, `{"value":"not-a-real-secret"}`)
	w.put(shop, zendesk)
	w.put(shop+"-1", `{"verify":"zendesk","secrets":["not-a-real secret"]}`)
	w.putSecret(shop+"-2", `{"verify":"not-a-real"}`)
	w.sweep()
	w.usable(shop, "")
	w.usable(shop+"-1", "secrets[0]: must be the name of a secret")
	w.usable(shop+"-2", "must be a String parameter")
	for _, name := range []string{shop, shop + "-1", shop + "-2"} {
		if kept := fmt.Sprintf("%+v", w.checked(name)); strings.Contains(kept, "not-a-real") {
			t.Errorf("%s shows the secret: %s", name, kept)
		}
	}
	if strings.Contains(w.log.String(), "not-a-real") {
		t.Errorf("log shows the secret: %s", w.log.String())
	}
}

// TestUnreadableSecretHoldsUpItsSourcesOnly has SSM refuse one secret's value after it was worked in.
func TestUnreadableSecretHoldsUpItsSourcesOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.putSecret(zd, `{"value":"one"}`)
	w.putSecret(zd+"2", `{"value":"two"}`)
	w.sweep()
	w.put(shop, zendesk)
	w.put(shop+"-2", `{"verify":"zendesk","secrets":["zd2"]}`)
	denied := errors.New("the key may not be used")
	w.store.Reset()
	w.store.Before = func(operation string, calls int) error {
		// The sources first, then both secrets, then each of them.
		if operation == "GetParameters" && (calls == 2 || calls == 3) {
			return denied
		}
		return nil
	}
	w.pass(time.Minute)
	if err := w.handler().Run(t.Context(), configure.Event{}); !errors.Is(err, denied) {
		t.Errorf("error = %v, want %v", err, denied)
	}
	if w.checked(shop).Revision != "" {
		t.Errorf("%s is kept though its secret could not be read", shop)
	}
	w.usable(shop+"-2", "")
	w.store.Before = nil
	w.sweep()
	w.usable(shop, "")
}

func TestFingerprintsEndBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 40 {
		w.putSecret(fmt.Sprintf("%s%d", zd, i), fmt.Sprintf(`{"value":"%d"}`, i))
		w.put(fmt.Sprintf("%s-%d", shop, i), fmt.Sprintf(`{"verify":"zendesk","secrets":["zd%d"]}`, i))
	}
	h := w.handler()
	h.Fingerprint = func(value string) (string, error) {
		w.pass(time.Second)
		return quick(value), nil
	}
	runs := 0
	for left := 40; left > 0; runs++ {
		if runs > 5 {
			t.Fatalf("%d sources are left after %d runs", left, runs)
		}
		deadline := w.now.Add(20*time.Second + configure.Margin)
		if err := h.Run(deadlineContext{t.Context(), deadline}, configure.Event{}); err != nil {
			t.Fatal(err)
		}
		if late := w.now.Sub(deadline.Add(-configure.Margin)); late > time.Second {
			t.Errorf("a run worked %v into its margin", late)
		}
		left = 0
		for i := range 40 {
			if !w.checked(fmt.Sprintf("%s-%d", shop, i)).Usable() {
				left++
			}
		}
	}
	if runs != 2 {
		t.Errorf("40 fingerprints of a second took %d runs of 20 seconds, want 2", runs)
	}
}
