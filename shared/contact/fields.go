package contact

import (
	"encoding/json"
	"maps"
	"strings"
)

// The two fields that identify a contact; they are sent whatever the details are.
const (
	Number = "contactNumber"
	ID     = "contactId"
)

// NumberLength is the most characters that a contactNumber has.
const NumberLength = 20

// GroupOf is the group that a field of a contact belongs to: GENERAL for one that is not known, so that no field is
// ever lost, and none (0) for the two that are always sent.
func GroupOf(field string) Details {
	switch field {
	case Number, ID:
		return 0
	case "contactQualities":
		return Qualities
	case "authorizations":
		return Authorizations
	case "contactCriteria", "contactFileHistoryCriteria":
		return Criteria
	case "indicators":
		return Indicators
	case "advantages":
		return Advantages
	case "addresses":
		return Addresses
	case "communicationMeans":
		return ComMeans
	case "financialData":
		return Financial
	case "contactConnections":
		return Connections
	case "individualPhoto":
		return IndividualPhoto
	case "invalidatedQualities":
		return InvalidatedQualities
	}
	return General
}

// GroupOfStep is the group that the first step of a filter's path reads. As in a filter, case does not count and isX
// also names x.
func GroupOfStep(step string) Details {
	if group, known := groupOfFolded(step); known {
		return group
	}
	if len(step) > 2 && strings.EqualFold(step[:2], "is") {
		group, _ := groupOfFolded(step[2:])
		return group
	}
	return General
}

func groupOfFolded(name string) (group Details, known bool) {
	for _, field := range [...]string{
		Number, ID, "contactQualities", "authorizations", "contactCriteria", "contactFileHistoryCriteria", "indicators",
		"advantages", "addresses", "communicationMeans", "financialData", "contactConnections", "individualPhoto",
		"invalidatedQualities",
	} {
		if strings.EqualFold(field, name) {
			return GroupOf(field), true
		}
	}
	return General, false
}

// Select returns what an interface with these details sends of a contact: the fields of the groups and always
// contactNumber and contactId. A contact without a contactNumber has its record's id as one. The values are shared
// with data.
func Select(id string, data map[string]any, details Details) map[string]any {
	selected := make(map[string]any, len(data)+1)
	for field, value := range data {
		if details.Has(GroupOf(field)) {
			selected[field] = value
		}
	}
	if missing(selected[Number]) {
		selected[Number] = id
	}
	return selected
}

// Numbered is the contact as filters see it and as it is sent: without a contactNumber it has its record's id as one. The
// values are shared with data.
func Numbered(id string, data map[string]any) map[string]any {
	if !missing(data[Number]) {
		return data
	}
	numbered := maps.Clone(data)
	if numbered == nil {
		numbered = map[string]any{}
	}
	numbered[Number] = id
	return numbered
}

// NumberOf is the contact's number as text: that of data, or the record's id.
func NumberOf(id string, data map[string]any) string {
	switch number := data[Number].(type) {
	case string:
		if number != "" {
			return number
		}
	case json.Number:
		return number.String()
	}
	return id
}

// missing reports whether a contact with this contactNumber has none.
func missing(number any) bool { return number == nil || number == "" }
