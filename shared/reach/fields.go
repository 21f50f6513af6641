package reach

import (
	"encoding/json"
	"strings"

	"crmhook/shared/directory"
)

// emails are the addresses of a contact: its own, those of individualContact, and those among communicationMeans.
func emails(data map[string]any) []string {
	person := object(data["individualContact"])
	list := []string{directory.EmailValue(text(data["email"])), directory.EmailValue(text(person["email"]))}
	for _, mean := range objects(data["communicationMeans"]) {
		list = append(list, directory.EmailValue(text(mean["value"])))
	}
	return list
}

// phones are the numbers of a contact: the fields phone, phoneNumber, phoneNumber1 … and mobilePhone of the contact and of
// individualContact, and those among communicationMeans. A number without its country is taken as one of the contact's.
func phones(data map[string]any) []string {
	country := Country(data)
	var list []string
	for _, holder := range []map[string]any{data, object(data["individualContact"])} {
		for _, field := range phoneFields {
			list = append(list, phoneOf(text(holder[field]), country))
		}
	}
	for _, mean := range objects(data["communicationMeans"]) {
		list = append(list, phoneOf(text(mean["value"]), country))
	}
	return list
}

var phoneFields = [...]string{"phone", "mobilePhone", "phoneNumber", "phoneNumber1", "phoneNumber2", "phoneNumber3"}

func phoneOf(number, country string) string {
	if number == "" || strings.Contains(number, "@") {
		return ""
	}
	return PhoneValue(number, country)
}

// Country is the contact's, for phone numbers that do not name theirs: individualContact's, else the main address's.
func Country(data map[string]any) string {
	if country := text(object(data["individualContact"])["countryCode"]); country != "" {
		return country
	}
	for _, address := range objects(data["addresses"]) {
		if main, _ := address["main"].(bool); main {
			return text(address["countryCode"])
		}
	}
	return text(data["countryCode"])
}

// identifiers are the contact's outside ids: identifiers[] of {"sourceId","identifier"}.
func identifiers(data map[string]any) []string {
	var list []string
	for _, identifier := range objects(data["identifiers"]) {
		list = append(list, directory.IdentifierValue(text(identifier["sourceId"]), text(identifier["identifier"])))
	}
	return list
}

func object(value any) map[string]any {
	of, _ := value.(map[string]any)
	return of
}

func objects(value any) []map[string]any {
	list, _ := value.([]any)
	var found []map[string]any
	for _, member := range list {
		if of, ok := member.(map[string]any); ok {
			found = append(found, of)
		}
	}
	return found
}

// text reads a text or a number, as ids are written either way.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}
