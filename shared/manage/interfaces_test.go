package manage_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/hook"
	"crmhook/shared/manage"
	"crmhook/shared/parameter"
)

func TestAnInterfacesLife(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	h := c.handler()
	first, err := h.PutInterface(t.Context(), anna, "crm", manage.Write{Body: []byte(plainText), IfNoneMatch: []string{"*"}})
	if err != nil || !first.Created {
		t.Fatalf("created %v, error %v; want it created", first.Created, err)
	}
	text, err := json.Marshal(first.Is.Configuration)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.NewReplacer(" ", "", "\n", "").Replace(plainText); strings.ReplaceAll(string(text), " ", "") != want {
		t.Errorf("configuration %s, want %s", text, want)
	}
	due := c.now.Truncate(time.Second).Add(time.Minute)
	if is := first.Is; is.Name != "crm" || is.Type != hook.ContactWebhookV2 || is.State != hook.Active || is.Faults == nil || !is.NextExecution.Equal(due) || is.LastExecution != nil {
		t.Errorf("answered %+v, want an active interface that is due at %v", is, due)
	}
	if !c.kept("crm").Working() || len(c.agenda.All()) == 0 {
		t.Errorf("kept %+v, planned %v; want it live at once", c.kept("crm"), c.agenda.All())
	}
	c.pass(time.Second)
	second, err := h.PutInterface(t.Context(), anna, "crm", matching(otherText, first.Is.ETag))
	if err != nil || second.Created || second.Is.ETag == first.Is.ETag {
		t.Fatalf("replaced: %+v, error %v; want another state", second, err)
	}
	if got, want := c.stored(crm), "2 "+otherText; got != want {
		t.Errorf("stored %s, want %s", got, want)
	}
	is, err := h.Interface(t.Context(), "demo", "crm")
	if err != nil || is.ETag != second.Is.ETag || is.Hook == nil {
		t.Errorf("read %+v, error %v; want the state %s", is, err, second.Is.ETag)
	}
	_, err = h.PutInterface(t.Context(), anna, "crm", matching(plainText, first.Is.ETag))
	refusedWith(t, err, http.StatusPreconditionFailed, "read it again")
	_, err = h.PutInterface(t.Context(), anna, "crm", manage.Write{Body: []byte(plainText), IfNoneMatch: []string{"*"}})
	refusedWith(t, err, http.StatusPreconditionFailed)
	refusedWith(t, h.DeleteInterface(t.Context(), anna, "crm", matching("", first.Is.ETag)), http.StatusPreconditionFailed)
	if err := h.DeleteInterface(t.Context(), anna, "crm", matching("", second.Is.ETag)); err != nil {
		t.Fatal(err)
	}
	if c.stored(crm) != "" || c.kept("crm").Generation != "" {
		t.Errorf("after its deletion stored %q, kept %+v; want nothing", c.stored(crm), c.kept("crm"))
	}
	refusedWith(t, h.DeleteInterface(t.Context(), anna, "crm", matching("", second.Is.ETag)), http.StatusNotFound)
	_, err = h.Interface(t.Context(), "demo", "crm")
	refusedWith(t, err, http.StatusNotFound)
	want := []string{"anna: put-interface interface crm (new)", "anna: put-interface interface crm (after version 1)", "anna: delete-interface interface crm (version 2)"}
	if diff := cmp.Diff(want, c.trail.said()); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
	if locked := c.table.Locked(); len(locked) > 0 {
		t.Errorf("still locked: %v", locked)
	}
}

func TestWritesThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		name   string
		w      manage.Write
		status int
		words  []string
	}{
		"faults":            {"crm", body(`{"type":"contact-webhook-v2","url":"ftp://x","details":[],"batch":1}`), 422, []string{"url: ", "details: ", "batch: "}},
		"a missing secret":  {"crm", body(secretText), 422, []string{"authentication.secret: "}},
		"no JSON":           {"crm", body(`{"type":`), 400, nil},
		"no object":         {"crm", body(`[]`), 422, nil},
		"nothing":           {"crm", body(``), 400, nil},
		"not UTF-8":         {"crm", body("{\"type\":\"\xff\"}"), 400, []string{"UTF-8"}},
		"too large":         {"crm", body(strings.Repeat(" ", 8193)), 413, []string{"8192"}},
		"an odd name":       {"-odd", body(plainText), 422, []string{"path.name: ", "1 to 63"}},
		"no tag":            {"crm", matching(plainText, "1"), 422, []string{"header.If-Match: "}},
		"name and tag":      {"é", manage.Write{Body: []byte(plainText), IfNoneMatch: []string{"1"}}, 422, []string{"path.name: ", "header.If-None-Match: "}},
		"nothing there":     {"new", matching(plainText, "*"), 412, nil},
		"faults before 412": {"crm", matching(`{}`, `"other"`), 422, []string{"type: "}},
		"a reference":       {"crm", body(strings.Replace(plainText, "each minute", "{{ssm}}", 1)), 422, []string{`\u007b`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConfigured(t)
			c.write(crm, otherText)
			c.sweep()
			_, err := c.handler().PutInterface(t.Context(), anna, test.name, test.w)
			refusedWith(t, err, test.status, test.words...)
			if got := c.stored(crm); got != "1 "+otherText || c.kept("new").Generation != "" {
				t.Errorf("stored %s, new %+v; want nothing changed", got, c.kept("new"))
			}
			if said := c.trail.said(); len(said) > 0 {
				t.Errorf("audit %v, want none", said)
			}
			if locked := c.table.Locked(); len(locked) > 0 {
				t.Errorf("still locked: %v", locked)
			}
		})
	}
}

