// Package document reads what others send, JSON and forms, into data that crmhook can keep, and knows what such data
// means: when two documents are the same, what a patch makes of one, which fields a handler finds in it. Whatever cannot
// be kept later is refused here, all of it at once. It must not know whose documents they are.
//
// A document in Go is a string, json.Number, bool, nil, []any or map[string]any; numbers keep their digits.
package document

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"crmhook/shared/fault"
)

// Bounds of what is kept. They are DynamoDB's, less the levels that an item puts around a document.
const (
	// MaxDepth is how many objects and lists may stand within each other.
	MaxDepth = 28
	// MaxDigits is how many significant digits a number may have.
	MaxDigits = 38
	// MinExponent and MaxExponent bound a number's magnitude: 1E-130 to 9.99E+125.
	MinExponent = -130
	MaxExponent = 125
	// MaxName is how many bytes a name may have.
	MaxName = 65535
)

// MaxFaults is how many faults are named at once; reading ends with them.
const MaxFaults = 100

// Parse reads one JSON document, with or without a byte order mark before it. The error says at which line and column
// the text is not JSON, and what was expected. The faults say what is JSON but cannot be kept, each with its path: names
// that are given twice, nesting beyond MaxDepth, numbers beyond MaxDigits or the exponents, names with NUL or beyond
// MaxName. The value is nil when there is an error or a fault. Half a surrogate pair is read as U+FFFD.
func Parse(text []byte) (value any, faults fault.List, err error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	p := parser{text: text}
	if at := invalidUTF8(text); at >= 0 {
		return nil, nil, p.wrong(at, "the text is not valid UTF-8")
	}
	value, err = p.document()
	if err != nil && !errors.Is(err, errStopped) {
		return nil, nil, err
	}
	if len(p.faults) > 0 {
		return nil, p.faults, nil
	}
	return value, nil, nil
}

// ParseObject is Parse of a document that must be an object; another one is a fault.
func ParseObject(text []byte) (map[string]any, fault.List, error) {
	value, faults, err := Parse(text)
	if err != nil || len(faults) > 0 {
		return nil, faults, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		faults.AddValue("", shown(value), "must be an object, found %s", kindOf(value))
		return nil, faults, nil
	}
	return object, nil, nil
}

// invalidUTF8 is where the text ends to be UTF-8, -1 when it does not.
func invalidUTF8(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for i := 0; ; {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
}
