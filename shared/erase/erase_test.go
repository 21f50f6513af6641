package erase_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/audit"
	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/directory"
	"crmhook/shared/erase"
	"crmhook/shared/hook"
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

// What others wrote after the record was read goes too.
func TestAWriteMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.add(t, jane)
	h := w.handler()
	h.Records = meanwhile{w.records, func() {
		data := jane.data()
		data["email"] = "new-" + jane.email()
		w.records.Put(jane.key(), data)
	}}
	found, err := h.Erase(t.Context(), organization, jane.number, "office")
	if err != nil || found.Directory != 4 {
		t.Errorf("found %+v, error %v; want the new address too", found, err)
	}
	if left := w.holders(t, jane.mark); left != nil {
		t.Errorf("the mark is still in %v", left)
	}
}

// meanwhile lets somebody write just before the mark.
type meanwhile struct {
	table  *tabletest.Records
	before func()
}

func (m meanwhile) Records(ctx context.Context, keys []change.Key) (map[change.Key]record.Record, error) {
	return m.table.Records(ctx, keys)
}

func (m meanwhile) Erase(ctx context.Context, mark record.Record) (record.Record, bool, error) {
	m.before()
	return m.table.Erase(ctx, mark)
}

// A claim that somebody else holds by now stays.
func TestAnothersClaimStays(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.add(t, jane)
	ref := directory.Ref{Organization: organization, Kind: directory.Email, Value: jane.email()}
	other := record.Record{Key: change.Key{Organization: organization, Entity: change.Contact, ID: "new"}}
	other, _ = other.With(map[string]any{}, "api", start)
	claim := directory.Claim{Entry: directory.Entry{Ref: ref, Contact: "new"}, Over: jane.number}
	if done, err := w.contacts.Create(t.Context(), other, []directory.Claim{claim}); err != nil || !done {
		t.Fatalf("create: %v %v", done, err)
	}
	w.erase(t, jane.number)
	found, err := w.directory.Find(t.Context(), []directory.Ref{ref})
	if err != nil || found[ref].Holder != "new" || found[ref].Contacts != nil {
		t.Errorf("found %+v, error %v", found, err)
	}
}

func wantLater(t *testing.T, err error, says string) {
	t.Helper()
	r := refusal.Of(err)
	if r == nil || r.Status != http.StatusServiceUnavailable || r.RetryAfter <= 0 || !strings.Contains(r.Detail, says) || !strings.Contains(r.Detail, "call again") {
		t.Fatalf("error %v, want a 503 that says %q", err, says)
	}
}

// What a sender is at work on is left to another call, which is asked for.
func TestARequestUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.add(t, jane)
	ref := w.deliver(t, delivery.Pending, true, jane.mark, jane.key())
	is := w.ledger.All()[ref]
	claimed := is
	claimed.Claim, claimed.Attempts = start.Add(time.Minute), 4
	if done, err := w.ledger.Update(t.Context(), []delivery.Update{{Was: is, Now: claimed}}); err != nil || !done[0] {
		t.Fatalf("claim: %v %v", done, err)
	}
	found, err := w.handler().Erase(t.Context(), organization, jane.number, "office")
	wantLater(t, err, "1 deliveries are being sent")
	if found.Cancelled != 1 || w.ledger.All()[ref].Status != delivery.Pending {
		t.Errorf("found %+v; the delivery is %s", found, w.ledger.All()[ref].Status)
	}
	w.now = start.Add(2 * time.Minute)
	if found := w.erase(t, jane.number); found.Cancelled != 1 || found.Answers != 3 {
		t.Errorf("found %+v", found)
	}
	if left := w.holders(t, jane.mark); left != nil {
		t.Errorf("the mark is still in %v", left)
	}
}

