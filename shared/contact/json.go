package contact

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// errUTF8 is why a text cannot be written as JSON.
var errUTF8 = errors.New("text is not valid UTF-8")

// AppendJSON appends value as JSON: compact, keys in order of their bytes (so the same state is the same bytes), text
// as it is but for what JSON must escape, numbers digit for digit, binary as base64. It fails, naming the path, on text
// that is not valid UTF-8, a json.Number that is no JSON number, and any other Go type; dst is then unchanged.
func AppendJSON(dst []byte, value any) ([]byte, error) {
	var w writer
	out, err := w.value(dst, value)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// writer keeps the keys of the objects that are being written, so that sorting needs no memory of its own for each.
type writer struct{ keys []string }

func (w *writer) value(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case string:
		return appendText(dst, v)
	case json.Number:
		if !validNumber(string(v)) {
			return dst, fmt.Errorf("%q is not a JSON number", string(v))
		}
		return append(dst, v...), nil
	case []byte:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, v)
		return append(dst, '"'), nil
	case []any:
		return w.array(dst, v)
	case map[string]any:
		return w.object(dst, v)
	}
	return dst, fmt.Errorf("a value of type %T has no JSON form here", value)
}

func (w *writer) array(dst []byte, list []any) ([]byte, error) {
	dst = append(dst, '[')
	for i, item := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = w.value(dst, item); err != nil {
			return dst, within("["+strconv.Itoa(i)+"]", err)
		}
	}
	return append(dst, ']'), nil
}

func (w *writer) object(dst []byte, object map[string]any) ([]byte, error) {
	first := len(w.keys)
	for key := range object {
		w.keys = append(w.keys, key)
	}
	last := len(w.keys)
	slices.Sort(w.keys[first:last])
	dst = append(dst, '{')
	for i := first; i < last; i++ {
		key := w.keys[i]
		if i > first {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendText(dst, key); err != nil {
			return dst, fmt.Errorf("a field's name: %w", err)
		}
		dst = append(dst, ':')
		if dst, err = w.value(dst, object[key]); err != nil {
			return dst, within(key, err)
		}
	}
	w.keys = w.keys[:first]
	return append(dst, '}'), nil
}

// pathError is a failure with the path of the value it is about.
type pathError struct {
	path string
	err  error
}

func (e *pathError) Error() string { return e.path + ": " + e.err.Error() }
func (e *pathError) Unwrap() error { return e.err }

// within puts a step before the path of an error.
func within(step string, err error) error {
	inner, ok := err.(*pathError)
	if !ok {
		return &pathError{path: step, err: err}
	}
	if inner.path[0] != '[' {
		step += "."
	}
	inner.path = step + inner.path
	return inner
}

func appendText(dst []byte, text string) ([]byte, error) {
	if !utf8.ValidString(text) {
		return dst, errUTF8
	}
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[start:i]...)
		dst = appendEscape(dst, c)
		start = i + 1
	}
	dst = append(dst, text[start:]...)
	return append(dst, '"'), nil
}

func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// validNumber reports whether text is a number in JSON's grammar.
func validNumber(text string) bool {
	rest := text
	if rest != "" && rest[0] == '-' {
		rest = rest[1:]
	}
	whole := digits(rest)
	if whole == 0 || whole > 1 && rest[0] == '0' {
		return false
	}
	rest = rest[whole:]
	if rest != "" && rest[0] == '.' {
		n := digits(rest[1:])
		if n == 0 {
			return false
		}
		rest = rest[1+n:]
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		if rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		n := digits(rest)
		return n > 0 && n == len(rest)
	}
	return rest == ""
}

func digits(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}
