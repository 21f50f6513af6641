// Package contact knows what a contact consists of: the twelve details groups of SecuTix's getContactData, the fields
// of each, what an interface's details leave of a contact, and the contact's JSON. Contacts are map[string]any holding
// string, json.Number, bool, nil, []any and map[string]any. It must not know where contacts are kept or sent.
package contact

import (
	"fmt"
	"strings"

	"crmhook/shared/fault"
)

// Details is a set of details groups.
type Details uint16

// The groups, under the names that getContactData (ContactInformationPublicService 2_21) gives them.
const (
	General Details = 1 << iota
	Qualities
	Authorizations
	Criteria
	Indicators
	Advantages
	Addresses
	ComMeans
	Financial
	Connections
	IndividualPhoto
	InvalidatedQualities
	end

	// All is every group.
	All = end - 1
)

// names are the groups' names, in the order of their bits.
func names() [12]string {
	return [...]string{
		"GENERAL", "QUALITIES", "AUTHORIZATIONS", "CRITERIA", "INDICATORS", "ADVANTAGES", "ADDRESSES", "COM_MEANS",
		"FINANCIAL", "CONNECTIONS", "INDIVIDUAL_PHOTO", "INVALIDATED_QUALITIES",
	}
}

// Has reports whether every group of part is in d.
func (d Details) Has(part Details) bool { return d&part == part }

// Names lists the groups, GENERAL first.
func (d Details) Names() []string {
	var list []string
	for i, name := range names() {
		if d&(1<<i) != 0 {
			list = append(list, name)
		}
	}
	return list
}

// String is the names, separated by commas.
func (d Details) String() string { return strings.Join(d.Names(), ",") }

// MarshalText writes the names, separated by commas.
func (d Details) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Details) UnmarshalText(text []byte) error {
	*d = 0
	if len(text) == 0 {
		return nil
	}
	details, faults := ParseDetails(strings.Split(string(text), ","))
	*d = details
	return faults.Err()
}

// ParseGroup reads one name. The message, empty when the name is right, says what is wrong and what would be right.
func ParseGroup(name string) (group Details, message string) {
	all := names()
	for i, known := range all {
		if name == known {
			return 1 << i, ""
		}
	}
	for _, known := range all {
		if plain(name) == plain(known) {
			return 0, "must be written " + known
		}
	}
	return 0, "must be one of " + strings.Join(all[:], ", ")
}

// plain leaves of a name what remains when people write it their own way (com means, Com-Means, COMMEANS).
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToUpper(name))
}

// ParseDetails reads a list of names, naming every fault as details[index].
func ParseDetails(list []string) (Details, fault.List) {
	var details Details
	var faults fault.List
	for i, name := range list {
		group, message := ParseGroup(name)
		if message == "" && details.Has(group) {
			message = "is listed twice"
		}
		if message != "" {
			faults.AddValue(fmt.Sprintf("details[%d]", i), name, "%s", message)
		}
		details |= group
	}
	return details, faults
}
