package erase_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/audit"
	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/erase"
	"crmhook/shared/record"
	"crmhook/shared/refusal"
	"crmhook/shared/tabletest"
	"crmhook/shared/trigger"
)

func TestNothingOfThePersonStays(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.add(t, jane)
	w.add(t, john)
	w.both(t)
	before := w.holders(t, john.mark)
	if len(before) < 40 || len(w.holders(t, jane.mark)) < len(before) {
		t.Fatalf("the world holds too little: %v", before)
	}
	want := erase.Found{
		Record: true, Directory: 3, Deliveries: 13, Bodies: 5, Answers: 39, Cancelled: 1, Triggers: 8, SetAside: 3,
	}
	if diff := cmp.Diff(want, w.erase(t, jane.number)); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	if left := w.holders(t, jane.mark); left != nil {
		t.Errorf("the mark is still in %v", left)
	}
	if diff := cmp.Diff(before, w.holders(t, john.mark)); diff != "" {
		t.Errorf("another contact's data (-want +got):\n%s", diff)
	}
	w.checkEnds(t)
	if diff := cmp.Diff(erase.Found{Deliveries: 13}, w.erase(t, jane.number)); diff != "" {
		t.Errorf("found the second time (-want +got):\n%s", diff)
	}
}

// checkEnds looks at what became of deliveries, triggers, record and audit.
func (w *world) checkEnds(t *testing.T) {
	t.Helper()
	statuses := map[string]int{}
	for ref, d := range w.ledger.All() {
		if len(d.Records) == 1 && d.Records[0] == jane.key().String() {
			kind := "bucket "
			if d.Event != nil {
				kind = "event "
			}
			statuses[kind+string(d.Status)]++
			if d.Final() && (d.Expires.IsZero() || w.ledger.Expires(ref, 3).IsZero()) {
				t.Errorf("delivery %s (%s) or what is beside it stays for ever", ref.ID, d.Status)
			}
		} else if d.Status == delivery.Stopped && !w.ledger.KeptForever(ref) {
			t.Errorf("delivery %s is still stopped, and its attempts are not kept", ref.ID)
		}
	}
	want := map[string]int{
		"event cancelled": 2, "event dismissed": 1, "event delivered": 1, "event replayed": 1,
		"bucket pending": 1, "bucket dismissed": 1, "bucket delivered": 1, "bucket replayed": 1, "bucket cancelled": 1,
	}
	if diff := cmp.Diff(want, statuses); diff != "" {
		t.Errorf("ends (-want +got):\n%s", diff)
	}
	erased := 0
	for _, entry := range w.triggers.All() {
		if entry.Message == nil {
			erased++
			if entry.Status != trigger.Failed || !strings.Contains(entry.Cause, "erased") || entry.Expires.IsZero() || entry.Platform != "Shopify" {
				t.Errorf("entry %+v", entry)
			}
		}
	}
	if erased != 8 {
		t.Errorf("%d entries without a message, want 8", erased)
	}
	mark := record.Record{
		Key: jane.key(), Origin: "api", UpdatedAt: start, Version: start.UnixMilli() + 1, Deleted: true, Erased: true, Expires: start.Add(record.MarkKept),
	}
	if diff := cmp.Diff(mark, w.records.All()[jane.key()]); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	entries, _, err := w.ledger.Recorded(t.Context(), organization, "", time.Time{}, time.Time{}, 10)
	if err != nil || len(entries) != 1 {
		t.Fatalf("audit: %v, error %v", entries, err)
	}
	entries[0].ID = ""
	said := audit.Entry{Organization: organization, At: start, By: "office", Action: audit.Erase, Subject: "contact 4711"}
	if diff := cmp.Diff(said, entries[0]); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

// Wherever a call dies, it has said who asked, and the next one removes the rest.
func TestACrashAnywhere(t *testing.T) {
	t.Parallel()
	for n, died := 1, true; died; n++ {
		w := newWorld()
		w.add(t, jane)
		w.add(t, john)
		w.both(t)
		before := w.holders(t, john.mark)
		w.kill.At(n)
		_, err := w.handler().Erase(t.Context(), organization, jane.number, "office")
		died = w.kill.Dead()
		w.kill.At(0)
		if died && !errors.Is(err, tabletest.ErrKilled) {
			t.Fatalf("step %d: error %v", n, err)
		}
		entries, _, err := w.ledger.Recorded(t.Context(), organization, "", time.Time{}, time.Time{}, 10)
		w.must(t, err)
		if n > 1 && len(entries) == 0 {
			t.Errorf("step %d: nobody is said to have asked", n)
		}
		w.sweep(t)
		w.erase(t, jane.number)
		if left := w.holders(t, jane.mark); left != nil {
			t.Fatalf("step %d: the mark is still in %v", n, left)
		}
		if diff := cmp.Diff(before, w.holders(t, john.mark)); diff != "" {
			t.Fatalf("step %d: another contact's data (-want +got):\n%s", n, diff)
		}
	}
}

// sweep is what scan does when it reads an erasure: what the directory knew the person by is gone after it.
func (w *world) sweep(t *testing.T) {
	t.Helper()
	if !w.records.All()[jane.key()].Erased {
		return
	}
	entries, _, err := w.directory.Of(t.Context(), jane.key())
	w.must(t, err)
	w.must(t, w.directory.Remove(t.Context(), entries))
}

// The directory knows the person also where the record is gone, and a deleted one's mark has its data.
func TestAContactThatIsGone(t *testing.T) {
	t.Parallel()
	deleted := func(t *testing.T, w *world) {
		found, err := w.records.Records(t.Context(), []change.Key{jane.key()})
		w.must(t, err)
		next, _ := found[jane.key()].With(nil, "api", start)
		if done, err := w.records.Write(t.Context(), []record.Write{{Was: found[jane.key()], Now: next}}); err != nil || !done[0] {
			t.Fatalf("delete: %v %v", done, err)
		}
	}
	for name, tt := range map[string]struct {
		gone   func(t *testing.T, w *world)
		record bool
	}{
		"deleted": {deleted, true},
		"removed by another program": {func(t *testing.T, w *world) {
			w.records.CRM().Remove(t, jane.key())
		}, false},
		"spoilt by another program": {func(t *testing.T, w *world) {
			w.records.CRM().Spoil(t, jane.key())
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.add(t, jane)
			tt.gone(t, w)
			found := w.erase(t, jane.number)
			if found.Record != tt.record || found.Directory != 3 || found.Triggers != 8 || found.SetAside != 3 {
				t.Errorf("found %+v", found)
			}
			if left := w.holders(t, jane.mark); left != nil {
				t.Errorf("the mark is still in %v", left)
			}
			if is := w.records.All()[jane.key()]; !is.Erased || is.Data != nil {
				t.Errorf("record %+v: scan is not told of the erasure", is)
			}
		})
	}
}

func TestNobody(t *testing.T) {
	t.Parallel()
	w := newWorld()
	if found := w.erase(t, "nobody"); found != (erase.Found{}) {
		t.Errorf("found %+v", found)
	}
	for _, id := range []string{"", strings.Repeat("1", 21)} {
		_, err := w.handler().Erase(t.Context(), organization, id, "office")
		if r := refusal.Of(err); r == nil || r.Status != http.StatusUnprocessableEntity || len(r.Faults) != 1 {
			t.Errorf("%q: error %v", id, err)
		}
	}
}