func TestNamesThatNothingHas(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	h := c.handler()
	for _, name := range []string{"", "a/b", "é", "a b", "none", strings.Repeat("a", 2000)} {
		_, err := h.Interface(t.Context(), "demo", name)
		refusedWith(t, err, http.StatusNotFound)
		_, err = h.Rule(t.Context(), "demo", name)
		refusedWith(t, err, http.StatusNotFound)
		refusedWith(t, h.DeleteInterface(t.Context(), anna, name, manage.Write{}), http.StatusNotFound)
		refusedWith(t, h.DeleteRule(t.Context(), anna, name, manage.Write{}), http.StatusNotFound)
		refusedWith(t, h.DeleteSecret(t.Context(), anna, name), http.StatusNotFound)
	}
}

// TestAnOddNameCanBeDeleted has an interface of a name that is none, which only goes by being deleted.
func TestAnOddNameCanBeDeleted(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	odd := parameter.Path{Organization: "demo", Kind: parameter.Interface, Name: "-odd"}
	c.write(odd, plainText)
	c.sweep()
	is, err := c.handler().Interface(t.Context(), "demo", "-odd")
	if err != nil || is.State != hook.Invalid || len(is.Faults) != 1 {
		t.Fatalf("read %+v, error %v; want it invalid", is, err)
	}
	if err := c.handler().DeleteInterface(t.Context(), anna, "-odd", manage.Write{}); err != nil || c.stored(odd) != "" {
		t.Errorf("error %v, stored %q; want it gone", err, c.stored(odd))
	}
}

// TestWhatWasWrittenPastCrmhook has the table lag behind: who is refused sees why when they read again.
func TestWhatWasWrittenPastCrmhook(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	h := c.handler()
	old, err := h.PutInterface(t.Context(), anna, "crm", body(plainText))
	if err != nil {
		t.Fatal(err)
	}
	c.write(crm, otherText)
	_, err = h.PutInterface(t.Context(), anna, "crm", matching(plainText, old.Is.ETag))
	refusedWith(t, err, http.StatusPreconditionFailed)
	is, err := h.Interface(t.Context(), "demo", "crm")
	if err != nil || is.ETag == old.Is.ETag || c.kept("crm").Text != otherText {
		t.Fatalf("read %+v, error %v; want what was written meanwhile", is, err)
	}
	c.remove(crm)
	_, err = h.PutInterface(t.Context(), anna, "crm", matching(plainText, is.ETag))
	refusedWith(t, err, http.StatusPreconditionFailed)
	_, err = h.Interface(t.Context(), "demo", "crm")
	refusedWith(t, err, http.StatusNotFound)
	c.write(crm, otherText)
	c.remove(crm)
	refusedWith(t, h.DeleteInterface(t.Context(), anna, "crm", manage.Write{}), http.StatusNotFound)
}

func TestADisabledInterfaceIsEnabledByWriting(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	h := c.handler()
	if _, err := h.PutInterface(t.Context(), anna, "crm", body(plainText)); err != nil {
		t.Fatal(err)
	}
	checked := hook.Checked{Interface: c.kept("crm")}
	checked.State = hook.Disabled
	if _, err := c.table.SaveInterfaces(t.Context(), []hook.Checked{checked}); err != nil {
		t.Fatal(err)
	}
	c.pass(time.Second)
	saved, err := h.PutInterface(t.Context(), anna, "crm", body(plainText))
	if err != nil || saved.Is.State != hook.Active {
		t.Errorf("state %s, error %v; want it active", saved.Is.State, err)
	}
}

func TestHowAParameterIsShown(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	c.write(crm, `{"type":`)
	c.write(parameter.Path{Organization: "demo", Kind: parameter.Interface, Name: "paused"}, strings.Replace(otherText, `{`, `{"state":"paused",`, 1))
	c.write(vip, ruleText)
	c.sweep()
	is, err := c.handler().Interface(t.Context(), "demo", "crm")
	if err != nil || is.State != hook.Invalid || len(is.Faults) != 1 || is.Configuration != `{"type":` || is.NextExecution != nil {
		t.Errorf("read %+v, error %v; want an invalid one with its text", is, err)
	}
	if is, err = c.handler().Interface(t.Context(), "demo", "paused"); err != nil || is.State != hook.Paused || is.NextExecution != nil {
		t.Errorf("read %+v, error %v; want a paused one that is not due", is, err)
	}
	rule, err := c.handler().Rule(t.Context(), "demo", "vip")
	if err != nil || rule.State != "invalid" || len(rule.Faults) != 1 || rule.Configuration == nil {
		t.Errorf("read %+v, error %v; want an invalid rule that calls nothing that is there", rule, err)
	}
}
