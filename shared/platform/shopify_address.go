package platform

import (
	"slices"
	"strings"

	"crmhook/shared/document"
)

// mostShopifyAddresses is how many addresses Shopify lists of a customer, the last updated ones.
const mostShopifyAddresses = 10

// shopifyAddress is one address of a customer.
type shopifyAddress struct {
	id   string
	main bool
	// fields are those of the contact's address, nil for one that is empty.
	fields map[string]any
	// told is the address as it came, but whether it is the main one.
	told map[string]any
}

// readAddresses reads the addresses that are listed, and the default one, which Shopify shows a second time. It answers the
// main one, of which all is missing where there is none.
func (c *shopifyProfile) readAddresses(r document.Reader) (main shopifyAddress) {
	list := r.List("addresses")
	c.complete = r.Has("addresses") && len(list) < mostShopifyAddresses
	byDefault := r.Object("default_address")
	if byDefault.Given() {
		main = readShopifyAddress(byDefault)
	}
	for _, item := range list {
		a := readShopifyAddress(item)
		if a.main && !byDefault.Given() {
			main = a
		}
		c.addresses = append(c.addresses, a)
	}
	if isMain := func(a shopifyAddress) bool { return a.id == main.id }; byDefault.Given() && !slices.ContainsFunc(c.addresses, isMain) {
		c.addresses = append(c.addresses, main)
	}
	for i := range c.addresses {
		c.addresses[i].main = c.addresses[i].id == main.id
	}
	return main
}

func readShopifyAddress(r document.Reader) shopifyAddress {
	a := shopifyAddress{id: r.Need("id").ID("id"), main: r.Bool("default"), fields: map[string]any{}, told: copyOf(r.Fields())}
	delete(a.told, "default")
	for _, name := range [...]struct{ theirs, ours string }{
		{"name", "name"}, {"address1", "street1"}, {"address2", "street2"}, {"zip", "zipCode"}, {"city", "town"}, {"country_code", "countryCode"},
	} {
		a.fields[name.ours] = nil
		if value := r.Text(name.theirs); value != "" {
			a.fields[name.ours] = value
		}
	}
	if country, ok := a.fields["countryCode"].(string); ok && !letters(country, 2) {
		r.Fault("country_code", "must be a country of ISO 3166, two letters as FR")
	}
	return a
}

// placeAddresses puts the customer's addresses beside those that the contact has from elsewhere, which stay as they are.
// One that this source gave and no longer lists goes. The default address is the main one unless another is.
func (c shopifyProfile) placeAddresses(data map[string]any) {
	taken := c.withdrawAddresses(data)
	for _, a := range c.addresses {
		address := member(data, "addresses", "contactAddressId", shopifyRecord(c.trigger, a.id))
		a.place(address)
		address["main"] = a.main && !taken
		if of := c.trigger.AddressTypeID; of != nil {
			address["contactAddressTypeId"] = number(*of)
		}
	}
}

// withdrawAddresses takes away the addresses of this source that are no longer listed; of those that stay none is the main
// one when another is told. It answers whether an address from elsewhere is.
func (c shopifyProfile) withdrawAddresses(data map[string]any) (taken bool) {
	list, ok := data["addresses"].([]any)
	if !ok {
		return false
	}
	told := slices.ContainsFunc(c.addresses, func(a shopifyAddress) bool { return a.main })
	data["addresses"] = slices.DeleteFunc(list, func(item any) bool {
		address, _ := item.(map[string]any)
		id, own := strings.CutPrefix(textOf(address["contactAddressId"]), shopifyRecord(c.trigger, ""))
		if main, _ := address["main"].(bool); main && !own {
			taken = true
		} else if main && told {
			address["main"] = false
		}
		return own && c.complete && !slices.ContainsFunc(c.addresses, func(a shopifyAddress) bool { return a.id == id })
	})
	return taken
}

// place writes an address that Shopify changed since. One that it did not change keeps what the CRM, or postal
// normalisation, has made of it.
func (a shopifyAddress) place(address map[string]any) {
	kept := object(address, "external")
	if document.Same(kept[shopify], a.told) {
		return
	}
	kept[shopify] = copyOf(a.told)
	for name, value := range a.fields {
		if address[name] = value; value == nil {
			delete(address, name)
		}
	}
	delete(address, "normalizationState")
	delete(address, "normalizationRating")
}
