package upload

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/job"
)

// shownBytes is how much of a value a refusal shows.
const shownBytes = 80

// parser gathers the numbers of a file.
type parser struct {
	Contents
	// lines holds where each number stands.
	lines map[string]int
}

func newParser(text string) *parser {
	most := min(strings.Count(text, "\n")+1, job.MostNumbers)
	return &parser{Contents: Contents{Numbers: make([]string, 0, most)}, lines: make(map[string]int, most)}
}

// read takes all lines; why says that the file cannot be used.
func (p *parser) read(r reader, l layout) (why string) {
	r.skip()
	if l.header {
		for more := true; more; {
			_, more = r.cell(l.separator)
		}
	}
	take := p.line
	if l.separator != 0 {
		take = p.record
	}
	for !r.done() && len(p.Numbers) <= job.MostNumbers {
		take(&r, l)
	}
	switch {
	case len(p.Numbers) > job.MostNumbers:
		return tooMany()
	case r.unclosed > 0:
		return fmt.Sprintf("line %d opens a quote that nothing closes: close it, or write two quotes where one is meant", r.unclosed)
	}
	return ""
}

// line takes a line of a text of one number a line, in which a quoted value ends with its line.
func (p *parser) line(r *reader, _ layout) {
	line := r.line
	value := strings.TrimSpace(r.plain(0))
	r.at += breakAt(r.text, r.at)
	r.line++
	inner, quoted := unquoted(value)
	switch {
	case value == "":
	case quoted:
		p.take(strings.TrimSpace(inner), line)
	case strings.ContainsAny(value, separators):
		p.refuse(line, value, "has several columns: give one number a line, or a first line that names a column "+Column)
	default:
		p.take(value, line)
	}
}

// unquoted is a whole value without the quotes around it.
func unquoted(value string) (string, bool) {
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return value, false
	}
	return strings.ReplaceAll(value[1:len(value)-1], `""`, `"`), true
}

// record takes a line of a CSV; one whose cells are all empty is nothing.
func (p *parser) record(r *reader, l layout) {
	number, empty, n := cell{line: r.line}, true, 0
	for more := true; more; n++ {
		var c cell
		if c, more = r.cell(l.separator); n == l.column {
			number = c
		}
		empty = empty && !c.spoilt && strings.TrimSpace(c.value) == ""
	}
	value := strings.TrimSpace(number.value)
	switch {
	case empty || r.unclosed > 0:
	case n <= l.column:
		p.refuse(number.line, "", fmt.Sprintf("has %d columns, and %s is column %d: fill in the line, or remove it", n, Column, l.column+1))
	case number.spoilt:
		p.refuse(number.line, value, "has text after the closing quote: remove it, or write two quotes where one is meant")
	default:
		p.take(value, number.line)
	}
}

// take adds a number, or refuses it.
func (p *parser) take(value string, line int) {
	if why := wrong(value); why != "" {
		p.refuse(line, value, why)
		return
	}
	if first, twice := p.lines[value]; twice {
		p.refuse(line, value, fmt.Sprintf("is in line %d already: it is sent once; remove one of the lines", first))
		return
	}
	p.lines[value] = line
	p.Numbers = append(p.Numbers, value)
}

// wrong says why a value is no contact's number; empty: it is one.
func wrong(value string) string {
	switch {
	case value == "":
		return "has no " + Column + ": fill it in, or remove the line"
	case !utf8.ValidString(value) || strings.ContainsRune(value, utf8.RuneError):
		return "holds a character that cannot be read: save the file as UTF-8"
	case strings.ContainsFunc(value, unicode.IsControl):
		return "holds a line break or another control character: remove it"
	case change.CheckID(change.Contact, value) != nil:
		return fmt.Sprintf("has %d characters, and a contact's number at most %d: correct it", utf8.RuneCountInString(value), change.MaxContactNumber)
	}
	return ""
}

func (p *parser) refuse(line int, value, why string) {
	p.Refused++
	if len(p.Refusals) < MostRefusals {
		p.Refusals = append(p.Refusals, Refusal{Line: line, Value: delivery.Cut(strings.ToValidUTF8(value, "\ufffd"), shownBytes), Reason: why})
	}
}
