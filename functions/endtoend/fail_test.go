package endtoend_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"crmhook/shared/delivery"
	"crmhook/shared/receiver"
)

func TestWhatFailsIsTriedAgain(t *testing.T) {
	w := open(t)
	w.put("crm", "v2", "/in", `"details":["GENERAL"],"retryDelaySeconds":4,`+schedule(100, 1), "active")
	w.receiver.Script("/in", receiver.Answer{Status: 500, Body: "first", Hang: 100 * time.Millisecond}, receiver.Answer{Status: 503, Body: "second"})
	w.contact("C1", `{"role":"MEMBER"}`)
	requests := w.arrive("/in", 3)
	for i := 1; i < len(requests); i++ {
		if requests[i].Headers.Get("Webhook-Id") != requests[0].Headers.Get("Webhook-Id") {
			t.Errorf("attempt %d has another webhook-id for the same body", i+1)
		}
		// SQS counts whole seconds.
		if wait := requests[i].At.Sub(requests[i-1].At); wait < 3*time.Second {
			t.Errorf("attempt %d came %s after the one before, want about 4 s", i+1, wait)
		}
	}
	found, later := w.delivery(requests[0], "delivered")
	kept := []delivery.Attempt{attempt(t, found)}
	for _, item := range later {
		kept = append(kept, attempt(t, item))
	}
	if len(kept) != 3 {
		t.Fatalf("%d attempts kept, want 3", len(kept))
	}
	for i, want := range []struct {
		status int
		answer string
		fault  delivery.Cause
	}{{500, "first", delivery.BadStatus}, {503, "second", delivery.BadStatus}, {200, "", ""}} {
		if got := kept[i]; got.Number != i+1 || got.Status != want.status || got.Answer != want.answer || got.Error != want.fault || got.At.IsZero() {
			t.Errorf("attempt %d is kept as %+v, want status %d, answer %q", i+1, got, want.status, want.answer)
		}
	}
	if kept[0].Duration < 100*time.Millisecond {
		t.Errorf("the first attempt is kept as having taken %s, and the receiver waited 100 ms", kept[0].Duration)
	}
	w.quiet("crm")
}

func attempt(t *testing.T, item map[string]any) delivery.Attempt {
	t.Helper()
	var a delivery.Attempt
	text, _ := item["attempt"].(string)
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		t.Fatalf("attempt %q: %v", text, err)
	}
	return a
}

func TestWhatFailsToTheEndIsStoppedAndKept(t *testing.T) {
	w := open(t)
	w.put("crm", "v2", "/in", `"details":["GENERAL"],"retryDelaySeconds":1,"retriesBeforeWarning":0,"retriesBeforeStop":1,"notify":["ops@example.com"],`+
		schedule(100, 5), "active")
	w.receiver.Script("/in", receiver.Answer{Status: 500, Times: 2, Body: "out of order"})
	w.contact("C1", `{"version":1}`)
	first := w.arrive("/in", 2)[0]
	found, later := w.delivery(first, "stopped")
	if _, expires := found["expires"]; expires || len(later) != 1 || found["reason"] == "" {
		t.Errorf("stopped delivery %v with %d later attempts: want no expiry, a reason and one", found, len(later))
	}
	for _, item := range later {
		if _, expires := item["expires"]; expires {
			t.Errorf("attempt %v of the stopped delivery has an expiry", item)
		}
	}
	w.quiet("crm")
	about := w.organization + "/crm"
	w.until("a warning and a stop to be mailed", func() (bool, error) {
		mails, err := w.stage.Mails(t.Context())
		seen := map[string]bool{}
		for _, m := range mails {
			if strings.HasSuffix(m.Subject, about) && strings.Contains(m.BodyText, "contact/C1") && strings.Contains(m.BodyText, "out of order") {
				seen[m.Subject] = true
			}
		}
		return seen["[crmhook] warning: "+about] && seen["[crmhook] stopped: "+about], err
	})
	w.contact("C1", `{"version":2}`)
	if next := w.arrive("/in", 3)[2]; next.Status != 200 || !strings.Contains(string(next.Body), `"version":2`) {
		t.Errorf("the next change arrived as %s, answered %d", next.Body, next.Status)
	}
}

