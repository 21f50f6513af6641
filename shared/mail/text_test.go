package mail

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, subject, want string }{
		{"as it is", "[crmhook] stopped: demo/crm", "[crmhook] stopped: demo/crm"},
		{"accents", "arrêté: été", "arr?t?: ?t?"},
		{"line breaks", " a\r\nBcc: b\tc ", "a  Bcc: b c"},
		{"long", strings.Repeat("x", 200), strings.Repeat("x", 99)},
		{"broken UTF-8", "a\xffb", "a?b"},
		{"empty", " \n", "crmhook"},
	}
	for _, test := range tests {
		if got := plain(test.subject); got != test.want {
			t.Errorf("%s: plain(%q) = %q, want %q", test.name, test.subject, got, test.want)
		}
	}
}

func TestFitting(t *testing.T) {
	t.Parallel()
	long := fitting(strings.Repeat("é", MostNotice), "s")
	if len(long) > MostNotice || len(long) < MostNotice-1 || !strings.HasSuffix(long, "é\n(cut)") || !utf8.ValidString(long) {
		t.Errorf("a long text becomes %d bytes ending in %q", len(long), long[len(long)-10:])
	}
	exact := strings.Repeat("x", MostNotice)
	if got := fitting(exact, "s"); got != exact {
		t.Errorf("a text of %d bytes was changed to %d", len(exact), len(got))
	}
	if got := fitting(" ", "subject"); got != "subject" {
		t.Errorf("an empty text becomes %q, want the subject", got)
	}
}

func FuzzPlain(f *testing.F) {
	for _, subject := range []string{"", "arrêté", "a\r\nb", "\xff", "\u2028x"} {
		f.Add(subject)
	}
	f.Fuzz(func(t *testing.T, subject string) {
		got := plain(subject)
		if got == "" || len(got) > MostSubject || got[0] == ' ' {
			t.Errorf("plain(%q) = %q: empty, too long or blank at first", subject, got)
		}
		for _, r := range got {
			if r < ' ' || r > '~' {
				t.Errorf("plain(%q) = %q holds %q", subject, got, r)
			}
		}
	})
}
