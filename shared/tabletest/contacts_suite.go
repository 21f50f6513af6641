package tabletest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/directory"
	"crmhook/shared/record"
)

// ContactsAPI is what the fake and table.Contacts both are.
type ContactsAPI interface {
	Create(ctx context.Context, contact record.Record, claims []directory.Claim) (bool, error)
}

// creation is what is needed to see what Create did.
type creation struct {
	contacts  ContactsAPI
	records   RecordsAPI
	directory DirectoryAPI
}

// RunContacts checks what inbound and apply rely on; records and directory are on the tables that the contacts are made in,
// and each check has an organization of its own.
func RunContacts(t *testing.T, contacts ContactsAPI, records RecordsAPI, directory DirectoryAPI) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, creation){
		"a contact is made once": madeOnce, "a claim is held": claimHeld, "a stale claim is taken over": claimOver,
		"a claim of its own": claimOfItsOwn, "a deleted contact is in the way": deletedInTheWay, "one of twenty creators": racingCreators,
		"twenty creators of twenty": strangers, "many claims": manyClaims,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, creation{contacts, records, directory})
		})
	}
}

func newContact(organization, number string) record.Record {
	is := record.Record{Key: change.Key{Organization: organization, Entity: change.Contact, ID: number}}
	is, _ = is.With(map[string]any{"contactNumber": number, "n": json.Number("1")}, "inbound:Shopify", suiteTime)
	return is
}

func claimOf(contact record.Record, value, over string) directory.Claim {
	return directory.Claim{Entry: directory.Entry{Ref: email(contact.Organization, value), Contact: contact.ID}, Over: over}
}

func (c creation) create(t *testing.T, want bool, contact record.Record, claims ...directory.Claim) {
	t.Helper()
	done, err := c.contacts.Create(t.Context(), contact, claims)
	if err != nil {
		t.Fatal(err)
	}
	if done != want {
		t.Errorf("contact %s is made: %v, want %v", contact.ID, done, want)
	}
	if there := readRecord(t, c.records, contact.Key).Exists(); want && !there {
		t.Errorf("contact %s is not there", contact.ID)
	}
}

func (c creation) checkHolder(t *testing.T, ref directory.Ref, want string) {
	t.Helper()
	found, err := c.directory.Find(t.Context(), []directory.Ref{ref})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(directory.Found{Holder: want}, found[ref]); diff != "" {
		t.Errorf("found of %s differs (-want +got):\n%s", ref.Value, diff)
	}
}

func madeOnce(t *testing.T, c creation) {
	organization := organizationOfItsOwn()
	contact := newContact(organization, "C1")
	contact = contact.Took("Shopify-3", record.State{At: kept(suiteTime), Door: kept(suiteTime)})
	c.create(t, true, contact)
	want := contact
	want.UpdatedAt = kept(suiteTime)
	is := readRecord(t, c.records, contact.Key)
	sameRecord(t, "made", want, is)
	other := newContact(organization, "C1")
	other.Data["n"] = json.Number("2")
	c.create(t, false, other, claimOf(other, "a@example.com", ""))
	sameRecord(t, "made again", want, readRecord(t, c.records, contact.Key))
	c.checkHolder(t, email(organization, "a@example.com"), "")
	become(t, c.records, is, map[string]any{"n": "3"}, suiteTime)
}

func claimHeld(t *testing.T, c creation) {
	first, second := newContact(organizationOfItsOwn(), "C1"), newContact("", "C2")
	second.Organization = first.Organization
	c.create(t, true, first, claimOf(first, "a@example.com", ""))
	c.create(t, false, second, claimOf(second, "b@example.com", ""), claimOf(second, "a@example.com", ""))
	if readRecord(t, c.records, second.Key).Exists() {
		t.Error("the contact is there without its claims")
	}
	c.checkHolder(t, email(first.Organization, "a@example.com"), "C1")
	c.checkHolder(t, email(first.Organization, "b@example.com"), "")
	c.create(t, true, second, claimOf(second, "b@example.com", ""), claimOf(second, "b@example.com", ""))
	c.checkHolder(t, email(first.Organization, "b@example.com"), "C2")
}

