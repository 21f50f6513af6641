// Package reach says by what a contact can be found in the directory: its e-mail addresses, its phone numbers and the
// identifiers that outside platforms know it by. An entry may be older than its contact, so every hit is checked against the
// contact. It must not know where either is kept. It is apart from package directory because it knows numbering plans, whose
// library is large.
package reach

import (
	"slices"

	"crmhook/shared/directory"
	"crmhook/shared/phone"
)

// longest is how many bytes of a value the directory keeps; none of its kinds is longer in earnest.
const longest = 512

// PhoneValue is a number in E.164; "" where it is none. The country (ISO 3166, two or three letters) is for numbers that
// do not name theirs.
func PhoneValue(number, country string) string {
	value, err := phone.E164(number, country)
	if err != nil {
		return ""
	}
	return value
}

// Of lists what the contact can be found by, each once, in order.
func Of(organization string, data map[string]any) []directory.Ref {
	var refs []directory.Ref
	add := func(kind directory.Kind, values []string) {
		for _, value := range values {
			ref := directory.Ref{Organization: organization, Kind: kind, Value: value}
			if value != "" && len(value) <= longest && !slices.Contains(refs, ref) {
				refs = append(refs, ref)
			}
		}
	}
	add(directory.Email, emails(data))
	add(directory.Phone, phones(data))
	add(directory.Identifier, identifiers(data))
	return refs
}

// Has reports whether the contact can be found by the value.
func Has(data map[string]any, ref directory.Ref) bool {
	return slices.Contains(Of(ref.Organization, data), ref)
}

// Diff lists the entries that a contact needs after a change and did not need before, and those that it needs no more.
func Diff(organization, contact string, before, after map[string]any) (added, gone []directory.Entry) {
	had, has := Of(organization, before), Of(organization, after)
	return missing(contact, has, had), missing(contact, had, has)
}

// missing are the contact's entries of refs that are not among others.
func missing(contact string, refs, others []directory.Ref) []directory.Entry {
	var entries []directory.Entry
	for _, ref := range refs {
		if !slices.Contains(others, ref) {
			entries = append(entries, directory.Entry{Ref: ref, Contact: contact})
		}
	}
	return entries
}
