package rule

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"crmhook/shared/fault"
)

// form is one JSON object of a configuration, which adds what is wrong with its fields to the common list.
type form struct {
	faults *fault.List
	// of is what the object is called, path where it stands.
	of, path string
	names    []string
	values   map[string]json.RawMessage
}

// read takes an object apart. Of a text that is none there is one fault, and no form.
func read(text []byte, faults *fault.List) *form {
	var whole json.RawMessage
	switch err := json.Unmarshal(text, &whole); {
	case !utf8.Valid(text):
		faults.Add("", "is not valid JSON: the text is not valid UTF-8")
		return nil
	case err != nil:
		faults.Add("", "is not valid JSON: %v", err)
		return nil
	}
	f := &form{faults: faults, of: "a rule"}
	if !f.is("", whole, "an object", '{') {
		return nil
	}
	f.members(whole)
	return f
}

// members reads the fields of what is known to be an object.
func (f *form) members(object json.RawMessage) {
	f.values = map[string]json.RawMessage{}
	decoder := json.NewDecoder(strings.NewReader(string(object)))
	_, err := decoder.Token()
	for err == nil && decoder.More() {
		var value json.RawMessage
		token, failed := decoder.Token()
		if err = failed; err == nil {
			err = decoder.Decode(&value)
		}
		name, _ := token.(string)
		switch _, twice := f.values[name]; {
		case err != nil:
			f.faults.Add(f.path, "is not valid JSON: %v", err)
		case twice:
			f.faults.Add(f.at(name), "is given twice: keep one of them")
		default:
			f.names, f.values[name] = append(f.names, name), value
		}
	}
}

// each gives every field, in the order of the text, to its check; one without a check is a fault.
func (f *form) each(checks map[string]func(location string, value json.RawMessage), known ...string) {
	for _, name := range f.names {
		if check := checks[name]; check != nil {
			check(f.at(name), f.values[name])
			continue
		}
		f.faults.Add(f.at(name), "is not a field of %s, which has %s: remove it", f.of, strings.Join(known, ", "))
	}
}

// inner is the object in a field; nil where it is none.
func (f *form) inner(location, of string, value json.RawMessage) *form {
	if !f.is(location, value, "an object", '{') {
		return nil
	}
	inner := &form{faults: f.faults, of: of, path: location}
	inner.members(value)
	return inner
}

// text is a field's string of at most most characters.
func (f *form) text(location string, value json.RawMessage, most int) string {
	if !f.is(location, value, "a string", '"') {
		return ""
	}
	text := ""
	if err := json.Unmarshal(value, &text); err != nil {
		f.faults.Add(location, "cannot be read: %v", err)
	}
	if utf8.RuneCountInString(text) > most {
		f.faults.Add(location, "must have at most %d characters", most)
		return ""
	}
	return text
}

// whole is a field's whole number of 1 to most.
func (f *form) whole(location string, value json.RawMessage, most int64, unit string) int64 {
	if !f.is(location, value, "a number", '-') {
		return 0
	}
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil || n < 1 || n > most {
		f.faults.AddValue(location, shown(value), "must be a whole number of 1 to %d %s", most, unit)
		return 0
	}
	return n
}

// items are a field's list.
func (f *form) items(location string, value json.RawMessage) []json.RawMessage {
	var items []json.RawMessage
	if f.is(location, value, "a list", '[') {
		if err := json.Unmarshal(value, &items); err != nil {
			f.faults.Add(location, "cannot be read: %v", err)
		}
	}
	return items
}

// is reports whether a value is of the kind that is wanted, by the kind's first character, and adds a fault otherwise.
func (f *form) is(location string, value json.RawMessage, kind string, first byte) bool {
	found, name := kindOf(value)
	if found != first {
		f.faults.AddValue(location, shown(value), "must be %s, found %s", kind, name)
	}
	return found == first
}

// kindOf is a value's kind: its first character, - for any number, and its name.
func kindOf(value json.RawMessage) (first byte, name string) {
	switch text := strings.TrimLeft(string(value), " \t\r\n"); text[0] {
	case '{':
		return '{', "an object"
	case '[':
		return '[', "a list"
	case '"':
		return '"', "a string"
	case 't', 'f', 'n':
		return text[0], strings.TrimRight(text, " \t\r\n")
	}
	return '-', "a number"
}

// shown is a value as a fault may show it: short, and nothing that was composed.
func shown(value json.RawMessage) any {
	if len(value) > 80 {
		return nil
	}
	switch first, name := kindOf(value); first {
	case '-':
		return json.Number(value)
	case '"':
		text := ""
		if json.Unmarshal(value, &text) == nil {
			return text
		}
	case 't', 'f':
		return name == "true"
	}
	return nil
}

// at is the path of a field. A name that would not read as one step is quoted.
func (f *form) at(name string) string {
	step := name
	if r := []rune(name); len(r) > 64 {
		step = string(r[:64]) + "…"
	}
	if name == "" || slices.ContainsFunc([]rune(name), odd) {
		return f.path + "[" + strconv.Quote(step) + "]"
	}
	if f.path == "" {
		return step
	}
	return f.path + "." + step
}

func odd(r rune) bool {
	return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

func element(location string, i int) string { return fmt.Sprintf("%s[%d]", location, i) }
