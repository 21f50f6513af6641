package tabletest

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/directory"
	"crmhook/shared/record"
	"crmhook/shared/trigger"
)

// Erasing is all that is kept of persons, as fakes and as tables.
type Erasing struct {
	Records interface {
		RecordsAPI
		Erase(ctx context.Context, mark record.Record) (was record.Record, there bool, err error)
	}
	CRM       CRM
	Directory interface {
		DirectoryAPI
		Of(ctx context.Context, contact change.Key) (entries, claims []directory.Entry, err error)
		Unclaim(ctx context.Context, claims []directory.Entry) error
	}
	Contacts ContactsAPI
	Ledger   interface {
		LedgerAPI
		Rewrite(ctx context.Context, attempts map[delivery.Ref][]delivery.Attempt) error
		EraseBodies(ctx context.Context, refs []delivery.Ref) (int, error)
	}
	Content  LedgerContent
	Triggers interface {
		TriggersAPI
		Erase(ctx context.Context, organization, id, cause string, expires time.Time) error
	}
}

// RunErase checks what an erasure relies on; each check has an organization of its own.
func RunErase(t *testing.T, of Erasing) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, Erasing){
		"a mark takes a record's place": markTakesPlace, "what a contact is found by": foundBy, "claims are given up": claimsGivenUp,
		"attempts are rewritten": attemptsRewritten, "bodies go whole": bodiesGo, "a trigger's message goes": messageGoes,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, of)
		})
	}
}

func erasedMark(t *testing.T, api Erasing, is record.Record) (was record.Record, there bool) {
	t.Helper()
	was, there, err := api.Records.Erase(t.Context(), is.Erase("api", suiteTime))
	if err != nil {
		t.Fatal(err)
	}
	return was, there
}

func markTakesPlace(t *testing.T, api Erasing) {
	key := change.Key{Organization: organizationOfItsOwn(), Entity: change.Contact, ID: "4711"}
	none := record.Record{Key: key}
	want := record.Record{
		Key: key, Origin: "api", UpdatedAt: kept(suiteTime), Version: suiteTime.UnixMilli(), Deleted: true, Erased: true,
		Expires: keptExpiry(suiteTime.Add(record.MarkKept)),
	}
	check := func(what string) record.Record {
		t.Helper()
		found, err := api.Records.Records(t.Context(), []change.Key{key})
		if err != nil {
			t.Fatal(err)
		}
		got := found[key]
		got.Read = nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: record (-want +got):\n%s", what, diff)
		}
		if note := api.CRM.Noted(t, key, "note"); note != "" {
			t.Errorf("%s: what another program kept there is %q", what, note)
		}
		return found[key]
	}
	if was, there := erasedMark(t, api, none); there {
		t.Errorf("of nothing: was %+v", was)
	}
	is := check("of nothing")
	made, _ := is.With(map[string]any{"name": "Zoë"}, "bulk", suiteTime)
	if done, err := api.Records.Write(t.Context(), []record.Write{{Was: is, Now: made.Took("Shopify-3", record.State{At: suiteTime})}}); err != nil || !done[0] {
		t.Fatalf("made anew: %v, error %v", done, err)
	}
	api.CRM.Note(t, key, "note", "Zoë, too")
	if was, there := erasedMark(t, api, made); !there || was.Data["name"] != "Zoë" || was.Erased || was.Version != made.Version {
		t.Errorf("of a record: there %v, was %+v", there, was)
	}
	want.Version = made.Version + 1
	check("of a record")
	if was, there := erasedMark(t, api, made); !there || !was.Erased {
		t.Errorf("once more: there %v, was %+v", there, was)
	}
	api.CRM.Write(t, key, map[string]any{})
	api.CRM.Spoil(t, key)
	if was, there := erasedMark(t, api, made); !there || was.Data != nil || was.Key != key {
		t.Errorf("of what cannot be read: there %v, was %+v", there, was)
	}
	check("of what cannot be read")
}