// TestADeliveryIsStoppedAfterThirteenAttempts leaves the retries as they are by default: after the last one SQS itself takes
// the message to the stopped queue.
func TestADeliveryIsStoppedAfterThirteenAttempts(t *testing.T) {
	w := open(t)
	const attempts = 13
	w.put("crm", "v2", "/in", `"details":["GENERAL"],"retryDelaySeconds":1,`+schedule(100, 1), "active")
	w.receiver.Script("/in", receiver.Answer{Status: 500, Times: receiver.Forever})
	w.contact("C1", `{"role":"MEMBER"}`)
	found, later := w.delivery(w.arrive("/in", attempts)[0], "stopped")
	if len(later) != attempts-1 || found["expires"] != nil {
		t.Errorf("stopped delivery %v with %d later attempts: want no expiry and %d", found, len(later), attempts-1)
	}
	w.quiet("crm")
	if n := len(w.receiver.Requests()); n != attempts {
		t.Errorf("%d requests, want %d", n, attempts)
	}
}

func TestBasicAuthenticationWaitsForItsSecret(t *testing.T) {
	w := open(t)
	w.put("crm", "v2", "/in", `"details":["GENERAL"],"authentication":{"mode":"BASIC","login":"s360","secret":"crm-password"},`+schedule(100, 1), "invalid")
	w.contact("C1", `{"role":"MEMBER"}`)
	if err := w.stage.PutSecret(t.Context(), w.organization, "crm-password", "dummy-password", "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	w.Cleanup(func() {
		_ = w.stage.DeleteParameter(context.WithoutCancel(w.Context()), w.stage.Parameter(w.organization, "secrets", "crm-password"))
	})
	got := w.arrive("/in", 1)[0]
	request := receiverRequest(got)
	if login, password, ok := request.BasicAuth(); !ok || login != "s360" || password != "dummy-password" {
		t.Errorf("authorization %v of %q", ok, login)
	}
	found, _ := w.delivery(got, "delivered")
	if strings.Contains(fmt.Sprint(found), "dummy-password") || strings.Contains(fmt.Sprint(found), got.Headers.Get("Authorization")) {
		t.Error("the ledger holds the password")
	}
}

func TestWhatCannotBeReadIsSetAside(t *testing.T) {
	w := open(t)
	w.put("crm", "v2", "/in", `"details":["GENERAL"],`+schedule(100, 10), "active")
	put := func(pk, sk string, data types.AttributeValue) {
		item := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}}
		if data != nil {
			item["data"] = data
		}
		if _, err := w.stage.DB.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &w.stage.RecordsTable, Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	put(w.organization+"#contact", "C1", nil)
	put(w.organization+"#contact", "C2", &types.AttributeValueMemberS{Value: "text"})
	put(w.organization+"#NO ENTITY", "C3", &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}})
	w.contact("C4", `{"role":"MEMBER"}`)
	if got := w.arrive("/in", 1)[0]; strings.Join(got.Contacts, " ") != "C4" {
		t.Errorf("contacts %v arrived, want C4", got.Contacts)
	}
	w.until("three records to be set aside", func() (bool, error) {
		items, err := w.stage.SetAside(t.Context(), w.organization)
		text := fmt.Sprint(items)
		return len(items) == 3 && strings.Contains(text, "has no data") && strings.Contains(text, "must be a map") && strings.Contains(text, "NO ENTITY"), err
	})
}

func TestAnUnreadableMessageIsSetAside(t *testing.T) {
	w := open(t)
	body := `{"delivery":"` + w.organization + `","no":"records"}`
	if _, err := w.stage.SQS.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &w.stage.DeliveriesQueue, MessageBody: &body}); err != nil {
		t.Fatal(err)
	}
	w.until("the message to come to the unreadable queue", func() (bool, error) {
		out, err := w.stage.SQS.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: &w.stage.UnreadableQueue, MaxNumberOfMessages: 10, VisibilityTimeout: 1, WaitTimeSeconds: 0,
		})
		if err != nil {
			return false, err
		}
		for _, m := range out.Messages {
			if aws.ToString(m.Body) == body {
				_, err := w.stage.SQS.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &w.stage.UnreadableQueue, ReceiptHandle: m.ReceiptHandle})
				return true, err
			}
		}
		return false, nil
	})
	items, err := w.stage.SetAside(t.Context(), "unknown")
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range items {
		if item["body"] == body && strings.Contains(fmt.Sprint(item["cause"]), "not a delivery") {
			return
		}
	}
	t.Error("the ledger has not set it aside")
}
