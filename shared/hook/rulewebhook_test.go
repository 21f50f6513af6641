package hook_test

import (
	"testing"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
)

// rules writes a good configuration of a rule-webhook, changed as v1 and v2 are.
func rules(changes ...string) string {
	return configuration([]string{"type", `"rule-webhook"`, "url", `"https://crm.example.com/rules"`}, changes)
}

func ruleFaults() map[string]faulty {
	const not = "is not a field of rule-webhook: remove it"
	return map[string]faulty{
		"no url":      {rules("url", ""), []string{"url: is missing: write the receiver's address, such as https://crm.example.com/rules"}},
		"http":        {rules("url", `"http://crm.example.com/"`), []string{`url: must start with https:// (or write "allowHttp":true to send over plain http)`}},
		"placeholder": {rules("url", `"https://crm.example.com/${contactNumber}"`), []string{"url: must hold no placeholder: rule-webhook sends the rule and the contact in the body"}},
		"fields of others": {
			rules("filter", `"a=b"`, "events", `["*"]`, "details", `[]`, "schedules", "[]", "ordered", "true", "includePrevious", "true", "method", `"GET"`, "urls", "{}"),
			[]string{
				"filter: " + not, "events: " + not, "details: " + not, "schedules: " + not, "ordered: " + not, "includePrevious: " + not,
				"method: " + not, "urls: is not a field of rule-webhook: did you mean url?",
			},
		},
		"signing": {rules("signing", `{"secrets":[]}`), []string{"signing: is not supported by this version: remove it"}},
		"other authentication": {
			rules("authentication", `{"mode":"BEARER","secret":"crm-password"}`),
			[]string{"authentication.mode: is not supported by this version, which supports NONE and BASIC"},
		},
		"secret of another host": {
			rules("authentication", `{"mode":"BASIC","login":"a","secret":"elsewhere"}`),
			[]string{"authentication.secret: names a secret that may not be sent to crm.example.com: add this host to the secret's hosts"},
		},
		"common fields": {rules("retriesBeforeStop", "13", "successCodes", "[302]"), []string{
			"retriesBeforeStop: must be 0 to 12 retries", "successCodes[0]: must be 200 to 299 (statuses that mean success)",
		}},
	}
}

func TestParseRuleWebhook(t *testing.T) {
	t.Parallel()
	h := parse(t, rules("authentication", `{"mode":"BASIC","login":"s360","secret":"crm-password"}`, "retriesBeforeStop", "3",
		"ignoreOrigins", `["inbound:Shopify"]`, "customParameters", `{"tenant":"12"}`))
	if h.Type != hook.RuleWebhook || !h.Type.TellsEvents() || h.RetriesBeforeStop != 3 || h.Wants("inbound:Shopify") || len(h.Events) != 0 {
		t.Errorf("hook %+v", h)
	}
	r := h.RequestEvent([]byte(`{"id":"r"}`))
	if r.Method != "POST" || r.URL != "https://crm.example.com/rules?tenant=12" || r.Login != "s360" || string(r.Body) != `{"id":"r"}` || !r.Event {
		t.Errorf("request %+v", r)
	}
	for status, want := range map[int]bool{199: false, 200: true, 204: true, 299: true, 301: false, 400: false} {
		if r.Success(status) != want {
			t.Errorf("status %d is a success: %v", status, !want)
		}
	}
	text, err := hook.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := hook.Unmarshal(text)
	if err != nil {
		t.Fatal(err)
	}
	same(t, h, kept)
	if got := hook.TypeOf([]byte(rules("url", ""))); got != hook.RuleWebhook {
		t.Errorf("type %q", got)
	}
}

// TestRuleWebhookTakesRulesOnly: what waits for an interface does not go to one that has become another type.
func TestRuleWebhookTakesRulesOnly(t *testing.T) {
	t.Parallel()
	fired, told, bucket := &delivery.Event{Type: hook.RuleEvent}, &delivery.Event{Type: "contact.created"}, (*delivery.Event)(nil)
	for _, test := range []struct {
		source string
		event  *delivery.Event
		want   bool
	}{
		{rules(), fired, true},
		{rules(), told, false},
		{rules(), bucket, false},
		{events("events", `["*"]`), fired, false},
		{events("events", `["*"]`), told, true},
		{v2(), fired, false},
	} {
		is := hook.Interface{Generation: "g1", State: hook.Active, Hook: parse(t, test.source)}
		if got := is.Delivers(delivery.Message{Generation: "g1", Event: test.event}); got != test.want {
			t.Errorf("%s is sent %+v: %v, want %v", test.source, test.event, got, test.want)
		}
	}
}
