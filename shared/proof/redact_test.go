package proof_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/proof"
)

func TestRedactHeaders(t *testing.T) {
	t.Parallel()
	headers := map[string]string{
		"authorization": "a", "proxy-authorization": "a", "cookie": "a", "x-crm360api-token": "a", "X-API-Key": "a", "x_auth_token": "a",
		"x-client-secret": "a", "x-amz-security-token": "a", "set-cookie": "a", "x-password": "a",
		"x-crm360api-customername": "demo", "content-type": "application/json", "x-shopify-hmac-sha256": "s", "signature": "s", "user-agent": "u",
	}
	want := map[string]string{
		"x-crm360api-customername": "demo", "content-type": "application/json", "x-shopify-hmac-sha256": "s", "signature": "s", "user-agent": "u",
	}
	if diff := cmp.Diff(want, proof.RedactHeaders(headers)); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if len(headers) != 15 {
		t.Errorf("the argument was changed to %v", headers)
	}
	if got := proof.RedactHeaders(nil); got == nil || len(got) != 0 {
		t.Errorf("of no headers: %v", got)
	}
}

func TestRedactURI(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, uri, want string }{
		{"a path", "/a/b%20c", "/a/b%20c"},
		{"nothing to take out", "/a?b=%c3%A9&&c;d=1&", "/a?b=%c3%A9&&c;d=1&"},
		{"an empty query", "/a?", "/a?"},
		{"the only one", "/a?token=dummy", "/a"},
		{"the first", "/a?token=dummy&b=1", "/a?b=1"},
		{"the last", "/a?b=1&token=dummy", "/a?b=1"},
		{"between", "/a?b=1&token=dummy&c=2", "/a?b=1&c=2"},
		{"several", "/a?TOKEN=x&b=1&Access_Token=y&c=2&api_key=z&apikey", "/a?b=1&c=2"},
		{"in disguise", "/a?%74oken=x&+token=y&b=1", "/a?b=1"},
		{"after a semicolon", "/a?b=1;token=dummy;c=2", "/a?b=1;c=2"},
		{"badly encoded", "/a?token=%zz&b=%", "/a?b=%"},
		{"another name", "/a?tokens=1&mytoken=2", "/a?tokens=1&mytoken=2"},
		{"a second question mark", "/a?b=?token=1&token=2", "/a?b=?token=1"},
		{"user information", "https://user:p@ss@api.example.com:443/a@b?c=d@e", "https://api.example.com:443/a@b?c=d@e"},
		{"user information without a path", "https://user:pass@api.example.com?token=x", "https://api.example.com"},
		{"none", "https://api.example.com/a@b", "https://api.example.com/a@b"},
		{"slashes in a path", "/a//b@c", "/a//b@c"},
		{"empty", "", ""},
	}
	for _, test := range tests {
		if got := proof.RedactURI(test.uri); got != test.want {
			t.Errorf("%s: RedactURI(%q) = %q, want %q", test.name, test.uri, got, test.want)
		}
	}
}

func TestRedactQuery(t *testing.T) {
	t.Parallel()
	query := url.Values{"Token": {"dummy"}, "token": {"dummy", "dummy"}, "api_key": {"dummy"}, "%74oken": {"1"}, "SourceId": {"7"}}
	want := url.Values{"%74oken": {"1"}, "SourceId": {"7"}}
	if diff := cmp.Diff(want, proof.RedactQuery(query)); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if len(query) != 5 {
		t.Errorf("the argument was changed to %v", query)
	}
}

func FuzzRedactURI(f *testing.F) {
	for _, seed := range []string{"/a?token=x&b=1", "https://u:p@h/a?b;TOKEN=x&", "?token", "//@?&;=", "/a?tok%65n=x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		got := proof.RedactURI(uri)
		if again := proof.RedactURI(got); again != got && !strings.HasPrefix(got, "//") && !strings.Contains(got, "@") {
			t.Errorf("%q becomes %q, and that %q", uri, got, again)
		}
		if len(got) > len(uri) {
			t.Errorf("%q grows to %q", uri, got)
		}
		_, query, _ := strings.Cut(got, "?")
		for _, field := range strings.FieldsFunc(query, func(r rune) bool { return r == '&' || r == ';' }) {
			if name, _, _ := strings.Cut(field, "="); strings.EqualFold(name, "token") {
				t.Errorf("%q keeps %q", uri, field)
			}
		}
	})
}
