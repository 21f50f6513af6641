package platform

import (
	"cmp"
	"maps"
	"time"

	"crmhook/shared/directory"
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/trigger"
)

// shopifyCustomer reads customers/create and customers/update (shopify.dev, Webhooks): the body is the customer. A field
// that Shopify leaves out, or has nothing in, leaves the contact as it is: a shop that knows no phone number does not know
// that there is none, and since version 2025-01 customers come without tags and consents. What a contact has no place for
// is kept under external.Shopify, but updated_at, which orders the states: a state that differs in it alone is no change, so
// that two systems that answer each other's webhooks come to rest.
func shopifyCustomer(t trigger.Trigger) (Plan, fault.List) {
	r, faults := read(t)
	if len(faults) > 0 {
		return Plan{}, faults
	}
	c := readShopifyCustomer(r, t)
	if faults := r.Faults(); len(faults) > 0 {
		return Plan{}, faults
	}
	return Plan{At: c.at, People: []Person{{
		Find: shopifyLookups(t, c.id, c.individual["email"]), Create: true, Change: c.change, Ordered: true,
	}}}, nil
}

// shopifyCustomerDelete reads customers/delete: the contact loses its identifier, and goes if it had no other.
func shopifyCustomerDelete(t trigger.Trigger) (Plan, fault.List) {
	id, faults := shopifyDeleted(t)
	if len(faults) > 0 {
		return Plan{}, faults
	}
	return Plan{People: []Person{{
		Find: shopifyLookups(t, id), Change: func(data map[string]any) map[string]any { return forget(data, t, id) }, Ordered: true,
	}}}, nil
}

// shopifyProfile is what Shopify tells of a customer.
type shopifyProfile struct {
	trigger trigger.Trigger
	id      string
	at      time.Time
	// individual are the fields of individualContact, empty where it has nothing.
	individual map[string]string
	addresses  []shopifyAddress
	// complete: the addresses are all that the customer has.
	complete bool
	consents []shopifyConsent
	// tags are nil where Shopify tells none of them, neither that there are none.
	tags []string
	// rest is what a contact has no place for.
	rest map[string]any
}

func readShopifyCustomer(r document.Reader, t trigger.Trigger) shopifyProfile {
	c := shopifyProfile{trigger: t, id: shopifyID(r, t), at: r.Need("updated_at").Time("updated_at"), rest: maps.Clone(r.Fields())}
	main := c.readAddresses(r)
	c.individual = map[string]string{
		"email": r.Text("email"), "individualFirstname": r.Text("first_name"), "individualLastname": r.Text("last_name"),
		"phoneNumber1": cmp.Or(r.Text("phone"), textOf(main.told["phone"])),
		"countryCode":  textOf(main.fields["countryCode"]), "company": textOf(main.told["company"]),
	}
	if email := c.individual["email"]; email != "" && directory.EmailValue(email) == "" {
		r.Fault("email", "must be an e-mail address")
	}
	c.consents = readShopifyConsents(r)
	c.tags = readShopifyTags(r)
	for _, mapped := range [...]string{"id", "email", "first_name", "last_name", "phone", "addresses", "default_address", "tags", "updated_at"} {
		delete(c.rest, mapped)
	}
	return c
}

// change puts the customer's state on a contact.
func (c shopifyProfile) change(data map[string]any) map[string]any {
	if data == nil {
		data = map[string]any{}
	}
	identify(data, c.trigger, c.id)
	for name, value := range c.individual {
		if value != "" {
			object(data, "individualContact")[name] = value
		}
	}
	c.placeAddresses(data)
	object(data, "external")[shopify] = copyOf(c.rest)
	told := external(data, shopifySource(c.trigger))
	for _, consent := range c.consents {
		consent.place(data, told)
	}
	c.placeTags(data, told)
	if len(told) == 0 {
		delete(object(data, "external"), shopifySource(c.trigger))
	}
	return data
}

// shopifySource is where under external that is kept of a source which its next state is compared with.
func shopifySource(t trigger.Trigger) string { return shopify + "-" + source(t) }

// forget takes an identifier from a contact; nil: it was the only one.
func forget(data map[string]any, t trigger.Trigger, id string) map[string]any {
	identifiers, _ := data["identifiers"].([]any)
	var left []any
	for _, identifier := range identifiers {
		if of, ok := identifier.(map[string]any); !ok || textOf(of["sourceId"]) != source(t) || textOf(of["identifier"]) != id {
			left = append(left, identifier)
		}
	}
	switch {
	case len(left) == len(identifiers):
		return data
	case len(left) == 0:
		return nil
	}
	data["identifiers"] = left
	return data
}
