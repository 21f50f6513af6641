package configure_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"crmhook/shared/configure"
	"crmhook/shared/parameter"
)

// TestOvertakenRunLeavesNoKey has other runs revoke a key, once and again, at each call of a run that works in what it was
// before.
func TestOvertakenRunLeavesNoKey(t *testing.T) {
	t.Parallel()
	for _, first := range []bool{true, false} {
		for _, method := range []string{"First", "Access", "ChangeAccess", "Record"} {
			w := newWorld(t)
			if !first {
				w.put(shopKey, keyOf("a"))
				w.sweep()
			}
			w.put(shopKey, keyOf("b"))
			w.interleave(method, 1, func() {
				w.event("Update", shopKey)
				w.remove(shopKey)
				w.event("Delete", shopKey)
			})
			w.sweep()
			if w.table.Before != nil {
				t.Fatalf("%s is not called", method)
			}
			if !first {
				w.known("b")
			}
			// What is forgotten altogether cannot be told from what was never known, but it is remembered with the writing.
			w.sweep()
			w.known("a")
			w.known("b")
			if names := w.table.Names(); len(names) != 0 || w.checked(shopKey).Revision != "" {
				t.Errorf("%s: still remembered %v, kept %+v", method, names, w.checked(shopKey))
			}
		}
	}
}

// TestKeyWrittenAnewDuringItsRemoval has another run work in a new key at each call of a run that removes the old one.
func TestKeyWrittenAnewDuringItsRemoval(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"First", "Access", "ChangeAccess", "Forget"} {
		w := newWorld(t)
		w.put(shopKey, keyOf("a"))
		w.sweep()
		w.remove(shopKey)
		w.interleave(method, 1, func() {
			w.put(shopKey, keyOf("b"))
			w.event("Create", shopKey)
		})
		w.sweep()
		if w.table.Before != nil {
			t.Fatalf("%s is not called", method)
		}
		w.sweep()
		w.known("a")
		w.known("b", "demo/shop")
	}
}

// TestSecretChangesWhileItsSourceIsChecked has another run keep a secret at each call of a run that checks the source.
func TestSecretChangesWhileItsSourceIsChecked(t *testing.T) {
	t.Parallel()
	happened := 0
	for _, method := range []string{"First", "Access", "Facts", "Holders", "ChangeAccess", "Record"} {
		for nth := 1; nth <= 3; nth++ {
			w := newWorld(t)
			w.put(shop, zendesk)
			w.interleave(method, nth, func() {
				w.putSecret(zd, `{"value":"one"}`)
				w.event("Create", zd)
			})
			w.sweep()
			if w.table.Before != nil {
				continue // there is no such call
			}
			happened++
			if method == "Holders" || method == "ChangeAccess" {
				// Nobody told of the source before it was written, so its own run looks again.
				w.usable(shop, "")
			}
			if !w.checked(shop).Usable() {
				// The run that lost leaves the source to the next.
				w.sweep()
			}
			w.usable(shop, "")
		}
	}
	if happened < 8 {
		t.Errorf("only %d meetings of two runs, want 8 or more", happened)
	}
}

// behind reads values as they were before the last writing.
type behind struct {
	configure.Parameters
	values []parameter.Value
}

func (b behind) Values(context.Context, []string) ([]parameter.Value, []string, error) {
	return b.values, nil, nil
}

// TestOlderValueReplacesNoNewerKey has Parameter Store answer an event with a version that is past.
func TestOlderValueReplacesNoNewerKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(shopKey, keyOf("a"))
	h := w.handler()
	old, _, err := h.Parameters.Values(t.Context(), []string{"/crmhook/dev/" + shopKey})
	if err != nil {
		t.Fatal(err)
	}
	w.put(shopKey, keyOf("b"))
	w.sweep()
	h.Parameters = behind{h.Parameters, old}
	if err := h.Run(t.Context(), change("Update", "/crmhook/dev/"+shopKey)); err != nil {
		t.Fatal(err)
	}
	w.known("a")
	w.known("b", "demo/shop")
}

// TestTwoOrganizationsTakeOneSecretAtOnce has the other one's source worked in at each call of a run.
func TestTwoOrganizationsTakeOneSecretAtOnce(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"Facts", "Access", "Holders", "ChangeAccess"} {
		w := newWorld(t)
		w.putSecret(zd, `{"value":"one"}`)
		w.putSecret("organizations/rival/secrets/zd", `{"value":"one"}`)
		w.sweep()
		w.put(shop, zendesk)
		w.interleave(method, 1, func() {
			w.put(rival, zendesk)
			w.event("Create", rival)
		})
		w.sweep()
		if w.table.Before != nil {
			t.Fatalf("%s is not called", method)
		}
		w.usable(rival, "")
		w.sweep()
		w.usable(rival, "")
		w.usable(shop, shared)
	}
}

// TestSettingOfARunThatDiedIsForgotten: what was written of a new name before a run died is found by the deletion.
func TestSettingOfARunThatDiedIsForgotten(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		w := newWorld(t)
		w.put("organizations/demo/settings/senders", "example.com")
		w.putAs(zd, `{"value":"one"}`, types.ParameterTypeSecureString)
		w.kill.At(at)
		err := w.handler().Run(t.Context(), configure.Event{})
		w.kill.At(0)
		w.remove("organizations/demo/settings/senders")
		w.remove(zd)
		w.sweep()
		if facts, err := w.table.Facts(t.Context(), "demo"); err != nil || len(facts) != 0 {
			t.Errorf("killed at %d: left behind %v, error %v", at, facts, err)
		}
		if err == nil {
			break
		}
	}
}
