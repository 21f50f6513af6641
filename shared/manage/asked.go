package manage

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"crmhook/shared/change"
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/refusal"
)

// asked is the object that a body is, with all that is found wrong with it.
type asked struct {
	object map[string]any
	faults fault.List
}

// read takes a body apart, of which an empty one is {}. It is refused (400) where it is no JSON object; a field of another
// name than the given ones is a fault.
func read(body []byte, names ...string) (*asked, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return &asked{}, nil
	}
	object, faults, err := document.ParseObject(body)
	if err != nil {
		return nil, refusal.Faulty(http.StatusBadRequest, fault.List{{Location: "body", Message: err.Error()}})
	}
	for i := range faults {
		if faults[i].Location == "" {
			faults[i].Location = "body"
		}
	}
	a := &asked{object, faults}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(names, name) {
			a.faults.Add(fault.Shown(name), "is not known here: give %s", strings.Join(names, ", "))
		}
	}
	return a, nil
}

// refused is the refusal for all faults, nil where there are none.
func (a *asked) refused() error {
	if len(a.faults) == 0 {
		return nil
	}
	return refusal.Faulty(http.StatusUnprocessableEntity, a.faults)
}

// text is a field's text, "" where it is missing or null.
func (a *asked) text(name, want string) string {
	value := a.object[name]
	text, ok := value.(string)
	if value != nil && (!ok || text == "") {
		a.faults.Add(name, "must be %s", want)
	}
	return text
}

// is reports whether a field is true.
func (a *asked) is(name string) bool {
	value := a.object[name]
	is, ok := value.(bool)
	if value != nil && !ok {
		a.faults.Add(name, "must be true or false")
	}
	return is
}

// time is a field's time, zero where it is missing or null.
func (a *asked) time(name string) time.Time {
	text := a.text(name, "a time as in 2026-12-01T08:00:00Z")
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		a.faults.AddValue(name, fault.Shown(text), "must be a time as in 2026-12-01T08:00:00Z or 2026-12-01T09:00:00+01:00")
	}
	return at
}

// checkRecord notes what is wrong with a record's key, and answers it with its entity: a bare id is a contact's.
func checkRecord(faults *fault.List, location, organization, text string) change.Key {
	key, ok := change.ParseKey(organization, text)
	if !strings.Contains(text, "/") {
		key, ok = change.Key{Organization: organization, Entity: change.Contact, ID: text}, true
	}
	if !ok || !change.ValidEntity(key.Entity) || change.CheckID(key.Entity, key.ID) != nil || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		faults.AddValue(location, fault.Shown(text), "must be entity/id as in order/4711, or a contact's number")
	}
	return key
}

// checkInterface notes what is wrong with an interface's name.
func checkInterface(faults *fault.List, location, name string) {
	if !hook.ValidName(name) {
		faults.AddValue(location, fault.Shown(name), "%s", hook.NameRule)
	}
}

// checkTimes notes a time without moments in it.
func checkTimes(faults *fault.List, location string, since, until time.Time) {
	if !since.IsZero() && !until.IsZero() && !since.Before(until) {
		faults.Add(location, "must be before until")
	}
}
