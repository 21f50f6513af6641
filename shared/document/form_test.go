package document_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/document"
)

func TestForm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, contentType, body string
		want                    url.Values
	}{
		{"UTF-8", "application/x-www-form-urlencoded", "name=%C3%A9t%C3%A9&name=b+c&empty=", url.Values{"name": {"été", "b c"}, "empty": {""}}},
		{"ISO-8859-1 in the type", "application/x-www-form-urlencoded; charset=ISO-8859-1", "message=%E9t%E9+\xe0+%80", url.Values{"message": {"été à €"}}},
		{"ISO-8859-1 in a field", "application/x-www-form-urlencoded", "message=%E9t%E9&charset=iso-8859-1", url.Values{"message": {"été"}, "charset": {"iso-8859-1"}}},
		{"the type is first", "application/x-www-form-urlencoded; charset=utf-8", "m=%C3%A9&charset=iso-8859-1", url.Values{"m": {"é"}, "charset": {"iso-8859-1"}}},
		{"names too", `application/x-www-form-urlencoded; charset="windows-1252"`, "%E9=%92", url.Values{"é": {"’"}}},
		{"ISO-8859-15", "application/x-www-form-urlencoded", "_charset_=ISO-8859-15&m=%A4%BD%E9", url.Values{"_charset_": {"ISO-8859-15"}, "m": {"€œé"}}},
		{"nothing", "application/x-www-form-urlencoded", "", url.Values{}},
	}
	for _, test := range tests {
		got, err := document.Form(test.contentType, []byte(test.body))
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s: error %v, fields (-want +got):\n%s", test.name, err, diff)
		}
	}
}

func TestFormRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, contentType, body, want string }{
		{"another type", "application/json", "{}", "the content type must be application/x-www-form-urlencoded"},
		{"no type", "", "a=b", "the content type must be application/x-www-form-urlencoded"},
		{"an unknown charset", "application/x-www-form-urlencoded; charset=ebcdic", "a=b", "the charset must be UTF-8, ISO-8859-1, ISO-8859-15 or windows-1252"},
		{"not UTF-8", "application/x-www-form-urlencoded", "a=b&message=%E9", `the field "message" must be in UTF-8: say another charset in the content type or in a field charset`},
		{"a name that is not UTF-8", "application/x-www-form-urlencoded; charset=utf-8", "%E9=b", "a field's name must be in utf-8: say another charset in the content type or in a field charset"},
		{"a bare percent sign", "application/x-www-form-urlencoded", "a=b&c=100%", "field 2 holds a % that no two hexadecimal digits follow: write %25"},
		{"a semicolon", "application/x-www-form-urlencoded", "a=b;c=d", "field 1 holds a semicolon: fields are separated by &, and a semicolon in one is %3B"},
	}
	for _, test := range tests {
		got, err := document.Form(test.contentType, []byte(test.body))
		if err == nil || err.Error() != test.want || got != nil {
			t.Errorf("%s: fields %v, error %v, want %s", test.name, got, err, test.want)
		}
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	got, err := document.Query("SourceId=7&Charset=ISO-8859-1&message=STOP%20%E9t%E9")
	want := url.Values{"SourceId": {"7"}, "Charset": {"ISO-8859-1"}, "message": {"STOP été"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, parameters (-want +got):\n%s", err, diff)
	}
	if got, err := document.Query("message=%E9"); err == nil {
		t.Errorf("got %v of bytes without a charset, want an error", got)
	}
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"a=b", "charset=latin1&a=%e9", "%", "a;b", "charset=\xff", "=&=", "charset=iso-8859-15&%a4=%a4"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		read, err := document.Query(raw)
		if err != nil {
			return
		}
		delete(read, "charset") // what is read is UTF-8, whatever it was
		if len(read.Encode()) == 0 {
			return
		}
		for name := range read {
			if len(read.Get("charset")) == 0 && (len(name) == 7 || len(name) == 9) {
				return
			}
		}
		again, err := document.Query(read.Encode())
		if diff := cmp.Diff(read, again); diff != "" || err != nil {
			t.Errorf("%q reads as %v, written and read again (error %v):\n%s", raw, read, err, diff)
		}
	})
}
