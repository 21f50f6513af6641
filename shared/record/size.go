package record

import (
	"encoding/json"
	"fmt"

	"crmhook/shared/contact"
)

// TooLargeError says that data is larger than a record may be.
type TooLargeError struct{ Bytes int }

func (e TooLargeError) Error() string {
	return fmt.Sprintf("the record has %d bytes; at most %d are kept", e.Bytes, MostBytes)
}

// Fits says why data cannot be a record's: a value that has no JSON form, or a TooLargeError.
func Fits(data map[string]any) error {
	text, err := contact.AppendJSON(nil, data)
	if err != nil {
		return fmt.Errorf("the record cannot be written: %w", err)
	}
	if bytes := max(len(text), size(data)); bytes > MostBytes {
		return TooLargeError{bytes}
	}
	return nil
}

// size is how many bytes DynamoDB counts for a value, at most: lists of short values are larger there than as JSON.
func size(value any) int {
	switch v := value.(type) {
	case string:
		return len(v)
	case json.Number:
		return min(len(v)/2+3, 21)
	case []byte:
		return len(v)
	case []any:
		bytes := 3
		for _, member := range v {
			bytes += 1 + size(member)
		}
		return bytes
	case map[string]any:
		bytes := 3
		for name, member := range v {
			bytes += 1 + len(name) + size(member)
		}
		return bytes
	}
	return 1
}
