package manage_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/manage"
)

func TestASecretsLife(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	h := c.handler()
	c.write(crm, secretText)
	c.sweep()
	if c.kept("crm").State != hook.Invalid {
		t.Fatalf("kept %+v, want it invalid without its secret", c.kept("crm"))
	}
	created, err := h.PutSecret(t.Context(), anna, "pass", []byte(passText))
	if err != nil || !created {
		t.Fatalf("created %v, error %v", created, err)
	}
	if !c.kept("crm").Working() {
		t.Errorf("kept %+v, want it live with its secret", c.kept("crm"))
	}
	secrets, err := h.Secrets(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]manage.Secret{{Name: "pass", Hosts: []string{"crm.example.com"}, Faults: fault.List{}}}, secrets); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	c.pass(time.Second)
	if created, err = h.PutSecret(t.Context(), anna, "pass", []byte(`{"value":"not-a-real-password-2"}`)); err != nil || created {
		t.Errorf("created %v, error %v; want it replaced", created, err)
	}
	if got := c.stored(pass); !strings.HasPrefix(got, "2 ") {
		t.Errorf("stored %s, want version 2", got)
	}
	if err := h.DeleteSecret(t.Context(), anna, "pass"); err != nil {
		t.Fatal(err)
	}
	refusedWith(t, h.DeleteSecret(t.Context(), anna, "pass"), http.StatusNotFound)
	if c.stored(pass) != "" || c.kept("crm").State != hook.Invalid {
		t.Errorf("stored %q, kept %+v; want no secret, and the interface invalid", c.stored(pass), c.kept("crm"))
	}
	if secrets, err = h.Secrets(t.Context(), "demo"); err != nil || secrets == nil || len(secrets) != 0 {
		t.Errorf("secrets %v, error %v; want none", secrets, err)
	}
	want := []string{"anna: put-secret secret pass (new)", "anna: put-secret secret pass (after version 1)", "anna: delete-secret secret pass (version 2)"}
	if diff := cmp.Diff(want, c.trail.said()); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
	c.hidesSecrets()
}

// hidesSecrets demands that nothing of a secret is where people see it.
func (c *configured) hidesSecrets() {
	c.t.Helper()
	seen := c.log.String() + c.everything() + fmt.Sprint(c.trail.said())
	if strings.Contains(seen, "not-a-real") {
		c.t.Errorf("a secret is shown:\n%s", seen)
	}
}

func TestSecretsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		name, body string
		status     int
		words      []string
	}{
		"no JSON":          {"pass", `not-a-real-password`, 400, nil},
		"a text":           {"pass", `"not-a-real-password"`, 422, nil},
		"another field":    {"pass", `{"not-a-real-password":1}`, 422, nil},
		"no value":         {"pass", `{"value":"","hosts":["https://not-a-real-password"]}`, 422, []string{"value: ", "hosts[0]: "}},
		"two values":       {"pass", `{"value":"not-a-real-password"}{}`, 400, nil},
		"a number":         {"pass", `{"value":1234}`, 422, nil},
		"not UTF-8":        {"pass", "{\"value\":\"not-a-real-password\xff\"}", 400, []string{"UTF-8"}},
		"too large":        {"pass", `{"value":"` + strings.Repeat("not-a-real", 1000) + `"}`, 413, nil},
		"an odd name":      {"-odd", passText, 422, []string{"path.name: "}},
		"a reference":      {"pass", `{"value":"not-a-real-{{ssm}}"}`, 422, []string{`\u007b`}},
		"nothing":          {"pass", ``, 400, nil},
		"a list of values": {"pass", `{"value":["not-a-real-password"]}`, 422, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConfigured(t)
			_, err := c.handler().PutSecret(t.Context(), anna, test.name, []byte(test.body))
			r := refusedWith(t, err, test.status, test.words...)
			if strings.Contains(fmt.Sprintf("%+v %v", r, r.Faults), "not-a-real") {
				t.Errorf("refusal %+v shows the secret", r)
			}
			if c.stored(pass) != "" || len(c.table.Locked()) != 0 {
				t.Errorf("stored, or locked %v", c.table.Locked())
			}
			c.hidesSecrets()
		})
	}
}

// TestAKilledSecretIsNotTold has each call die: no error names what was to be written.
func TestAKilledSecretIsNotTold(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		c := newConfigured(t)
		c.kill.At(at)
		_, err := c.handler().PutSecret(t.Context(), anna, "pass", []byte(passText))
		died := c.kill.Dead()
		c.kill.At(0)
		if err != nil && strings.Contains(err.Error(), "not-a-real") {
			t.Errorf("killed at %d: error %v shows the secret", at, err)
		}
		c.hidesSecrets()
		if !died {
			return
		}
	}
}
