package stop_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"crmhook/shared/linetest"
	"crmhook/shared/mailtest"
)

// mailing is a line that can send mail to ops@example.com.
func mailing(t *testing.T) *linetest.World {
	t.Helper()
	w := linetest.NewWorld(t, once(1, `,"notify":["ops@example.com"]`))
	w.Configuration.SetSetting("mailFrom", "crmhook@example.com")
	return w
}

func TestTheMailAboutAStop(t *testing.T) {
	t.Parallel()
	w := mailing(t)
	exhausted(t, w, "C1")
	end(t, w)
	mails := w.Mail.Mails()
	if len(mails) != 1 || len(w.Mail.Notices()) != 0 {
		t.Fatalf("%d mails and %d notices, want one mail", len(mails), len(w.Mail.Notices()))
	}
	var id string
	for ref := range w.Ledger.All() {
		id = ref.ID
	}
	want := mailtest.Mail{
		From: "crmhook@example.com", To: []string{"ops@example.com"}, Subject: "[crmhook] stopped: demo/crm",
		Text: "Deliveries of the interface demo/crm were given up after their last attempt. They are kept in the ledger until they are replayed or dismissed.\n\n" +
			"Delivery " + id + ", 2026-12-01T08:01:00Z\n  records: contact/C1\n  attempts: 1\n  last: HTTP status 500\n  answer: no\n",
	}
	if d := diff.Diff(want, mails[0]); d != "" {
		t.Errorf("mail (-want +got):\n%s", d)
	}
}

// TestANoticeGoesToTheOperators where no mail can go.
func TestANoticeGoesToTheOperators(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, from, notify string }{
		{"no sender's address", "", `,"notify":["ops@example.com"]`},
		{"no recipients", "crmhook@example.com", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := linetest.NewWorld(t, once(1, tt.notify))
			w.Configuration.SetSetting("mailFrom", tt.from)
			exhausted(t, w, "C1")
			end(t, w)
			if n := w.Mail.Notices(); len(w.Mail.Mails()) != 0 || len(n) != 1 || n[0].Subject != "[crmhook] stopped: demo/crm" {
				t.Errorf("mails %v, notices %v; want one notice", w.Mail.Mails(), n)
			}
		})
	}
}

// named says which of the contacts a mail names.
func named(text string) []string {
	var ids []string
	for i := range 10 {
		if id := fmt.Sprintf("contact/C%d", i); strings.Contains(text, id+"\n") {
			ids = append(ids, id)
		}
	}
	return ids
}

// TestOneMailAnHour gathers the rest for a digest, which is sent even if nothing follows.
func TestOneMailAnHour(t *testing.T) {
	t.Parallel()
	w := mailing(t)
	for _, id := range []string{"C1", "C2", "C3"} {
		exhausted(t, w, id)
		end(t, w)
		w.Clock.Advance(10 * time.Minute)
	}
	if n := len(w.Mail.Mails()); n != 1 {
		t.Fatalf("%d mails within the hour, want 1", n)
	}
	w.Settle(t.Context(), t, 3*time.Hour)
	var got [][]string
	for _, m := range w.Mail.Mails() {
		got = append(got, named(m.Text))
	}
	if d := diff.Diff([][]string{{"contact/C1"}, {"contact/C2", "contact/C3"}}, got); d != "" {
		t.Errorf("mails name (-want +got):\n%s", d)
	}
	if sent := w.Clock.Now().Sub(linetest.Start); sent < 61*time.Minute || sent > 65*time.Minute {
		t.Errorf("all was quiet %s after the start, want it just after the hour", sent)
	}
}

// TestStopsThatComeTogetherAreOneMail, which names them all.
func TestStopsThatComeTogetherAreOneMail(t *testing.T) {
	t.Parallel()
	w := mailing(t)
	exhausted(t, w, "C1", "C2", "C3")
	end(t, w)
	if mails := w.Mail.Mails(); len(mails) != 1 || len(named(mails[0].Text)) != 3 {
		t.Errorf("mails %v, want one about three deliveries", mails)
	}
}

// TestAMailThatFailsHoldsNothingUp: rows and ledger are done with, and the mail comes an hour later.
func TestAMailThatFailsHoldsNothingUp(t *testing.T) {
	t.Parallel()
	w := mailing(t)
	exhausted(t, w, "C1")
	w.Mail.Fail(errors.New("SES is down"))
	end(t, w)
	if len(w.Backlog.All()) != 0 || w.Stopped.Len() != 0 {
		t.Errorf("%d rows and %d messages are held up", len(w.Backlog.All()), w.Stopped.Len())
	}
	w.Mail.Fail(nil)
	w.Settle(t.Context(), t, 3*time.Hour)
	if mails := w.Mail.Mails(); len(mails) != 1 || len(named(mails[0].Text)) != 1 {
		t.Errorf("mails %v, want the one that could not go", mails)
	}
}
