package contact_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"crmhook/shared/contact"
)

func TestAppendJSON(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		value any
		want  string
	}{
		"null":       {nil, `null`},
		"bools":      {[]any{true, false}, `[true,false]`},
		"big number": {json.Number("12345678901234567890123456789012345678"), `12345678901234567890123456789012345678`},
		"numbers": {
			[]any{json.Number("0"), json.Number("-0.50"), json.Number("1E+5"), json.Number("1.0e-7")},
			`[0,-0.50,1E+5,1.0e-7]`,
		},
		"html":         {"<b>&amp;</b>", `"<b>&amp;</b>"`},
		"escapes":      {"a\"b\\c\n\r\t\x00\x1f/", `"a\"b\\c\n\r\t\u0000\u001f/"`},
		"odd unicode":  {"é 日本 👩‍👩‍👧 \u2028\u202e\ufeff\U0010ffff\x7f\ufffd", "\"é 日本 👩‍👩‍👧 \u2028\u202e\ufeff\U0010ffff\x7f\ufffd\""},
		"keys sorted":  {map[string]any{"b": "2", "a": "1", "é": nil, "B": "0"}, `{"B":"0","a":"1","b":"2","é":null}`},
		"nested":       {map[string]any{"z": []any{map[string]any{"y": nil, "x": []any{}}, "s"}, "a": map[string]any{}}, `{"a":{},"z":[{"x":[],"y":null},"s"]}`},
		"binary":       {[]byte{0, 1, 0xff}, `"AAH/"`},
		"empty binary": {[]byte{}, `""`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := contact.AppendJSON([]byte("before:"), test.value)
			if err != nil || string(got) != "before:"+test.want {
				t.Errorf("AppendJSON = %s, %v, want before:%s", got, err, test.want)
			}
		})
	}
}

func TestAppendJSONRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		value any
		want  string
	}{
		"text":       {"a\xffb", "text is not valid UTF-8"},
		"surrogate":  {map[string]any{"name": "\xed\xa0\x80"}, "name: text is not valid UTF-8"},
		"path":       {map[string]any{"addresses": []any{"ok", map[string]any{"town": "\xc3"}}}, "addresses[1].town: text is not valid UTF-8"},
		"key":        {map[string]any{"a": map[string]any{"\xff": "x"}}, "a: a field's name: text is not valid UTF-8"},
		"number":     {[]any{json.Number("0x10")}, `[0]: "0x10" is not a JSON number`},
		"no number":  {json.Number(""), `"" is not a JSON number`},
		"plus":       {json.Number("+1"), `"+1" is not a JSON number`},
		"octal":      {json.Number("010"), `"010" is not a JSON number`},
		"half":       {json.Number("1."), `"1." is not a JSON number`},
		"exponent":   {json.Number("1e"), `"1e" is not a JSON number`},
		"rest":       {json.Number("1 "), `"1 " is not a JSON number`},
		"other type": {map[string]any{"at": 3.5}, "at: a value of type float64 has no JSON form here"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := contact.AppendJSON([]byte("before"), test.value)
			if err == nil || err.Error() != test.want {
				t.Errorf("error = %v, want %s", err, test.want)
			}
			if string(got) != "before" {
				t.Errorf("left %q, want dst as it was", got)
			}
		})
	}
}

func FuzzSelect(f *testing.F) {
	f.Add("4711", `{"contactNumber":"4711","addresses":[{"town":"Genève"}],"loyalty":{"tier":1e3}}`, uint16(1))
	f.Add("", `{"contactNumber":null,"":{"":[]},"isMain":true}`, uint16(0xffff))
	f.Add("a/b&c", `{"\ud83d\ude00":"\u2028<&>"}`, uint16(64))
	f.Fuzz(func(t *testing.T, id, text string, bits uint16) {
		var data map[string]any
		decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
		decoder.UseNumber()
		if decoder.Decode(&data) != nil {
			return
		}
		details := contact.Details(bits) & contact.All
		selected := contact.Select(id, data, details)
		if selected["contactNumber"] == nil {
			t.Errorf("no contactNumber in %v", selected)
		}
		for field, value := range data {
			_, has := selected[field]
			if want := field == "contactNumber" || details.Has(contact.GroupOf(field)); has != want {
				t.Errorf("%s selected: %v, want %v", field, has, want)
			}
			if has && field != "contactNumber" && !reflect.DeepEqual(selected[field], value) {
				t.Errorf("%s changed to %v", field, selected[field])
			}
		}
		delete(selected, "contactNumber") // the id need not be valid UTF-8
		written, err := contact.AppendJSON(nil, selected)
		if err != nil {
			t.Fatalf("AppendJSON: %v", err)
		}
		var read map[string]any
		decoder = json.NewDecoder(bytes.NewReader(written))
		decoder.UseNumber()
		if err := decoder.Decode(&read); err != nil || !reflect.DeepEqual(read, selected) {
			t.Errorf("%s reads back as %v, %v, want %v", written, read, err, selected)
		}
	})
}
