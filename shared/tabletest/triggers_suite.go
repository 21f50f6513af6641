package tabletest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/trigger"
)

// TriggersAPI is what the fake and table.Triggers both are.
type TriggersAPI interface {
	Keep(ctx context.Context, entries []trigger.Entry) error
	Fail(ctx context.Context, e trigger.Entry) (bool, error)
	Entry(ctx context.Context, organization, id string) (trigger.Entry, bool, error)
	Entries(ctx context.Context, organization, before string, limit int) (page []trigger.Entry, next string, err error)
	Open(ctx context.Context, organization string, status trigger.Status, after string, limit int) (list []trigger.Entry, next string, err error)
}

// RunTriggers checks what inbound, apply and the API rely on; each check has an organization of its own. The suite
// says what time it is.
func RunTriggers(t *testing.T, at func(now func() time.Time) TriggersAPI) {
	t.Helper()
	api := at(func() time.Time { return suiteTime })
	for name, check := range map[string]func(*testing.T, TriggersAPI){
		"an entry lives": entryLives, "messages of any size": messageSizes, "many at once": manyTriggers, "of one id the last": lastOfOne,
		"newest first, over days": newestFirst, "what is no id": noIDs, "an entry holds anything": oddEntries, "what failed or waits": openEntries,
		"a failed try of what is kept": failedTries,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, api)
		})
	}
}

