package endtoend_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhook/shared/stage"
	"crmhook/shared/trigger"
)

// A shop's update changes the contact, another system hears of it, and the shop's own interface does not.
func TestAShopsUpdateIsCarriedOnAndDoesNotEcho(t *testing.T) {
	c := openAPI(t)
	c.put("partner", "v2", "/partner", `"details":["GENERAL"],`+schedule(100, 10), "active")
	c.put("shop", "v2", "/shop", `"details":["GENERAL"],"ignoreOrigins":["inbound:Shopify"],`+schedule(100, 10), "active")
	c.contact("C1", `{"individualContact":{"email":"jane@example.com","individualLastname":"Before"}}`)
	c.arrive("/shop", 1)
	c.arrive("/partner", 1)

	body := []byte(`{"id":706405506930370084,"email":"Jane@Example.com","last_name":"After","updated_at":"2026-12-01T10:00:00+01:00"}`)
	answer, err := c.stage.Call(t.Context(), http.MethodPost, c.queueProcess("Shopify/Customer/Update", "SourceId=3"), c.sign("customers/update", body), body)
	if err != nil || answer.Status != http.StatusAccepted {
		t.Fatalf("got %d %s, %v", answer.Status, answer.Body, err)
	}
	if got := c.arrive("/partner", 2)[1]; !strings.Contains(string(got.Body), `"individualLastname":"After"`) || !strings.Contains(string(got.Body), "706405506930370084") {
		t.Errorf("the other system got %s", got.Body)
	}
	c.quiet("shop")
	c.invoke("scan", "{}")
	c.quiet("shop")
	for _, r := range c.receiver.Requests() {
		if r.Path == "/shop" && strings.Contains(string(r.Body), "After") {
			t.Errorf("the shop heard its own echo: %s", r.Body)
		}
	}
	if data := c.get("contact", "C1"); fmt.Sprint(data["identifiers"]) != "[map[identifier:706405506930370084 sourceId:3]]" {
		t.Errorf("identifiers: %v", data["identifiers"])
	}

	forged := c.sign("customers/update", body)
	forged["X-Shopify-Topic"] = "customers/delete"
	answer, err = c.stage.Call(t.Context(), http.MethodPost, c.queueProcess("Shopify/Customer/Delete", "SourceId=3"), forged, body)
	if err != nil || answer.Status != http.StatusUnauthorized {
		t.Errorf("an update that is sent as a delete: got %d %s, %v", answer.Status, answer.Body, err)
	}
}

// Every action's sample is accepted, carried out, and what it became is in the ledger.
func TestEachPlatformsSample(t *testing.T) {
	c := openAPI(t)
	c.own("settings/senders", "example.com,example.org")
	c.own("settings/smsCountries", "FR")
	c.own("settings/dailyMessages", "100")
	c.want(http.StatusOK+1, http.MethodPut, c.path("contact", "C1"), `{"individualContact":{"email":"jane@example.com","phoneNumber1":"+33600000000"}}`)
	for _, test := range []struct{ action, sample string }{
		{"Shopify/Product/Insert", "shopify-product-insert"},
		{"Shopify/Customer/Insert", "shopify-customer-insert"},
		{"Shopify/Order/Insert", "shopify-order-insert"},
		{"Adictiz/User/Participate", "adictiz-user-participate"},
		{"Zendesk/Ticket/Update", "zendesk-ticket-update"},
		{"Tabology/Ticket/Create", "tabology-ticket-create"},
		{"Crm360/Sms/Send", "crm360-sms-send"},
	} {
		id := c.send(test.action, "SourceId=3&store=12&currency=EUR&ZoneId=5", string(c.sample(test.sample)))
		entry := c.ended(id, trigger.Applied)
		records, _ := entry["records"].([]any)
		if len(records) == 0 {
			t.Errorf("%s: concerned no record: %v", test.action, entry)
			continue
		}
		entity, record, _ := strings.Cut(fmt.Sprint(records[len(records)-1]), "/")
		data := c.get(entity, record)
		if fmt.Sprint(data["zoneId"]) != "5" {
			t.Errorf("%s: %s/%s has zoneId %v", test.action, entity, record, data["zoneId"])
		}
	}
}

