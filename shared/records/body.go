package records

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/refusal"
)

// errSyntax is why a text cannot be taken apart; document.Parse says where.
var errSyntax = errors.New("not JSON")

// readObject reads the object that a text is. Faults are noted at their paths under the location; a text that is no JSON is
// one as well, and unreadable.
func readObject(faults *fault.List, location string, text []byte) (object map[string]any, readable bool) {
	if refuseDamaged(faults, location, text) {
		return nil, false
	}
	object, found, err := document.ParseObject(text)
	if err != nil {
		faults.Add(location, "%s", err.Error())
		return nil, false
	}
	under(faults, location, found)
	return object, true
}

// damaged reports whether a text has lost bytes on its way: API Gateway puts U+FFFD where a body is not UTF-8.
func damaged(text []byte) bool { return bytes.ContainsRune(text, utf8.RuneError) && utf8.Valid(text) }

func refuseDamaged(faults *fault.List, location string, text []byte) bool {
	if damaged(text) {
		faults.Add(location, `holds U+FFFD, which stands where a text was not UTF-8 when it was sent: send UTF-8, or write \ufffd where it is meant`)
		return true
	}
	return false
}

// under notes faults at their paths under a location.
func under(faults *fault.List, location string, found fault.List) {
	for _, f := range found {
		switch {
		case f.Location == "":
			f.Location = location
		case strings.HasPrefix(f.Location, "["):
			f.Location = location + f.Location
		default:
			f.Location = location + "." + f.Location
		}
		*faults = append(*faults, f)
	}
}

// refuse is the refusal for a request's faults, nil where there are none: 400 for what could not be read, else 422.
func refuse(faults fault.List, readable bool) error {
	switch {
	case len(faults) == 0:
		return nil
	case !readable:
		return refusal.Faulty(http.StatusBadRequest, faults)
	}
	return refusal.Faulty(http.StatusUnprocessableEntity, faults)
}

// members takes the object that a text is apart, without reading the members: what is wrong with one is that one's alone.
func members(text []byte) (map[string]json.RawMessage, fault.List, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, nil, errSyntax
	}
	object := map[string]json.RawMessage{}
	var faults fault.List
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, nil, errSyntax
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, nil, errSyntax
		}
		key, _ := name.(string)
		if _, twice := object[key]; twice {
			faults.Add(fault.Shown(key), "is given twice: keep one of them")
		}
		object[key] = value
	}
	return object, faults, nil
}

// envelope takes the object around data apart; the location is the object's own. Where that cannot be done, a full reading
// says why.
func envelope(faults *fault.List, location string, text []byte) (object map[string]json.RawMessage, readable bool) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if json.Valid(text) && utf8.Valid(text) && !damaged(text) {
		if object, found, err := members(text); err == nil {
			*faults = append(*faults, found...)
			return object, true
		}
	}
	_, readable = readObject(faults, location, text)
	return nil, readable
}
