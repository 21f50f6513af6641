package platform

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// text is a template: what stands as it is, and placeholders {{var:Name}} or {{var:Name:"default"}}. Blanks are allowed inside
// the braces; in a default \" is a quotation mark and \\ a backslash. Other braces are text.
type text []piece

// piece is literal text, or a placeholder where variable is set.
type piece struct {
	literal    string
	variable   string
	fallback   string
	hasDefault bool
	// at is where it begins in the template, in bytes.
	at int
}

// misfit is what is wrong with a template, at a byte of it.
type misfit struct {
	at      int
	message string
}

// parseText reads a template; the misfits are all placeholders that are none.
func parseText(template string) (text, []misfit) {
	var pieces text
	var wrong []misfit
	for at := 0; at < len(template); {
		begin := placeholderAt(template, at)
		if begin < 0 {
			pieces = append(pieces, piece{literal: template[at:], at: at})
			break
		}
		if begin > at {
			pieces = append(pieces, piece{literal: template[at:begin], at: at})
		}
		p := scanner{text: template, at: begin}
		read, message := p.placeholder()
		if message != "" {
			wrong = append(wrong, misfit{begin, message})
			at = begin + len("{{")
			continue
		}
		pieces, at = append(pieces, read), p.at
	}
	return pieces, wrong
}

// placeholderAt is where, from a byte on, a placeholder begins: two braces, var, and no further letter or digit; -1 for none.
func placeholderAt(template string, from int) int {
	for {
		next := strings.Index(template[from:], "{{")
		if next < 0 {
			return -1
		}
		begin := from + next
		rest := strings.TrimLeftFunc(template[begin+len("{{"):], unicode.IsSpace)
		if after, is := strings.CutPrefix(rest, "var"); is {
			if r, _ := utf8.DecodeRuneInString(after); after == "" || !inName(r) {
				return begin
			}
		}
		from = begin + 1
	}
}

// inName reports whether a variable's name may hold the character.
func inName(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_' || r == '-' || r == '.'
}

type scanner struct {
	text string
	at   int
}

// placeholder reads the placeholder that begins here. The message says what was expected where it is none.
func (s *scanner) placeholder() (read piece, message string) {
	read.at = s.at
	s.at += len("{{")
	s.skipBlanks()
	s.at += len("var")
	if !s.take(":") {
		return read, "needs a colon after var"
	}
	if read.variable = s.name(); read.variable == "" {
		return read, "needs a name of letters, digits, _ - . after the colon"
	}
	if s.take(":") {
		if read.fallback, read.hasDefault = s.quoted(); !read.hasDefault {
			return read, `needs a default in quotation marks ("…") after the second colon`
		}
	}
	if !s.take("}}") {
		return read, "needs }} at its end"
	}
	return read, ""
}

func (s *scanner) skipBlanks() {
	s.at = len(s.text) - len(strings.TrimLeftFunc(s.text[s.at:], unicode.IsSpace))
}

// take reads blanks and then the mark, if it is there.
func (s *scanner) take(mark string) bool {
	s.skipBlanks()
	if !strings.HasPrefix(s.text[s.at:], mark) {
		return false
	}
	s.at += len(mark)
	return true
}

func (s *scanner) name() string {
	s.skipBlanks()
	rest := s.text[s.at:]
	end := strings.IndexFunc(rest, func(r rune) bool { return !inName(r) })
	if end < 0 {
		end = len(rest)
	}
	s.at += end
	return rest[:end]
}

// quoted reads a default; false where there is none or it does not end.
func (s *scanner) quoted() (string, bool) {
	if !s.take(`"`) {
		return "", false
	}
	var read strings.Builder
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return read.String(), true
		case c == '\\' && s.at+1 < len(s.text) && (s.text[s.at+1] == '"' || s.text[s.at+1] == '\\'):
			s.at++
			read.WriteByte(s.text[s.at])
		default:
			read.WriteByte(c)
		}
	}
	return "", false
}

// fill puts the values in, each as escape gives it. A variable that has neither a value nor a default is a misfit, and so is
// a result of more than most bytes; there is no result then. Without values none is missed, each is empty.
func (t text) fill(values map[string]string, escape func(string) string, most int) (string, []misfit) {
	var filled strings.Builder
	var wrong []misfit
	for _, p := range t {
		value := p.literal
		if p.variable != "" {
			given, known := values[p.variable]
			if !known && !p.hasDefault && values != nil {
				wrong = append(wrong, misfit{p.at, fmt.Sprintf(
					`needs the variable %s: give it in VariablePersoJson, or write a default as {{var:%[1]s:"…"}}`, p.variable)})
				continue
			}
			if !known {
				given = p.fallback
			}
			value = escape(given)
		}
		if filled.Len()+len(value) > most {
			return "", append(wrong, misfit{p.at, fmt.Sprintf("becomes longer than %d bytes with its variables", most)})
		}
		filled.WriteString(value)
	}
	if len(wrong) > 0 {
		return "", wrong
	}
	return filled.String(), nil
}

// unescaped is a value as it is.
func unescaped(value string) string { return value }

// place names a byte of a template by its column in characters, and its line where there are several.
func place(template string, at int) string {
	before := template[:at]
	line := 1 + strings.Count(before, "\n")
	column := 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	if line == 1 {
		return fmt.Sprintf("column %d", column)
	}
	return fmt.Sprintf("line %d, column %d", line, column)
}

// variableText is a variable's value as it is put in; false for one that cannot be.
func variableText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	}
	return "", false
}
