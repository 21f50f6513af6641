// Package filter decides which records an interface or a rule is about: conditions over a record's fields, in the
// grammar of the SecuTix Contact Webhook, such as role=MEMBER;addresses(isMain).zipCode=13.*
//
//	filter   = term *( ";" term )            all must hold
//	term     = path "=" pattern              pattern: RE2, must match the whole value
//	path     = step *( "." step )
//	step     = name [ "(" ( "*" / flag / name "=" value ) ")" ]
//
// It must not know which fields exist, which entity a record belongs to, nor where a filter was written.
package filter

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Error is the one thing wrong with a filter's text.
type Error struct {
	// Column is where, counted in characters from 1; one past the last character where the text ends too early.
	Column int
	// Message says what was expected there.
	Message string
}

// Error is "column N: message".
func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Message) }

// Filter is a compiled filter. It never changes, so one may be used from many goroutines; its zero value matches all.
type Filter struct {
	text  string
	terms []term
}

// term holds where one path leads to a value that the pattern matches.
type term struct {
	steps   []step
	pattern pattern
}

type step struct {
	name     name
	selector selector
}

// Compile reads a filter. Empty text matches every record; any other fault is an *Error.
func Compile(text string) (*Filter, error) {
	if text == "" {
		return &Filter{}, nil
	}
	p := parser{text: text}
	terms, err := p.filter()
	if err != nil {
		return nil, err
	}
	return &Filter{text: text, terms: terms}, nil
}

// String is the text the filter was compiled from.
func (f *Filter) String() string { return f.text }

// Paths are the fields of a record that the filter reads: the names of the first steps in lower case, in their order,
// each once. A name isX stands as written, although it may mean the field x.
func (f *Filter) Paths() []string {
	var paths []string
	for i := range f.terms {
		if path := strings.ToLower(f.terms[i].steps[0].name.text); !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// Match reports whether all terms hold for a record, whose values are string, json.Number, bool, nil, []any and
// map[string]any. Names ignore case; a list without a selector means any of its elements; numbers and booleans are
// matched as their JSON text. A missing field and null match no pattern, neither does an object, nor a list in a list.
func (f *Filter) Match(data map[string]any) bool {
	for i := range f.terms {
		if !f.terms[i].matches(data, 0) {
			return false
		}
	}
	return true
}

// matches follows the path from its step of the given index, which names a field of the object.
func (t *term) matches(object map[string]any, index int) bool {
	s := &t.steps[index]
	value := s.name.find(object)
	list, ok := value.([]any)
	if !ok {
		return s.selector.kind == unselected && t.reaches(value, index)
	}
	for _, element := range list {
		if s.selector.selects(element) && t.reaches(element, index) {
			return true
		}
	}
	return false
}

// reaches goes on from the value that the step of the given index led to.
func (t *term) reaches(value any, index int) bool {
	if index == len(t.steps)-1 {
		text, ok := textOf(value)
		return ok && t.pattern.matches(text)
	}
	object, ok := value.(map[string]any)
	return ok && t.matches(object, index+1)
}

// textOf is what a pattern or a selector compares: a string itself, a number's or a boolean's JSON text.
func textOf(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case json.Number:
		return string(value), true
	case bool:
		if value {
			return "true", true
		}
		return "false", true
	default:
		return "", false
	}
}