// What the platforms take as success, where that is not 202 with an id.
func TestAnswersThatPlatformsTake(t *testing.T) {
	c := openAPI(t)
	c.own("sources/Smsbox", `{"verify":"token","secrets":["shop"]}`)
	c.own("sources/Mailjet", `{"verify":"basic","login":"mailjet","secrets":["shop"]}`)
	answer, err := c.stage.Call(t.Context(), http.MethodGet, c.queueProcess("Smsbox/Sms/CallbackStop", "SourceId=3&numero=33600000001&token="+c.secret), nil, nil)
	if err != nil || answer.Status != http.StatusOK || string(answer.Body) != "OK" {
		t.Errorf("Smsbox: got %d %s, %v", answer.Status, answer.Body, err)
	}
	headers := map[string]string{"Content-Type": "application/json", "Authorization": basic("mailjet", c.secret)}
	answer, err = c.stage.Call(t.Context(), http.MethodPost, c.queueProcess("Mailjet/email/Callback", "SourceId=3"), headers, c.sample("mailjet-email-callback"))
	if err != nil || answer.Status != http.StatusOK {
		t.Errorf("Mailjet: got %d %s, %v", answer.Status, answer.Body, err)
	}
	headers["Authorization"] = basic("mailjet", "wrong")
	answer, err = c.stage.Call(t.Context(), http.MethodPost, c.queueProcess("Mailjet/email/Callback", "SourceId=3"), headers, c.sample("mailjet-email-callback"))
	if err != nil || answer.Status != http.StatusUnauthorized || !strings.HasPrefix(answer.Headers.Get("Content-Type"), "application/problem+json") {
		t.Errorf("a wrong password: got %d %s %s, %v", answer.Status, answer.Headers.Get("Content-Type"), answer.Body, err)
	}
}

