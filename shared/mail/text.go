package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of SNS: a subject has fewer than 100 characters, a message with all its attributes 256 KB.
const (
	MostSubject = 99
	MostNotice  = 256<<10 - 1<<10
)

// cutMark ends a text that was cut.
const cutMark = "\n(cut)"

// line puts text on one line of valid UTF-8.
func line(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text))
}

// plain is a subject as SNS takes it: printable ASCII that does not begin with a blank and is not empty.
func plain(subject string) string {
	ascii := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '?'
		}
		return r
	}, line(subject))
	if ascii == "" {
		return "crmhook"
	}
	return ascii[:min(len(ascii), MostSubject)]
}

// fitting is a notice's text as SNS takes it.
func fitting(text, subject string) string {
	if text = strings.ToValidUTF8(text, "?"); strings.TrimSpace(text) == "" {
		return subject
	}
	if len(text) <= MostNotice {
		return text
	}
	end := MostNotice - len(cutMark)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + cutMark
}
