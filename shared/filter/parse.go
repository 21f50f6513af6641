package filter

import (
	"errors"
	"regexp/syntax"
	"strings"
	"unicode"
)

func (p *parser) filter() ([]term, error) {
	if at := invalidUTF8(p.text); at >= 0 {
		return nil, p.fail(at, "expected text in UTF-8")
	}
	var terms []term
	for {
		t, err := p.term()
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
		if !p.take(';') {
			return terms, nil
		}
	}
}

func (p *parser) term() (term, error) {
	p.skipBlanks()
	if next := p.peek(); next == end || next == ';' {
		return term{}, p.fail(p.at, "expected a term such as role=MEMBER, found none: no \";\" at the start or the end, nor two in a row")
	}
	steps, err := p.path()
	if err != nil {
		return term{}, err
	}
	pattern, err := p.pattern()
	return term{steps: steps, pattern: pattern}, err
}

// path reads up to the "=" before the pattern, and that too.
func (p *parser) path() ([]step, error) {
	var steps []step
	for {
		s, err := p.step()
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
		if p.take('.') {
			continue
		}
		blank := p.at
		p.skipBlanks()
		switch next := p.peek(); {
		case next == '=':
			p.at++
			return steps, nil
		case blank < p.at && (next == '.' || next == '('):
			return nil, p.fail(blank, "expected no blank inside a path")
		case s.selector.kind == unselected:
			return nil, p.fail(p.at, "expected \".\", \"(\" or \"=\" after %q, found %s", s.name.text, p.found())
		default:
			return nil, p.fail(p.at, "expected \".\" or \"=\" after \")\", found %s", p.found())
		}
	}
}

func (p *parser) step() (step, error) {
	n, err := p.name()
	if err != nil || !p.take('(') {
		return step{name: n}, err
	}
	s, err := p.selector()
	return step{name: n, selector: s}, err
}

// name reads a field's name: all up to . ( ) = ; and the blanks before them, which it leaves.
func (p *parser) name() (name, error) {
	start := p.at
	for next := p.peek(); next != end && !strings.ContainsRune(".()=;*", rune(next)); next = p.peek() {
		if next == '\\' && p.escapes(';') {
			p.at++
		}
		p.at++
	}
	if p.peek() == '*' {
		return name{}, p.fail(p.at, "expected a name, found \"*\", which stands only in brackets: addresses(*)")
	}
	raw := p.text[start:p.at]
	text := strings.TrimRightFunc(raw, unicode.IsSpace)
	p.at = start + len(text)
	if text == "" {
		return name{}, p.fail(p.at, "expected a name, found %s", p.found())
	}
	if text != strings.TrimLeftFunc(text, unicode.IsSpace) {
		return name{}, p.fail(start, "expected no blank inside a path")
	}
	return newName(strings.ReplaceAll(text, `\;`, ";")), nil
}

// selector reads what follows "(", and ")".
func (p *parser) selector() (selector, error) {
	if p.take('*') {
		return selector{kind: everything}, p.expect(')', "\"*\"")
	}
	if next := p.peek(); next == ')' || next == end {
		return selector{}, p.fail(p.at, "expected \"*\", a flag such as isMain, or name=value, found %s", p.found())
	}
	n, err := p.name()
	if err != nil {
		return selector{}, err
	}
	if !p.take('=') {
		if p.peek() == ')' {
			p.at++
			return selector{kind: flagged, name: n}, nil
		}
		return selector{}, p.fail(p.at, "expected \"=\" or \")\" after %q, found %s", n.text, p.found())
	}
	value, err := p.value()
	return selector{kind: equal, name: n, value: value}, err
}

// value reads a selector's literal value, and the ")" that ends it. Only \) and \; are escapes in it.
func (p *parser) value() (string, error) {
	var value strings.Builder
	for {
		next := p.peek()
		switch {
		case next == ')':
			p.at++
			return value.String(), nil
		case next == end:
			return "", p.fail(p.at, "expected \")\" to end the selector, found the end")
		case next == ';':
			return "", p.fail(p.at, "expected \")\" before \";\": a semicolon in a value is written \\;")
		case next == '\\' && (p.escapes(')') || p.escapes(';')):
			p.at++
		}
		value.WriteByte(p.text[p.at])
		p.at++
	}
}

// pattern reads up to the ";" that ends the term, or to the end.
func (p *parser) pattern() (pattern, error) {
	start := p.at
	var text strings.Builder
	for next := p.peek(); next != end && next != ';'; next = p.peek() {
		switch {
		case next == '\\' && p.escapes(';'):
			p.at++
		case next == '\\' && p.at+1 < len(p.text):
			// The pair stays together, so that \\; is an escaped backslash and the term's end.
			text.WriteByte(next)
			p.at++
		}
		text.WriteByte(p.text[p.at])
		p.at++
	}
	compiled, err := compilePattern(text.String())
	if err != nil {
		return pattern{}, p.patternFault(start, text.String(), err)
	}
	return compiled, nil
}

func (p *parser) patternFault(start int, text string, err error) error {
	fault := &syntax.Error{}
	if !errors.As(err, &fault) {
		return p.fail(start, "expected a pattern in RE2 syntax: %v", err)
	}
	at := start
	for range faultAt(text, fault) {
		// The backslash of \; is not in the pattern.
		if strings.HasPrefix(p.text[at:], `\;`) {
			at++
		}
		at++
	}
	hint := ""
	if p.peek() == ';' {
		hint = "; a semicolon in a pattern is written \\;"
	}
	return p.fail(at, "expected a pattern in RE2 syntax: %s%s", fault.Code, hint)
}
