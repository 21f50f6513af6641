package document_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/document"
	"crmhook/shared/fault"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       any
	}{
		{"null", " null\r\n", nil},
		{"booleans", "[true,false]", []any{true, false}},
		{"empty", `{"a":{},"b":[],"c":""}`, map[string]any{"a": map[string]any{}, "b": []any{}, "c": ""}},
		{"numbers keep their digits", "[0,-0,1.50,1E+5,12345678901234567890]", []any{
			json.Number("0"), json.Number("-0"), json.Number("1.50"), json.Number("1E+5"), json.Number("12345678901234567890"),
		}},
		{"38 digits", "[12345678901234567890123456789012345678,0.00012345678901234567890123456789012345678]", []any{
			json.Number("12345678901234567890123456789012345678"), json.Number("0.00012345678901234567890123456789012345678"),
		}},
		{"zeros at the ends are not significant", "[100000000000000000000000000000000000000000]", []any{json.Number("100000000000000000000000000000000000000000")}},
		{"the smallest and the largest", "[1E-130,-9.99E+125]", []any{json.Number("1E-130"), json.Number("-9.99E+125")}},
		{"escapes", `"\"\\\/\b\f\n\r\t\u00e9\uD83C\uDFAB"`, "\"\\/\b\f\n\r\té🎫"},
		{"half a pair", `["\ud83c","\ud83cx","\udfab\ud83c\udfab","\ud83c\u0041"]`, []any{"\ufffd", "\ufffdx", "\ufffd🎫", "\ufffdA"}},
		{"NUL in text", `"a\u0000b"`, "a\x00b"},
		{"a byte order mark", "\ufeff{}", map[string]any{}},
		{"an empty name", `{"":1}`, map[string]any{"": json.Number("1")}},
		{"blanks", " {\t\"a\" :\n[ 1 , 2 ]\r} ", map[string]any{"a": []any{json.Number("1"), json.Number("2")}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, faults, err := document.Parse([]byte(test.text))
			if err != nil || faults != nil {
				t.Fatalf("faults %v, error %v", faults, err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("value differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseKeepsWhatIsAsDeepAsMayBe(t *testing.T) {
	t.Parallel()
	want := any(map[string]any{})
	for range document.MaxDepth - 1 {
		want = []any{want}
	}
	text := strings.Repeat("[", document.MaxDepth-1) + "{}" + strings.Repeat("]", document.MaxDepth-1)
	got, faults, err := document.Parse([]byte(text))
	if err != nil || faults != nil || !document.Same(want, got) {
		t.Errorf("got %v, faults %v, error %v", got, faults, err)
	}
}

func TestParseRefusesWhatIsNotJSON(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"nothing", "", "line 1, column 1: expected a value, found the end of the text"},
		{"blanks", " \n ", "line 2, column 2: expected a value, found the end of the text"},
		{"truncated", "{\"a\":\n [1,", "line 2, column 5: expected a value, found the end of the text"},
		{"truncated text", `{"a":"b`, `line 1, column 8: expected a string's closing ", found the end of the text`},
		{"truncated escape", `"\n\u00`, `line 1, column 6: expected four hexadecimal digits after \u, found '0'`},
		{"trailing text", "{} é", "line 1, column 4: expected nothing after the document, found 'é'"},
		{"trailing comma", "[1,]", "line 1, column 4: expected a value, found ']'"},
		{"comma before the end", `{"a":1,}`, "line 1, column 8: expected a name in double quotes, found '}'"},
		{"no comma", `{"été":1 "b":2}`, `line 1, column 10: expected a comma or }, found '"'`},
		{"no colon", `{"a" 1}`, "line 1, column 6: expected a colon, found '1'"},
		{"bare name", `{a:1}`, "line 1, column 2: expected a name in double quotes, found 'a'"},
		{"single quotes", `['a']`, `line 1, column 2: expected a value, found '\''`},
		{"a form", "a=b&c=d", "line 1, column 1: expected a value, found 'a'"},
		{"a wrong word", "[nul]", "line 1, column 2: expected a value, found 'n'"},
		{"a leading zero", "[01]", "line 1, column 3: expected a number's end, found '1'"},
		{"half a number", "[1.]", "line 1, column 3: expected a number's end, found '.'"},
		{"half an exponent", "1e+", "line 1, column 2: expected a number's end, found 'e'"},
		{"a sign alone", "-", "line 1, column 1: expected a number, found '-'"},
		{"a plus sign", "+1", "line 1, column 1: expected a value, found '+'"},
		{"NaN", "NaN", "line 1, column 1: expected a value, found 'N'"},
		{"a control character", "\"a\tb\"", `line 1, column 3: expected control characters in a string to be written as \u00XX, found '\t'`},
		{"a control character after an escape", "\"\\ta\nb\"", `line 1, column 5: expected control characters in a string to be written as \u00XX, found '\n'`},
		{"an unknown escape", `"\x"`, `line 1, column 3: expected one of " \ / b f n r t u after a backslash, found 'x'`},
		{"invalid UTF-8", "{\"a\":\n\"é\xff\"}", "line 2, column 3: the text is not valid UTF-8"},
		{"NUL", "\x00", `line 1, column 1: expected a value, found '\x00'`},
		{"NUL in a list", "[\x00", `line 1, column 2: expected a value, found '\x00'`},
		{"UTF-16", "\xff\xfe{\x00", "line 1, column 1: the text is not valid UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			value, faults, err := document.Parse([]byte(test.text))
			if want := "not JSON at " + test.want; err == nil || err.Error() != want {
				t.Errorf("error %v, want %s", err, want)
			}
			if value != nil || faults != nil {
				t.Errorf("value %v, faults %v with an error", value, faults)
			}
		})
	}
}

func TestParseNamesWhatCannotBeKept(t *testing.T) {
	t.Parallel()
	const digits = "123456789012345678901234567890123456789"
	tests := []struct {
		name, text string
		want       fault.List
	}{
		{"all at once", `{"a":1,"b":[{"c":1,"c":2}],"a":1e126}`, fault.List{
			{Location: "b[0].c", Message: "is given twice: keep one of them"},
			{Location: "a", Message: "is given twice: keep one of them"},
			{Location: "a", Message: "must be 0 or of a magnitude from 1E-130 to 9.99E+125: write it as a string", Value: json.Number("1e126")},
		}},
		{"the same name, written otherwise", `{"a":1,"\u0061":2}`, fault.List{{Location: "a", Message: "is given twice: keep one of them"}}},
		{"39 digits", `[` + digits + `]`, fault.List{
			{Location: "[0]", Message: "must have at most 38 significant digits, found 39: write it as a string", Value: json.Number(digits)},
		}},
		{"too small", `{"a b":-1e-131}`, fault.List{
			{Location: `["a b"]`, Message: "must be 0 or of a magnitude from 1E-130 to 9.99E+125: write it as a string", Value: json.Number("-1e-131")},
		}},
		{"an exponent beyond any integer", `1e` + strings.Repeat("9", 5000), fault.List{
			{Message: "must be 0 or of a magnitude from 1E-130 to 9.99E+125: write it as a string"},
		}},
		{"zero with a far exponent", `0e9999`, fault.List{
			{Message: "must be 0 or of a magnitude from 1E-130 to 9.99E+125: write it as a string", Value: json.Number("0e9999")},
		}},
		{"NUL in a name", `{"a\u0000":1}`, fault.List{{Location: `["a\x00"]`, Message: `must have a name without NUL (\u0000)`}}},
		{"a long name", `{"` + strings.Repeat("n", 65536) + `":1}`, fault.List{
			{Location: strings.Repeat("n", 80) + "…", Message: "must have a name of at most 65535 bytes, found 65536"},
		}},
		{"too deep", `{"a":[` + strings.Repeat("[", 27), fault.List{{
			Location: "a" + strings.Repeat("[0]", 27),
			Message:  "is nested too deep: at most 28 objects and lists may stand within each other; the rest was not read",
		}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			value, faults, err := document.Parse([]byte(test.text))
			if err != nil || value != nil {
				t.Fatalf("value %v, error %v", value, err)
			}
			if diff := cmp.Diff(test.want, faults); diff != "" {
				t.Errorf("faults differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseEndsAtTheBounds(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"a megabyte of lists":      strings.Repeat("[", 1<<20),
		"a megabyte of objects":    strings.Repeat(`{"a":`, 1<<20/5),
		"a megabyte of faults":     "[" + strings.Repeat("1e999,", 1<<20/6) + "1]",
		"a megabyte of names":      "{" + strings.Repeat(`"a":1,`, 1<<20/6) + `"b":2}`,
		"a megabyte of a number":   strings.Repeat("1", 1<<20),
		"a megabyte of a fraction": "0." + strings.Repeat("0", 1<<20) + "1",
		"a megabyte of exponent":   "1e" + strings.Repeat("1", 1<<20),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, faults, err := document.Parse([]byte(text))
			if err != nil || len(faults) == 0 || len(faults) > document.MaxFaults+1 {
				t.Errorf("%d faults, error %v; want 1 to %d and no error", len(faults), err, document.MaxFaults+1)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestParseObject(t *testing.T) {
	t.Parallel()
	got, faults, err := document.ParseObject([]byte(`{"a":1}`))
	if diff := cmp.Diff(map[string]any{"a": json.Number("1")}, got); diff != "" || faults != nil || err != nil {
		t.Errorf("faults %v, error %v, object (-want +got):\n%s", faults, err, diff)
	}
	tests := []struct {
		text string
		want fault.List
	}{
		{`[{}]`, fault.List{{Message: "must be an object, found a list"}}},
		{`null`, fault.List{{Message: "must be an object, found null"}}},
		{`"a"`, fault.List{{Message: "must be an object, found a string", Value: "a"}}},
		{`[1e999]`, fault.List{{Location: "[0]", Message: "must be 0 or of a magnitude from 1E-130 to 9.99E+125: write it as a string", Value: json.Number("1e999")}}},
	}
	for _, test := range tests {
		got, faults, err := document.ParseObject([]byte(test.text))
		if diff := cmp.Diff(test.want, faults); diff != "" || got != nil || err != nil {
			t.Errorf("%s: object %v, error %v, faults (-want +got):\n%s", test.text, got, err, diff)
		}
	}
	if got, faults, err := document.ParseObject([]byte(`{`)); err == nil || got != nil || faults != nil {
		t.Errorf("{ gives %v, %v and no error", got, faults)
	}
}
