package mail

import (
	"errors"
	netmail "net/mail"
	"strings"
	"testing"
)

func TestQuiet(t *testing.T) {
	t.Parallel()
	cause := errors.New("not verified: Crmhook@example.com, \"Jon\" <jon@example.com>; jon@example.com")
	got := quiet(cause, "crmhook@example.com")
	if want := `not verified: Crmhook@example.com, "Jon" (an address) (an address)`; got.Error() != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !errors.Is(got, cause) {
		t.Error("the cause is lost")
	}
}

// FuzzLetter checks that nothing that is written into a letter becomes another header.
func FuzzLetter(f *testing.F) {
	f.Add("CRM360", "contact@example.com", "a@example.com", "support@example.com", "Bonjour")
	f.Add("a\r\nBcc: b@example.net", "a@b\r\nX: y", "a@b, c@d", "<a@b>", "s\nX: y")
	f.Add("=?utf-8?q?=0D=0A?=", "\"a b\"@example.com", "é@example.com", "a@[127.0.0.1]", "\u2028\x00")
	f.Fuzz(func(t *testing.T, alias, from, to, reply, subject string) {
		letter := Letter{From: from, Alias: alias, To: to, ReplyTo: reply, Subject: subject, Text: "t"}
		if letter.check() != nil {
			return
		}
		sent := letter.email()
		headers := append([]string{*sent.FromEmailAddress}, sent.Destination.ToAddresses...)
		for _, header := range append(headers, sent.ReplyToAddresses...) {
			if strings.ContainsFunc(header, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("%+v has the header %q", letter, header)
			}
			if list, err := netmail.ParseAddressList(header); err != nil || len(list) != 1 {
				t.Errorf("%+v has the header %q: %v, %v", letter, header, list, err)
			}
		}
		if subject := *sent.Content.Simple.Subject.Data; strings.ContainsAny(subject, "\r\n\x00") {
			t.Errorf("%+v has the subject %q", letter, subject)
		}
	})
}