func claimOver(t *testing.T, c creation) {
	first, second, third := newContact(organizationOfItsOwn(), "C1"), newContact("", "C2"), newContact("", "C3")
	second.Organization, third.Organization = first.Organization, first.Organization
	value := "a@example.com"
	c.create(t, true, first, claimOf(first, value, ""))
	c.create(t, false, second, claimOf(second, value, "C9"))
	c.create(t, true, second, claimOf(second, value, "C1"))
	c.create(t, false, third, claimOf(third, value, "C1"))
	c.checkHolder(t, email(first.Organization, value), "C2")
}

// claimOfItsOwn is what a claim is of whose contact was removed since.
func claimOfItsOwn(t *testing.T, c creation) {
	contact, another := newContact(organizationOfItsOwn(), "C1"), newContact("", "C2")
	another.Organization = contact.Organization
	c.create(t, true, another, claimOf(another, "b@example.com", ""))
	claim := claimOf(contact, "b@example.com", "")
	claim.Over = "C2"
	c.create(t, true, contact, claim)
	third := newContact(contact.Organization, "C3")
	c.create(t, false, third, claimOf(third, "b@example.com", "C2"))
	// The claim is C1's own, though it is made without a stale holder.
	again := newContact(contact.Organization, "C1")
	c.create(t, false, again, claimOf(again, "b@example.com", ""))
	c.checkHolder(t, email(contact.Organization, "b@example.com"), "C1")
}

func deletedInTheWay(t *testing.T, c creation) {
	contact := newContact(organizationOfItsOwn(), "C1")
	c.create(t, true, contact)
	become(t, c.records, readRecord(t, c.records, contact.Key), nil, suiteTime)
	c.create(t, false, contact, claimOf(contact, "a@example.com", ""))
	c.checkHolder(t, email(contact.Organization, "a@example.com"), "")
}

func racingCreators(t *testing.T, c creation) {
	organization := organizationOfItsOwn()
	var made atomic.Int64
	var winner atomic.Value
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			contact := newContact(organization, fmt.Sprintf("C%02d", i))
			done, err := c.contacts.Create(t.Context(), contact, []directory.Claim{claimOf(contact, "a@example.com", "")})
			if err != nil {
				t.Error(err)
			} else if done {
				made.Add(1)
				winner.Store(contact.ID)
			}
		})
	}
	wait.Wait()
	if made.Load() != 1 {
		t.Fatalf("%d of 20 creators with one claim made a contact, want one", made.Load())
	}
	c.checkHolder(t, email(organization, "a@example.com"), winner.Load().(string))
	page, _, err := c.records.Page(t.Context(), organization, change.Contact, "", 30)
	if err != nil || len(page) != 1 || page[0].ID != winner.Load() {
		t.Errorf("contacts are %v, error %v; want %v alone", page, err, winner.Load())
	}
}

// strangers meet at nothing.
func strangers(t *testing.T, c creation) {
	organization := organizationOfItsOwn()
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			contact := newContact(organization, fmt.Sprintf("C%02d", i))
			done, err := c.contacts.Create(t.Context(), contact, []directory.Claim{claimOf(contact, contact.ID+"@example.com", "")})
			if err != nil || !done {
				t.Errorf("contact %s is made: %v, error %v", contact.ID, done, err)
			}
		})
	}
	wait.Wait()
}

func manyClaims(t *testing.T, c creation) {
	contact := newContact(organizationOfItsOwn(), "C1")
	var claims []directory.Claim
	for i := range mostClaims + 1 {
		claims = append(claims, claimOf(contact, strings.Repeat("x", i+1)+"@example.com", ""))
	}
	if done, err := c.contacts.Create(t.Context(), contact, claims); err == nil || done {
		t.Errorf("with %d claims the contact is made: %v, error %v; want an error", len(claims), done, err)
	}
	contact.Data["text"] = strings.Repeat("x", record.MostBytes-100)
	c.create(t, true, contact, claims[1:]...)
	for i, claim := range claims {
		want := "C1"
		if i == 0 {
			want = ""
		}
		c.checkHolder(t, claim.Ref, want)
	}
}
