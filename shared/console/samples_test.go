package console_test

import (
	"fmt"
	"strings"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/manage"
	"crmhook/shared/upload"
)

const crmText = `{"type":"contact-webhook-v2","names":{"fr":"Contacts CRM","en":"CRM contacts","pt":"Contactos"},"url":"https://crm.example.com/contacts",` +
	`"authentication":{"mode":"BASIC","login":"s360","secret":"crm-password"},"notify":["ops@example.com"],"retriesBeforeWarning":8,"retriesBeforeStop":12,` +
	`"retryDelaySeconds":60,"details":["GENERAL","ADDRESSES"],"filter":"role=MEMBER;addresses(isMain).zipCode=13.*","customParameters":{"tenant":"12"},"headers":{"X-Env":"live"},` +
	`"schedules":[{"name":"each minute","frequencyMinutes":1,"start":"2026-12-01T00:00","timeZone":"Europe/Paris","batchSize":100,"bucketSize":1},` +
	`{"name":"nightly copy","launch":"manual","batchSize":5000,"bucketSize":200,"identifiers":["4711","4712"]}],"state":"active"}`

func ago(d time.Duration) time.Time { return start.Add(-d) }

func pointer(t time.Time) *time.Time { return &t }

// full is an organization with some of everything.
func full() *has {
	h := newHas()
	h.names = []string{"demo", "museum", "opera-house", "stadium", "theatre"}
	counts := func(delivered, failed, stopped int) (c [hours.Shown]hours.Counts) {
		for i := range c {
			wave := (i*7 + i*i) % 11
			c[i] = hours.Counts{Delivered: delivered * (3 + wave) / 8, Failed: failed * (wave % 3), Stopped: stopped * (wave % 5 / 4)}
		}
		return c
	}
	add := func(name, text string, waiting int, c [hours.Shown]hours.Counts) {
		h.summaries[name] = manage.Summary{Hours: c, Interface: manage.Interface{Waiting: waiting, WaitingAsOf: pointer(ago(40 * time.Second))}}
		is := h.put(name, text)
		s := h.summaries[name]
		if !is.Type.TellsEvents() {
			s.NextExecution, s.LastExecution = pointer(start.Add(30*time.Second)), pointer(ago(30*time.Second))
			if waiting > 0 {
				s.Oldest = pointer(ago(time.Duration(waiting) * time.Second))
			}
		}
		h.summaries[name] = s
	}
	add("crm-contacts", crmText, 37, counts(180, 0, 0))
	add("mail-lists", `{"type":"contact-webhook-v1","url":"https://lists.example.com/c/${contactNumber}","schedules":[{"name":"quarter hour"}],"state":"paused"}`, 1204, counts(0, 0, 0))
	add("orders", `{"type":"event-webhook","url":"https://erp.example.com/hooks","events":["order.*","contact.created"],"ordered":true}`, 0, counts(40, 3, 0))
	add("phone-desk", `{"type":"crm-trigger","urls":{"customer":{"create":"https://phone.example.com/c"},"case":{"edit":"https://phone.example.com/e"}}}`, 0, counts(9, 2, 1))
	add("loyalty", `{"type":"contact-webhook-v2","url":"http://loyalty.example.com/in","details":["GENERAL"],"retryDelaySeconds":0,"schedules":[{"name":"hourly","frequencyMinutes":60000}]}`, 88, counts(0, 0, 0))
	add("welcome", `{"type":"rule-webhook","url":"https://welcome.example.com/r"}`, 0, counts(4, 0, 0))
	s := h.summaries["phone-desk"]
	s.State = hook.Disabled
	h.summaries["phone-desk"] = s
	h.rules["vip-welcome"] = manage.Rule{ID: "vip-welcome", State: "active", ETag: `"1-a"`, Configuration: map[string]any{
		"name": "Welcome VIPs", "event": map[string]any{"type": "tag.added", "value": "VIP"}, "then": []any{"welcome"}, "state": "active",
	}}
	h.secrets = []manage.Secret{{Name: "crm-password", Hosts: []string{"crm.example.com"}}, {Name: "signing"}}
	h.runs()
	h.told()
	return h
}

