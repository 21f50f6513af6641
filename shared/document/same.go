package document

import (
	"encoding/base64"
	"encoding/json"
	"maps"
)

// Same reports whether two documents are equal as JSON: numbers by their exact value (1, 1.0 and 1e0 are the same),
// objects whatever the order of their members. Binary, which only the tables hold, equals its base64. A value of any
// other Go type is the same as nothing.
func Same(a, b any) bool {
	switch x := plain(a).(type) {
	case nil:
		return b == nil
	case bool:
		y, ok := b.(bool)
		return ok && x == y
	case string:
		y, ok := plain(b).(string)
		return ok && x == y
	case json.Number:
		y, ok := b.(json.Number)
		return ok && sameNumber(string(x), string(y))
	case []any:
		y, ok := b.([]any)
		return ok && sameList(x, y)
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && maps.EqualFunc(x, y, Same)
	}
	return false
}

func sameList(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !Same(a[i], b[i]) {
			return false
		}
	}
	return true
}

func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	return isNumber(a) && isNumber(b) && decimalOf(a).same(decimalOf(b))
}

func isNumber(text string) bool { return text != "" && numberAt([]byte(text)) == text }

// plain is a value as JSON has it.
func plain(value any) any {
	if binary, ok := value.([]byte); ok {
		return base64.StdEncoding.EncodeToString(binary)
	}
	return value
}
