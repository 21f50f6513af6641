package notice_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/notice"
)

func failed(records int, answer string) notice.Notice {
	d := delivery.Delivery{Message: delivery.Message{ID: "e-00000", Organization: "demo", Interface: "crm"}, Attempts: 9, LastStatus: 503}
	for i := range records {
		d.Records = append(d.Records, "contact/"+strconv.Itoa(i))
	}
	last := &delivery.Attempt{Status: 503, Error: delivery.BadStatus, Answer: answer}
	return notice.Of(notice.Warning, d, last, time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC))
}

func TestWords(t *testing.T) {
	t.Parallel()
	if got, want := notice.Subject(notice.Warning, "demo", "crm"), "[crmhook] warning: demo/crm"; got != want {
		t.Errorf("subject %q, want %q", got, want)
	}
	if got, want := notice.Subject(notice.Stopped, "demo", "crm"), "[crmhook] stopped: demo/crm"; got != want {
		t.Errorf("subject %q, want %q", got, want)
	}
	want := `Deliveries of the interface demo/crm keep failing. They are retried; what is retried too often is stopped.

Delivery e-00000, 2026-12-01T08:00:00Z
  records: contact/0, contact/1
  attempts: 9
  last: HTTP status 503
  answer: we are closed
`
	if diff := cmp.Diff(want, notice.Text(notice.Warning, "demo", "crm", []notice.Notice{failed(2, "we are\r\n closed\x00")})); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestLongThingsAreCounted(t *testing.T) {
	t.Parallel()
	n := failed(30, strings.Repeat("ü", 500))
	if got := utf8.RuneCountInString(n.Answer); got != notice.AnswerQuoted {
		t.Errorf("%d characters of the answer, want %d", got, notice.AnswerQuoted)
	}
	many := make([]notice.Notice, notice.DeliveriesTold+7)
	for i := range many {
		many[i] = n
	}
	text := notice.Text(notice.Stopped, "demo", "crm", many)
	one := `
Delivery e-00000, 2026-12-01T08:00:00Z
  records: ` + strings.Join(n.Records, ", ") + ` and 10 more
  attempts: 9
  last: HTTP status 503
  answer: ` + n.Answer + "\n"
	want := "Deliveries of the interface demo/crm were given up after their last attempt. " +
		"They are kept in the ledger until they are replayed or dismissed.\n" + strings.Repeat(one, 100) + "\n… and 7 more deliveries.\n"
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	if len(n.Records) != notice.RecordsNamed {
		t.Errorf("%d records named, want %d", len(n.Records), notice.RecordsNamed)
	}
	if text := notice.Text(notice.Stopped, "demo", "crm", many[:notice.DeliveriesTold]); strings.Contains(text, "more deliveries") {
		t.Error("a hundred deliveries are all told, none is left")
	}
}

func TestWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	d := delivery.Delivery{Message: delivery.Message{ID: "x", Records: []string{"contact/1"}}, LastError: delivery.Timeout}
	at := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	if text := notice.Text(notice.Stopped, "o", "i", []notice.Notice{notice.Of(notice.Stopped, d, nil, at)}); !strings.Contains(text, "no answer (timeout)") {
		t.Errorf("text %q does not say why there was no answer", text)
	}
	d.LastError = ""
	if text := notice.Text(notice.Stopped, "o", "i", []notice.Notice{notice.Of(notice.Stopped, d, nil, at)}); !strings.Contains(text, "no attempt ended") {
		t.Errorf("text %q does not say that no attempt ended", text)
	}
}

func TestANoticeTravelsWhole(t *testing.T) {
	t.Parallel()
	want := failed(3, "no")
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got notice.Notice
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}
