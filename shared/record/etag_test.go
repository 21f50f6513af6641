package record

import (
	"encoding/json"
	"testing"

	"crmhook/shared/contact"
	"crmhook/shared/document"
)

// TestAnETagDoesNotDependOnHowNumbersAreWritten has numbers as they are sent and as a table gives them back.
func TestAnETagDoesNotDependOnHowNumbersAreWritten(t *testing.T) {
	t.Parallel()
	tag := func(number string) string {
		is := Record{Version: 1, Data: map[string]any{"list": []any{map[string]any{"n": json.Number(number)}}}}
		tag, err := is.ETag()
		if err != nil {
			t.Fatalf("%s: %v", number, err)
		}
		return tag
	}
	for _, same := range [][]string{
		{"1", "1.0", "1e0", "10e-1", "0.1E+1", "1.000E00"},
		{"-1", "-1.0", "-10E-1"},
		{"0", "-0", "0.000", "0e17", "0E-9"},
		{"1e125", "1E+125", "10e124", "1000000e119"},
		{"1e-130", "0.1e-129"},
		{"120", "1.2e2", "120.00"},
		{"12345678901234567890123456789012345678"},
		{"12345678901234567890123456789012345679"},
		{"0.5", "5e-1", "0.50"},
	} {
		for _, other := range same {
			if tag(other) != tag(same[0]) {
				t.Errorf("%s and %s have different tags", same[0], other)
			}
		}
	}
	if tag("1") == tag("10") || tag("1") == tag("-1") || tag("0.1") == tag("1") || tag("12345678901234567890123456789012345678") == tag("12345678901234567890123456789012345679") {
		t.Error("numbers that differ have one tag")
	}
}

// FuzzPlainNumber: what is written in one way is the same number, and the same numbers are written in one way.
func FuzzPlainNumber(f *testing.F) {
	f.Add("1.0", "1")
	f.Add("-0", "0e5")
	f.Add("10e-1", "1E+0")
	f.Add("1e99999999999999999999", "1")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, text := range []string{a, b} {
			if value, faults, err := document.Parse([]byte(text)); err != nil || len(faults) > 0 || value != json.Number(text) {
				return
			}
		}
		plainA, plainB := plainNumber(json.Number(a)), plainNumber(json.Number(b))
		if _, err := contact.AppendJSON(nil, plainA); err != nil || !document.Same(plainA, json.Number(a)) {
			t.Errorf("%s is written as %s: %v", a, plainA, err)
		}
		if document.Same(json.Number(a), json.Number(b)) != (plainA == plainB) {
			t.Errorf("%s and %s are written as %s and %s", a, b, plainA, plainB)
		}
	})
}
