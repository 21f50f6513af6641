package records

import (
	"encoding/json"
	"strings"

	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/fault"
)

// The rules for what stands in a path, as patterns of the API's description.
const (
	OrganizationPattern = `^[a-z0-9][a-z0-9-]{0,62}$`
	EntityPattern       = `^[a-z][a-z0-9_]{0,31}$`
	IDPattern           = `^[A-Za-z0-9._~:@+-]{1,128}$`
)

// checkEntity notes what is wrong with the name of an entity.
func checkEntity(faults *fault.List, entity string) {
	if !change.ValidEntity(entity) {
		faults.AddValue("path.entity", fault.Shown(entity), "must be 1 to 32 of a-z, 0-9 and _, beginning with a letter, such as contact or order")
	}
}

// checkID notes what is wrong with a record's id.
func checkID(faults *fault.List, location, entity, id string) {
	switch {
	case id == "" || len(id) > change.MaxID || strings.ContainsFunc(id, foreign):
		faults.AddValue(location, fault.Shown(id), "must be 1 to %d of A-Z, a-z, 0-9 and . _ ~ : @ + -", change.MaxID)
	case change.CheckID(entity, id) != nil:
		faults.AddValue(location, fault.Shown(id), "is a contactNumber and must have at most %d characters", change.MaxContactNumber)
	}
}

// foreign reports whether a character cannot stand in the id of a record that is reached by its path.
func foreign(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("._~:@+-", r)
}

// checkTarget notes what is wrong with a path.
func checkTarget(faults *fault.List, key change.Key) {
	checkEntity(faults, key.Entity)
	checkID(faults, "path.id", key.Entity, key.ID)
}

// checkNumber notes a contactNumber in the data of a contact that is another one's.
func checkNumber(faults *fault.List, location string, key change.Key, data map[string]any) {
	if key.Entity != change.Contact {
		return
	}
	number, given := numberIn(data)
	if given && number != key.ID {
		faults.AddValue(location+"."+contact.Number, fault.Shown(number), "must be the number in the path or be left out: a contact keeps its number")
	}
}

// numberIn is the contactNumber in data; given is false where it is missing, null or empty. What is neither text nor a
// number is given, as "".
func numberIn(data map[string]any) (number string, given bool) {
	switch v := data[contact.Number].(type) {
	case nil:
		return "", false
	case string:
		return v, v != ""
	case json.Number:
		return v.String(), true
	}
	return "", true
}
