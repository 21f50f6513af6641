package tabletest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
)

func logInOrder(t *testing.T, api ListsAPI) {
	ref, other := delivery.Ref{Organization: organizationOfItsOwn(), ID: "e1-00000"}, delivery.Ref{Organization: organizationOfItsOwn(), ID: "e1-00000"}
	if log, err := api.Log(t.Context(), ref); err != nil || len(log) != 0 {
		t.Errorf("before an attempt: %v, error %v", log, err)
	}
	var want []delivery.Attempt
	for _, n := range []int{13, 2, 10, 3, 9, 4} {
		attempt := delivery.Attempt{Number: n, At: suiteTime, Duration: time.Second, Status: 500, Error: delivery.BadStatus, Answer: "<b>"}
		keepAttempts(t, api, map[delivery.Ref]delivery.Attempt{ref: attempt, other: attempt}, suiteTime)
		want = append(want, attempt)
	}
	slices.SortFunc(want, func(a, b delivery.Attempt) int { return a.Number - b.Number })
	log, err := api.Log(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, log); diff != "" {
		t.Errorf("attempts differ (-want +got):\n%s", diff)
	}
}

// besideExpires follows what lies beside a delivery that is stopped and dismissed.
func besideExpires(t *testing.T, api ListsAPI, content LedgerContent) {
	organization := organizationOfItsOwn()
	d := nth(organization, "crm", 1, "contact/1", "contact/2", "contact/3")
	made, later := keptExpiry(d.CreatedAt.Add(delivery.LedgerTime)), keptExpiry(suiteTime.Add(time.Hour))
	known := nth(organization, "crm", 2, "contact/1", "contact/2")
	known.Expires = later
	if err := api.ListRecords(t.Context(), []delivery.Delivery{d, known}); err != nil {
		t.Fatal(err)
	}
	checkBeside(t, content, known.Ref(), map[string]time.Time{"record#0000": later, "record#0001": later})
	open(t, api, d)
	for _, n := range []int{2, 4, 5} {
		keepAttempts(t, api, map[delivery.Ref]delivery.Attempt{d.Ref(): {Number: n}}, later)
	}
	long := delivery.Message{ID: d.ID, Organization: organization, Event: &delivery.Event{Type: "order.created", Body: `{"a":"` + string(make([]byte, delivery.LargestPiece)) + `"}`}}
	if err := api.KeepBodies(t.Context(), []delivery.Message{long}); err != nil {
		t.Fatal(err)
	}
	want := map[string]time.Time{
		"record#0000": made, "record#0001": made, "record#0002": made, "attempt#0002": later, "attempt#0004": later, "attempt#0005": later,
		"body#0000": {}, "body#0001": {},
	}
	checkBeside(t, content, d.Ref(), want)
	if err := api.KeepForever(t.Context(), d.Ref(), 5); err != nil {
		t.Fatal(err)
	}
	for sk := range want {
		want[sk] = time.Time{}
	}
	checkBeside(t, content, d.Ref(), want)
	for range 2 {
		if err := api.Expire(t.Context(), d.Ref(), 4, later); err != nil {
			t.Fatal(err)
		}
		delete(want, "body#0000")
		delete(want, "body#0001")
		for _, sk := range []string{"record#0000", "record#0001", "record#0002", "attempt#0002", "attempt#0004"} {
			want[sk] = later
		}
		checkBeside(t, content, d.Ref(), want)
	}
	checkDeliveries(t, api, d)
	none := delivery.Ref{Organization: organization, ID: "none"}
	if err := api.Expire(t.Context(), none, 3, later); err != nil {
		t.Error(err)
	}
	checkBeside(t, content, none, map[string]time.Time{})
	checkBeside(t, content, known.Ref(), map[string]time.Time{"record#0000": later, "record#0001": later})
}

func checkBeside(t *testing.T, content LedgerContent, ref delivery.Ref, want map[string]time.Time) {
	t.Helper()
	if diff := cmp.Diff(want, content.Beside(t, ref)); diff != "" {
		t.Errorf("beside %s (-want +got):\n%s", ref.ID, diff)
	}
}
