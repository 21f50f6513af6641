package mailtest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/sms"
)

// Phone is a sender with a view of what reached a phone. Number is in E.164, and nobody else's.
type Phone struct {
	Sender sms.Sender
	Number string
	// Texts are those sent to Number, in order.
	Texts func(*testing.T) []Text
}

// RunTexts is the suite of text messages that the box and the real services pass. Each call of made gives a fresh phone.
func RunTexts(t *testing.T, made func(*testing.T) Phone) {
	t.Run("a text arrives as it was written", func(t *testing.T) { textArrives(t, made(t)) })
	t.Run("a text needs no sender's name", func(t *testing.T) { textWithoutSender(t, made(t)) })
	t.Run("what SNS would refuse is an error", func(t *testing.T) { textRefused(t, made(t)) })
}

func textArrives(t *testing.T, p Phone) {
	long := strings.Repeat("é", sms.MostText)
	var ids []string
	for _, text := range []string{"Mon SMS: 日本 🎫\nSTOP 36180", long} {
		id, err := p.Sender.Send(t.Context(), p.Number, "CRM360", text)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	want := []Text{
		{To: p.Number, SenderID: "CRM360", Type: "Transactional", Text: "Mon SMS: 日本 🎫\nSTOP 36180"},
		{To: p.Number, SenderID: "CRM360", Type: "Transactional", Text: long},
	}
	if diff := cmp.Diff(want, p.Texts(t)); diff != "" || ids[0] == "" || ids[0] == ids[1] {
		t.Errorf("ids %q, texts differ (-want +got):\n%s", ids, diff)
	}
}

func textWithoutSender(t *testing.T, p Phone) {
	if _, err := p.Sender.Send(t.Context(), p.Number, "", "text"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Text{{To: p.Number, Type: "Transactional", Text: "text"}}, p.Texts(t)); diff != "" {
		t.Errorf("texts differ (-want +got):\n%s", diff)
	}
}

func textRefused(t *testing.T, p Phone) {
	tests := []struct{ name, to, sender, text, want string }{
		{"no plus", p.Number[1:], "CRM360", "text", "the number must be in E.164"},
		{"a national number", "+0612345678", "CRM360", "text", "the number must be in E.164"},
		{"letters in a number", p.Number[:8] + "x", "CRM360", "text", "the number must be in E.164"},
		{"a long number", p.Number + "0123456789", "CRM360", "text", "the number must be in E.164"},
		{"a sender of digits", p.Number, "36180", "text", "the sender must be"},
		{"a sender with a blank", p.Number, "CRM 360", "text", "the sender must be"},
		{"a sender with an accent", p.Number, "Théâtre", "text", "the sender must be"},
		{"a long sender", p.Number, "CRM360CRM360", "text", "the sender must be"},
		{"no text", p.Number, "CRM360", " \n", "the text must be UTF-8 and more than blanks"},
		{"broken text", p.Number, "CRM360", "\xff", "the text must be UTF-8 and more than blanks"},
		{"a long text", p.Number, "CRM360", strings.Repeat("é", sms.MostText+1), "the text must have at most 1600 characters"},
	}
	for _, test := range tests {
		id, err := p.Sender.Send(t.Context(), test.to, test.sender, test.text)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), p.Number[1:]) || id != "" {
			t.Errorf("%s: id %q, error %v, want one that says: %s", test.name, id, err, test.want)
		}
	}
	if got := p.Texts(t); len(got) != 0 {
		t.Errorf("texts %v, want none", got)
	}
}
