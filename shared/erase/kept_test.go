package erase_test

import (
	"testing"

	"crmhook/shared/setaside"
)

// What was set aside goes where anything of it names the person: what it is about, what it holds, or why nobody could read it.
func TestWhatWasSetAside(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		subject, body, cause string
		goes                 bool
	}{
		"its subject":         {jane.key().String(), "", "unreadable", true},
		"its body":            {"order/1", `{"email":"` + jane.email() + `"}`, "unreadable", true},
		"its cause":           {"order/1", "{}", "the address " + jane.email() + " is no number", true},
		"its cause, a number": {"order/1", "{}", "cannot call " + jane.phone + " as it is too long to be a number", true},
		"another's":           {john.key().String(), `{"email":"` + john.email() + `"}`, "the address " + john.email() + " is no number", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.add(t, jane)
			before := len(w.ledger.AllAside())
			w.must(t, w.ledger.SetAside(t.Context(), []setaside.Item{{
				Organization: organization, Source: setaside.Stream, ID: "one", At: start, Subject: tt.subject, Cause: tt.cause, Body: tt.body,
			}}))
			found, left := w.erase(t, jane.number), len(w.ledger.AllAside())
			if goes := found.SetAside == before+1 && left == 0; goes != tt.goes || !tt.goes && left != 1 {
				t.Errorf("found %+v, %d are left; want it to go: %v", found, left, tt.goes)
			}
		})
	}
}
