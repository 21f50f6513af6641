package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// document is a JSON object whose members keep their order and, where nothing changes them, their text: a form shows some
// of them and leaves the rest as they are.
type document struct {
	names  []string
	values map[string]json.RawMessage
}

func newDocument() *document { return &document{values: map[string]json.RawMessage{}} }

// readDocument reads an object; false for anything else, and for one that gives a name twice, which no form can show.
func readDocument(text []byte) (*document, bool) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if first, err := decoder.Token(); err != nil || first != json.Delim('{') || !json.Valid(text) {
		return nil, false
	}
	d := newDocument()
	for decoder.More() {
		token, err := decoder.Token()
		name, isName := token.(string)
		var value json.RawMessage
		if err != nil || !isName || decoder.Decode(&value) != nil || d.values[name] != nil {
			return nil, false
		}
		d.names, d.values[name] = append(d.names, name), value
	}
	return d, true
}

// get is the value at a path of members; nil where there is none.
func (d *document) get(path []string) json.RawMessage {
	value := d.values[path[0]]
	if len(path) == 1 || value == nil {
		return value
	}
	inner, ok := readDocument(value)
	if !ok {
		return nil
	}
	return inner.get(path[1:])
}

// set puts a value at a path and makes the objects on the way; nil removes it, and an object that it leaves empty. It is
// false where something else than an object stands in the way.
func (d *document) set(path []string, value json.RawMessage) bool {
	if len(path) > 1 {
		inner, ok := newDocument(), true
		if d.values[path[0]] != nil {
			inner, ok = readDocument(d.values[path[0]])
		}
		if !ok {
			return value == nil
		}
		if !inner.set(path[1:], value) {
			return false
		}
		value = nil
		if len(inner.names) > 0 {
			value = inner.text()
		}
	}
	d.put(path[0], value)
	return true
}

func (d *document) put(name string, value json.RawMessage) {
	at := slices.Index(d.names, name)
	switch {
	case value == nil && at >= 0:
		d.names = slices.Delete(d.names, at, at+1)
		delete(d.values, name)
	case value != nil && at < 0:
		d.names = append(d.names, name)
		d.values[name] = value
	case value != nil:
		d.values[name] = value
	}
}

// text is the object as compact JSON.
func (d *document) text() []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, name := range d.names {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(quoted(name))
		b.WriteByte(':')
		// What stands here was read as JSON or written by quoted, so it is.
		_ = json.Compact(&b, d.values[name])
	}
	b.WriteByte('}')
	return b.Bytes()
}

// quoted is a text as a JSON string, with < and the like as they are.
func quoted(text string) json.RawMessage {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return json.RawMessage(`""`)
	}
	return bytes.TrimSpace(b.Bytes())
}

// items are a list's; false for anything else.
func items(value json.RawMessage) ([]json.RawMessage, bool) {
	var list []json.RawMessage
	if len(value) == 0 || value[0] != '[' || json.Unmarshal(value, &list) != nil {
		return nil, false
	}
	return list, true
}

// listOf is a JSON list of values.
func listOf(values []json.RawMessage) json.RawMessage {
	return slices.Concat([]byte("["), bytes.Join(asBytes(values), []byte(",")), []byte("]"))
}

func asBytes(values []json.RawMessage) [][]byte {
	list := make([][]byte, len(values))
	for i, value := range values {
		list[i] = value
	}
	return list
}

// writtenText is a configuration as it was written: the use case shows JSON as its text or as a value, and a text that is
// no JSON as that text.
func writtenText(configuration any) ([]byte, error) {
	switch c := configuration.(type) {
	case nil:
		return nil, nil
	case json.RawMessage:
		return c, nil
	case []byte:
		return c, nil
	case string:
		return []byte(c), nil
	}
	text, err := json.Marshal(configuration)
	if err != nil {
		return nil, fmt.Errorf("write configuration as JSON: %w", err)
	}
	return text, nil
}

// longestPretty bounds what is made pretty: the deeper a text nests, the more blanks each line gets.
const longestPretty = 2_000_000

// pretty is JSON with its members on lines of their own; any other text, and one that nests so deep that it would become very
// long, as it is.
func pretty(text []byte) string {
	var b bytes.Buffer
	if deepest(text)*len(text) > longestPretty || json.Indent(&b, bytes.TrimSpace(text), "", "  ") != nil {
		return string(text)
	}
	return b.String()
}

// deepest is at most how deep the brackets of a text nest.
func deepest(text []byte) int {
	depth, most := 0, 0
	for _, c := range text {
		switch c {
		case '{', '[':
			depth++
			most = max(most, depth)
		case '}', ']':
			depth--
		}
	}
	return most
}
