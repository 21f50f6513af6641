package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"crmhook/shared/fault"
)

// errStopped ends the reading after a fault that more text cannot mend.
var errStopped = errors.New("reading ended at a fault")

// parser reads a text that is valid UTF-8. It calls itself at most MaxDepth times deep.
type parser struct {
	text   []byte
	at     int
	steps  []step
	faults fault.List
}

// document reads the one value that the whole text must be.
func (p *parser) document() (any, error) {
	p.skipBlanks()
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.skipBlanks(); p.at < len(p.text) {
		return nil, p.expected("nothing after the document")
	}
	return value, nil
}

// value reads the value that begins here; its end is the next byte.
func (p *parser) value() (any, error) {
	switch c := p.next(); {
	case c == '{':
		return p.nested(p.object)
	case c == '[':
		return p.nested(p.list)
	case c == '"':
		return p.string()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c == 't':
		return true, p.literal("true")
	case c == 'f':
		return false, p.literal("false")
	case c == 'n':
		return nil, p.literal("null")
	}
	return nil, p.expected("a value")
}

// nested reads an object or list unless it stands too deep.
func (p *parser) nested(read func() (any, error)) (any, error) {
	if len(p.steps) >= MaxDepth {
		p.faults.Add(p.path(), "is nested too deep: at most %d objects and lists may stand within each other; the rest was not read", MaxDepth)
		return nil, errStopped
	}
	p.at++
	return read()
}

func (p *parser) object() (any, error) {
	object := map[string]any{}
	if p.skipBlanks(); p.next() == '}' {
		p.at++
		return object, nil
	}
	for {
		name, value, err := p.member(object)
		if err != nil {
			return nil, err
		}
		object[name] = value
		if ended, err := p.ended('}'); ended || err != nil {
			return object, err
		}
		p.skipBlanks()
	}
}

// member reads a name and its value.
func (p *parser) member(object map[string]any) (string, any, error) {
	if p.next() != '"' {
		return "", nil, p.expected("a name in double quotes")
	}
	name, err := p.string()
	if err != nil {
		return "", nil, err
	}
	p.steps = append(p.steps, step{name: name})
	defer func() { p.steps = p.steps[:len(p.steps)-1] }()
	if err := p.checkName(object, name); err != nil {
		return "", nil, err
	}
	if p.skipBlanks(); p.next() != ':' {
		return "", nil, p.expected("a colon")
	}
	p.at++
	p.skipBlanks()
	value, err := p.value()
	return name, value, err
}

func (p *parser) checkName(object map[string]any, name string) error {
	if _, twice := object[name]; twice {
		return p.fault(nil, "is given twice: keep one of them")
	}
	if strings.Contains(name, "\x00") {
		return p.fault(nil, `must have a name without NUL (\u0000)`)
	}
	if len(name) > MaxName {
		return p.fault(nil, "must have a name of at most %d bytes, found %d", MaxName, len(name))
	}
	return nil
}

func (p *parser) list() (any, error) {
	list := []any{}
	if p.skipBlanks(); p.next() == ']' {
		p.at++
		return list, nil
	}
	for {
		p.steps = append(p.steps, step{index: len(list), list: true})
		value, err := p.value()
		p.steps = p.steps[:len(p.steps)-1]
		if err != nil {
			return nil, err
		}
		list = append(list, value)
		if ended, err := p.ended(']'); ended || err != nil {
			return list, err
		}
		p.skipBlanks()
	}
}

// ended reads what follows a value of an object or list: its end or a comma.
func (p *parser) ended(end byte) (bool, error) {
	p.skipBlanks()
	c := p.next()
	if c != end && c != ',' {
		return false, p.expected("a comma or " + string(end))
	}
	p.at++
	return c == end, nil
}

func (p *parser) number() (any, error) {
	number := numberAt(p.text[p.at:])
	if number == "" {
		return nil, p.expected("a number")
	}
	p.at += len(number)
	if c := p.next(); c == '.' || c >= '0' && c <= '9' || c|0x20 == 'e' {
		return nil, p.expected("a number's end")
	}
	if unkept := unkept(number); unkept != "" {
		return nil, p.fault(shown(json.Number(number)), "%s: write it as a string", unkept)
	}
	return json.Number(number), nil
}

func (p *parser) literal(word string) error {
	if !bytes.HasPrefix(p.text[p.at:], []byte(word)) {
		return p.expected("a value")
	}
	p.at += len(word)
	return nil
}

// next is the byte here, 0 at the end.
func (p *parser) next() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) skipBlanks() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t' || p.text[p.at] == '\n' || p.text[p.at] == '\r') {
		p.at++
	}
}
