package tabletest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/directory"
	"crmhook/shared/once"
	"crmhook/shared/record"
	"crmhook/shared/tabletest"
	"crmhook/shared/trigger"
)

func TestDirectory(t *testing.T) {
	t.Parallel()
	tabletest.RunDirectory(t, tabletest.NewDirectory(nil))
}

func TestContacts(t *testing.T) {
	t.Parallel()
	records, directory := tabletest.NewRecords(nil), tabletest.NewDirectory(nil)
	tabletest.RunContacts(t, tabletest.NewContacts(nil, records, directory), records, directory)
}

func TestOnce(t *testing.T) {
	t.Parallel()
	tabletest.RunOnce(t, tabletest.NewOnce(nil))
}

// TestContactsKilled: a contact is made with its claims or not at all, wherever its maker dies.
func TestContactsKilled(t *testing.T) {
	t.Parallel()
	for step, want := range map[int]bool{1: false, 2: true} {
		kill := &tabletest.Kill{}
		kill.At(step)
		records, entries := tabletest.NewRecords(kill), tabletest.NewDirectory(kill)
		contact := record.Record{Key: change.Key{Organization: "demo", Entity: change.Contact, ID: "C1"}, Data: map[string]any{}}
		ref := directory.Ref{Organization: "demo", Kind: directory.Email, Value: "a@example.com"}
		claims := []directory.Claim{{Entry: directory.Entry{Ref: ref, Contact: "C1"}}}
		if _, err := tabletest.NewContacts(kill, records, entries).Create(t.Context(), contact, claims); !errors.Is(err, tabletest.ErrKilled) {
			t.Errorf("step %d: error %v, want that of a dead process", step, err)
		}
		if _, err := records.Records(t.Context(), nil); !errors.Is(err, tabletest.ErrKilled) {
			t.Errorf("step %d: the dead read: error %v", step, err)
		}
		kill.At(0)
		found, err := entries.Find(t.Context(), []directory.Ref{ref})
		if _, there := records.All()[contact.Key]; err != nil || there != want || (found[ref].Holder == "C1") != want {
			t.Errorf("step %d: the contact is there: %v, found %v, error %v; want both: %v", step, there, found, err, want)
		}
	}
}

// TestFakesKilled: of several writes those before the death have taken effect.
func TestFakesKilled(t *testing.T) {
	t.Parallel()
	kill := &tabletest.Kill{}
	records, claims := tabletest.NewRecords(kill), tabletest.NewOnce(kill)
	triggers := tabletest.NewTriggers(kill, time.Now)
	var writes []record.Write
	for _, id := range []string{"1", "2", "3"} {
		was := record.Record{Key: change.Key{Organization: "demo", Entity: "order", ID: id}}
		writes = append(writes, record.Write{Was: was, Now: was.Marked("api", time.UnixMilli(1))})
	}
	kill.At(4)
	if done, err := records.Write(t.Context(), writes); !errors.Is(err, tabletest.ErrKilled) || len(records.All()) != 2 {
		t.Errorf("written %v, error %v, %d records; want two", done, err, len(records.All()))
	}
	kill.At(1)
	_, _, err := claims.Claim(t.Context(), once.Claim{Organization: "demo", Key: "k"}, nil, time.UnixMilli(1))
	if !errors.Is(err, tabletest.ErrKilled) || len(claims.All()) != 0 {
		t.Errorf("claims are %v, error %v", claims.All(), err)
	}
	kill.At(2)
	id := strings.Repeat("0", 26)
	err = triggers.Keep(t.Context(), []trigger.Entry{{ID: id, Organization: "demo"}, {ID: id, Organization: "other"}})
	if !errors.Is(err, tabletest.ErrKilled) || len(triggers.All()) != 1 {
		t.Errorf("triggers are %v, error %v", triggers.All(), err)
	}
}