// indexed waits until the index, which is a little behind, has as many entries and claims of a contact.
func indexed(t *testing.T, api Erasing, contact change.Key, entries, claims int) (list, held []directory.Entry) {
	t.Helper()
	for range 100 {
		var err error
		if list, held, err = api.Directory.Of(t.Context(), contact); err != nil {
			t.Fatal(err)
		}
		if len(list) == entries && len(held) == claims {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	for _, found := range [][]directory.Entry{list, held} {
		slices.SortFunc(found, func(a, b directory.Entry) int {
			return strings.Compare(string(a.Kind)+" "+a.Value, string(b.Kind)+" "+b.Value)
		})
	}
	return list, held
}

func foundBy(t *testing.T, api Erasing) {
	organization := organizationOfItsOwn()
	contact := change.Key{Organization: organization, Entity: change.Contact, ID: "4711"}
	of := func(organization string, kind directory.Kind, value, contact string) directory.Entry {
		return directory.Entry{Ref: directory.Ref{Organization: organization, Kind: kind, Value: value}, Contact: contact}
	}
	want := []directory.Entry{
		of(organization, directory.Email, "a#b@example.com", "4711"), of(organization, directory.Identifier, "3:x#y", "4711"),
		of(organization, directory.Phone, "+33612345678", "4711"),
	}
	others := []directory.Entry{
		of(organization, directory.Email, "a#b@example.com", "47110"), of(organization+"x", directory.Email, "a#b@example.com", "4711"),
	}
	addEntries(t, api.Directory, slices.Concat(want[:2], others)...)
	if err := api.Directory.Retire(t.Context(), want[2:], suiteTime.Add(record.MarkKept)); err != nil {
		t.Fatal(err)
	}
	got, claims := indexed(t, api, contact, 3, 0)
	if diff := cmp.Diff(want, got); diff != "" || claims != nil {
		t.Errorf("claims %v, entries (-want +got):\n%s", claims, diff)
	}
	removeEntries(t, api.Directory, got...)
	if left, _ := indexed(t, api, contact, 0, 0); left != nil {
		t.Errorf("left are %v", left)
	}
	if other, _ := indexed(t, api, change.Key{Organization: organization, Entity: change.Contact, ID: "47110"}, 1, 0); len(other) != 1 {
		t.Errorf("another contact has %v", other)
	}
}

func claimsGivenUp(t *testing.T, api Erasing) {
	organization := organizationOfItsOwn()
	contact := change.Key{Organization: organization, Entity: change.Contact, ID: "4711"}
	mine := directory.Entry{Ref: email(organization, "a@example.com"), Contact: "4711"}
	is, _ := record.Record{Key: contact}.With(map[string]any{}, "api", suiteTime)
	if done, err := api.Contacts.Create(t.Context(), is, []directory.Claim{{Entry: mine}}); err != nil || !done {
		t.Fatalf("create: %v, error %v", done, err)
	}
	if entries, claims := indexed(t, api, contact, 0, 1); entries != nil || !cmp.Equal(claims, []directory.Entry{mine}) {
		t.Errorf("entries %v, claims %v", entries, claims)
	}
	another := mine
	another.Contact = "4712"
	never := directory.Entry{Ref: email(organization, "never@example.com"), Contact: "4711"}
	for _, tt := range []struct {
		given  directory.Entry
		holder string
	}{{another, "4711"}, {never, "4711"}, {mine, ""}, {mine, ""}} {
		if err := api.Directory.Unclaim(t.Context(), []directory.Entry{tt.given}); err != nil {
			t.Fatal(err)
		}
		want := map[directory.Ref]directory.Found{}
		if tt.holder != "" {
			want[mine.Ref] = directory.Found{Holder: tt.holder}
		}
		checkFound(t, api.Directory, []directory.Ref{mine.Ref}, want)
	}
}

func attemptsRewritten(t *testing.T, api Erasing) {
	organization := organizationOfItsOwn()
	ref := delivery.Ref{Organization: organization, ID: "d"}
	expires := suiteTime.Add(delivery.LedgerTime)
	for n := 2; n <= 30; n++ {
		a := delivery.Attempt{Number: n, At: suiteTime, Answer: "secret"}
		if err := api.Ledger.KeepAttempts(t.Context(), map[delivery.Ref]delivery.Attempt{ref: a}, expires); err != nil {
			t.Fatal(err)
		}
	}
	if err := api.Ledger.KeepForever(t.Context(), ref, 3); err != nil {
		t.Fatal(err)
	}
	var list []delivery.Attempt
	for n := 2; n <= 31; n++ {
		list = append(list, delivery.Attempt{Number: n, At: suiteTime, Detail: "gone"})
	}
	if err := api.Ledger.Rewrite(t.Context(), map[delivery.Ref][]delivery.Attempt{ref: list}); err != nil {
		t.Fatal(err)
	}
	for n := 2; n <= 31; n++ {
		a, err := api.Ledger.Attempt(t.Context(), ref, n)
		if err != nil {
			t.Fatal(err)
		}
		if n == 31 {
			if a != nil {
				t.Errorf("an attempt that was not there is %+v", a)
			}
			continue
		}
		if a == nil || a.Answer != "" || a.Detail != "gone" {
			t.Errorf("attempt %d is %+v", n, a)
		}
		if got := api.Content.Expiry(t, ref, n); got.IsZero() != (n <= 3) {
			t.Errorf("attempt %d expires at %v", n, got)
		}
	}
}

func bodiesGo(t *testing.T, api Erasing) {
	organization := organizationOfItsOwn()
	message := func(id string, bytes int) delivery.Message {
		return delivery.Message{ID: id, Organization: organization, Event: &delivery.Event{Type: "x.y", Body: strings.Repeat("é", bytes/2)}}
	}
	list := []delivery.Message{message("small", 10), message("large", 3*delivery.LargestPiece), message("other", 10)}
	if err := api.Ledger.KeepBodies(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	refs := []delivery.Ref{list[0].Ref(), list[1].Ref(), {Organization: organization, ID: "none"}}
	for want := 2; want >= 0; want -= 2 {
		if found, err := api.Ledger.EraseBodies(t.Context(), refs); err != nil || found != want {
			t.Errorf("found %d, error %v; want %d", found, err, want)
		}
	}
	for _, m := range list {
		want := 0
		if m.ID == "other" {
			want = 1
		}
		if beside := api.Content.Beside(t, m.Ref()); len(beside) != want {
			t.Errorf("beside %s lie %v", m.ID, beside)
		}
	}
}

func messageGoes(t *testing.T, api Erasing) {
	organization, expires := organizationOfItsOwn(), suiteTime.Add(delivery.LedgerTime)
	for _, tt := range []struct {
		status trigger.Status
		erased bool
	}{{trigger.Failed, true}, {trigger.Waiting, true}, {trigger.Applied, false}} {
		e := trigger.Entry{
			ID: triggerID(t, suiteTime), Organization: organization, Platform: "Shopify", Entity: "Customer", Action: "Update", At: suiteTime,
			EndedAt: suiteTime, Status: tt.status, Cause: "it failed", Tries: 5, Message: []byte(strings.Repeat("x", 800_000)),
		}
		next := e
		next.Message = []byte("a longer id's")
		next.ID = triggerID(t, suiteTime)
		if err := api.Triggers.Keep(t.Context(), []trigger.Entry{e, next}); err != nil {
			t.Fatal(err)
		}
		want := keptEntry(e)
		if tt.erased {
			want.Status, want.Cause, want.Expires, want.Message = trigger.Failed, "erased", keptExpiry(expires), nil
		}
		for range 2 {
			if err := api.Triggers.Erase(t.Context(), organization, e.ID, "erased", expires); err != nil {
				t.Fatal(err)
			}
			got, there, err := api.Triggers.Entry(t.Context(), organization, e.ID)
			if err != nil || !there {
				t.Fatalf("there %v, error %v", there, err)
			}
			if !bytes.Equal(got.Message, want.Message) {
				t.Errorf("%s: a message of %d bytes, want %d", tt.status, len(got.Message), len(want.Message))
			}
			got.Message = want.Message
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: entry (-want +got):\n%s", tt.status, diff)
			}
		}
		if other, _, err := api.Triggers.Entry(t.Context(), organization, next.ID); err != nil || string(other.Message) != string(next.Message) {
			t.Errorf("%s: another one's message is %.20q, error %v", tt.status, other.Message, err)
		}
	}
	if err := api.Triggers.Erase(t.Context(), organization, triggerID(t, suiteTime), "erased", expires); err != nil {
		t.Errorf("one that is not there: %v", err)
	}
	for range 100 {
		failed, _, err := api.Triggers.Open(t.Context(), organization, trigger.Failed, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		waiting, _, err := api.Triggers.Open(t.Context(), organization, trigger.Waiting, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(failed) == 3 && len(waiting) == 1 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the erased one that waited is not among those that failed")
}
