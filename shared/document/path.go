package document

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// longest is how many bytes of a value or runes of a name a fault shows.
const longest = 80

// memberPath is the path of an object's member. A name that would not read as one step is quoted.
func memberPath(path, name string) string {
	step := name
	if r := []rune(name); len(r) > longest {
		step = string(r[:longest]) + "…"
	}
	if name == "" || !plainName(name) {
		return path + "[" + strconv.Quote(step) + "]"
	}
	if path == "" {
		return step
	}
	return path + "." + step
}

func plainName(name string) bool {
	for _, r := range name {
		if r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

// itemPath is the path of a list's item.
func itemPath(path string, index int) string { return path + "[" + strconv.Itoa(index) + "]" }

// kindOf names a value's JSON type.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string, []byte:
		return "a string"
	case json.Number:
		return "a number"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprintf("a %T", value)
}

// shown is a value as a fault may show it: short, and nothing that was composed.
func shown(value any) any {
	switch v := value.(type) {
	case string:
		if len(v) <= longest {
			return v
		}
	case json.Number:
		if len(v) <= longest {
			return v
		}
	case bool:
		return v
	}
	return nil
}
