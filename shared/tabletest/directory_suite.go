package tabletest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/directory"
)

// DirectoryAPI is what the fake and table.Directory both are.
type DirectoryAPI interface {
	Find(ctx context.Context, refs []directory.Ref) (map[directory.Ref]directory.Found, error)
	Add(ctx context.Context, entries []directory.Entry) error
	Retire(ctx context.Context, entries []directory.Entry, until time.Time) error
	Remove(ctx context.Context, entries []directory.Entry) error
}

// RunDirectory checks what scan, inbound and apply rely on; each check has an organization of its own.
func RunDirectory(t *testing.T, api DirectoryAPI) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, DirectoryAPI){
		"entries come and go": entriesComeAndGo, "values may hold anything": oddValues, "hundreds of contacts of a value": manyContacts,
		"hundreds of values": manyValues, "contacts that no number can be": noNumbers, "retired entries are still found": retired,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, api)
		})
	}
}

func email(organization, address string) directory.Ref {
	return directory.Ref{Organization: organization, Kind: directory.Email, Value: address}
}

func addEntries(t *testing.T, api DirectoryAPI, entries ...directory.Entry) {
	t.Helper()
	if err := api.Add(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

func removeEntries(t *testing.T, api DirectoryAPI, entries ...directory.Entry) {
	t.Helper()
	if err := api.Remove(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

// checkFound compares what is found of values; those that nobody has are left out.
func checkFound(t *testing.T, api DirectoryAPI, refs []directory.Ref, want map[directory.Ref]directory.Found) {
	t.Helper()
	got, err := api.Find(t.Context(), refs)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("found differs (-want +got):\n%s", diff)
	}
}

func retired(t *testing.T, api DirectoryAPI) {
	entry := directory.Entry{Ref: email(organizationOfItsOwn(), "a@example.com"), Contact: "C1"}
	addEntries(t, api, entry)
	if err := api.Retire(t.Context(), []directory.Entry{entry, entry}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	found := map[directory.Ref]directory.Found{entry.Ref: {Contacts: []string{"C1"}}}
	checkFound(t, api, []directory.Ref{entry.Ref}, found)
	addEntries(t, api, entry)
	checkFound(t, api, []directory.Ref{entry.Ref}, found)
}

func entriesComeAndGo(t *testing.T, api DirectoryAPI) {
	organization := organizationOfItsOwn()
	one, two := email(organization, "a@example.com"), directory.Ref{Organization: organization, Kind: directory.Phone, Value: "a@example.com"}
	elsewhere := email(organizationOfItsOwn(), "a@example.com")
	refs := []directory.Ref{one, two, elsewhere, one}
	checkFound(t, api, refs, nil)
	checkFound(t, api, nil, nil)
	addEntries(t, api, directory.Entry{Ref: one, Contact: "C2"}, directory.Entry{Ref: one, Contact: "C1"}, directory.Entry{Ref: one, Contact: "C2"}, directory.Entry{Ref: two, Contact: "C1"})
	addEntries(t, api, directory.Entry{Ref: one, Contact: "C1"})
	addEntries(t, api)
	checkFound(t, api, refs, map[directory.Ref]directory.Found{one: {Contacts: []string{"C1", "C2"}}, two: {Contacts: []string{"C1"}}})
	removeEntries(t, api, directory.Entry{Ref: one, Contact: "C1"}, directory.Entry{Ref: one, Contact: "C1"}, directory.Entry{Ref: one, Contact: "C3"})
	removeEntries(t, api)
	checkFound(t, api, refs, map[directory.Ref]directory.Found{one: {Contacts: []string{"C2"}}, two: {Contacts: []string{"C1"}}})
}

func oddValues(t *testing.T, api DirectoryAPI) {
	organization, want := organizationOfItsOwn(), map[directory.Ref]directory.Found{}
	var refs []directory.Ref
	for _, name := range oddNames() {
		ref := directory.Ref{Organization: organization, Kind: directory.Identifier, Value: "3:" + name}
		refs, want[ref] = append(refs, ref), directory.Found{Contacts: []string{"C" + name}}
		addEntries(t, api, directory.Entry{Ref: ref, Contact: "C" + name})
	}
	checkFound(t, api, refs, want)
}

func manyContacts(t *testing.T, api DirectoryAPI) {
	ref := email(organizationOfItsOwn(), "info@example.com")
	var entries []directory.Entry
	var want []string
	for i := range 230 {
		entries = append(entries, directory.Entry{Ref: ref, Contact: fmt.Sprintf("C%03d", i)})
		want = append(want, entries[i].Contact)
	}
	addEntries(t, api, entries...)
	checkFound(t, api, []directory.Ref{ref}, map[directory.Ref]directory.Found{ref: {Contacts: want[:mostContacts]}})
	removeEntries(t, api, entries[:200]...)
	checkFound(t, api, []directory.Ref{ref}, map[directory.Ref]directory.Found{ref: {Contacts: want[200:]}})
}

func manyValues(t *testing.T, api DirectoryAPI) {
	organization, want := organizationOfItsOwn(), map[directory.Ref]directory.Found{}
	var refs []directory.Ref
	var entries []directory.Entry
	for i := range 120 {
		ref := email(organization, fmt.Sprintf("%d@example.com", i))
		refs, want[ref] = append(refs, ref), directory.Found{Contacts: []string{"C1"}}
		entries = append(entries, directory.Entry{Ref: ref, Contact: "C1"})
	}
	addEntries(t, api, slices.Concat(entries, entries)...)
	checkFound(t, api, refs, want)
}

// noNumbers: what begins with # is not a contact's number, and would lie among what is kept beside them.
func noNumbers(t *testing.T, api DirectoryAPI) {
	ref := email(organizationOfItsOwn(), "a@example.com")
	entries := []directory.Entry{{Ref: ref, Contact: "#claim"}, {Ref: ref, Contact: ""}, {Ref: ref, Contact: "C#1"}}
	addEntries(t, api, entries...)
	checkFound(t, api, []directory.Ref{ref}, map[directory.Ref]directory.Found{ref: {Contacts: []string{"C#1"}}})
	removeEntries(t, api, entries...)
	checkFound(t, api, []directory.Ref{ref}, nil)
}
