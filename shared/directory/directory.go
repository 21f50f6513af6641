// Package directory says what the directory of contacts holds: the e-mail addresses, phone numbers and identifiers by which
// contacts are found, and the claims to them. It must not know where it is kept, nor how a contact's are read (package reach).
package directory

import "strings"

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

// EmailValue is an address as the directory knows it; "" where it is none.
func EmailValue(address string) string {
	address = strings.ToLower(strings.TrimSpace(address))
	if at := strings.LastIndexByte(address, '@'); at < 1 || at == len(address)-1 || strings.ContainsAny(address, " \t\r\n\x00") {
		return ""
	}
	return address
}

// IdentifierValue is an outside platform's id for a contact of a source.
func IdentifierValue(source, id string) string {
	if id == "" {
		return ""
	}
	return source + ":" + id
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
