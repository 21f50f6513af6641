package hook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"crmhook/shared/fault"
)

// kind is the JSON type of a node.
type kind string

const (
	object  kind = "an object"
	list    kind = "a list"
	text    kind = "a string"
	number  kind = "a number"
	boolean kind = "true or false"
	null    kind = "null"
)

// node is one value of a configuration's JSON, with the place it stands at.
type node struct {
	kind kind
	// value is a string's text, a number's digits, or true, false, null.
	value string
	// names and items are an object's members or a list's items, in the order they were written.
	names []string
	items []*node
	// start and end are the bytes the value takes.
	start, end int
	path       string
}

// member is the first member of that name, nil when there is none.
func (n *node) member(name string) *node {
	if n == nil {
		return nil
	}
	for i, known := range n.names {
		if known == name {
			return n.items[i]
		}
	}
	return nil
}

// text is the string that the member of that name is, empty when it is none.
func (n *node) text(name string) string {
	if m := n.member(name); m != nil && m.kind == text {
		return m.value
	}
	return ""
}

// shown is the value as a fault may show it: short, and nothing that was composed.
func (n *node) shown() any {
	const longest = 80
	switch {
	case n.kind == number && len(n.value) <= longest:
		return json.Number(n.value)
	case n.kind == text && len(n.value) <= longest:
		return n.value
	case n.kind == boolean:
		return n.value == "true"
	}
	return nil
}

// read parses a configuration. Of JSON that cannot be read it names the line and the column; a name that an object
// gives twice is added to the report.
func read(source []byte, r *report) (*node, *fault.Fault) {
	if at := invalidUTF8(source); at >= 0 {
		return nil, unreadable(source, at, "the text is not valid UTF-8")
	}
	if len(bytes.TrimSpace(source)) == 0 {
		return nil, &fault.Fault{Message: "must be a JSON object, found nothing"}
	}
	var whole json.RawMessage
	if err := json.Unmarshal(source, &whole); err != nil {
		return nil, syntaxFault(source, err)
	}
	p := parser{source: source, decoder: json.NewDecoder(bytes.NewReader(source)), report: r}
	p.decoder.UseNumber()
	root, err := p.value("")
	if err != nil {
		return nil, &fault.Fault{Message: "is not valid JSON: " + err.Error()}
	}
	return root, nil
}

// syntaxFault tells where JSON ends to be JSON.
func syntaxFault(source []byte, err error) *fault.Fault {
	const early = "unexpected end of JSON input"
	message := err.Error()
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) || message == early || syntax.Offset < 1 || int(syntax.Offset) > len(source) {
		return unreadable(source, len(source), message)
	}
	at := int(syntax.Offset) - 1
	if r, size := utf8.DecodeRune(source[at:]); size > 1 {
		// The message names the first byte of the character as if it were one.
		message = strings.Replace(message, string(rune(source[at])), string(r), 1)
	}
	return unreadable(source, at, message)
}

func unreadable(source []byte, at int, message string) *fault.Fault {
	line := 1 + bytes.Count(source[:at], []byte("\n"))
	column := 1 + utf8.RuneCount(source[bytes.LastIndexByte(source[:at], '\n')+1:at])
	return &fault.Fault{Message: fmt.Sprintf("is not valid JSON at line %d, column %d: %s", line, column, message)}
}

func invalidUTF8(source []byte) int {
	for i := 0; i < len(source); {
		r, size := utf8.DecodeRune(source[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// parser builds nodes of JSON that is known to be valid.
type parser struct {
	source  []byte
	decoder *json.Decoder
	report  *report
}

func (p *parser) value(path string) (*node, error) {
	start := p.next()
	token, err := p.decoder.Token()
	if err != nil {
		return nil, err
	}
	n := &node{path: path, start: start}
	switch t := token.(type) {
	case json.Delim:
		err = p.inside(n, t)
	case string:
		n.kind, n.value = text, t
	case json.Number:
		n.kind, n.value = number, t.String()
	case bool:
		n.kind, n.value = boolean, strconv.FormatBool(t)
	case nil:
		n.kind, n.value = null, "null"
	}
	n.end = int(p.decoder.InputOffset())
	return n, err
}

func (p *parser) inside(n *node, opening json.Delim) error {
	n.kind = list
	if opening == '{' {
		n.kind = object
	}
	for p.decoder.More() {
		path := fmt.Sprintf("%s[%d]", n.path, len(n.items))
		if n.kind == object {
			name, err := p.name(n)
			if err != nil {
				return err
			}
			path = join(n.path, name)
		}
		item, err := p.value(path)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, err := p.decoder.Token()
	return err
}

func (p *parser) name(n *node) (string, error) {
	start := p.next()
	token, err := p.decoder.Token()
	if err != nil {
		return "", err
	}
	name, ok := token.(string)
	if !ok {
		return "", io.ErrUnexpectedEOF
	}
	if n.member(name) != nil {
		p.report.at(start, join(n.path, name), nil, "is given twice: keep one of them")
	}
	n.names = append(n.names, name)
	return name, nil
}

// next is where the next token starts.
func (p *parser) next() int {
	at := int(p.decoder.InputOffset())
	for at < len(p.source) && bytes.IndexByte([]byte(" \t\r\n,:"), p.source[at]) >= 0 {
		at++
	}
	return at
}

// join is the path of a member. A name that would not read as one step is quoted.
func join(path, name string) string {
	step := name
	if r := []rune(name); len(r) > 64 {
		step = string(r[:64]) + "…"
	}
	for _, r := range name {
		if r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return path + "[" + strconv.Quote(step) + "]"
		}
	}
	if name == "" {
		return path + `[""]`
	}
	if path == "" {
		return step
	}
	return path + "." + step
}
