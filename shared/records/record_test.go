package records_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"crmhook/shared/contact"
	"crmhook/shared/crm"
	"crmhook/shared/record"
	"crmhook/shared/records"
	"crmhook/shared/refusal"
)

func TestEveryFaultOfARequestIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	w := open(t)
	r := records.Request{
		Key: key("Order", "a b"), IfMatch: []string{"x"}, IfNoneMatch: []string{`"`}, Body: []byte(`{"a":1e999,"b":{"c":1,"c":2}}`),
	}
	const all = "path.entity path.id header.If-Match header.If-None-Match"
	_, err := w.Put(t.Context(), r)
	w.refusedWith(err, 422, all+" data.a data.b.c")
	_, err = w.Patch(t.Context(), r)
	w.refusedWith(err, 422, all+" data.a data.b.c")
	_, err = w.Get(t.Context(), r)
	w.refusedWith(err, 422, all)
	w.refusedWith(w.Delete(t.Context(), r), 422, all)
	r.Body = []byte("{")
	_, err = w.Put(t.Context(), r)
	w.refusedWith(err, 400, all+" data")
	_, err = w.Bulk(t.Context(), r)
	w.refusedWith(err, 400, "path.entity body")
	_, err = w.Page(t.Context(), records.List{Organization: "demo", Entity: "Order", Query: url.Values{
		"limit": {"0"}, "cursor": {"x"}, "email": {"x"}, "phone": {"1", "2"}, "more": {""},
	}})
	w.refusedWith(err, 422, "path.entity query.cursor query.email query.email query.limit query.more query.phone")
}

func TestThePatchIsMergedIntoWhatOthersWroteMeanwhile(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.put("order", "1", `{"a":1}`)
	w.CRM.Records = &meddler{store: w.CRM.Records, times: 3, with: func(n int) {
		w.records.Put(key("order", "1"), map[string]any{"n": fmt.Sprint(n)})
	}}
	is, err := w.Patch(t.Context(), records.Request{Key: key("order", "1"), Origin: "api", Body: []byte(`{"b":2}`)})
	if err != nil || len(is.Data) != 2 || is.Data["n"] != "2" {
		t.Errorf("got %v (%v), want what another wrote last and the patch", is.Data, err)
	}
}

func TestAnETagCountsForWhatOthersWroteMeanwhile(t *testing.T) {
	t.Parallel()
	w := open(t)
	tag := w.put("order", "1", `{"a":1}`).ETag
	w.CRM.Records = &meddler{store: w.CRM.Records, times: 1, with: func(int) {
		w.records.Put(key("order", "1"), map[string]any{"a": "other"})
	}}
	_, err := w.Put(t.Context(), records.Request{Key: key("order", "1"), Origin: "api", IfMatch: []string{tag}, Body: []byte(`{"a":2}`)})
	w.refusedWith(err, 412, "")
	if got := w.records.All()[key("order", "1")].Data["a"]; got != "other" {
		t.Errorf("the record is %v: what another wrote is lost", got)
	}
}

func TestARecordThatOthersWriteAllTheTime(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.put("order", "1", `{"a":1}`)
	w.CRM.Records = &meddler{store: w.CRM.Records, times: 1000, with: func(n int) {
		w.records.Put(key("order", "1"), map[string]any{"n": fmt.Sprint(n)})
	}}
	_, err := w.Patch(t.Context(), records.Request{Key: key("order", "1"), Origin: "api", Body: []byte(`{"b":2}`)})
	w.refusedWith(err, 503, "")
	if r := refusal.Of(err); r != nil && r.RetryAfter <= 0 {
		t.Error("the refusal does not say when to try again")
	}
}

// store is crm.Records under a name that its method has not.
type store interface{ crm.Records }

// meddler writes the record between the reading and the writing of another, the first times.
type meddler struct {
	store
	times, n int
	with     func(n int)
}

func (m *meddler) Write(ctx context.Context, writes []record.Write) ([]bool, error) {
	if m.n < m.times {
		m.with(m.n)
		m.n++
	}
	return m.store.Write(ctx, writes)
}

func TestAPatchMayNotGrowARecordTooLarge(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.put("order", "1", `{"b":"`+strings.Repeat("x", 200_000)+`"}`)
	_, err := w.Patch(t.Context(), records.Request{Key: key("order", "1"), Origin: "api", Body: []byte(field(200_000))})
	w.refusedWith(err, 413, "")
}

func TestAPageEndsEarlyWhereRecordsAreLarge(t *testing.T) {
	t.Parallel()
	w := open(t)
	for i := range 60 {
		w.put("order", fmt.Sprintf("o-%02d", i), field(370_000))
	}
	var ids []string
	query := url.Values{"limit": {"200"}}
	for {
		page, err := w.Page(t.Context(), records.List{Organization: "demo", Entity: "order", Query: query})
		if err != nil {
			t.Fatal(err)
		}
		size := 0
		for _, is := range page.Items {
			text, err := contact.AppendJSON(nil, is.Data)
			if err != nil {
				t.Fatal(err)
			}
			ids, size = append(ids, is.ID), size+len(text)
		}
		if size > 4<<20 || len(page.Items) < 10 && page.Next != "" {
			t.Errorf("a page has %d records of %d bytes in all", len(page.Items), size)
		}
		if page.Next == "" {
			break
		}
		query.Set("cursor", page.Next)
	}
	if len(ids) != 60 || ids[0] != "o-00" || ids[59] != "o-59" {
		t.Errorf("the pages list %q", ids)
	}
}

// TestAPageThatEndsWithItsLimitIsTheLast has no cursor that leads to nothing.
func TestAPageThatEndsWithItsLimitIsTheLast(t *testing.T) {
	t.Parallel()
	w := open(t)
	for i := range 100 {
		w.put("order", fmt.Sprintf("o-%03d", i), `{}`)
	}
	for limit, next := range map[string]bool{"99": true, "100": false, "101": false, "50": true, "51": true} {
		page, err := w.Page(t.Context(), records.List{Organization: "demo", Entity: "order", Query: url.Values{"limit": {limit}}})
		if err != nil || (page.Next != "") != next {
			t.Errorf("limit %s: got %d records and the cursor %q (%v), want one: %t", limit, len(page.Items), page.Next, err, next)
		}
	}
}

func TestARecordThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.put("order", "1", `{}`)
	w.records.CRM().Spoil(t, key("order", "1"))
	r := records.Request{Key: key("order", "1"), Origin: "api", Body: []byte(`{}`)}
	_, err := w.Get(t.Context(), r)
	w.refusedWith(err, 409, "")
	_, err = w.Put(t.Context(), r)
	w.refusedWith(err, 409, "")
	w.refusedWith(w.Delete(t.Context(), r), 409, "")
	r.Body = []byte(`[{"id":"1","data":{}},{"id":"2","data":{}}]`)
	outcomes, err := w.Bulk(t.Context(), r)
	if err != nil || outcomes[0].Status != 409 || outcomes[1].Status != 201 {
		t.Errorf("got %+v (%v), want 409 for the one and 201 for the other", outcomes, err)
	}
}

func TestTroubleOfTheStoreIsNoRefusal(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.Pages = failing{}
	if _, err := w.Page(t.Context(), records.List{Organization: "demo", Entity: "order"}); !errors.Is(err, errBroken) || refusal.Of(err) != nil {
		t.Errorf("got %v, want the store's error", err)
	}
}

type failing struct{}

func (failing) Page(context.Context, string, string, string, int) ([]record.Record, bool, error) {
	return nil, false, errBroken
}