// A mail goes out once for its Idempotency-Key, with its variables replaced.
func TestAMailIsSentOnce(t *testing.T) {
	c := openAPI(t)
	c.own("settings/senders", "crmhook@example.com")
	c.own("settings/dailyMessages", "1")
	body := fmt.Sprintf(`{"EmailTo":"jane@example.com","SenderEmail":"crmhook@example.com","SenderAlias":"CRM","Subject":"Bonjour {{var:Prenom}} %s","HtmlMessage":"<p>{{var:Prenom}}</p>","VariablePersoJson":{"Prenom":"<Jane>"}}`, c.organization)
	first := c.send("Crm360/Email/Send", "SourceId=3", body, "Idempotency-Key", "welcome-1")
	c.ended(first, trigger.Applied)
	mails, err := c.stage.Mails(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, m := range mails {
		if m.Subject == "Bonjour <Jane> "+c.organization {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d mails, want one", count)
	}
	if data := c.get("message", "Crm360-"+first); data["status"] != "sent" {
		t.Errorf("message: %v", data)
	}
	answer := c.call(http.MethodPost, c.queueProcess("Crm360/Email/Send", "SourceId=3"), body, "Idempotency-Key", "welcome-2")
	if answer.Status != http.StatusBadRequest || !strings.Contains(string(answer.Body), "dailyMessages") {
		t.Errorf("beyond the day's limit: got %d %s", answer.Status, answer.Body)
	}
}

// A trigger that fails again and again ends in its dead-letter queue, with its cause in the ledger; the others go on.
func TestATriggerThatFailsEndsInTheDeadLetters(t *testing.T) {
	c := openAPI(t)
	c.own("sources/CaptainWallet", `{"interface":"wallet"}`)
	id := c.send("CaptainWallet/LoyaltyCard/SendUpdate", "SourceId=3", string(c.sample("captainwallet-loyaltycard-sendupdate")))
	entry := c.ended(id, trigger.Failed)
	if cause := fmt.Sprint(entry["cause"]); !strings.Contains(cause, "wallet") {
		t.Errorf("cause: %s", cause)
	}
	c.ended(c.send("Shopify/Product/Insert", "SourceId=3", string(c.sample("shopify-product-insert"))), trigger.Applied)
	// Its four delays are five minutes by themselves.
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	if err := stage.Wait(ctx, "the trigger's way to the dead letters", func() (bool, error) {
		return c.stage.InQueue(ctx, c.stage.TriggersDeadLettersQueue, id)
	}); err != nil {
		t.Fatal(err)
	}
	entry = c.ended(id, trigger.Failed)
	if fmt.Sprint(entry["tries"]) != "5" || entry["expires"] != nil {
		t.Errorf("after %v tries, expires %v", entry["tries"], entry["expires"])
	}
}

// A trigger may wait: on its queue up to a quarter of an hour, beyond in the ledger.
func TestATriggerThatWaits(t *testing.T) {
	c := openAPI(t)
	body := string(c.sample("shopify-product-insert"))
	begun := time.Now()
	c.ended(c.send("Shopify/Product/Insert", "SourceId=4&secondsOfInvisibility=6", body), trigger.Applied)
	if took := time.Since(begun); took < 5*time.Second {
		t.Errorf("carried out after %s, want 6 s", took)
	}
	id := c.send("Shopify/Product/Insert", "SourceId=5&secondsOfInvisibility=901", body)
	c.ended(id, trigger.Waiting)
	name, err := json.Marshal(trigger.Kept{Organization: c.organization, ID: id})
	if err != nil {
		t.Fatal(err)
	}
	// What the schedule will put on the queue.
	if err := c.stage.Enqueue(c.Context(), c.stage.TriggersQueue, string(name)); err != nil {
		t.Fatal(err)
	}
	c.ended(id, trigger.Applied)
}

func TestRecordsOverTheAPI(t *testing.T) {
	c := openAPI(t)
	made := c.want(http.StatusCreated, http.MethodPut, c.path("contact", "C1"), `{"role":"MEMBER","n":12345678901234567890.5}`, "If-None-Match", "*")
	tag := made.Headers.Get("ETag")
	c.want(http.StatusPreconditionFailed, http.MethodPut, c.path("contact", "C1"), `{}`, "If-None-Match", "*")
	c.want(http.StatusNotModified, http.MethodGet, c.path("contact", "C1"), "", "If-None-Match", tag)
	c.want(http.StatusOK, http.MethodPatch, c.path("contact", "C1"), `{"role":null,"counts":{}}`, "If-Match", tag, "Content-Type", "application/merge-patch+json")
	c.want(http.StatusPreconditionFailed, http.MethodDelete, c.path("contact", "C1"), "", "If-Match", tag)

	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			if err := c.patch("contact", "C1", fmt.Sprintf(`{"counts":{"c%02d":true}}`, i)); err != nil {
				t.Errorf("patch %d: %v", i, err)
			}
		})
	}
	wait.Wait()
	data := c.get("contact", "C1")
	if counts, _ := data["counts"].(map[string]any); len(counts) != 20 || data["role"] != nil || fmt.Sprint(data["n"]) != "12345678901234567890.5" {
		t.Errorf("after 20 patches at once: %v", data)
	}

	var bulk strings.Builder
	for i := range 100 {
		fmt.Fprintf(&bulk, `,{"id":"B%03d","data":{"email":"b%03d@example.com"}}`, i, i)
	}
	records := "/organizations/" + c.organization + "/records/contact"
	c.want(http.StatusOK, http.MethodPost, records, "["+bulk.String()[1:]+"]")
	found := c.want(http.StatusOK, http.MethodGet, records+"?email=B042@example.com", "")
	if !strings.Contains(string(found.Body), `"B042"`) || strings.Contains(string(found.Body), `"B043"`) {
		t.Errorf("by e-mail: %s", found.Body)
	}
	c.want(http.StatusOK, http.MethodPost, records, "["+bulk.String()[1:]+"]")

	saved := c.want(http.StatusCreated, http.MethodPost, "/contactInformationPublicService/v2_21/saveIndividualContactData",
		`{"individualContactData":{"individualContact":{"individualLastname":"Example"}}}`, "Idempotency-Key", "k1")
	var contact struct{ ContactNumber string }
	if err := json.Unmarshal(saved.Body, &contact); err != nil || contact.ContactNumber == "" {
		t.Fatalf("saved: %s", saved.Body)
	}
	got := c.want(http.StatusOK, http.MethodPost, "/contactInformationPublicService/v2_21/getContactData", fmt.Sprintf(`{"contactNumber":%q}`, contact.ContactNumber))
	if !strings.Contains(string(got.Body), `"Example"`) {
		t.Errorf("got %s", got.Body)
	}
	c.want(http.StatusNoContent, http.MethodDelete, c.path("contact", "C1"), "")
	c.want(http.StatusNotFound, http.MethodGet, c.path("contact", "C1"), "")
	c.want(http.StatusForbidden, http.MethodGet, "/organizations/demo/records/contact/C1", "")
}