// A call that runs out of time says what it did, and the next ones go on until all is done.
func TestThousandsOfDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.add(t, jane)
	for range 500 {
		w.deliver(t, delivery.Stopped, true, jane.mark, jane.key())
	}
	h := w.handler()
	var asked atomic.Int64
	h.Now = func() time.Time { return w.now.Add(time.Duration(asked.Add(1)) * 120 * time.Millisecond) }
	var total erase.Found
	rounds := 0
	for ; rounds < 50; rounds++ {
		asked.Store(0)
		found, err := h.Erase(t.Context(), organization, jane.number, "office")
		total.Bodies += found.Bodies
		total.Answers += found.Answers
		if err == nil {
			break
		}
		wantLater(t, err, "time")
		if found.Bodies == 0 && found.Triggers == 0 {
			t.Fatal("a call that came no further")
		}
	}
	if rounds < 3 || total.Bodies != 505 || total.Answers != 3*510 {
		t.Errorf("after %d calls %+v", rounds, total)
	}
	if left := w.holders(t, jane.mark); left != nil {
		t.Errorf("the mark is still in %v", left)
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

// The cost grows with what concerns the contact.
func TestCosts(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.add(t, john)
	for range 100 {
		w.deliver(t, delivery.Delivered, false, jane.mark, jane.key())
	}
	clear(w.ledger.Calls)
	clear(w.triggers.Calls)
	w.erase(t, jane.number)
	want := map[string]int{"Record": 1, "AsidePage": 1, "Listed": 2, "Log": 100, "Rewrite": 8, "Forget": 8, "Update": 4}
	if diff := cmp.Diff(want, w.ledger.Calls); diff != "" {
		t.Errorf("calls to the ledger (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"Open": 2, "Entry": 8}, w.triggers.Calls); diff != "" {
		t.Errorf("calls about triggers (-want +got):\n%s", diff)
	}
	clear(w.ledger.Calls)
	w.erase(t, jane.number)
	if got := fmt.Sprint(w.ledger.Calls); got != "map[AsidePage:1 Listed:2 Record:1]" {
		t.Errorf("calls the second time: %s", got)
	}
}

// What tells of an erasure is not taken away by another call, unlike what tells of a deletion before.
func TestWhatTellsOfTheErasureGoesOn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind, body string
		stays      bool
	}{
		"the erasure":               {"contact.deleted", `{"type":"contact.deleted","record":{"entity":"contact","id":"4711"},"data":{"contactNumber":"4711"}}`, true},
		"a deletion":                {"contact.deleted", `{"type":"contact.deleted","data":{"contactNumber":"4711","name":"jane-mark"}}`, false},
		"an update":                 {"contact.updated", `{"type":"contact.updated","data":{"contactNumber":"4711"}}`, false},
		"a rule, of the erasure":    {"rule.fired", `{"id":"r","contactId":"4711","email":null,"phone":null,"company":null}`, true},
		"a rule, of the person":     {"rule.fired", `{"id":"r","contactId":"4711","email":null,"phone":"jane-mark","company":null}`, false},
		"what has lost its body":    {"contact.deleted", "", false},
		"what cannot be understood": {"contact.deleted", `{"data":["jane-mark"]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, claim := range []time.Time{{}, start.Add(time.Minute)} {
				w := newWorld()
				d := delivery.Delivery{
					Message: delivery.Message{
						ID: "d", Organization: organization, Interface: interfaces, Generation: "g1", Records: []string{jane.key().String()},
						Event: &delivery.Event{Type: strings.Replace(tt.kind, "rule.fired", hook.RuleEvent, 1), Body: tt.body},
					},
					Status: delivery.Pending, CreatedAt: start, Claim: claim,
				}
				if _, err := w.ledger.Open(t.Context(), []delivery.Delivery{d}); err != nil {
					t.Fatal(err)
				}
				if tt.body != "" {
					w.must(t, w.ledger.KeepBodies(t.Context(), []delivery.Message{d.Message}))
				}
				found, err := w.handler().Erase(t.Context(), organization, jane.number, "office")
				if busy := refusal.Of(err) != nil; busy != (!tt.stays && !claim.IsZero()) {
					t.Fatalf("error %v", err)
				}
				body, err := w.ledger.Body(t.Context(), d.Ref())
				w.must(t, err)
				if !claim.IsZero() {
					continue
				}
				is := w.ledger.All()[d.Ref()]
				if tt.stays != (is.Status == delivery.Pending) || tt.stays != (found.Cancelled == 0) || tt.stays != (body != "") {
					t.Errorf("found %+v; the event is %s with the body %s", found, is.Status, body)
				}
			}
		})
	}
}

// A body that somebody kept after a call had removed it goes with the next one.
func TestABodyThatCameBack(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.add(t, jane)
	ref := w.deliver(t, delivery.Pending, true, jane.mark, jane.key())
	w.erase(t, jane.number)
	again := w.ledger.All()[ref].Message
	again.Event = &delivery.Event{Type: "contact.updated", Body: `{"data":"` + jane.mark + `"}`}
	w.must(t, w.ledger.KeepBodies(t.Context(), []delivery.Message{again}))
	if found := w.erase(t, jane.number); found.Bodies != 1 {
		t.Errorf("found %+v", found)
	}
	if left := w.holders(t, jane.mark); left != nil {
		t.Errorf("the mark is still in %v", left)
	}
}
