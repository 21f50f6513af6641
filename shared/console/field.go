package console

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"crmhook/shared/fault"
)

// kind is how a field is shown and written.
type kind string

const (
	line   kind = "line"   // a JSON string on one line
	area   kind = "area"   // a JSON string on several
	number kind = "number" // a JSON number
	check  kind = "check"  // true or false
	choice kind = "choice" // one of several strings
	commas kind = "commas" // a list of strings, separated by commas
	pairs  kind = "pairs"  // an object of strings, key=value on lines
	value  kind = "value"  // any JSON value, or a string that holds JSON text
)

// field is one field of a form over a document.
type field struct {
	// Name is the field's place in the document, with full stops between the steps, as faults name it too.
	Name  string
	Label string
	Kind  kind
	// Help says more; Unit stands after a number; Default is what counts where nothing is written.
	Help, Unit, Default string
	Choices             []string
	Required            bool
	// HelpLink leads to the page that the help ends with, Secrets.
	HelpLink string
	// Suggest names a list of suggestions on the page.
	Suggest string

	// Prefix stands before Name where faults name the field.
	Prefix string
	// Value and Faults are what the form shows at the moment.
	Value  string
	Faults fault.List
}

// ID is the id of the field's control.
func (f field) ID() string {
	return "f-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, f.Prefix+f.Name)
}

func (f field) path() []string { return strings.Split(f.Name, ".") }

// read is what the field shows of a document.
func (f field) read(d *document) string {
	raw := d.get(f.path())
	if raw == nil {
		if f.Kind == choice {
			return f.Default
		}
		return ""
	}
	shown, _ := f.shown(raw)
	return shown
}

// shown is a value as the field shows it; fits is false where the value is of another kind, so that it is shown as JSON.
func (f field) shown(raw json.RawMessage) (shown string, fits bool) {
	var text string
	isText := raw[0] == '"' && json.Unmarshal(raw, &text) == nil
	switch f.Kind {
	case commas:
		return joined(raw)
	case pairs:
		return pairLines(raw)
	case number:
		if isText {
			return text, false
		}
		return compact(raw), json.Valid(raw) && bytes.IndexByte([]byte("-0123456789"), raw[0]) >= 0
	case check:
		return compact(raw), compact(raw) == "true" || compact(raw) == "false"
	case value:
		if isText {
			return text, true
		}
		return pretty(raw), true
	}
	if isText {
		return text, true
	}
	return compact(raw), false
}

// write puts what the form sent into the document. What shows the same as before stays as it is written there.
func (f field) write(d *document, sent string) {
	sent = strings.ReplaceAll(sent, "\r\n", "\n")
	if f.Kind != area && f.Kind != value && f.Kind != pairs {
		sent = strings.TrimSpace(sent)
	}
	raw := d.get(f.path())
	if raw == nil && (sent == "" || f.Kind == choice && sent == f.Default) {
		return
	}
	if raw != nil {
		if shown, fits := f.shown(raw); fits && shown == sent {
			return
		}
	}
	d.set(f.path(), f.encode(sent, raw != nil))
}

// encode is what was sent as JSON; nil where it says nothing. Nothing is judged here: what cannot be of the field's kind
// becomes a string, of which the check says what is wrong.
func (f field) encode(sent string, was bool) json.RawMessage {
	switch trimmed := strings.TrimSpace(sent); {
	case f.Kind == check && trimmed == "true":
		return json.RawMessage("true")
	case f.Kind == check && was:
		return json.RawMessage("false")
	case trimmed == "":
		return nil
	case f.Kind == number && json.Valid([]byte(trimmed)) && strings.Trim(trimmed, "-+.0123456789eE") == "":
		return json.RawMessage(trimmed)
	case f.Kind == commas:
		return encodeCommas(trimmed)
	case f.Kind == pairs:
		return encodePairs(trimmed)
	case f.Kind == value && trimmed[0] != '"' && json.Valid([]byte(trimmed)):
		return json.RawMessage(trimmed)
	}
	return quoted(sent)
}

// fill has fields show a document, or what was sent where that is given, each with its faults; left are the faults that
// belong to no field.
func fill(fields []field, d *document, sent url.Values, faults fault.List) (left fault.List) {
	for i := range fields {
		f := &fields[i]
		f.Value = f.read(d)
		if sent != nil {
			f.Value = strings.ReplaceAll(sent.Get(f.Prefix+f.Name), "\r\n", "\n")
		}
	}
	for _, found := range faults {
		if i := fieldAt(fields, found.Location); i >= 0 {
			fields[i].Faults = append(fields[i].Faults, found)
			continue
		}
		left = append(left, found)
	}
	return left
}

// fieldAt is the field that a fault's location is in: the one whose place is the longest part of it; -1 for none.
func fieldAt(fields []field, location string) int {
	best := -1
	for i, f := range fields {
		rest, ok := strings.CutPrefix(location, f.Prefix+f.Name)
		if ok && (rest == "" || rest[0] == '.' || rest[0] == '[') && (best < 0 || len(f.Name) > len(fields[best].Name)) {
			best = i
		}
	}
	return best
}
