package filter

import (
	"errors"
	"strings"
	"testing"
)

func TestCompileErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, filter string
		column       int
		message      string // a part of it
	}{
		{"blank text", `  `, 3, "expected a term"},
		{"empty term at the start", `;a=b`, 1, "expected a term"},
		{"empty term between", `a=b; ;c=d`, 6, "expected a term"},
		{"empty term at the end", `a=b;`, 5, "expected a term"},
		{"no pattern", `role`, 5, `expected ".", "(" or "=" after "role", found the end`},
		{"no pattern before the next term", `role;a=b`, 5, `found ";"`},
		{"no pattern after a selector", `a(*)`, 5, `expected "." or "=" after ")", found the end`},
		{"text after a selector", `a(*)b=c`, 5, `expected "." or "=" after ")", found "b"`},
		{"two selectors", `a(*)(*)=c`, 5, `found "("`},
		{"no path", `=b`, 1, `expected a name, found "="`},
		{"no name before a dot", `.a=b`, 1, `expected a name, found "."`},
		{"no name after a dot", `a.=b`, 3, `expected a name, found "="`},
		{"two dots", `a..b=c`, 3, `expected a name, found "."`},
		{"no name before a bracket", `(*)=b`, 1, `expected a name, found "("`},
		{"closing bracket alone", `a)=b`, 2, `after "a", found ")"`},
		{"star as a name", `addresses.*.zipCode=1`, 11, `which stands only in brackets`},
		{"blank before a dot", `a  .b=c`, 2, "expected no blank inside a path"},
		{"blank after a dot", `a. b=c`, 3, "expected no blank inside a path"},
		{"blank before a bracket", "a\u00a0(*)=c", 2, "expected no blank inside a path"},
		{"empty selector", `a().b=c`, 3, `expected "*", a flag such as isMain, or name=value, found ")"`},
		{"selector cut off", `a(`, 3, `expected "*", a flag such as isMain, or name=value, found the end`},
		{"star cut off", `a(*`, 4, `expected ")" after "*", found the end`},
		{"text after a star", `a(*b).c=d`, 4, `expected ")" after "*", found "b"`},
		{"flag cut off", `a(main`, 7, `expected "=" or ")" after "main", found the end`},
		{"path in a selector", `a(b.c=d).e=f`, 4, `expected "=" or ")" after "b", found "."`},
		{"blank in a selector", `a( main).c=d`, 3, "expected no blank"},
		{"value without a name", `a(=b).c=d`, 3, `expected a name, found "="`},
		{"value cut off", `a(b=c`, 6, `expected ")" to end the selector`},
		{"value with an escaped end", `a(b=c\).d=e`, 12, `expected ")" to end the selector`},
		{"semicolon in a value", `a(b=c;d).e=f`, 6, `a semicolon in a value is written \;`},

		{"pattern: class", `role=[a-`, 6, "RE2 syntax: missing closing ]"},
		{"pattern: class cut by a semicolon", `a=x[;]`, 4, `missing closing ]; a semicolon in a pattern is written \;`},
		{"pattern: group", `role=(a`, 6, "RE2 syntax: missing closing )"},
		{"pattern: closing bracket", `role=ab)c`, 8, "RE2 syntax: unexpected )"},
		{"pattern: anchors cannot be left", `role=a)|(b`, 7, "RE2 syntax: unexpected )"},
		{"pattern: repetition", `role=a**b`, 7, "invalid nested repetition operator"},
		{"pattern: the same characters are valid before", `role=[**]a**b`, 11, "invalid nested repetition operator"},
		{"pattern: nothing to repeat", `role=*`, 6, "missing argument to repetition operator"},
		{"pattern: trailing backslash", `role=ab\`, 8, "trailing backslash"},
		{"pattern: escape", `role=ab\ycd`, 8, "invalid escape sequence"},
		{"pattern: look-ahead is not RE2", `role=ab(?=c)`, 8, "invalid or unsupported Perl syntax"},
		{"pattern: range", `role=x[z-a]y`, 8, "invalid character class range"},
		{"pattern: column after semicolons", `a=\;\;b**c`, 8, "invalid nested repetition operator"},
		{"pattern: columns are characters", `prénom=é;é=ab\y`, 14, "invalid escape sequence"},
		{"pattern: too many repetitions", `role=ba{2000}c`, 8, "invalid repeat count"},
		{"pattern: repetitions multiply", `role=((a{1000}){1000})`, 16, "invalid repeat count"},
		{"pattern: nested too deeply", "role=" + strings.Repeat("(", 2000) + strings.Repeat(")", 2000), 6, "nests too deeply"},
		{"not UTF-8", "a=b\xff", 4, "expected text in UTF-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := Compile(tt.filter)
			var fault *Error
			if !errors.As(err, &fault) {
				t.Fatalf("Compile(%q) = %v, %v, want an *Error", tt.filter, f, err)
			}
			if f != nil {
				t.Errorf("Compile(%q) answers a filter beside its error", tt.filter)
			}
			if fault.Column != tt.column || !strings.Contains(fault.Message, tt.message) {
				t.Errorf("Compile(%q): %v, want column %d: …%s…", tt.filter, fault, tt.column, tt.message)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	_, err := Compile(`role=MEMBER;zip`)
	want := `column 16: expected ".", "(" or "=" after "zip", found the end`
	if err == nil || err.Error() != want {
		t.Errorf("Compile: %v, want %s", err, want)
	}
}

func TestSimplePatternsNeedNoEngine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		``: true, `MEMBER`: true, `13.*`: true, `.*@example\.com`: true, `.*vip.*`: true, `.*`: true, `\Qa.b\E`: true, `13.*?`: true,
		`1.3`: false, `a|b`: false, `(?i)a`: false, `(?s).*`: false, `13.+`: false, `\x{FFFD}`: false, `a\n.*`: false, `.*a.*b.*`: false,
	} {
		p, err := compilePattern(text)
		if got := p.expression == nil; err != nil || got != want {
			t.Errorf("compilePattern(%q): without engine %v (%v), want %v", text, got, err, want)
		}
	}
}
