// Package fault holds what a user did wrong, in a shape that names every fault at once: where it is, what was
// expected, and the value that was found. Configuration, the API and set-aside reports all use it.
// It must not know what is checked.
package fault

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Fault is one thing wrong with what a user gave.
type Fault struct {
	// Location is the JSON path (schedules[0].frequencyMinutes), column or parameter the fault is at; empty: the whole.
	Location string `json:"location" doc:"Where it is: a JSON path, a column, or a part of the request; empty: the whole." example:"schedules[0].frequencyMinutes"`
	// Message says what was expected and, where it helps, what to do. It never quotes a secret.
	Message string `json:"message" doc:"What was expected, and what to do." example:"must be a whole number of minutes from 1 to 1440"`
	// Value is what was found; left out where it is missing, long or secret.
	Value any `json:"value,omitempty" doc:"What was found; left out where it is missing, long or secret."`
}

// String is "location: message".
func (f Fault) String() string {
	if f.Location == "" {
		return f.Message
	}
	return f.Location + ": " + f.Message
}

// List is every fault of one input, in the order they were found. As an error it reads on one line.
type List []Fault

// Add appends a fault without a value.
func (l *List) Add(location, format string, args ...any) {
	*l = append(*l, Fault{Location: location, Message: fmt.Sprintf(format, args...)})
}

// AddValue appends a fault that shows the value found.
func (l *List) AddValue(location string, value any, format string, args ...any) {
	*l = append(*l, Fault{Location: location, Message: fmt.Sprintf(format, args...), Value: value})
}

// Error joins all faults with "; ".
func (l List) Error() string {
	texts := make([]string, len(l))
	for i, f := range l {
		texts[i] = f.String()
	}
	return strings.Join(texts, "; ")
}

// Err is the list as an error, nil when it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// longest is how many bytes of a text Shown keeps.
const longest = 80

// Shown is a text as a fault may show it: its first 80 bytes or less, with "…" after them where more came, as valid UTF-8.
func Shown(text string) string {
	end, more := len(text), ""
	if end > longest {
		for end = longest; end > 0 && !utf8.RuneStart(text[end]); end-- {
		}
		more = "…"
	}
	return strings.ToValidUTF8(text[:end], "\ufffd") + more
}
