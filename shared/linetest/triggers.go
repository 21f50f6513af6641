package linetest

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
)

// CRMTrigger is the configuration of a crm-trigger that is told of all changes of cases, with more members, written
// ,"name":value.
func CRMTrigger(extra string) string {
	const urls = `{"create":"https://crm.example.com/new","edit":"https://crm.example.com/case?do=edit","delete":"https://crm.example.com/gone"}`
	return `{"type":"crm-trigger","urls":{"case":` + urls + `},"retryDelaySeconds":30` + extra + `}`
}

// Case is a change of a case of the customer A 1, made in the agent console.
func Case(n int, kind change.Kind) change.Change {
	id := strconv.Itoa(n)
	data := map[string]any{"accountId": "A 1", "number": id}
	c := change.Change{
		Key: change.Key{Organization: Organization, Entity: "case", ID: id}, Kind: kind, Origin: hook.ConsoleOrigin,
		Sequence: fmt.Sprintf("%021d", n), At: Start, New: data,
	}
	if kind == change.Delete {
		c.Old, c.New = data, nil
	}
	return c
}

// TriggerFaults says what is wrong with what arrived of changes that the line's crm-trigger is told: a request of another
// URL than the event has in one of the configurations, or with a body, or under another id than the delivery's; a delivery
// that ended neither taken nor stopped; ids that nobody needs, or that a stopped one lacks.
func (w *World) TriggerFaults(ctx context.Context, configurations []*hook.Hook, changes ...change.Change) []string {
	var faults []string
	want, taken := w.messages(changes), map[string]bool{}
	for i, r := range w.Receiver.Requests() {
		m, ok := want[r.Delivery]
		switch {
		case !ok:
			faults = append(faults, fmt.Sprintf("request %d is of %s, which no change made", i, r.Delivery))
			continue
		case !slices.Contains(urls(configurations, *m.Event), r.URL):
			faults = append(faults, fmt.Sprintf("request %d of %s goes to %s", i, m.Event.Type, r.URL))
		case len(r.Body) > 0 || r.Method != "GET" || r.WebhookID(r.Delivery) != r.Delivery:
			faults = append(faults, fmt.Sprintf("request %d is a %s of %d bytes under %s", i, r.Method, len(r.Body), r.WebhookID(r.Delivery)))
		}
		taken[r.Delivery] = taken[r.Delivery] || r.Taken
	}
	all := w.Ledger.All()
	for id, m := range want {
		switch d := all[m.Ref()]; {
		case d.Status == delivery.Delivered && taken[id]:
			w.bodyFault(ctx, &faults, m, "")
		case d.Status == delivery.Stopped:
			w.bodyFault(ctx, &faults, m, m.Event.Body)
		default:
			faults = append(faults, fmt.Sprintf("%s of %s is %q, taken: %v", m.Event.Type, m.Records[0], d.Status, taken[id]))
		}
	}
	if len(all) != len(want) {
		faults = append(faults, fmt.Sprintf("%d deliveries, want %d", len(all), len(want)))
	}
	slices.Sort(faults)
	return faults
}

// urls are those that an event has in configurations.
func urls(configurations []*hook.Hook, e delivery.Event) []string {
	var list []string
	for _, h := range configurations {
		if r, err := h.RequestTrigger(e.Type, []byte(e.Body)); err == nil {
			list = append(list, r.URL)
		}
	}
	return list
}
