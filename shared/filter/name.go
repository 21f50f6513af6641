package filter

import "strings"

// name finds a field of an object.
type name struct {
	text string
	// flag is X where text is isX, else empty.
	flag string
}

func newName(text string) name {
	if len(text) > 2 && strings.EqualFold(text[:2], "is") {
		return name{text: text, flag: text[2:]}
	}
	return name{text: text}
}

// find returns the field's value, nil where it is missing or null. The exact name wins, then any other case of it, then
// what isX also means: a boolean x. Of several fields that differ only in case, the first in byte order is taken, so that
// a filter never answers twice differently for one record.
func (n *name) find(object map[string]any) any {
	if value := object[n.text]; value != nil {
		return value
	}
	var named, flagged candidate
	for key, value := range object {
		switch {
		case value == nil:
		case strings.EqualFold(key, n.text):
			named.offer(key, value)
		case n.flag != "" && strings.EqualFold(key, n.flag):
			if _, ok := value.(bool); ok {
				flagged.offer(key, value)
			}
		}
	}
	if named.value != nil {
		return named.value
	}
	return flagged.value
}

// candidate keeps the field with the first key in byte order.
type candidate struct {
	key   string
	value any
}

func (c *candidate) offer(key string, value any) {
	if c.value == nil || key < c.key {
		c.key, c.value = key, value
	}
}

// kind is what stands in a step's brackets.
type kind int

const (
	unselected kind = iota // no brackets: any element
	everything             // (*): any element
	flagged                // (flag): elements whose boolean is true
	equal                  // (name=value): elements whose field is exactly the value
)

// selector chooses elements of a list. On anything but a list it chooses nothing.
type selector struct {
	kind  kind
	name  name
	value string
}

// selects reports whether an element is chosen. Where the field it asks about is a list itself, any of its elements will do.
func (s *selector) selects(element any) bool {
	if s.kind == unselected || s.kind == everything {
		return true
	}
	object, ok := element.(map[string]any)
	if !ok {
		return false
	}
	value := s.name.find(object)
	list, ok := value.([]any)
	if !ok {
		return s.holds(value)
	}
	for _, inner := range list {
		if s.holds(inner) {
			return true
		}
	}
	return false
}

func (s *selector) holds(value any) bool {
	if s.kind == flagged {
		on, ok := value.(bool)
		return ok && on
	}
	text, ok := textOf(value)
	return ok && text == s.value
}