func (h *has) runs() {
	h.executions = []manage.Execution{
		{ID: "01kb9e4p8w3v7c2m5n6q8r0t1z", Schedule: "nightly copy", StartedBy: "file", At: ago(4 * time.Minute), Numbers: 12_480, Taken: 7_200, Sent: 6_950, Delivered: 6_812, Failed: 38, Stopped: 2, Refused: 3, Status: manage.Running, Refusals: []upload.Refusal{
			{Line: 17, Value: "4711;;x", Reason: "holds no contactNumber"}, {Line: 204, Value: "", Reason: "is empty"}, {Line: 9_001, Value: "123456789012345678901", Reason: "must be 1 to 20 characters"},
		}},
		{ID: "01kb9e0000000000000000000a", Schedule: "each minute", StartedBy: "schedule", At: ago(6 * time.Minute), EndedAt: pointer(ago(5 * time.Minute)), Taken: 100, Sent: 100, Delivered: 97, Failed: 6, Stopped: 1, Skipped: 2, Status: manage.Done},
		{ID: "01kb9d0000000000000000000b", Schedule: "each minute", StartedBy: "all", At: ago(26 * time.Hour), EndedAt: pointer(ago(25 * time.Hour)), Taken: 90_000, Sent: 40_000, Delivered: 40_000, Status: manage.Cancelled},
	}
	headers := map[string]string{
		"Content-Type": "application/json", "User-Agent": "crmhook/1.4", "webhook-id": "01kb9e0000000000000000000a-00004-5f2c1a77", "webhook-timestamp": "1796120430", "Authorization": "…",
	}
	h.deliveries = []manage.Delivery{
		{
			ID: "01kb9e0000000000000000000a-00004", WebhookID: "01kb9e0000000000000000000a-00004-5f2c1a77", Interface: "crm-contacts", Execution: "01kb9e0000000000000000000a",
			Status: delivery.Stopped, Reason: "its last attempt failed", Records: []string{"contact/4711", "contact/4712", "contact/4713", "contact/4714", "contact/4715"}, CreatedAt: ago(3 * time.Hour),
			EndedAt: pointer(ago(2 * time.Hour)), Attempts: 3, LastStatus: 503, LastError: delivery.BadStatus,
			Log: []delivery.Attempt{
				{Number: 1, At: ago(3 * time.Hour), Duration: 60 * time.Second, Error: delivery.Timeout, Detail: "no answer within 60 s", Headers: headers, Records: []string{"contact/4711", "contact/4712"}},
				{Number: 2, At: ago(170 * time.Minute), Duration: 8 * time.Millisecond, Error: delivery.Connect, Detail: "connection refused", Headers: headers},
				{Number: 3, At: ago(2 * time.Hour), Duration: 412 * time.Millisecond, Status: 503, Error: delivery.BadStatus, Answer: "{\"error\":\"maintenance\",\"until\":\"11:00\"}", Headers: headers},
			},
		},
		{ID: "01kb9e0000000000000000000a-00005", WebhookID: "x", Interface: "crm-contacts", Status: delivery.Delivered, Records: []string{"contact/4716"}, CreatedAt: ago(6 * time.Minute), EndedAt: pointer(ago(5 * time.Minute)), Attempts: 1, LastStatus: 200, Log: []delivery.Attempt{
			{Number: 1, At: ago(6 * time.Minute), Duration: 120 * time.Millisecond, Status: 200, Answer: "ok", Headers: headers},
		}},
		{ID: "ev-19", WebhookID: "ev-19", Interface: "orders", Event: "order.created", Status: delivery.Pending, Records: []string{"order/Shopify-3-1009"}, CreatedAt: ago(2 * time.Minute), Attempts: 2, LastError: delivery.DNS, Body: `{"type":"order.created","record":{"entity":"order","id":"Shopify-3-1009"},"data":{"total":"42.00"}}`},
		{ID: "01test-00000", WebhookID: "01test-00000", Interface: "crm-contacts", Test: true, Event: "test", Status: delivery.Delivered, Records: []string{"contact/SAMPLE"}, CreatedAt: ago(20 * time.Second), EndedAt: pointer(ago(19 * time.Second)), Attempts: 1, LastStatus: 200, Body: `[{"contactNumber":"SAMPLE","role":"MEMBER"}]`, Log: []delivery.Attempt{
			{Number: 1, At: ago(20 * time.Second), Duration: 88 * time.Millisecond, Status: 200, Answer: "{\"received\":1}", Headers: headers, Records: []string{"contact/SAMPLE"}},
		}},
	}
}

