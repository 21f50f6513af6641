package platform

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/trigger"
)

// ofStore gives a ticket the query that Tabology needs.
func ofStore(store, currency string) func(*trigger.Trigger) {
	return func(from *trigger.Trigger) { from.Store, from.Currency = store, currency }
}

func TestTabologyEvents(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Ticket/Create", "Ticket/Update"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkEvents(t, "Tabology", name, ofStore("marseille-1", "EUR"))
		})
	}
}

func TestTabologyTicket(t *testing.T) {
	t.Parallel()
	from := sent("Tabology/Ticket/Update", `{"id":"A-7","total":39.80,"store":{"name":"Main"},"currency":"€","modified":null}`)
	ofStore("main", "eur")(&from)
	plan := goodPlan(t, from)
	if !plan.At.IsZero() {
		t.Errorf("At = %s without modified, want the zero time", plan.At)
	}
	want := shownPlan{Writes: []shownWrite{{"order/Tabology-3-main-A-7", true, parsed(t, `{"id":"A-7","total":39.80,"store":"main","currency":"EUR","modified":null}`)}}}
	if diff := cmp.Diff(want, shownOf(plan)); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	checkIdempotent(t, plan, parsed(t, `{"id":"A-7","old":true}`))
}

func TestTabologyTime(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	for _, text := range []string{"2026-12-01T10:00:00+01:00", "2026-12-01T09:00:00.000Z", "2026-12-01 09:00:00", "2026-12-01T09:00:00"} {
		from := sent("Tabology/Ticket/Update", `{"id":1,"modified":"`+text+`"}`)
		ofStore("main", "EUR")(&from)
		if got := goodPlan(t, from).At; !got.Equal(want) {
			t.Errorf("modified %s is %s, want %s", text, got, want)
		}
	}
}

func TestTabologyFaults(t *testing.T) {
	t.Parallel()
	const (
		id       = "id: must have letters, digits and . _ ~ : @ + - only, and with the store at most 110 of them"
		modified = "modified: must be a time in RFC 3339, as 2026-12-01T10:00:00+01:00, or in UTC as 2026-12-01 09:00:00"
		store    = "query.store: must be given: the store's identifier in Tabology"
		currency = "query.currency: must be given: the currency of the store's tickets, as EUR"
	)
	for _, tt := range []struct {
		name, body, store, currency string
		want                        []string
	}{
		{"not JSON", ``, "", "EUR", []string{"the body must be a JSON object: not JSON at line 1, column 1: expected a value, found the end of the text", store}},
		{"nothing", `{}`, "", "", []string{"id: must be given", store, currency}},
		{"what is none", `{"id":"1/2","modified":"yesterday"}`, "main", "€", []string{id, modified, "query.currency: must be a currency of ISO 4217, three letters as EUR"}},
		{"other types", `{"id":[],"modified":5}`, "a/b", "EURO", []string{
			"id: must be an id (a string or a whole number), found a list", "modified: must be a string, found a number",
			"query.store: must be at most 128 letters, digits and . _ ~ : @ + -", "query.currency: must be a currency of ISO 4217, three letters as EUR",
		}},
		{"too long together", `{"id":"12345678901234567890123456789012345678901234567890123456789012345678901234567890"}`, "1234567890123456789012345678901234567", "EUR", []string{id}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			from := sent("Tabology/Ticket/Create", tt.body)
			ofStore(tt.store, tt.currency)(&from)
			checkFaults(t, from, tt.want...)
		})
	}
}

func FuzzTabology(f *testing.F) {
	fuzzBodies(f, []string{"Tabology/Ticket/Create", "Tabology/Ticket/Update"}, eventOfSample(f, "tabology-ticket-create"), eventOfSample(f, "tabology-ticket-update"))
}
