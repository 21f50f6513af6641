package platform

import (
	"strings"
	"time"

	"crmhook/shared/fault"
	"crmhook/shared/trigger"
)

// tabologyTicket reads a receipt of a till. Tabology publishes that its webhooks are signed, not what a ticket holds; assumed
// are an id and the time of its last change, modified. The record is the body with the query's store and currency, of
// which the ticket itself says nothing: an id is unique within its store only.
func tabologyTicket(t trigger.Trigger) (Plan, fault.List) {
	r, faults := read(t)
	if len(faults) > 0 {
		return Plan{}, append(faults, tabologyQuery(t)...)
	}
	id := r.Need("id").ID("id")
	order := strings.Join([]string{"Tabology", source(t), t.Store, id}, "-")
	if id != "" && validID(t.Store) && !validID(order) {
		r.Fault("id", "must have letters, digits and . _ ~ : @ + - only, and with the store at most 110 of them")
	}
	modified := r.Text("modified")
	at, ok := dateTime(modified)
	if !ok && modified != "" {
		r.Fault("modified", "must be a time in RFC 3339, as 2026-12-01T10:00:00+01:00, or in UTC as 2026-12-01 09:00:00")
	}
	if faults := append(r.Faults(), tabologyQuery(t)...); len(faults) > 0 {
		return Plan{}, faults
	}
	body := r.Fields()
	return Plan{At: at, Writes: []Write{{Entity: "order", ID: order, Ordered: true, Change: func(map[string]any, string) map[string]any {
		data := copyOf(body)
		data["store"], data["currency"] = t.Store, strings.ToUpper(t.Currency)
		return data
	}}}}, nil
}

// tabologyQuery checks the query parameters that Tabology alone has.
func tabologyQuery(t trigger.Trigger) fault.List {
	var faults fault.List
	switch {
	case t.Store == "":
		faults.Add("query.store", "must be given: the store's identifier in Tabology")
	case !validID(t.Store):
		faults.AddValue("query.store", t.Store, "must be at most 128 letters, digits and . _ ~ : @ + -")
	}
	switch {
	case t.Currency == "":
		faults.Add("query.currency", "must be given: the currency of the store's tickets, as EUR")
	case !letters(t.Currency, 3):
		faults.AddValue("query.currency", t.Currency, "must be a currency of ISO 4217, three letters as EUR")
	}
	return faults
}

// dateTime reads a time in RFC 3339, or one without a zone, which is in UTC.
func dateTime(text string) (time.Time, bool) {
	for _, form := range [...]string{time.RFC3339, time.DateTime, "2006-01-02T15:04:05"} {
		if at, err := time.Parse(form, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
