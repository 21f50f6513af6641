package tabletest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"crmhook/shared/delivery"
)

// told is a pending delivery that tells an event.
func told(organization, id, body string) delivery.Delivery {
	d := deliveryOf(organization, id, "order/1")
	d.Execution, d.Changes, d.Attempts, d.Event = "", nil, 0, &delivery.Event{Type: "order.created", Body: body}
	return d
}

// eventsOpened: the ledger keeps of an event the type, its body beside it.
func eventsOpened(t *testing.T, api LedgerAPI) {
	organization := organizationOfItsOwn()
	d := told(organization, "x1", `{"a":1}`)
	open(t, api, d)
	want := d
	want.Event = &delivery.Event{Type: "order.created"}
	checkDeliveries(t, api, want)
	done, err := api.Open(t.Context(), []delivery.Delivery{d})
	answers(t, done, err, false)
	next := d
	next.Attempts = 1
	update(t, api, d, next, true)
	want.Attempts = 1
	checkDeliveries(t, api, want)
}

func bodiesKept(t *testing.T, api LedgerAPI) {
	organization, ctx := organizationOfItsOwn(), t.Context()
	var all []delivery.Message
	for i := range 60 {
		all = append(all, told(organization, fmt.Sprintf("x%02d", i), fmt.Sprintf(`{"n":%d}`, i)).Message)
	}
	all = append(all, told(organization, "large", "{"+strings.Repeat("👩", 220_000)+"}").Message)
	for i, name := range oddNames() {
		all = append(all, told(organization, fmt.Sprintf("odd%d", i), "{"+name+"}").Message)
	}
	for range 2 {
		if err := api.KeepBodies(ctx, all); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range all {
		checkBody(t, api, m.Ref(), m.Event.Body)
	}
	checkBody(t, api, delivery.Ref{Organization: organizationOfItsOwn(), ID: "x00"}, "")
	test := told(organization, "test", `{"a":1}`).Message
	if err := api.KeepTest(ctx, test, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	checkBody(t, api, test.Ref(), test.Event.Body)
	if err := api.ForgetBodies(ctx, all[1:]); err != nil {
		t.Fatal(err)
	}
	if err := api.ForgetBodies(ctx, all[1:2]); err != nil {
		t.Errorf("forgetting what is forgotten: %v", err)
	}
	checkBody(t, api, all[0].Ref(), all[0].Event.Body)
	for _, m := range all[1:] {
		checkBody(t, api, m.Ref(), "")
	}
}

func checkBody(t *testing.T, api LedgerAPI, ref delivery.Ref, want string) {
	t.Helper()
	if got, err := api.Body(t.Context(), ref); err != nil || got != want {
		t.Errorf("body of %s is %.60q (%d bytes), error %v; want %.60q (%d bytes)", ref.ID, got, len(got), err, want, len(want))
	}
}
