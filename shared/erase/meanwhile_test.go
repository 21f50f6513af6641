package erase_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/directory"
	"crmhook/shared/record"
	"crmhook/shared/refusal"
	"crmhook/shared/tabletest"
)

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
