package record_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"crmhook/shared/record"
)

func TestFits(t *testing.T) {
	t.Parallel()
	fives := slices.Repeat([]any{json.Number("5")}, 150_000)
	for _, test := range []struct {
		name string
		data map[string]any
		fits bool
	}{
		{"nothing", map[string]any{}, true},
		{"a text of nearly all", map[string]any{"t": strings.Repeat("x", record.MostBytes-20)}, true},
		{"a text too long", map[string]any{"t": strings.Repeat("x", record.MostBytes)}, false},
		{"a list that is small as JSON and large in DynamoDB", map[string]any{"l": fives}, false},
		{"half of it", map[string]any{"l": fives[:80_000]}, true},
	} {
		err := record.Fits(test.data)
		if tooLarge := errors.As(err, new(record.TooLargeError)); tooLarge == test.fits {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
	if err := record.Fits(map[string]any{"bad": "\xff"}); err == nil || errors.As(err, new(record.TooLargeError)) {
		t.Errorf("text that is not UTF-8: got %v", err)
	}
}
