// Package directory says by what a contact can be found: its e-mail addresses, its phone numbers and the identifiers that
// outside platforms know it by. It must not know where the directory is kept. An entry may be older than its contact, so
// every hit is checked against the contact.
package directory

import (
	"slices"
	"strings"

	"crmhook/shared/phone"
)

// Kind is what a value of the directory is.
type Kind string

// The kinds. The value of an Email is in lower case, of a Phone in E.164, of an Identifier "<SourceId>:<outside id>".
const (
	Email      Kind = "email"
	Phone      Kind = "phone"
	Identifier Kind = "identifier"
)

// Ref is one value that contacts of an organization may have.
type Ref struct {
	Organization string
	Kind         Kind
	Value        string
}

// Entry says that a contact has a value.
type Entry struct {
	Ref
	Contact string
}

// longest is how many bytes of a value the directory keeps; none of its kinds is longer in earnest.
const longest = 512

// EmailValue is an address as the directory knows it; "" where it is none.
func EmailValue(address string) string {
	address = strings.ToLower(strings.TrimSpace(address))
	if at := strings.LastIndexByte(address, '@'); at < 1 || at == len(address)-1 || strings.ContainsAny(address, " \t\r\n\x00") {
		return ""
	}
	return address
}

// PhoneValue is a number in E.164; "" where it is none. The country (ISO 3166, two or three letters) is for numbers that
// do not name theirs.
func PhoneValue(number, country string) string {
	value, err := phone.E164(number, country)
	if err != nil {
		return ""
	}
	return value
}

// IdentifierValue is an outside platform's id for a contact of a source.
func IdentifierValue(source, id string) string {
	if id == "" {
		return ""
	}
	return source + ":" + id
}

// Of lists what the contact can be found by, each once, in order.
func Of(organization string, data map[string]any) []Ref {
	var refs []Ref
	add := func(kind Kind, values []string) {
		for _, value := range values {
			ref := Ref{organization, kind, value}
			if value != "" && len(value) <= longest && !slices.Contains(refs, ref) {
				refs = append(refs, ref)
			}
		}
	}
	add(Email, emails(data))
	add(Phone, phones(data))
	add(Identifier, identifiers(data))
	return refs
}

// Has reports whether the contact can be found by the value.
func Has(data map[string]any, ref Ref) bool { return slices.Contains(Of(ref.Organization, data), ref) }

// Added lists the entries that a contact needs after a change and did not need before.
func Added(organization, contact string, before, after map[string]any) []Entry {
	had := Of(organization, before)
	var entries []Entry
	for _, ref := range Of(organization, after) {
		if !slices.Contains(had, ref) {
			entries = append(entries, Entry{ref, contact})
		}
	}
	return entries
}

// Found is what the directory knows of a value: the contacts that may have it, and who of them holds the claim to it.
type Found struct {
	Contacts []string
	Holder   string
}

// Claim makes a value belong to a new contact, so that two that are made at once for one person do not both come to be.
type Claim struct {
	Entry
	// Over is a holder that was found not to have the value any more; empty: nobody may hold it.
	Over string
}
