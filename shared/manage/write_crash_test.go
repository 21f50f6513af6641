package manage_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"crmhook/shared/manage"
	"crmhook/shared/parameter"
)

// TestKilledAtEveryWrite lets the function die just before and just after each write: what is kept agrees with Parameter
// Store after the next sweep, what was written was recorded before, and the lock lapses.
func TestKilledAtEveryWrite(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path parameter.Path
		do   func(h *manage.Handler) error
	}{
		"create": {crm, func(h *manage.Handler) error {
			_, err := h.PutInterface(context.Background(), anna, "crm", body(plainText))
			return err
		}},
		"replace": {parameter.Path{Organization: "demo", Kind: parameter.Interface, Name: "called"}, func(h *manage.Handler) error {
			_, err := h.PutInterface(context.Background(), anna, "called", body(otherText))
			return err
		}},
		"delete": {parameter.Path{Organization: "demo", Kind: parameter.Interface, Name: "called"}, func(h *manage.Handler) error {
			return h.DeleteInterface(context.Background(), anna, "called", manage.Write{})
		}},
		"rule": {vip, func(h *manage.Handler) error {
			_, err := h.PutRule(context.Background(), anna, "vip", body(ruleText))
			return err
		}},
		"secret": {pass, func(h *manage.Handler) error {
			_, err := h.PutSecret(context.Background(), anna, "pass", []byte(passText))
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for at := 1; ; at++ {
				c := newConfigured(t)
				c.write(parameter.Path{Organization: "demo", Kind: parameter.Interface, Name: "called"}, ruleHookText)
				c.write(parameter.Path{Organization: "demo", Kind: parameter.Interface, Name: "secured"}, secretText)
				c.sweep()
				before := c.stored(test.path)
				c.pass(time.Second)
				c.kill.At(at)
				err := test.do(c.handler())
				died := c.kill.Dead()
				c.kill.At(0)
				// The lock is let go of last, so only that may be missing from a write that was answered well.
				if err == nil && died && len(c.table.Locked()) != 0 && !strings.Contains(c.log.String(), "lock stays until it lapses") {
					t.Errorf("killed at %d: the lock stays and nobody says so", at)
				}
				if !died && err != nil {
					t.Fatalf("killed at %d: %v", at, err)
				}
				c.agrees(at, test.path, before)
				if !died {
					if at < 10 {
						t.Errorf("%d steps, want those of lock, audit and parameter at least", at)
					}
					return
				}
			}
		})
	}
}

// agrees demands that a sweep makes of Parameter Store what anybody would, and that the parameter can be written again.
func (c *configured) agrees(at int, path parameter.Path, before string) {
	c.t.Helper()
	now := c.stored(path)
	if now != before && len(c.trail.said()) == 0 {
		c.t.Errorf("killed at %d: %s was written and not recorded", at, path)
	}
	c.sweep()
	anew := newConfigured(c.t)
	anew.store, anew.now = c.store, c.now
	anew.sweep()
	if got, want := c.everything(), anew.everything(); got != want {
		c.t.Errorf("killed at %d, after a sweep:\n%s\nwant\n%s", at, got, want)
	}
	held, err := c.table.Lock(c.t.Context(), path, "next", c.now, c.now.Add(time.Second))
	if err != nil || !held {
		c.t.Errorf("killed at %d: the lock does not lapse, error %v", at, err)
	}
}

// everything is what the table holds, in words.
func (c *configured) everything() string {
	c.t.Helper()
	interfaces, rules, err := c.table.Routes(c.t.Context(), "demo")
	if err != nil {
		c.t.Fatal(err)
	}
	facts, err := c.table.Facts(c.t.Context(), "demo")
	if err != nil {
		c.t.Fatal(err)
	}
	var texts []string
	for _, i := range interfaces {
		texts = append(texts, i.Name, string(i.State), i.Text, i.Modified.String(), i.Faults.Error())
	}
	for _, r := range rules {
		texts = append(texts, r.ID, string(r.State), r.Text, r.Modified.String(), r.Faults.Error())
	}
	for _, f := range facts {
		texts = append(texts, f.Path.String(), f.Modified.String())
	}
	return strings.Join(texts, "\n")
}
