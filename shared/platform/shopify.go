package platform

import (
	"time"

	"crmhook/shared/directory"
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/trigger"
)

// shopify is the platform's name in ids and under external.
const shopify = "Shopify"

// shopifyProduct reads products/create and products/update (shopify.dev, Webhooks): the body is the product, and becomes the
// record as it is.
func shopifyProduct(t trigger.Trigger) (Plan, fault.List) {
	r, faults := read(t)
	if len(faults) > 0 {
		return Plan{}, faults
	}
	id, at := shopifyState(r, t)
	if faults := r.Faults(); len(faults) > 0 {
		return Plan{}, faults
	}
	body := r.Fields()
	product := Write{Entity: "product", ID: id, Ordered: true, Change: func(map[string]any, string) map[string]any { return copyOf(body) }}
	return Plan{At: at, Writes: []Write{product}}, nil
}

// shopifyOrder reads orders/create and orders/updated: the body is the order, and becomes the record with the contactNumber
// of its customer. A customer who is not a contact yet stays one of the order only, as customers/create makes contacts; an
// order without customer and e-mail concerns nobody, and one of a guest whoever has the e-mail. An address that is none does
// not hold up an order, nobody is found by it.
func shopifyOrder(t trigger.Trigger) (Plan, fault.List) {
	r, faults := read(t)
	if len(faults) > 0 {
		return Plan{}, faults
	}
	id, at := shopifyState(r, t)
	customer := r.Object("customer")
	buyer := customer.ID("id")
	find := shopifyLookups(t, buyer, r.Text("email"), customer.Text("email"))
	if faults := r.Faults(); len(faults) > 0 {
		return Plan{}, faults
	}
	order := shopifyOrderWrite(id, r.Fields())
	if len(find) == 0 {
		return Plan{At: at, Writes: []Write{order}}, nil
	}
	return Plan{At: at, People: []Person{{Find: find, Optional: buyer == "", Writes: []Write{order}}}}, nil
}

func shopifyOrderWrite(id string, body map[string]any) Write {
	return Write{Entity: "order", ID: id, Ordered: true, Change: func(before map[string]any, contact string) map[string]any {
		order := copyOf(body)
		concern(order, before, contact, document.Same(shopifyBuyer(before), shopifyBuyer(body)))
		return order
	}}
}

// shopifyBuyer is by what an order tells one customer from another.
func shopifyBuyer(order map[string]any) any {
	if customer, ok := order["customer"].(map[string]any); ok {
		return customer["id"]
	}
	return order["email"]
}

func shopifyProductDelete(t trigger.Trigger) (Plan, fault.List) { return shopifyDelete(t, "product") }

func shopifyOrderDelete(t trigger.Trigger) (Plan, fault.List) { return shopifyDelete(t, "order") }

func shopifyDelete(t trigger.Trigger, entity string) (Plan, fault.List) {
	id, faults := shopifyDeleted(t)
	if len(faults) > 0 {
		return Plan{}, faults
	}
	gone := Write{Entity: entity, ID: shopifyRecord(t, id), Ordered: true, Change: func(map[string]any, string) map[string]any { return nil }}
	return Plan{Writes: []Write{gone}}, nil
}

// shopifyDeleted reads the body of a delete, which names what is gone: {"id":…}, a customer's with a few empty fields. A
// body that tells a state is refused: its signature covers the body alone, so that somebody who saw an update could send it
// on as a delete.
func shopifyDeleted(t trigger.Trigger) (string, fault.List) {
	r, faults := read(t)
	if len(faults) > 0 {
		return "", faults
	}
	id := shopifyID(r, t)
	for _, field := range [...]string{"created_at", "updated_at"} {
		if r.Has(field) {
			r.Fault(field, "must be left out: the body of a delete names what is gone, and this one tells a state")
		}
	}
	return id, r.Faults()
}

// shopifyState reads what every state has: the record's id and the time by which states are ordered.
func shopifyState(r document.Reader, t trigger.Trigger) (record string, at time.Time) {
	id := shopifyID(r, t)
	return shopifyRecord(t, id), r.Need("updated_at").Time("updated_at")
}

// shopifyID reads the id that Shopify gave.
func shopifyID(r document.Reader, t trigger.Trigger) string {
	id := r.Need("id").ID("id")
	if id != "" && !validID(shopifyRecord(t, id)) {
		r.Fault("id", "must be the resource's own number, as 4711, not a gid:// or another text")
	}
	return id
}

// shopifyRecord is the id of the record that Shopify calls by the id.
func shopifyRecord(t trigger.Trigger, id string) string { return shopify + "-" + source(t) + "-" + id }

// shopifyLookups are the ways to find a customer: by the identifier, then by the first of the addresses.
func shopifyLookups(t trigger.Trigger, id string, addresses ...string) []Lookup {
	var find []Lookup
	if value := directory.IdentifierValue(source(t), id); value != "" {
		find = append(find, Lookup{Kind: directory.Identifier, Value: value})
	}
	for _, address := range addresses {
		if value := directory.EmailValue(address); value != "" {
			return append(find, Lookup{Kind: directory.Email, Value: value, IfMatching: true})
		}
	}
	return find
}
