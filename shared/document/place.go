package document

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// step is the place of a value in the object or list around it.
type step struct {
	name  string
	index int
	list  bool
}

// expected is the error that something else stands here.
func (p *parser) expected(what string) error {
	if p.at >= len(p.text) {
		return p.wrong(p.at, "expected "+what+", found the end of the text")
	}
	r, _ := utf8.DecodeRune(p.text[p.at:])
	return p.wrong(p.at, fmt.Sprintf("expected %s, found %q", what, r))
}

func (p *parser) wrong(at int, message string) error {
	line := 1 + bytes.Count(p.text[:at], []byte("\n"))
	column := 1 + utf8.RuneCount(p.text[bytes.LastIndexByte(p.text[:at], '\n')+1:at])
	return fmt.Errorf("not JSON at line %d, column %d: %s", line, column, message)
}

// fault notes that what stands here cannot be kept; the error says that these were enough of them.
func (p *parser) fault(value any, format string, args ...any) error {
	p.faults.AddValue(p.path(), value, format, args...)
	if len(p.faults) < MaxFaults {
		return nil
	}
	p.faults.Add("", "has %d faults so far: the rest was not read", MaxFaults)
	return errStopped
}

func (p *parser) path() string {
	path := ""
	for _, s := range p.steps {
		if s.list {
			path = itemPath(path, s.index)
		} else {
			path = memberPath(path, s.name)
		}
	}
	return path
}
