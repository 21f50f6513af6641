package mailtest

import (
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/mail"
)

func letterArrives(t *testing.T, h House) {
	id, err := h.Mailer.Post(t.Context(), mail.Letter{
		From: h.Verified, Alias: "CRM360", To: "a@example.com", ReplyTo: "support@example.com",
		Subject: "Bonjour Nicolas: été 🎫", HTML: "<p>Bonjour <b>é</b></p>", Text: "Bonjour é\n",
	})
	if err != nil || id == "" {
		t.Fatalf("id %q, %v", id, err)
	}
	want := Mail{
		From: `"CRM360" <` + h.Verified + ">", To: []string{"a@example.com"}, ReplyTo: []string{"support@example.com"},
		Subject: "Bonjour Nicolas: été 🎫", HTML: "<p>Bonjour <b>é</b></p>", Text: "Bonjour é\n",
	}
	if h.NoReplyTo {
		want.ReplyTo = nil
	}
	if diff := cmp.Diff([]Mail{want}, h.Mails(t)); diff != "" {
		t.Errorf("mails differ (-want +got):\n%s", diff)
	}
}

func plainLetter(t *testing.T, h House) {
	for _, letter := range []mail.Letter{
		{From: h.Verified, To: "a@example.com", HTML: "<p>only</p>"},
		{From: h.Verified, To: "a@example.com", Alias: " \n", Text: "only"},
	} {
		if _, err := h.Mailer.Post(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
	}
	want := []Mail{
		{From: h.Verified, To: []string{"a@example.com"}, HTML: "<p>only</p>"},
		{From: h.Verified, To: []string{"a@example.com"}, Text: "only"},
	}
	if diff := cmp.Diff(want, h.Mails(t)); diff != "" {
		t.Errorf("mails differ (-want +got):\n%s", diff)
	}
}

func aliasIsEncoded(t *testing.T, h House) {
	tests := []struct{ alias, want string }{
		{"Théâtre de l'Été", "Théâtre de l'Été"},
		{"日本 🎫", "日本 🎫"},
		{`Quotes " and \ <x@example.net>`, `Quotes " and \ <x@example.net>`},
		{"a\r\nBcc: b@example.net\r\n\r\nbody", "a  Bcc: b@example.net    body"},
		{strings.Repeat("é", 200), strings.Repeat("é", 200)},
		{"x\x00\u2028y", "x  y"},
	}
	for _, test := range tests {
		letter := mail.Letter{From: h.Verified, Alias: test.alias, To: "a@example.com", Subject: "s\r\nBcc: b@example.net", Text: "t"}
		if _, err := h.Mailer.Post(t.Context(), letter); err != nil {
			t.Errorf("%q: %v", test.alias, err)
			continue
		}
		// The last one: a call that is repeated because its answer was lost sends a letter twice.
		box := h.Mails(t)
		sent := box[len(box)-1]
		from, err := netmail.ParseAddress(sent.From)
		if err != nil || from.Name != test.want || from.Address != h.Verified || strings.ContainsAny(sent.From+sent.Subject, "\r\n\x00") {
			t.Errorf("%q: from %q with subject %q, %v; want the name %q", test.alias, sent.From, sent.Subject, err, test.want)
		}
	}
}

func letterRefused(t *testing.T, h House) {
	good := mail.Letter{From: h.Verified, To: "a@example.com", ReplyTo: "b@example.com", Text: "t"}
	tests := []struct {
		name   string
		change func(*mail.Letter)
		want   string
	}{
		{"no recipient", func(l *mail.Letter) { l.To = "" }, "the recipient must be one e-mail address"},
		{"two recipients", func(l *mail.Letter) { l.To = "a@example.com,b@example.com" }, "the recipient must be one e-mail address"},
		{"a recipient with a name", func(l *mail.Letter) { l.To = "Jon <a@example.com>" }, "the recipient must be one e-mail address"},
		{"a header in the recipient", func(l *mail.Letter) { l.To = "a@example.com\r\nBcc: b@example.com" }, "the recipient must be one e-mail address"},
		{"a header in the sender", func(l *mail.Letter) { l.From += "\r\nBcc: b@example.com" }, "the sender must be one e-mail address"},
		{"no sender", func(l *mail.Letter) { l.From = "" }, "the sender must be one e-mail address"},
		{"a header in the answers' address", func(l *mail.Letter) { l.ReplyTo = "b@example.com\nX: y" }, "the address for answers must be one e-mail address"},
		{"an accent in an address", func(l *mail.Letter) { l.To = "été@example.com" }, "the recipient must be one e-mail address"},
		{"no content", func(l *mail.Letter) { l.Text = "" }, "the letter must have a text or HTML"},
		{"an unverified sender", func(l *mail.Letter) { l.From = "unknown@example.net" }, "not verified"},
	}
	for _, test := range tests {
		letter := good
		test.change(&letter)
		id, err := h.Mailer.Post(t.Context(), letter)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "a@example.com") || id != "" {
			t.Errorf("%s: id %q, error %v, want one that says: %s", test.name, id, err, test.want)
		}
	}
	if got := h.Mails(t); len(got) != 0 {
		t.Errorf("mails %v, want none", got)
	}
}
