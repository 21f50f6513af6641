package platform

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"crmhook/shared/document"
	"crmhook/shared/trigger"
)

// address is one normalised address: the fields that it sets, and others that are kept.
type address struct {
	// id is the contactAddressId, "" for the main address.
	id           string
	fields, rest map[string]any
	at           time.Time
}

func addressIn(a document.Reader, t trigger.Trigger) address {
	result := address{id: a.ID("contactAddressId"), fields: map[string]any{}, at: t.SignedAt}
	if result.at.IsZero() {
		result.at = t.At
	}
	if main, isBool := a.Value("main").(bool); result.id == "" && isBool && !main {
		a.Fault("contactAddressId", "must be given for an address that is not the main one")
	}
	used := []string{"contactAddressId", "main", "billingAddress", "shippingAddress"}
	texts, values := addressFields(), addressValues()
	for _, name := range sorted(texts) {
		used = append(used, name)
		if text := a.Text(name); a.Has(name) {
			result.fields[name] = text
			if n, most := utf8.RuneCountInString(text), texts[name]; n > most {
				a.Fault(name, "must be at most %d characters long, found %d", most, n)
			}
		}
	}
	for _, name := range sorted(values) {
		used = append(used, name)
		if text := a.Text(name); a.Has(name) {
			result.fields[name] = text
			if !slices.Contains(values[name], text) {
				a.Fault(name, "must be one of %s", strings.Join(values[name], ", "))
			}
		}
	}
	result.rest = details(a, used...)
	return result
}

// addressFields are the texts that normalisation sets, with the most characters of each.
func addressFields() map[string]int {
	return map[string]int{
		"name": 255, "street1": 255, "street2": 255, "street3": 255, "street4": 255, "zipCode": 8, "town": 255, "countryCode": 8,
		"formattedAddress": 2000,
	}
}

// addressValues are the fields that have one of some values.
func addressValues() map[string][]string {
	return map[string][]string{
		"normalizationState":  {"NORMALIZED", "TO_BE_NORMALIZED", "NOT_TO_BE_NORMALIZED", "NOT_NORMALIZED"},
		"normalizationRating": {"UNKNOWN", "COUNTRY", "ZIPCODE", "TOWN", "WAY", "WAYNUMBER"},
	}
}

// apply puts the result onto the contact's address. One that changes nothing leaves no trace.
func (a address) apply(data map[string]any) {
	of := a.in(data)
	if of == nil || a.at.Before(timeOf(of["normalizedAt"])) {
		return
	}
	before := copyOf(of)
	for name, value := range a.fields {
		of[name] = value
	}
	keep(of, a.rest)
	if !document.Same(before, of) {
		of["normalizedAt"] = instant(a.at)
	}
}

// in finds the contact's address; nil where it has none such. The only one is the main one, whether it says so or not.
func (a address) in(data map[string]any) map[string]any {
	list, _ := data["addresses"].([]any)
	for _, item := range list {
		of, _ := item.(map[string]any)
		main, _ := of["main"].(bool)
		if a.id != "" && textOf(of["contactAddressId"]) == a.id || a.id == "" && (main || len(list) == 1) {
			return of
		}
	}
	return nil
}
