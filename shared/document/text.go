package document

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// string reads the string that begins here.
func (p *parser) string() (string, error) {
	p.at++
	start := p.at
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return string(p.text[start : p.at-1]), nil
		case c == '\\':
			return p.escaped(append([]byte(nil), p.text[start:p.at]...))
		case c < ' ':
			return "", p.expected(`control characters in a string to be written as \u00XX`)
		}
		p.at++
	}
	return "", p.expected(`a string's closing "`)
}

// escaped reads the rest of a string from its first escape on.
func (p *parser) escaped(read []byte) (string, error) {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return string(read), nil
		case c == '\\':
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			read = utf8.AppendRune(read, r)
		case c < ' ':
			return "", p.expected(`control characters in a string to be written as \u00XX`)
		default:
			read = append(read, c)
			p.at++
		}
	}
	return "", p.expected(`a string's closing "`)
}

// escape reads one character that is written with a backslash; of a surrogate pair, both halves.
func (p *parser) escape() (rune, error) {
	p.at++
	if p.next() == 'u' {
		p.at++
		return p.unicode()
	}
	const letters, meant = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	which := strings.IndexByte(letters, p.next())
	if which < 0 {
		return 0, p.expected(`one of " \ / b f n r t u after a backslash`)
	}
	p.at++
	return rune(meant[which]), nil
}

func (p *parser) unicode() (rune, error) {
	first, ok := p.hex(p.at)
	if !ok {
		return 0, p.expected(`four hexadecimal digits after \u`)
	}
	p.at += 4
	if !utf16.IsSurrogate(first) {
		return first, nil
	}
	if p.at+1 < len(p.text) && p.text[p.at] == '\\' && p.text[p.at+1] == 'u' {
		if second, ok := p.hex(p.at + 2); ok {
			if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
				p.at += 6
				return r, nil
			}
		}
	}
	return utf8.RuneError, nil
}

func (p *parser) hex(at int) (rune, bool) {
	if at+4 > len(p.text) {
		return 0, false
	}
	for _, c := range p.text[at : at+4] {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return 0, false
		}
	}
	code, err := strconv.ParseUint(string(p.text[at:at+4]), 16, 32)
	return rune(code), err == nil
}