func (h *has) told() {
	h.triggers = []manage.Trigger{
		{ID: "01t1", Platform: "Shopify", Entity: "Order", Action: "Create", SourceID: 3, At: ago(time.Minute), EndedAt: pointer(ago(58 * time.Second)), Status: "applied", Tries: 1, Records: []string{"order/Shopify-3-1009", "contact/4716"}},
		{ID: "01t2", Platform: "Zendesk", Entity: "Ticket", Action: "Update", SourceID: 1, At: ago(5 * time.Minute), EndedAt: pointer(ago(4 * time.Minute)), Status: "failed", Cause: "the ticket holds no requester: the platform must send requester.email", Tries: 5, Kept: true},
		{ID: "01t3", Platform: "Mailjet", Entity: "Email", Action: "Bounce", SourceID: 0, At: ago(9 * time.Minute), Status: "unmatched", Cause: "no contact has this e-mail address", Tries: 1},
	}
	h.aside = []manage.SetAside{{
		ID: "c3RyZWFtIzQwMDAwMDAwMDAyMQ", Source: "stream", At: ago(7 * time.Hour), Subject: "contact/4720", Cause: "data is missing: write the record with data", Body: `{"pk":"demo#contact","sk":"4720"}`,
	}}
	h.recorded = []manage.Recorded{
		{ID: "3", At: ago(time.Minute), By: "desk", Action: "start-execution", Subject: "interface crm-contacts", Detail: "file, 12480 contacts, 3 lines refused"},
		{ID: "2", At: ago(time.Hour), By: "operator/incident", Action: "replay", Subject: "delivery 01kb9e0000000000000000000a-00004"},
		{ID: "1", At: ago(26 * time.Hour), By: "desk", Action: "put-interface", Subject: "interface crm-contacts"},
	}
}

// evil is text that would do harm in a page that does not keep it text, with a mark that turns the direction of what follows.
const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>' javascript:alert(3) {{.}} ` + "\u202e\u2066" + `&amp;`

// hostile is an organization in which every text that comes from outside is evil.
func hostile() *has {
	h := full()
	answer := strings.Repeat(evil, 16_000/len(evil)+1)
	for i := range h.deliveries {
		d := &h.deliveries[i]
		d.Reason, d.Event, d.Body, d.WebhookID = evil, evil, evil, evil
		d.Records = []string{"contact/" + evil, "javascript:alert(4)", evil}
		d.Execution, d.ReplayOf = "x?"+evil, "../../"+evil
		for j := range d.Log {
			d.Log[j].Answer, d.Log[j].Detail, d.Log[j].Records = answer[:16_000], evil, []string{evil}
			d.Log[j].Headers = map[string]string{evil: evil}
		}
	}
	for i := range h.triggers {
		t := &h.triggers[i]
		t.Platform, t.Entity, t.Action, t.Cause, t.Records = evil, evil, evil, evil, []string{evil, "javascript:alert(5)"}
	}
	h.aside[0] = manage.SetAside{ID: "queue#" + evil, Source: "queue", Subject: evil, Cause: evil, Body: answer}
	for i := range h.recorded {
		h.recorded[i].By, h.recorded[i].Subject, h.recorded[i].Detail = evil, evil, evil
	}
	for i := range h.executions {
		h.executions[i].Schedule = evil
		h.executions[i].Refusals = []upload.Refusal{{Line: 1, Value: evil, Reason: evil}}
	}
	h.secrets = append(h.secrets, manage.Secret{Name: evil, Hosts: []string{evil}})
	h.put("crm-contacts", fmt.Sprintf(`{"type":"contact-webhook-v2","names":{"fr":%q,"en":"<b>"},"url":"javascript:alert(6)","notify":[%q],"details":[%q],"filter":%q,"customParameters":{%q:%q},"schedules":[{"name":%q,"start":%q}],"state":%q,"authentication":{"mode":%q,"login":%q}}`,
		evil, evil, evil, evil, evil, evil, evil, evil, evil, evil, evil))
	h.put("mail-lists", evil)
	h.rules["vip-welcome"] = manage.Rule{ID: "vip-welcome", State: "invalid", ETag: evil, Configuration: map[string]any{"name": evil, "event": map[string]any{"type": evil}, "then": []any{evil}}}
	return h
}
