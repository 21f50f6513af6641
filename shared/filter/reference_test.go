package filter

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// reference judges a filter the plain way: all values that a path leads to, then regexp without anchors, whose longest
// match must be all. It shares the reading of paths with Filter, nothing of the matching.
func reference(t testing.TB, f *Filter, data map[string]any) bool {
	t.Helper()
	for _, plain := range plainTerms(t, f) {
		if !plain.matches(data) {
			return false
		}
	}
	return true
}

type plainTerm struct {
	steps      []step
	expression *regexp.Regexp
}

func plainTerms(t testing.TB, f *Filter) []plainTerm {
	t.Helper()
	var terms []plainTerm
	p := parser{text: f.text}
	for p.at < len(f.text) {
		p.skipBlanks()
		steps, err := p.path()
		if err != nil {
			t.Fatalf("read %q again: %v", f.text, err)
		}
		start := p.at
		if _, err := p.pattern(); err != nil {
			t.Fatalf("read %q again: %v", f.text, err)
		}
		expression := regexp.MustCompile(unescape(f.text[start:p.at]))
		expression.Longest()
		terms = append(terms, plainTerm{steps, expression})
		p.at++
	}
	return terms
}

// unescape takes the backslash from each \; while every other pair stays together.
func unescape(text string) string {
	return regexp.MustCompile(`(?s)\\.`).ReplaceAllStringFunc(text, func(pair string) string {
		if pair == `\;` {
			return ";"
		}
		return pair
	})
}

func (p plainTerm) matches(data map[string]any) bool {
	values := []any{data}
	for _, s := range p.steps {
		var next []any
		for _, value := range values {
			if object, ok := value.(map[string]any); ok {
				next = append(next, referenceStep(s, object)...)
			}
		}
		values = next
	}
	return slices.ContainsFunc(values, func(value any) bool {
		text, ok := referenceText(value)
		if !ok {
			return false
		}
		found := p.expression.FindStringIndex(text)
		return found != nil && found[0] == 0 && found[1] == len(text)
	})
}

func referenceStep(s step, object map[string]any) []any {
	value := referenceField(s.name.text, object)
	list, ok := value.([]any)
	if !ok && s.selector.kind == unselected {
		return []any{value}
	}
	var selected []any
	for _, element := range list {
		if s.selector.kind == unselected || s.selector.kind == everything {
			selected = append(selected, element)
			continue
		}
		object, ok := element.(map[string]any)
		if !ok {
			continue
		}
		field := referenceField(s.selector.name.text, object)
		inner, ok := field.([]any)
		if !ok {
			inner = []any{field}
		}
		if slices.ContainsFunc(inner, func(value any) bool {
			if s.selector.kind == flagged {
				return value == true
			}
			text, ok := referenceText(value)
			return ok && text == s.selector.value
		}) {
			selected = append(selected, element)
		}
	}
	return selected
}

func referenceField(text string, object map[string]any) any {
	if value := object[text]; value != nil {
		return value
	}
	keys := slices.Sorted(maps.Keys(object))
	for _, key := range keys {
		if object[key] != nil && strings.EqualFold(key, text) {
			return object[key]
		}
	}
	for _, key := range keys {
		if on, ok := object[key].(bool); ok && strings.EqualFold("is"+key, text) {
			return on
		}
	}
	return nil
}

func referenceText(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case bool, json.Number:
		text, err := json.Marshal(value)
		return string(text), err == nil
	}
	return "", false
}
