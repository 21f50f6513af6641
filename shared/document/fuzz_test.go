package document_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"crmhook/shared/contact"
	"crmhook/shared/document"
)

func seeds(f *testing.F) []string {
	f.Helper()
	return []string{
		"", "null", order, `[1,1.0,1e0,-0,"1",{"a":{},"b":[]}]`, `{"a":1,"a":2}`, `"\ud83c\udfab\ud83c"`, "\ufeff[]", "[1e999,1E-131]",
		strings.Repeat("[", 40), `{"\u0000":"\u0000"}`, "{\"a\":\n\"\xff\"}", "[01]", "[1.]", `"\x"`, "\"\t\"", `{"é😀":"\u2028"}`, "[nul", "tru",
	}
}

// FuzzParse compares Parse with the standard library's parser, which keeps more, and with itself on what it would write.
func FuzzParse(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value, faults, err := document.Parse(text)
		plain := bytes.TrimPrefix(text, []byte("\ufeff"))
		valid := utf8.Valid(plain) && json.Valid(plain)
		whole := len(faults) == 0 || !strings.HasSuffix(faults[len(faults)-1].Message, "the rest was not read")
		if whole && valid != (err == nil) {
			t.Fatalf("error %v, but the standard library finds it valid: %v", err, valid)
		}
		if err != nil || len(faults) > 0 {
			if value != nil {
				t.Errorf("a value with faults %v and error %v", faults, err)
			}
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(plain))
		decoder.UseNumber()
		var standard any
		if err := decoder.Decode(&standard); err != nil || !reflect.DeepEqual(standard, value) {
			t.Errorf("the standard library reads (%v)\n%v, not\n%v", err, standard, value)
		}
		written, err := contact.AppendJSON(nil, value)
		if err != nil {
			t.Fatalf("cannot be written: %v", err)
		}
		again, faults, err := document.Parse(written)
		if err != nil || faults != nil || !document.Same(value, again) {
			t.Errorf("%s reads as %v, faults %v, error %v; want %v", written, again, faults, err, value)
		}
	})
}

// FuzzSame takes three documents: Same must be an equivalence among them.
func FuzzSame(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add([]byte(seed), []byte(order), []byte("1"))
		f.Add([]byte(seed), []byte(seed+" "), []byte("{}"))
	}
	f.Add([]byte("[1,10e-1]"), []byte("[1.0,1]"), []byte("[1e0,0.1e1]"))
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		var values [3]any
		for i, text := range [][]byte{a, b, c} {
			value, faults, err := document.Parse(text)
			if err != nil || faults != nil {
				return
			}
			values[i] = value
			if !document.Same(value, document.Clone(value)) {
				t.Fatalf("%v is not the same as itself", value)
			}
		}
		for i, x := range values {
			y, z := values[(i+1)%3], values[(i+2)%3]
			if document.Same(x, y) != document.Same(y, x) {
				t.Errorf("Same(%v, %v) depends on the order", x, y)
			}
			if document.Same(x, y) && document.Same(y, z) && !document.Same(x, z) {
				t.Errorf("%v is the same as %v, that as %v, but not the first as the last", x, y, z)
			}
		}
	})
}

// FuzzMerge checks what RFC 7396 promises: the arguments stay, nothing is null that the patch made, and merging again
// changes nothing.
func FuzzMerge(f *testing.F) {
	f.Add([]byte(order), []byte(`{"customer":{"id":null,"new":{"a":null}},"tags":null,"note":1}`))
	f.Add([]byte(`{"a":[1]}`), []byte(`{"a":{"b":null}}`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		target, faults, err := document.ParseObject(a)
		patch, more, failed := document.ParseObject(b)
		if err != nil || failed != nil || len(faults)+len(more) > 0 {
			return
		}
		before := document.Clone([]any{target, patch})
		merged := document.Merge(target, patch)
		if !document.Same(before, []any{target, patch}) {
			t.Error("Merge changed its arguments")
		}
		if again := document.Merge(merged, patch); !document.Same(merged, again) {
			t.Errorf("merged again:\n%v, want\n%v", again, merged)
		}
		for name, change := range patch {
			if value, has := merged[name]; (change == nil) == has || has && value == nil {
				t.Errorf("%q was patched with %v and is %v", name, change, value)
			}
		}
	})
}
