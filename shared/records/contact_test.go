package records_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/once"
	"crmhook/shared/records"
	"crmhook/shared/refusal"
)

const jane = `{"individualContactData":{"role":"MEMBER","individualContact":{"email":"jane@example.com"}}}`

func TestACreateThatIsRepeatedMakesOneContact(t *testing.T) {
	t.Parallel()
	w := open(t)
	first, err := w.save("key-1", jane)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.save("key-1", ` {"individualContactData": {"individualContact":{"email":"jane@example.com"},"role":"MEMBER","gone":null}} `)
	if err != nil || again != first || !first.Created || w.contacts() != 1 {
		t.Errorf("got %v and %v (%v) with %d contacts, want one contact and the same answer", first, again, err, w.contacts())
	}
	_, err = w.save("key-1", strings.Replace(jane, "jane", "john", 1))
	w.refusedWith(err, 422, "header.Idempotency-Key")
	other, err := w.save("key-2", jane)
	if err != nil || other == first || w.contacts() != 2 {
		t.Errorf("another key: got %v (%v) with %d contacts, want a second contact", other, err, w.contacts())
	}
	if _, err = w.save("", jane); err != nil || w.contacts() != 3 {
		t.Errorf("without a key there are %d contacts (%v), want 3", w.contacts(), err)
	}
}

func TestACreateThatIsUnderWay(t *testing.T) {
	t.Parallel()
	w := open(t)
	if _, err := w.save("key-1", jane); err != nil {
		t.Fatal(err)
	}
	// The claim of the first is as if it had not come to its end.
	is := w.once.All()[0]
	fresh := open(t)
	if _, standing, err := fresh.once.Claim(t.Context(), once.Claim{Organization: is.Organization, Key: is.Key, Result: is.Result}, nil, start); err != nil || standing != once.Mine {
		t.Fatal(standing, err)
	}
	_, err := fresh.save("key-1", jane)
	fresh.refusedWith(err, 409, "")
	if r := refusal.Of(err); r != nil && r.RetryAfter <= 0 {
		t.Error("the refusal does not say when to try again")
	}
	_, err = fresh.save("key-1", strings.Replace(jane, "jane", "john", 1))
	fresh.refusedWith(err, 422, "header.Idempotency-Key")
	fresh.now = start.Add(once.Lease + time.Second)
	saved, err := fresh.save("key-1", jane)
	if err != nil || !strings.HasPrefix(is.Result, saved.ContactNumber+"#") || fresh.contacts() != 1 {
		t.Errorf("after the lease: got %v (%v), want the number that was claimed: %s", saved, err, is.Result)
	}
}

// TestACrashMakesNoSecondContact kills the process at each of its writes, and has the caller ask again after the lease.
func TestACrashMakesNoSecondContact(t *testing.T) {
	t.Parallel()
	crashes := 0
	for step := 1; step <= 12; step++ {
		w := open(t)
		w.kill.At(step)
		first, err := w.save("key-1", jane)
		crashed := err != nil
		if crashed {
			crashes++
		}
		w.kill.At(0)
		w.now = start.Add(once.Lease + time.Second)
		again, err := w.save("key-1", jane)
		if err != nil || w.contacts() != 1 || !again.Created || !crashed && first != again {
			t.Errorf("step %d: got %v, then %v (%v) with %d contacts", step, first, again, err, w.contacts())
		}
	}
	if crashes < 6 {
		t.Errorf("the process crashed at %d steps: claim, contact, entry and done have two each", crashes)
	}
}

func TestANumberThatIsTaken(t *testing.T) {
	t.Parallel()
	w := open(t)
	first, err := w.save("", jane)
	if err != nil {
		t.Fatal(err)
	}
	// The same randomness comes once more, and then another.
	w.Random = io.MultiReader(strings.NewReader(strings.Repeat("\x00", 26)), w.Random)
	second, err := w.save("", jane)
	if err != nil || second == first || w.contacts() != 2 {
		t.Errorf("got %v after %v (%v) with %d contacts", second, first, err, w.contacts())
	}
	w.Random = strings.NewReader(strings.Repeat("\x00", 13*10))
	if saved, err := w.save("", jane); err == nil || refusal.Of(err) != nil {
		t.Errorf("got %v (%v) although every number was taken, want our own trouble", saved, err)
	}
}

func TestALargeContactClaimsNothing(t *testing.T) {
	t.Parallel()
	w := open(t)
	_, err := w.save("key-1", `{"individualContactData":`+field(380_000)+`}`)
	w.refusedWith(err, 413, "")
	_, err = w.save("", `{"individualContactData":`+field(380_000)+`}`)
	w.refusedWith(err, 413, "")
	if n := len(w.once.All()); n != 0 || w.contacts() != 0 {
		t.Errorf("there are %d claims and %d contacts", n, w.contacts())
	}
}

func TestAContactThatNoPathReachesIsSavedAndRead(t *testing.T) {
	t.Parallel()
	w := open(t)
	at := key("contact", "Zoé / 1")
	w.records.Put(at, map[string]any{"role": "MEMBER"})
	saved, err := w.save("key-1", `{"individualContactData":{"contactNumber":"Zoé / 1","level":1}}`)
	if err != nil || saved.ContactNumber != at.ID || saved.Created {
		t.Fatalf("got %v (%v)", saved, err)
	}
	want := map[string]any{"role": "MEMBER", "level": json.Number("1")}
	if diff := cmp.Diff(want, w.records.All()[at].Data); diff != "" {
		t.Errorf("the contact differs (-want +got):\n%s", diff)
	}
	read, err := w.Contact(t.Context(), records.Asked{Organization: "demo", Body: []byte(`{"contactNumber":"Zoé / 1"}`)})
	want["contactNumber"] = at.ID
	if diff := cmp.Diff(want, read); err != nil || diff != "" {
		t.Errorf("it is read as (-want +got):\n%s\n%v", diff, err)
	}
	version := w.records.All()[at].Version
	if _, err := w.save("", `{"individualContactData":{"contactNumber":"Zoé / 1","level":1.0}}`); err != nil || w.records.All()[at].Version != version {
		t.Errorf("a save that changes nothing makes version %d of %d (%v)", w.records.All()[at].Version, version, err)
	}
	if n := len(w.once.All()); n != 0 {
		t.Errorf("a merge claimed %d keys: it needs none", n)
	}
}
