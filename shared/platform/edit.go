package platform

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"crmhook/shared/directory"
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/trigger"
)

// read reads the trigger's body, which must be a JSON object. With faults there is nothing to read.
func read(t trigger.Trigger) (document.Reader, fault.List) {
	body, faults, err := document.ParseObject(t.Body)
	if err != nil {
		faults.Add("", "the body must be a JSON object: %s", err)
	}
	if len(faults) > 0 {
		return document.Reader{}, faults
	}
	return document.Read(body), nil
}

// copyOf is a copy of an object that shares nothing with it.
func copyOf(data map[string]any) map[string]any {
	copied, _ := document.Clone(data).(map[string]any)
	return copied
}

// validID reports whether a record can have the id, and be found by it in the API.
func validID(id string) bool {
	return len(id) >= 1 && len(id) <= 128 && strings.Trim(id, idCharacters) == ""
}

const idCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~:@+-"

// The authorizations that inbound platforms give and take back.
const (
	authorizationEmail = "EMAIL"
	authorizationSMS   = "SMS"
)

// Place puts the trigger's SourceId, ZoneId and BrandId on a record; on a contact that was there before only the zone and
// the brand, as its source is the one that made it. The data is changed.
func Place(t trigger.Trigger, data map[string]any, contactBefore bool) {
	if data == nil {
		return
	}
	if !contactBefore {
		data["sourceId"] = number(int64(t.SourceID))
	}
	if t.ZoneID != nil {
		data["zoneId"] = number(*t.ZoneID)
	}
	if t.BrandID != nil {
		data["brandId"] = number(*t.BrandID)
	}
}

func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// source is the trigger's SourceId as text, as identifiers and record ids have it.
func source(t trigger.Trigger) string { return strconv.Itoa(t.SourceID) }

// instant is a time as records hold it: RFC 3339 in UTC; nil for none.
func instant(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// object gives the object of that name, making one where there is none.
func object(data map[string]any, name string) map[string]any {
	if of, ok := data[name].(map[string]any); ok {
		return of
	}
	of := map[string]any{}
	data[name] = of
	return of
}

// member gives the object of a list whose field has the value, adding one that has it where there is none.
func member(data map[string]any, list, field string, value any) map[string]any {
	members, _ := data[list].([]any)
	for _, m := range members {
		if of, ok := m.(map[string]any); ok && document.Same(of[field], value) {
			return of
		}
	}
	of := map[string]any{field: value}
	data[list] = append(members, of)
	return of
}

// authorize sets an authorization of a contact.
func authorize(data map[string]any, code string, allowed bool) {
	member(data, "authorizations", "authorizationCode", code)["allowed"] = allowed
}

// identify gives a contact the outside id that a source knows it by, in place of another one of the same source.
func identify(data map[string]any, t trigger.Trigger, id string) {
	identifiers, _ := data["identifiers"].([]any)
	for _, identifier := range identifiers {
		if of, ok := identifier.(map[string]any); ok && textOf(of["sourceId"]) == source(t) {
			of["identifier"] = id
			return
		}
	}
	data["identifiers"] = append(identifiers, map[string]any{"sourceId": number(int64(t.SourceID)), "identifier": id})
}

// external is where fields that a platform sends and a contact has no place for are kept.
func external(data map[string]any, platform string) map[string]any {
	return object(object(data, "external"), platform)
}

// invalidate marks an address to which mail cannot be delivered.
func invalidate(data map[string]any, address string) {
	means, _ := data["communicationMeans"].([]any)
	for _, m := range means {
		if mean, ok := m.(map[string]any); ok && directory.EmailValue(textOf(mean["value"])) == address {
			mean["state"] = "invalid"
			return
		}
	}
	data["communicationMeans"] = append(means, map[string]any{"type": authorizationEmail, "value": address, "state": "invalid"})
}

// appendEvents adds events that a message does not have yet, in the order of their times and, of equal ones, as they came,
// and keeps the last mostEvents. An event that is not after the oldest of a full list may have been there before, so it is
// not added. The status is that of the latest event: an added one sets it unless it is older than what set it last.
func appendEvents(data map[string]any, events []map[string]any) {
	kept, _ := data["events"].([]any)
	for _, event := range events {
		at := timeOf(event["at"])
		if contains(kept, event) || len(kept) >= mostEvents && !at.After(eventTime(kept[len(kept)-mostEvents])) {
			continue
		}
		place := len(kept)
		for place > 0 && eventTime(kept[place-1]).After(at) {
			place--
		}
		kept = slices.Insert(kept, place, any(copyOf(event)))
		kept = kept[max(0, len(kept)-mostEvents):]
		if !at.Before(timeOf(data["statusAt"])) {
			data["status"], data["statusAt"] = event["event"], event["at"]
		}
	}
	if len(kept) > 0 {
		data["events"] = kept
	}
}

// mostEvents of a message are kept.
const mostEvents = 50

func eventTime(event any) time.Time {
	of, _ := event.(map[string]any)
	return timeOf(of["at"])
}

// timeOf is a time as instant writes it; zero where there is none.
func timeOf(value any) time.Time {
	at, err := time.Parse(time.RFC3339, textOf(value))
	if err != nil {
		return time.Time{}
	}
	return at
}

func contains(list []any, value any) bool {
	for _, member := range list {
		if document.Same(member, value) {
			return true
		}
	}
	return false
}

func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// concern puts the number of the contact that a record concerns on it, whatever the platform wrote there. Where nobody was
// found, the one that the record had before stays as long as the platform names the same person.
func concern(data, before map[string]any, contact string, same bool) {
	delete(data, "contactNumber")
	if contact != "" {
		data["contactNumber"] = contact
	} else if had := before["contactNumber"]; same && had != nil {
		data["contactNumber"] = had
	}
}

// letters reports whether the text is that many letters from A to Z in either case, as codes of countries and currencies are.
func letters(text string, n int) bool {
	return len(text) == n && strings.Trim(text, idCharacters[:52]) == ""
}

// given are the fields that have a text.
func given(fields map[string]string) map[string]any {
	found := map[string]any{}
	for name, text := range fields {
		if text != "" {
			found[name] = text
		}
	}
	return found
}
