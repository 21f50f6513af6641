package configure_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
)

// known demands whose keys a token is.
func (w *world) known(token string, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.found(token)); diff != "" {
		w.t.Errorf("token %s (-want +got):\n%s", token, diff)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for how, run := range map[string]func(w *world, operation, name string){
		"sweep": func(w *world, _, _ string) { w.sweep() },
		"event": func(w *world, operation, name string) { w.event(operation, name) },
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.put(shopKey, keyOf("a"))
			run(w, "Create", shopKey)
			w.known("a", "demo/shop")
			want := access.Key{Organization: "demo", Name: "shop", Hash: access.HashToken("a"), Scopes: []access.Scope{access.Triggers}, Origin: "api"}
			if diff := cmp.Diff(want, w.checked(shopKey).Key); diff != "" {
				t.Errorf("key (-want +got):\n%s", diff)
			}
			w.put(shopKey, keyOf("b"))
			run(w, "Update", shopKey)
			w.known("a")
			w.known("b", "demo/shop")
			w.put(shopKey, `{"sha256":"b","scopes":["all"]}`)
			run(w, "Update", shopKey)
			w.known("b")
			if faults := w.checked(shopKey).Faults.Error(); !strings.Contains(faults, "sha256: ") || !strings.Contains(faults, "scopes[0]: ") {
				t.Errorf("faults %s, want those of sha256 and scopes", faults)
			}
			if w.lines("parameter cannot be used") != 1 {
				t.Errorf("log %s, want one line of what cannot be used", w.log.String())
			}
			w.put(shopKey, keyOf("c"))
			run(w, "Update", shopKey)
			w.known("c", "demo/shop")
			w.remove(shopKey)
			run(w, "Delete", shopKey)
			w.known("c")
			if names := w.table.Names(); len(names) != 0 {
				t.Errorf("still remembered: %v", names)
			}
		})
	}
}

func TestKeysOfSeveralOrganizations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(shopKey, keyOf("a"))
	w.put("organizations/demo-2/keys/shop", keyOf("a"))
	w.put("keys/ops", `{"sha256":"`+access.HashToken("o")+`","scopes":["operate:read","operate:replay"]}`)
	w.put("keys/wrong", keyOf("w"))
	w.put("organizations/demo/keys/wrong", `{"sha256":"`+access.HashToken("w")+`","scopes":["operate:read"]}`)
	w.putSecret("organizations/demo/keys/hidden", keyOf("h"))
	w.put("organizations/demo/keys/-odd", keyOf("h"))
	w.sweep()
	w.known("a", "demo/shop", "demo-2/shop")
	w.known("o", "/ops")
	w.known("w")
	w.known("h")
	w.remove(shopKey)
	w.sweep()
	w.known("a", "demo-2/shop")
	if strings.Contains(w.log.String(), access.HashToken("h")) {
		t.Errorf("log %s shows a hash", w.log.String())
	}
}

func TestCustomers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put("customers/Shop/Main", " demo\n")
	w.put("customers/Shop/Old", "Demo")
	w.put("customers/Shop", "demo")
	w.putSecret("customers/Shop/Secret", "demo")
	w.sweep()
	want := func(alias, organization string) {
		t.Helper()
		if got, err := w.table.Customer(t.Context(), "Shop", alias); err != nil || got != organization {
			t.Errorf("customer Shop/%s = %q, error %v; want %q", alias, got, err, organization)
		}
	}
	want("Main", "demo")
	want("Old", "")
	want("Secret", "")
	if n := w.lines("parameter cannot be used"); n != 3 {
		t.Errorf("%d lines of what cannot be used, want 3:\n%s", n, w.log.String())
	}
	w.put("customers/Shop/Main", "demo-2")
	w.event("Update", "customers/Shop/Main")
	want("Main", "demo-2")
	w.remove("customers/Shop/Main")
	w.event("Delete", "customers/Shop/Main")
	want("Main", "")
}
