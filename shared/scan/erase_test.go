package scan_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/directory"
	"crmhook/shared/hook"
	"crmhook/shared/streamtest"
)

// erased writes the mark of an erased contact of acme to the stream.
func (w *world) erased(id string, version int) string {
	return w.stream.Put(streamtest.First, map[string]any{
		"pk": "acme#contact", "sk": id, "origin": "api", "version": version, "updatedAt": "2026-12-01T08:00:00Z", "deleted": true, "erased": true,
	})
}

var jane = data{
	"contactNumber": "1", "contactId": "jane-1", "role": "MEMBER", "email": "jane@example.com", "phone": "+33612345678", "company": "jane & co",
	"tags": []any{"jane"},
}

// Of an erased contact those who were concerned by its last state are told that it is gone, and nothing else.
func TestAnErasureTellsNothingOfThePerson(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.member("1", jane)
	w.scan(t)
	w.told(t, "all", `["*"]`, `,"includePrevious":true`)
	w.told(t, "members", `["contact.*"]`, `,"filter":"role=MEMBER"`)
	w.told(t, "guests", `["contact.*"]`, `,"filter":"role=GUEST"`)
	w.save(t, "acme", "webhook", "")
	w.called(t, "", "a", "b")
	w.rule(t, "deleted", "contact.deleted", `,"conditions":"role=MEMBER","then":["a"],"else":["b"]`)
	w.rule(t, "untagged", "tag.removed", thenA)
	w.erased("1", 7)
	w.scan(t)
	got := map[string]string{}
	for _, m := range w.messages(t) {
		_, got[m.Interface+" "+m.Event.Type], _ = strings.Cut(m.Event.Body, `"data":`)
		if m.Event.Type == hook.RuleEvent {
			got[m.Interface+" "+m.Event.Type] = m.Event.Body
		}
		if strings.Contains(strings.ReplaceAll(m.Event.Body, "Jane", "jane"), "jane") || strings.Contains(m.Event.Body, "336") {
			t.Errorf("%s is told %s", m.Interface, m.Event.Body)
		}
	}
	want := map[string]string{
		"all contact.deleted": `{"contactNumber":"1"}}`, "members contact.deleted": `{"contactNumber":"1"}}`,
		"a " + hook.RuleEvent: `{"id":"deleted","name":"Rule deleted","contactId":"1","description":null,"email":null,"phone":null,"company":null}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if len(w.waiting()) != 0 || len(w.ledger.AllAside()) != 0 {
		t.Errorf("waiting %v, set aside %v", w.waiting(), w.ledger.AllAside())
	}
	w.lists(t)
	w.erased("1", 8)
	w.stream.Remove(streamtest.First, "acme#contact", "1")
	w.scan(t)
	if again := w.messages(t); len(again) != 0 {
		t.Errorf("told again: %+v", again)
	}
}

// What the directory has of an erased contact goes whoever wrote it, and what is written of it later stays.
func TestTheDirectoryForgetsAnErasedContact(t *testing.T) {
	t.Parallel()
	stray := func(contact, organization, address string) directory.Entry {
		return directory.Entry{Ref: directory.Ref{Organization: organization, Kind: directory.Email, Value: address}, Contact: contact}
	}
	for name, tt := range map[string]struct {
		write func(w *world)
		want  []string
	}{
		"in the batch that has it written": {func(w *world) {
			w.person("1", map[string]any{"email": "a@example.com"})
			w.person("1", map[string]any{"email": "b@example.com"})
			w.erased("1", 7)
		}, nil},
		"deleted before": {func(w *world) {
			item := map[string]any{"pk": "acme#contact", "sk": "1", "data": map[string]any{"email": "a@example.com"}, "version": 1}
			w.stream.Put(streamtest.First, item)
			item = map[string]any{"pk": "acme#contact", "sk": "1", "data": map[string]any{"email": "a@example.com"}, "version": 2, "deleted": true}
			w.stream.Put(streamtest.First, item)
			w.erased("1", 7)
		}, nil},
		"removed before": {func(w *world) {
			w.person("1", map[string]any{"email": "a@example.com"})
			w.stream.Remove(streamtest.First, "acme#contact", "1")
			w.erased("1", 7)
		}, nil},
		"never there, but announced": {func(w *world) { w.erased("1", 7) }, nil},
		"made anew": {func(w *world) {
			w.person("1", map[string]any{"email": "a@example.com"})
			w.erased("1", 7)
			w.person("1", map[string]any{"email": "c@example.com"})
		}, []string{"1 email c@example.com"}},
		"made anew with the same address": {func(w *world) {
			w.person("1", map[string]any{"email": "a@example.com"})
			w.erased("1", 7)
			w.person("1", map[string]any{"email": "a@example.com"})
		}, []string{"1 email a@example.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n, died := 1, true; died; n++ {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld()
					entries := []directory.Entry{stray("1", "acme", "x@example.com"), stray("2", "acme", "x@example.com"), stray("1", "other", "x@example.com")}
					if err := w.directory.Add(t.Context(), entries); err != nil {
						t.Fatal(err)
					}
					tt.write(w)
					w.kill.At(n)
					_ = w.run(t, w.handler())
					died = w.kill.Dead()
					w.kill.At(0)
					time.Sleep(timeout)
					w.scan(t)
					w.lists(t, append(tt.want, "1 email x@example.com", "2 email x@example.com")...)
				})
			}
		})
	}
}
