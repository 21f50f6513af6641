package filter

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// parser reads a filter's text from left to right; at is the next byte.
type parser struct {
	text string
	at   int
}

// end is what follows the last byte; no byte of valid UTF-8 is 0xFF.
const end = 0xFF

// peek is the next byte, or end.
func (p *parser) peek() byte {
	if p.at == len(p.text) {
		return end
	}
	return p.text[p.at]
}

// escapes reports whether the byte after the next one, a backslash, is the given one.
func (p *parser) escapes(b byte) bool { return p.at+1 < len(p.text) && p.text[p.at+1] == b }

func (p *parser) take(b byte) bool {
	if p.peek() != b {
		return false
	}
	p.at++
	return true
}

func (p *parser) expect(b byte, after string) error {
	if p.take(b) {
		return nil
	}
	return p.fail(p.at, "expected %q after %s, found %s", string(b), after, p.found())
}

func (p *parser) skipBlanks() {
	p.at = len(p.text) - len(strings.TrimLeftFunc(p.text[p.at:], unicode.IsSpace))
}

// found names the next character for a message.
func (p *parser) found() string {
	if p.at == len(p.text) {
		return "the end"
	}
	next, _ := utf8.DecodeRuneInString(p.text[p.at:])
	return fmt.Sprintf("%q", string(next))
}

func (p *parser) fail(at int, format string, args ...any) error {
	return &Error{Column: utf8.RuneCountInString(p.text[:at]) + 1, Message: fmt.Sprintf(format, args...)}
}

// invalidUTF8 is the first byte that is no UTF-8, -1 without one.
func invalidUTF8(text string) int {
	for at, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[at:], "\uFFFD") {
			return at
		}
	}
	return -1
}