func triggerID(t *testing.T, at time.Time) string {
	t.Helper()
	id, err := trigger.NewID(at, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// triggerOf is a trigger's entry, of some time before the suite's.
func triggerOf(t *testing.T, organization string, before time.Duration) trigger.Entry {
	t.Helper()
	at := suiteTime.Add(-before)
	return trigger.Entry{
		ID: triggerID(t, at), Organization: organization, Platform: "Shopify", Entity: "Order", Action: "Update", SourceID: 3,
		At: kept(at), EndedAt: kept(at.Add(time.Second)), Status: trigger.Applied, Tries: 1, Records: []string{"order/Shopify-3-1", "contact/C1"},
		Expires: keptExpiry(at.Add(24 * time.Hour)),
	}
}

func keepTriggers(t *testing.T, api TriggersAPI, entries ...trigger.Entry) {
	t.Helper()
	if err := api.Keep(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

func checkTrigger(t *testing.T, api TriggersAPI, want trigger.Entry) {
	t.Helper()
	got, there, err := api.Entry(t.Context(), want.Organization, want.ID)
	if err != nil || !there {
		t.Fatalf("entry %s is there: %v, error %v", want.ID, there, err)
	}
	if !bytes.Equal(got.Message, want.Message) {
		t.Errorf("entry %s has a message of %d bytes, want %d, the same", want.ID, len(got.Message), len(want.Message))
	}
	got.Message, want.Message = nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entry %s differs (-want +got):\n%s", want.ID, diff)
	}
}

func entryLives(t *testing.T, api TriggersAPI) {
	waiting := triggerOf(t, organizationOfItsOwn(), 0)
	if _, there, err := api.Entry(t.Context(), waiting.Organization, waiting.ID); there || err != nil {
		t.Errorf("an entry nobody kept is there: %v, error %v", there, err)
	}
	waiting.Status, waiting.EndedAt, waiting.Expires, waiting.Message = trigger.Waiting, time.Time{}, time.Time{}, []byte(`{"trigger":"1"}`)
	keepTriggers(t, api, waiting)
	checkTrigger(t, api, waiting)
	failed := waiting
	failed.Status, failed.Cause, failed.Tries, failed.Message = trigger.Failed, "the shop is gone", 5, bytes.Repeat([]byte("0123456789"), 90_000)
	failed.EndedAt, failed.Records = kept(suiteTime.Add(time.Hour)), nil
	keepTriggers(t, api, failed)
	checkTrigger(t, api, failed)
	applied := failed
	applied.Status, applied.Cause, applied.Message, applied.Expires = trigger.Applied, "", nil, keptExpiry(suiteTime.Add(24*time.Hour))
	keepTriggers(t, api, applied)
	checkTrigger(t, api, applied)
	keepTriggers(t, api, failed)
	checkTrigger(t, api, failed)
	elsewhere := organizationOfItsOwn()
	if _, there, err := api.Entry(t.Context(), elsewhere, failed.ID); there || err != nil {
		t.Errorf("the entry is another organization's too: %v, error %v", there, err)
	}
}

func messageSizes(t *testing.T, api TriggersAPI) {
	organization := organizationOfItsOwn()
	for _, size := range []int{1 << 20, 700_001, 700_000, 350_001, 350_000, 349_999, 1, 0} {
		entry := triggerOf(t, organization, 0)
		entry.Message = make([]byte, size)
		for i := range entry.Message {
			entry.Message[i] = byte(i >> 3)
		}
		keepTriggers(t, api, entry)
		checkTrigger(t, api, entry)
		// The same message again, and then a shorter one.
		keepTriggers(t, api, entry)
		checkTrigger(t, api, entry)
		entry.Message = entry.Message[:size/2]
		keepTriggers(t, api, entry)
		checkTrigger(t, api, entry)
	}
}

func manyTriggers(t *testing.T, api TriggersAPI) {
	organization := organizationOfItsOwn()
	var entries []trigger.Entry
	for i := range 130 {
		entry := triggerOf(t, organization, time.Duration(i)*time.Hour)
		if i%2 == 1 {
			entry.Message = []byte(strings.Repeat(fmt.Sprint(i), 1000))
		}
		entries = append(entries, entry)
	}
	keepTriggers(t, api, entries...)
	keepTriggers(t, api)
	for i := range entries {
		checkTrigger(t, api, entries[i])
		if i%2 == 1 {
			entries[i].Message = nil
		}
	}
	keepTriggers(t, api, entries...)
	for _, entry := range entries {
		checkTrigger(t, api, entry)
	}
}

func lastOfOne(t *testing.T, api TriggersAPI) {
	first := triggerOf(t, organizationOfItsOwn(), 0)
	last := first
	first.Message, last.Tries = []byte("first"), 2
	other := last
	other.Organization, other.Tries = organizationOfItsOwn(), 3
	keepTriggers(t, api, first, other, last)
	checkTrigger(t, api, last)
	checkTrigger(t, api, other)
}

func newestFirst(t *testing.T, api TriggersAPI) {
	organization := organizationOfItsOwn()
	day := 24 * time.Hour
	var all []trigger.Entry
	for _, before := range []time.Duration{
		0, time.Millisecond, time.Minute, 3 * time.Hour, 4 * time.Hour, day, 2 * day, 2*day + time.Second, 30 * day, 89 * day, 95 * day, 178 * day, 300 * day,
	} {
		entry := triggerOf(t, organization, before)
		entry.Message = []byte("not in a list")
		all = append(all, entry)
	}
	keepTriggers(t, api, all...)
	for i := range all {
		all[i].Message = nil
	}
	for _, tt := range []struct {
		name, before string
		limit        int
		want         []trigger.Entry
		more         bool
	}{
		{"all of ninety days", "", 100, all[:10], false},
		{"exactly all of them", "", 10, all[:10], false},
		{"two", "", 2, all[:2], true},
		{"two more", all[1].ID, 2, all[2:4], true},
		{"over midnight", all[3].ID, 2, all[4:6], true},
		{"on from an older one", all[7].ID, 10, all[8:10], false},
		{"ninety days from there", all[9].ID, 1, all[10:11], true},
		{"nothing within ninety days", all[11].ID, 5, nil, false},
	} {
		got, next, err := api.Entries(t.Context(), organization, tt.before, tt.limit)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: entries differ (-want +got):\n%s", tt.name, diff)
		}
		if want := tt.want; tt.more && next != want[len(want)-1].ID || !tt.more && next != "" {
			t.Errorf("%s: goes on before %q, want more: %v", tt.name, next, tt.more)
		}
	}
	if got, _, err := api.Entries(t.Context(), organizationOfItsOwn(), "", 5); err != nil || len(got) != 0 {
		t.Errorf("another organization has %v, error %v", got, err)
	}
}

func noIDs(t *testing.T, api TriggersAPI) {
	organization := organizationOfItsOwn()
	keepTriggers(t, api, triggerOf(t, organization, 0))
	for _, id := range slices.Concat(oddNames(), []string{"", strings.Repeat("z", 2000)}) {
		if err := api.Keep(t.Context(), []trigger.Entry{{ID: id, Organization: organization}}); err == nil {
			t.Errorf("a trigger of id %.40q is kept", id)
		}
		if _, there, err := api.Entry(t.Context(), organization, id); there || err != nil {
			t.Errorf("a trigger of id %.40q is there: %v, error %v", id, there, err)
		}
		if id == "" {
			continue
		}
		if page, next, err := api.Entries(t.Context(), organization, id, 5); page != nil || next != "" || err != nil {
			t.Errorf("before %.40q there is %v, next %q, error %v", id, page, next, err)
		}
	}
}

func oddEntries(t *testing.T, api TriggersAPI) {
	organization := organizationOfItsOwn()
	var entries []trigger.Entry
	for _, name := range oddNames() {
		entry := triggerOf(t, organization, 0)
		entry.Platform, entry.Entity, entry.Action, entry.Cause, entry.Status, entry.Records = name, name, name, name, trigger.Failed, slices.Repeat([]string{"order/" + name}, trigger.MostRecords)
		entry.Message, entry.At, entry.EndedAt = []byte(name), time.Time{}, time.Time{}
		entries = append(entries, entry)
	}
	keepTriggers(t, api, entries...)
	for _, entry := range entries {
		checkTrigger(t, api, entry)
	}
}
