package filter

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzCompile(f *testing.F) {
	for _, text := range []string{
		``, `role=MEMBER;addresses(isMain).zipCode=13.*`, `Indicators(*).value=true`, `a(b=c\)d).e=f\;g`, `a=\Qx`, `a=b**;c=d`, `é. =`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		compiled, err := Compile(text)
		if err == nil {
			if compiled.Match(nil) != (text == "") || compiled.String() != text {
				t.Errorf("Compile(%q): nil data must match the empty filter only; String() = %q", text, compiled)
			}
			return
		}
		var fault *Error
		if !errors.As(err, &fault) {
			t.Fatalf("Compile(%q): %v is no *Error", text, err)
		}
		if fault.Column < 1 || fault.Column > utf8.RuneCountInString(text)+1 {
			t.Errorf("Compile(%q): column %d is outside the text", text, fault.Column)
		}
	})
}

func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{
		{`role=MEMBER;addresses(isMain).zipCode=13.*`, inMarseille},
		{`OrderDetailsData.OperationDatas(ProductCode=XXXX).BasePrice=10000;OrderDetailsData.OrderType=SALE`, saleOfXXXX},
		{`a=.*`, `{"A":"x\ny","a":null}`},
		{`isA=true`, `{"a":true,"ISA":[1,{"b":2},null]}`},
		{`a(b=c).d=(?i)e|f+`, `{"a":[{"b":["c"],"d":"F"}]}`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, document string) {
		compiled, err := Compile(text)
		if err != nil {
			t.Skip()
		}
		decoder := json.NewDecoder(strings.NewReader(document))
		decoder.UseNumber()
		var data map[string]any
		if decoder.Decode(&data) != nil {
			t.Skip()
		}
		if got, want := compiled.Match(data), reference(t, compiled, data); got != want {
			t.Errorf("Compile(%q).Match(%s) = %v, the plain way %v", text, document, got, want)
		}
	})
}

// FuzzPattern holds the comparisons that stand in for regexp to regexp's answers, over values of any bytes.
func FuzzPattern(f *testing.F) {
	for _, seed := range [][2]string{
		{`13.*`, "13008"}, {`.*13`, "\xff13"}, {`.*é.*`, "\xc3é\n"}, {`\x{FFFD}`, "\xff"}, {`\Qa.b`, "a.b"}, {`a|ab`, "ab"}, {`a*?`, "aa"}, {`(?i)k`, "\u212a"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		filter, err := Compile("a=" + text)
		if err != nil || len(filter.terms) != 1 {
			t.Skip()
		}
		data := map[string]any{"a": value}
		if got, want := filter.Match(data), reference(t, filter, data); got != want {
			t.Errorf("pattern %q on %q = %v, regexp says %v", text, value, got, want)
		}
	})
}
