package mailtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/mail"
)

// House is a mailer with a view of what it sent. Verified is an address that SES takes mails from.
type House struct {
	Mailer   mail.Mailer
	Verified string
	// NoReplyTo says that the view of Mails lacks ReplyTo.
	NoReplyTo bool
	// Mails are those sent from Verified, Notices those on the mailer's topic, since the house was made.
	Mails   func(*testing.T) []Mail
	Notices func(*testing.T) []Notice
}

// Run is the suite that the box and the real services pass. Each call of made gives a fresh house.
func Run(t *testing.T, made func(*testing.T) House) {
	t.Run("a mail arrives as it was written", func(t *testing.T) { mailArrives(t, made(t)) })
	t.Run("many recipients get several mails", func(t *testing.T) { manyRecipients(t, made(t)) })
	t.Run("an unverified sender is refused", func(t *testing.T) { unverified(t, made(t)) })
	t.Run("no recipient is an error", func(t *testing.T) { noRecipient(t, made(t)) })
	t.Run("a letter arrives as it was written", func(t *testing.T) { letterArrives(t, made(t)) })
	t.Run("a letter may be plain", func(t *testing.T) { plainLetter(t, made(t)) })
	t.Run("a sender's name stays a name", func(t *testing.T) { aliasIsEncoded(t, made(t)) })
	t.Run("a letter that cannot be sent is an error", func(t *testing.T) { letterRefused(t, made(t)) })
	t.Run("a notice arrives as it was written", func(t *testing.T) { noticeArrives(t, made(t)) })
	t.Run("a notice is made to fit", func(t *testing.T) { noticeFits(t, made(t)) })
	t.Run("an unknown topic is an error", func(t *testing.T) { unknownTopic(t, made(t)) })
}

func mailArrives(t *testing.T, h House) {
	to, text := []string{"a@example.com", "b@example.com"}, "première ligne\nsecond line: 日本 🎫\n"
	if err := h.Mailer.Send(t.Context(), h.Verified, to, "[crmhook] arrêté:\r\ndemo/crm", text); err != nil {
		t.Fatal(err)
	}
	want := []Mail{{From: h.Verified, To: to, Subject: "[crmhook] arrêté:  demo/crm", Text: text}}
	if diff := cmp.Diff(want, h.Mails(t)); diff != "" {
		t.Errorf("mails differ (-want +got):\n%s", diff)
	}
}

func manyRecipients(t *testing.T, h House) {
	var to []string
	for i := range 2*mail.MostRecipients + 1 {
		to = append(to, fmt.Sprintf("n%d@example.com", i))
	}
	if err := h.Mailer.Send(t.Context(), h.Verified, to, "s", "t"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range h.Mails(t) {
		got = append(got, m.To...)
	}
	if diff := cmp.Diff(to, got); diff != "" || len(h.Mails(t)) != 3 {
		t.Errorf("%d mails, want 3; recipients differ (-want +got):\n%s", len(h.Mails(t)), diff)
	}
}

func unverified(t *testing.T, h House) {
	err := h.Mailer.Send(t.Context(), "unknown@example.net", []string{"a@example.com"}, "s", "t")
	if err == nil || !strings.Contains(err.Error(), "not verified") {
		t.Errorf("got %v, want an error that says not verified", err)
	}
	if got := h.Mails(t); len(got) != 0 {
		t.Errorf("got mails %v, want none", got)
	}
}

func noRecipient(t *testing.T, h House) {
	if err := h.Mailer.Send(t.Context(), h.Verified, nil, "s", "t"); err == nil {
		t.Error("want an error")
	}
}

func noticeArrives(t *testing.T, h House) {
	if err := h.Mailer.Notice(t.Context(), "[crmhook] stopped: demo/crm", "ligne é\n🎫"); err != nil {
		t.Fatal(err)
	}
	want := []Notice{{Topic: h.Mailer.Topic, Subject: "[crmhook] stopped: demo/crm", Text: "ligne é\n🎫"}}
	if diff := cmp.Diff(want, h.Notices(t)); diff != "" {
		t.Errorf("notices differ (-want +got):\n%s", diff)
	}
}

func noticeFits(t *testing.T, h House) {
	if err := h.Mailer.Notice(t.Context(), "\n"+strings.Repeat("é", 200), strings.Repeat("é", 200<<10)); err != nil {
		t.Fatal(err)
	}
	got := h.Notices(t)
	if len(got) != 1 || got[0].Subject != strings.Repeat("?", mail.MostSubject) || len(got[0].Text) > mail.MostNotice {
		t.Errorf("%d notices, want one with a subject of %d and a text of at most %d bytes", len(got), mail.MostSubject, mail.MostNotice)
	}
}

func unknownTopic(t *testing.T, h House) {
	h.Mailer.Topic += "-unknown"
	if err := h.Mailer.Notice(t.Context(), "s", "t"); err == nil {
		t.Error("want an error")
	}
}
