package upload

import "strings"

// reader goes through a text, cell by cell. A copy of it reads ahead.
type reader struct {
	text string
	at   int
	// line is the number of the line that at is in.
	line int
	// unclosed is the line of a quote that nothing closes; 0: there was none.
	unclosed int
}

// cell is one value of a line.
type cell struct {
	value string
	// line is where it begins.
	line   int
	quoted bool
	// spoilt says that text follows the closing quote.
	spoilt bool
}

func (r *reader) done() bool { return r.at >= len(r.text) }

// cell reads up to the separator (0: there is none) or the end of the line; more says whether another cell follows in it.
func (r *reader) cell(separator byte) (c cell, more bool) {
	c.line = r.line
	if r.opens(separator) {
		c.quoted, c.value = true, r.quote()
		c.spoilt = strings.TrimSpace(r.plain(separator)) != ""
	} else {
		c.value = r.plain(separator)
	}
	if r.done() {
		return c, false
	}
	if r.text[r.at] == separator {
		r.at++
		return c, true
	}
	r.at += breakAt(r.text, r.at)
	r.line++
	return c, false
}

// opens reports whether a quoted value begins here, blanks aside, and goes to it.
func (r *reader) opens(separator byte) bool {
	at := r.at
	for at < len(r.text) && (r.text[at] == ' ' || r.text[at] == '\t') && r.text[at] != separator {
		at++
	}
	if at == len(r.text) || r.text[at] != '"' {
		return false
	}
	r.at = at
	return true
}

// quote reads a value in quotes, in which two stand for one.
func (r *reader) quote() string {
	opened, start, doubled := r.line, r.at+1, false
	for i := start; i < len(r.text); {
		switch n := breakAt(r.text, i); {
		case n > 0:
			r.line++
			i += n
		case r.text[i] != '"':
			i++
		case i+1 < len(r.text) && r.text[i+1] == '"':
			doubled = true
			i += 2
		default:
			r.at = i + 1
			if doubled {
				return strings.ReplaceAll(r.text[start:i], `""`, `"`)
			}
			return r.text[start:i]
		}
	}
	r.at, r.unclosed = len(r.text), opened
	return r.text[start:]
}

// plain reads up to the separator or the end of the line, neither of which it takes.
func (r *reader) plain(separator byte) string {
	start := r.at
	for r.at < len(r.text) {
		if c := r.text[r.at]; c == '\n' || c == '\r' || c == separator {
			break
		}
		r.at++
	}
	return r.text[start:r.at]
}

// breakAt is how many bytes of a line break stand at a place; 0: none does.
func breakAt(text string, at int) int {
	switch {
	case at >= len(text) || text[at] != '\n' && text[at] != '\r':
		return 0
	case text[at] == '\r' && at+1 < len(text) && text[at+1] == '\n':
		return 2
	}
	return 1
}
