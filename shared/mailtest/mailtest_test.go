package mailtest_test

import (
	"errors"
	"strings"
	"testing"

	"crmhook/shared/mailtest"
)

func TestTheBoxIsLikeTheServices(t *testing.T) {
	t.Parallel()
	mailtest.Run(t, func(*testing.T) mailtest.House {
		box := mailtest.New("crmhook@example.com")
		return mailtest.House{
			Mailer: box.Mailer(), Verified: "crmhook@example.com",
			Mails:   func(*testing.T) []mailtest.Mail { return box.Mails() },
			Notices: func(*testing.T) []mailtest.Notice { return box.Notices() },
		}
	})
}

func TestTheBoxFailsWhenTold(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	box := mailtest.New("crmhook@example.com")
	send := func() error {
		return box.Mailer().Send(t.Context(), "crmhook@example.com", []string{"a@example.com"}, "s", "t")
	}
	box.Fail(down)
	if err := send(); !errors.Is(err, down) {
		t.Errorf("mail: got %v, want %v", err, down)
	}
	if err := box.Mailer().Notice(t.Context(), "s", "t"); !errors.Is(err, down) {
		t.Errorf("notice: got %v, want %v", err, down)
	}
	box.Fail(nil)
	if err := send(); err != nil || len(box.Mails()) != 1 || len(box.Notices()) != 0 {
		t.Errorf("got %v, %d mails, %d notices; want one mail", err, len(box.Mails()), len(box.Notices()))
	}
}

func TestTheBoxIsLikeAPhone(t *testing.T) {
	t.Parallel()
	mailtest.RunTexts(t, func(*testing.T) mailtest.Phone {
		box := mailtest.New()
		return mailtest.Phone{
			Sender: box.Sender(), Number: "+33612345678",
			Texts: func(*testing.T) []mailtest.Text { return box.Texts() },
		}
	})
}

func TestTheBoxTakesNoTextWhenTold(t *testing.T) {
	t.Parallel()
	down := errors.New("33612345678 is down")
	box := mailtest.New()
	box.Fail(down)
	_, err := box.Sender().Send(t.Context(), "+33612345678", "", "text")
	if !errors.Is(err, down) || strings.Contains(err.Error(), "33612345678") {
		t.Errorf("got %v, want the failure without the number", err)
	}
	if got := box.Texts(); len(got) != 0 {
		t.Errorf("texts %v, want none", got)
	}
}
