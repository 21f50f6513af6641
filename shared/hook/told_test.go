package hook_test

import (
	"strings"
	"testing"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
)

// TestRequestsThatTell: what is sent of events and of tests, by type; a test of a contact is as a bucket of one.
func TestRequestsThatTell(t *testing.T) {
	t.Parallel()
	of := func(record, eventType, body string) delivery.Message {
		return delivery.Message{Organization: "demo", Records: []string{record}, Event: &delivery.Event{Type: eventType, Body: body}}
	}
	const sample = `{"role":"MEMBER","total":1.50,"addresses":[{"zipCode":"1000"}]}`
	post := v1("method", `"POST"`, "payload", `{"number":"${contactNumber}"}`)
	for name, tt := range map[string]struct {
		source  string
		message delivery.Message
		want    string // method, URL and body
		told    bool
	}{
		"V1":                    {v1(), of("contact/A 1", "test", sample), "GET http://dev.environment.com/A%201 ", false},
		"V1 by a contactNumber": {post, of("contact/A", "test", `{"contactNumber":"B"}`), `POST http://dev.environment.com/B {"number":"B"}`, false},
		"V2":                    {v2("details", `["GENERAL"]`), of("contact/A", "test", sample), `POST https://crm.example.com/contacts [{"contactNumber":"A","role":"MEMBER","total":1.50}]`, false},
		"V2 whatever the filter": {
			v2("details", `["ADDRESSES"]`, "filter", `"addresses(*).zipCode=9.*"`), of("contact/A", "test", sample),
			`POST https://crm.example.com/contacts [{"addresses":[{"zipCode":"1000"}],"contactNumber":"A"}]`, false,
		},
		"event-webhook": {events(), of("contact/A", "contact.created", `{"a":1}`), `POST https://crm.example.com/events {"a":1}`, true},
		"rule-webhook":  {rules(), of("contact/A", hook.RuleEvent, `{"id":"r"}`), `POST https://crm.example.com/rules {"id":"r"}`, true},
	} {
		h := parse(t, tt.source)
		r, err := h.RequestTold(tt.message)
		if got := r.Method + " " + r.URL + " " + string(r.Body); err != nil || got != tt.want || r.Event != tt.told {
			t.Errorf("%s: %s (%v), of an event %v; want %s", name, got, err, r.Event, tt.want)
		}
	}
}

// TestRequestsThatCannotTell: what only a fault of ours can have written.
func TestRequestsThatCannotTell(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ record, body, want string }{
		"no key":    {"contact", "{}", `"contact" is no record's key`},
		"no JSON":   {"contact/A", "{", "read the contact contact/A"},
		"no object": {"contact/A", "[]", "read the contact contact/A"},
	} {
		m := delivery.Message{Organization: "demo", Records: []string{tt.record}, Event: &delivery.Event{Type: "test", Body: tt.body}}
		if _, err := parse(t, v2()).RequestTold(m); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %s", name, err, tt.want)
		}
	}
}
