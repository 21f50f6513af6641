package document_test

import (
	"encoding/json"
	"testing"

	"crmhook/shared/document"
)

func TestSame(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want bool
	}{
		{`1`, `1.0`, true},
		{`1`, `1e0`, true},
		{`100`, `1E+2`, true},
		{`0.001`, `1e-3`, true},
		{`-0`, `0`, true},
		{`0e5`, `0.000`, true},
		{`1`, `-1`, false},
		{`1`, `10`, false},
		{`0`, `1`, false},
		{`9007199254740993`, `9007199254740992`, false},
		{`0.1`, `0.10000000000000000000001`, false},
		{`1`, `"1"`, false},
		{`1`, `true`, false},
		{`null`, `false`, false},
		{`null`, `null`, true},
		{`""`, `null`, false},
		{`"é"`, `"\u00e9"`, true},
		{`{"a":1,"b":[2.0]}`, `{"b":[2],"a":1}`, true},
		{`{"a":null}`, `{}`, false},
		{`{"a":null}`, `{"b":null}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`[1]`, `[1,1]`, false},
		{`[]`, `{}`, false},
		{`[]`, `null`, false},
	}
	for _, test := range tests {
		a, b := parsed(t, test.a), parsed(t, test.b)
		if got := document.Same(a, b); got != test.want {
			t.Errorf("Same(%s, %s) = %v", test.a, test.b, got)
		}
		if got := document.Same(b, a); got != test.want {
			t.Errorf("Same(%s, %s) = %v", test.b, test.a, got)
		}
	}
}

func TestSameOfWhatParseDoesNotGive(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		a, b any
		want bool
	}{
		{"binary", []byte{0, 1, 0xff}, []byte{0, 1, 0xff}, true},
		{"binary and its base64", []byte{0, 1, 0xff}, "AAH/", true},
		{"other binary", []byte{0}, []byte{1}, false},
		{"no number, the same text", json.Number("x"), json.Number("x"), true},
		{"no number", json.Number(""), json.Number("0"), false},
		{"far exponents", json.Number("1e999999999999999999999"), json.Number("10e999999999999999999998"), true},
		{"other far exponents", json.Number("1e999999999999999999999"), json.Number("1e999999999999999999998"), false},
		{"a nil map", map[string]any(nil), map[string]any{}, true},
		{"another Go type", 1.5, 1.5, false},
	}
	for _, test := range tests {
		if got := document.Same(test.a, test.b); got != test.want {
			t.Errorf("%s: Same = %v, want %v", test.name, got, test.want)
		}
	}
}

func parsed(t testing.TB, text string) any {
	t.Helper()
	value, faults, err := document.Parse([]byte(text))
	if err != nil || faults != nil {
		t.Fatalf("%s: faults %v, error %v", text, faults, err)
	}
	return value
}
