package manage_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"crmhook/shared/manage"
	"crmhook/shared/managetest"
	"crmhook/shared/refusal"
	"crmhook/shared/share"
)

// TestAnOrganizationsShareOfWrites is all that it takes of Parameter Store, and what is refused leaves no trace.
func TestAnOrganizationsShareOfWrites(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	h := c.handler()
	if _, err := h.PutInterface(t.Context(), anna, "called", body(ruleHookText)); err != nil {
		t.Fatal(err)
	}
	h.Shares = share.New(0.5, 3, func() time.Time { return c.now })
	other := manage.Who{Organization: "other", By: "ops"}
	write := map[string]func(who manage.Who) error{
		"interface": func(who manage.Who) error {
			_, err := h.PutInterface(t.Context(), who, "crm", manage.Write{Body: []byte(managetest.Events)})
			return err
		},
		"rule": func(who manage.Who) error {
			_, err := h.PutRule(t.Context(), who, "r", manage.Write{Body: []byte(ruleText)})
			return err
		},
		"secret": func(who manage.Who) error {
			_, err := h.PutSecret(t.Context(), who, "s", []byte(`{"value":"dummy"}`))
			return err
		},
		"interface's end": func(who manage.Who) error { return h.DeleteInterface(t.Context(), who, "crm", manage.Write{}) },
		"rule's end":      func(who manage.Who) error { return h.DeleteRule(t.Context(), who, "r", manage.Write{}) },
		"secret's end":    func(who manage.Who) error { return h.DeleteSecret(t.Context(), who, "s") },
	}
	for range 5 { // What is refused for another reason takes no share.
		if _, err := h.PutRule(t.Context(), anna, "r", manage.Write{Body: []byte("{}")}); refusal.Of(err).Status != http.StatusUnprocessableEntity {
			t.Fatalf("a rule with faults: %v", err)
		}
	}
	for _, name := range []string{"secret", "interface", "rule"} {
		if err := write[name](anna); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	writes := func() string {
		calls := c.store.Calls()
		return fmt.Sprint(calls["PutParameter"], calls["DeleteParameter"])
	}
	written, recorded := writes(), len(c.trail.said())
	for name, do := range write {
		err := do(anna)
		if r := refusal.Of(err); r == nil || r.Status != http.StatusTooManyRequests || r.RetryAfter != 2*time.Second || !strings.Contains(r.Detail, "this organization's") {
			t.Errorf("%s: got %v, want 429 with a time", name, err)
		}
	}
	if writes() != written || len(c.trail.said()) != recorded {
		t.Errorf("what was refused was asked of Parameter Store, or recorded: %v", c.trail.said())
	}
	if err := write["secret"](other); err != nil {
		t.Errorf("another organization: %v", err)
	}
	c.pass(2 * time.Second)
	if err := write["secret"](anna); err != nil {
		t.Errorf("later: %v", err)
	}
}
