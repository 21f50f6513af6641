package access

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"crmhook/shared/fault"
)

// form is a parameter's JSON object of few and flat fields, with all that is wrong with it. No fault shows a value: people
// write tokens and secrets where their names or hashes belong.
type form struct {
	fault.List
	names  []string
	values map[string]json.RawMessage
}

// read takes an object apart. Of a text that is none there is one fault, and ok is false.
func read(text string) (f *form, ok bool) {
	f = &form{values: map[string]json.RawMessage{}}
	switch err := json.Unmarshal([]byte(text), new(json.RawMessage)); {
	case !utf8.ValidString(text):
		f.Add("", "is not valid JSON: the text is not valid UTF-8")
	case err != nil:
		f.Add("", "is not valid JSON: %v", err)
	case strings.TrimLeft(text, " \t\r\n")[0] != '{':
		f.Add("", "must be a JSON object")
	default:
		if err := f.members(json.NewDecoder(strings.NewReader(text))); err != nil {
			f.Add("", "is not valid JSON: %v", err)
		}
	}
	return f, len(f.values) > 0 || len(f.List) == 0
}

func (f *form) members(decoder *json.Decoder) error {
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		name, _ := token.(string)
		f.keep(name, value)
	}
	return nil
}

func (f *form) keep(name string, value json.RawMessage) {
	if _, twice := f.values[name]; twice {
		f.Add(location(name), "is given twice: keep one of them")
		return
	}
	f.names = append(f.names, name)
	f.values[name] = value
}

// has reports whether a field is written.
func (f *form) has(name string) bool { return f.values[name] != nil }

// only adds a fault for each field that is not among the known ones; of is what they are fields of.
func (f *form) only(known []string, of string) {
	for _, name := range f.names {
		if !slices.Contains(known, name) {
			f.Add(location(name), "is not a field of %s, which has %s: remove it", of, strings.Join(known, ", "))
		}
	}
}

// text is the field's string; ok is false where it is missing or of another kind.
func (f *form) text(name string) (text string, ok bool) {
	return text, f.has(name) && f.decode(name, f.values[name], "a string", &text)
}

func (f *form) flag(name string) (flag bool) {
	if f.has(name) {
		f.decode(name, f.values[name], "true or false", &flag)
	}
	return flag
}

// texts is the field's list of least to most strings; check says what is wrong with one of them, "" if nothing. The list
// keeps its places: what is no string is "", with its fault.
func (f *form) texts(name string, least, most int, check func(text string) string) []string {
	var items []json.RawMessage
	if f.has(name) && !f.decode(name, f.values[name], "a list of strings", &items) {
		return nil
	}
	if len(items) < least || len(items) > most {
		f.Add(name, "must list %d to %d, found %d", least, most, len(items))
	}
	texts := make([]string, len(items))
	for i, item := range items {
		at := place(name, i)
		if !f.decode(at, item, "a string", &texts[i]) {
			continue
		}
		if slices.Contains(texts[:i], texts[i]) {
			f.Add(at, "is listed twice")
		} else if wrong := check(texts[i]); wrong != "" {
			f.Add(at, "%s", wrong)
		}
	}
	return texts
}

// decode reads a value of the kind that is wanted; null is of none.
func (f *form) decode(at string, value json.RawMessage, want string, target any) bool {
	if bytes.Equal(value, []byte("null")) || json.Unmarshal(value, target) != nil {
		f.Add(at, "must be %s, found %s", want, kind(value))
		return false
	}
	return true
}

func kind(value json.RawMessage) string {
	switch value[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f', 'n':
		return string(value)
	}
	return "a number"
}

// place is the path of a list's item.
func place(name string, i int) string { return fmt.Sprintf("%s[%d]", name, i) }

// location is the path of a field. A name that would not read as one step is quoted.
func location(name string) string {
	step := name
	if r := []rune(name); len(r) > 64 {
		step = string(r[:64]) + "…"
	}
	plain := func(r rune) bool {
		return r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
	}
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }) {
		return "[" + strconv.Quote(step) + "]"
	}
	return step
}
