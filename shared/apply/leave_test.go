package apply_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/change"
	"crmhook/shared/crm"
	"crmhook/shared/hook"
	"crmhook/shared/record"
	"crmhook/shared/trigger"
)

const sms = `{"MobilePhoneNumber":"0600000000","MobilePhoneCountryIso3":"FRA","Sender":"CRM360","Message":"Hello","Crm360EventChannelId":"1","Crm360EventCategoryId":2}`

func TestAMessageLeavesOnce(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"Crm360/Sms/Send", "Crm360/Email/Send"} {
		t.Run(strings.ReplaceAll(action, "/", "-"), func(t *testing.T) {
			t.Parallel()
			w := open(t)
			w.out.settings["dailyMessages"] = "10"
			tr := w.sample(action)
			tr.Event = "order-4711"
			if entry := w.run(tr); entry.Status != trigger.Applied {
				t.Fatalf("got %s: %s", entry.Status, entry.Cause)
			}
			again := w.sample(action)
			again.Event = "order-4711"
			if entry := w.run(again); entry.Status != trigger.Duplicate {
				t.Errorf("the same event again: got %s", entry.Status)
			}
			if n := len(w.out.texts) + len(w.out.posts); n != 1 {
				t.Errorf("%d messages left, want one", n)
			}
			is := w.record("message", "Crm360-"+tr.ID)
			if is.Data["status"] != "sent" || at(is, "events 0 event") != "sent" || is.Data["messageId"] != "id-1" {
				t.Errorf("its record: %v", is.Data)
			}
		})
	}
}

// At least once: wherever the process dies the message leaves, and its record is there. Only a death between the sending
// and the mark sends it twice.
func TestKillAtEachWriteOfAMessage(t *testing.T) {
	t.Parallel()
	twice := 0
	for n := 1; ; n++ {
		w := open(t)
		w.out.settings["dailyMessages"] = "10"
		w.contact("C1", `{"individualContact":{"phoneNumber1":"+33600000000"}}`)
		tr := w.trigger("Crm360/Sms/Send", sms)
		w.kill.At(n)
		died := !w.try(tr, 1)
		w.kill.At(0)
		w.pass(3 * time.Minute)
		entry := w.run(tr)
		if entry.Status != trigger.Applied && entry.Status != trigger.Duplicate {
			t.Fatalf("killed at step %d: got %s: %s", n, entry.Status, entry.Cause)
		}
		switch len(w.out.texts) {
		case 1:
		case 2:
			twice++
		default:
			t.Errorf("killed at step %d: %d messages left", n, len(w.out.texts))
		}
		if is := w.record("message", "Crm360-"+tr.ID); is.Data["contactNumber"] != "C1" {
			t.Errorf("killed at step %d: the record concerns %v", n, is.Data["contactNumber"])
		}
		if count, _ := w.once.Count(t.Context(), organization, "dailyMessages", "2026-12-01"); count != 1 {
			t.Errorf("killed at step %d: counted %d times, want once", n, count)
		}
		if !died {
			break
		}
	}
	if twice == 0 || twice > 3 {
		t.Errorf("%d deaths sent the message twice; want only those between sending and mark", twice)
	}
}

func TestTheDaysLimitIsExact(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.out.settings["dailyMessages"] = "3"
	failed := 0
	for range 5 {
		tr := w.trigger("Crm360/Sms/Send", sms)
		if !w.try(tr, 1) {
			failed++
			if cause := w.entry(tr).Cause; !strings.Contains(cause, "dailyMessages") {
				t.Errorf("cause: %s", cause)
			}
		}
	}
	if failed != 2 || len(w.out.texts) != 3 {
		t.Errorf("%d sent, %d refused; want 3 and 2", len(w.out.texts), failed)
	}
}

func TestARefusedMessageIsTriedAgainAtOnce(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.out.settings["dailyMessages"] = "1"
	w.out.refuses = 1
	if entry := w.run(w.trigger("Crm360/Sms/Send", sms)); entry.Status != trigger.Applied || entry.Tries != 2 || len(w.out.texts) != 1 {
		t.Errorf("got %s after %d tries (%s), %d sent; want the second try to send it", entry.Status, entry.Tries, entry.Cause, len(w.out.texts))
	}
}

func TestTheContentIsMailedOnce(t *testing.T) {
	t.Parallel()
	w := open(t)
	tr := w.sample("Shopify/Product/Insert")
	tr.Email, tr.Headers = "ops@example.com", map[string]string{"x-shopify-topic": "products/create"}
	if entry := w.run(tr); entry.Status != trigger.Failed || !strings.Contains(entry.Cause, "mailFrom") {
		t.Fatalf("without a sender: got %s: %s", entry.Status, entry.Cause)
	}
	if len(w.records.All()) != 1 {
		t.Error("a mail that cannot go kept the record from being written")
	}
	w.out.settings["stage/mailFrom"] = "crmhook@example.com"
	w.run(tr)
	w.run(tr)
	if len(w.out.mails) != 1 {
		t.Fatalf("%d mails, want one", len(w.out.mails))
	}
	for _, part := range []string{"crmhook@example.com→ops@example.com", "POST /queue", "x-shopify-topic: products/create", string(tr.Body)} {
		if !strings.Contains(w.out.mails[0], part) {
			t.Errorf("the mail lacks %q:\n%s", part, w.out.mails[0])
		}
	}
}

func TestACardIsToldOnce(t *testing.T) {
	t.Parallel()
	w := open(t)
	tr := w.trigger("CaptainWallet/LoyaltyCard/SendUpdate", `{"LoyaltyCardId":"12345"}`)
	fails := func(want string) {
		t.Helper()
		if entry := w.run(tr); entry.Status != trigger.Failed || !strings.Contains(entry.Cause, want) {
			t.Errorf("got %s: %s; want a failure that names %s", entry.Status, entry.Cause, want)
		}
	}
	fails("sources/CaptainWallet")
	w.out.sources["CaptainWallet"] = access.Source{Name: "CaptainWallet", Interface: "wallet"}
	fails("event-webhook")
	w.out.working = hook.Interface{
		Organization: organization, Name: "wallet", Generation: "g", State: hook.Active, Hook: &hook.Hook{Type: hook.EventWebhook, State: hook.Active},
	}
	tr.Due = w.clock()
	if entry := w.run(tr); entry.Status != trigger.Unmatched {
		t.Errorf("without the card: got %s: %s", entry.Status, entry.Cause)
	}
	key := change.Key{Organization: organization, Entity: "loyaltycard", ID: "12345"}
	if _, err := w.handler.CRM.Change(t.Context(), []crm.Change{{Key: key, Apply: func(record.Record) (map[string]any, error) {
		return map[string]any{"points": "7"}, nil
	}}}); err != nil {
		t.Fatal(err)
	}
	if entry := w.run(tr); entry.Status != trigger.Applied || len(w.out.events) != 1 {
		t.Fatalf("got %s, %d events", entry.Status, len(w.out.events))
	}
	e := w.out.events[0]
	if e.Interface != "wallet" || e.Type != "loyaltycard.updated" || e.Record != key || e.Source != tr.ID || fmt.Sprint(e.Data) != "map[points:7]" {
		t.Errorf("event: %+v", e)
	}
}
