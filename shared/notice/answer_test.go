package notice_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"crmhook/shared/notice"
)

func TestAnswerIsQuotedInOneLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, answer, want string }{
		{"empty", "", ""},
		{"plain", "closed until 9", "closed until 9"},
		{"line breaks and tabs", "\r\n a\tb\n\nc ", "a b c"},
		{"control characters", "a\x00b\x1b[31mc\x7fd", "a b [31mc d"},
		{"a second header line", "no\r\nBcc: x@example.com", "no Bcc: x@example.com"},
		{"line separators", "a\u2028b\u2029c\u0085d", "a b c d"},
		{"direction override", "a\u202eb", "a b"},
		{"zero width", "a\u200bb\ufeffc", "a b c"},
		{"private use", "a\ue000b", "a b"},
		{"wide spaces", "a\u00a0\u3000b", "a b"},
		{"accents, combined too", "é e\u0301", "é e\u0301"},
		{"beyond 16 bits", "😀 𝔘", "😀 𝔘"},
		{"no UTF-8", "a\xff\xc3b", "a\ufffd\ufffdb"},
		{"200 characters", strings.Repeat("€", 200), strings.Repeat("€", 200)},
		{"201 characters", strings.Repeat("€", 200) + "x", strings.Repeat("€", 200)},
	} {
		if got := failed(1, test.answer).Answer; got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add("we are\r\n closed\x00")
	f.Add(strings.Repeat("ü\u2028", 300))
	f.Add("a\xff\u202e😀")
	f.Fuzz(func(t *testing.T, answer string) {
		got := failed(1, answer).Answer
		if n := utf8.RuneCountInString(got); n > 200 || !utf8.ValidString(got) {
			t.Errorf("%q: %d characters, valid UTF-8: %v", got, n, utf8.ValidString(got))
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%q cannot be printed at byte %d", got, i)
		}
	})
}

// The words are those of messages that may wait in the queue while crmhook is updated.
func TestNoticeJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		is   notice.Notice
		want string
	}{
		{
			"warning", failed(1, "no"),
			`{"notice":"warning","organization":"demo","interface":"crm","delivery":"e-00000","records":["contact/0"],"count":1,"attempts":9,"status":503,"error":"status","answer":"no","at":"2026-12-01T08:00:00Z"}`,
		},
		{
			"digest",
			notice.Notice{Kind: notice.Stopped, Organization: "demo", Interface: "crm", Digest: true},
			`{"notice":"stopped","organization":"demo","interface":"crm","digest":true}`,
		},
	} {
		text, err := json.Marshal(test.is)
		if err != nil {
			t.Fatal(err)
		}
		if string(text) != test.want {
			t.Errorf("%s: %s, want %s", test.name, text, test.want)
		}
	}
}
