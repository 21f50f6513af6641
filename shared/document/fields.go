package document

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Text is a string.
func (r Reader) Text(name string) string {
	text, ok := r.fields[name].(string)
	if !ok && r.Has(name) {
		r.wrong(name, "a string")
	}
	return text
}

// ID is an outside id: a string, or a whole number with its digits. Platforms write either.
func (r Reader) ID(name string) string {
	switch v := r.fields[name].(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		if !strings.ContainsAny(string(v), ".eE") {
			return string(v)
		}
		r.Fault(name, "must be an id: a string or a whole number")
		return ""
	}
	r.wrong(name, "an id (a string or a whole number)")
	return ""
}

// Number is a number with the digits it was written with, empty when missing. A string that holds a number is one too:
// platforms write amounts so.
func (r Reader) Number(name string) json.Number {
	switch v := r.fields[name].(type) {
	case nil:
		return ""
	case json.Number:
		return v
	case string:
		if isNumber(v) && unkept(v) == "" {
			return json.Number(v)
		}
		r.Fault(name, "must be a number, found another string")
		return ""
	}
	r.wrong(name, "a number")
	return ""
}

// Whole is a whole number from least to most, 0 when missing.
func (r Reader) Whole(name string, least, most int64) int64 {
	number := r.Number(name)
	if number == "" {
		return 0
	}
	n, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil || n < least || n > most {
		r.Fault(name, "must be a whole number from %d to %d", least, most)
		return 0
	}
	return n
}

// Bool is true or false; a missing one is false (Has tells).
func (r Reader) Bool(name string) bool {
	value, ok := r.fields[name].(bool)
	if !ok && r.Has(name) {
		r.wrong(name, "true or false")
	}
	return value
}

// Time is an instant in RFC 3339, as 2026-12-01T10:00:00+01:00; zero when missing or an empty string.
func (r Reader) Time(name string) time.Time {
	text := r.Text(name)
	if text == "" {
		return time.Time{}
	}
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		r.Fault(name, "must be a time in RFC 3339, as 2026-12-01T10:00:00+01:00")
	}
	return instant
}

// Object reads a member that is an object; of a missing one all fields are missing.
func (r Reader) Object(name string) Reader {
	if !r.Has(name) {
		return Reader{path: r.Path(name), found: r.found}
	}
	return r.child(r.fields[name], r.Path(name))
}

// List reads a member that is a list of objects. An item that is none is a fault and left out.
func (r Reader) List(name string) []Reader {
	list, ok := r.fields[name].([]any)
	if !ok && r.Has(name) {
		r.wrong(name, "a list of objects")
	}
	return r.items(list, r.Path(name))
}

// Texts is a member that is a list of strings. An item that is none is a fault and left out.
func (r Reader) Texts(name string) []string {
	list, ok := r.fields[name].([]any)
	if !ok && r.Has(name) {
		r.wrong(name, "a list of strings")
	}
	texts := make([]string, 0, len(list))
	for i, item := range list {
		text, ok := item.(string)
		if !ok {
			r.fault(itemPath(r.Path(name), i), item, "must be a string, found %s", kindOf(item))
			continue
		}
		texts = append(texts, text)
	}
	return texts
}
