package hook_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
)

// events writes a good configuration of an event-webhook, changed as v1 and v2 are.
func events(changes ...string) string {
	return configuration([]string{
		"type", `"event-webhook"`, "url", `"https://crm.example.com/events"`, "events", `["contact.*"]`,
	}, changes)
}

func eventFaults() map[string]faulty {
	const wrong = "must be *, an entity's events such as contact.*, or one event such as contact.created"
	list := func(items string) string { return events("events", "["+items+"]") }
	return map[string]faulty{
		"missing":         {events("events", ""), []string{`events: is missing: list the events to send, such as ["contact.*"]`}},
		"null":            {events("events", "null"), []string{"events: must be a list, found null"}},
		"no list":         {events("events", `"contact.*"`), []string{"events: must be a list, found a string"}},
		"none":            {list(""), []string{`events: must list at least one event, such as ["contact.*"]`}},
		"item's type":     {list(`"contact.*",1`), []string{"events[1]: must be a string, found a number"}},
		"twice":           {list(`"*","*"`), []string{"events[1]: is listed twice"}},
		"all faults":      {list(`"contact","","Contact.created","contact.created"`), []string{"events[0]: " + wrong, "events[1]: " + wrong, "events[2]: " + wrong}},
		"no verb":         {list(`"contact."`), []string{"events[0]: " + wrong}},
		"verb's case":     {list(`"contact.Created"`), []string{"events[0]: " + wrong}},
		"no entity":       {list(`".created"`), []string{"events[0]: " + wrong}},
		"every entity":    {list(`"*.created"`), []string{"events[0]: " + wrong}},
		"two stars":       {list(`"**"`), []string{"events[0]: " + wrong}},
		"part of a verb":  {list(`"contact.cre*"`), []string{"events[0]: " + wrong}},
		"star below":      {list(`"message.bounced.*"`), []string{"events[0]: " + wrong}},
		"hyphen":          {list(`"loyalty-card.updated"`), []string{"events[0]: " + wrong}},
		"blank":           {list(`" contact.created"`), []string{"events[0]: " + wrong}},
		"long entity":     {list(`"` + strings.Repeat("a", 33) + `.created"`), []string{"events[0]: " + wrong}},
		"digit first":     {list(`"1contact.created"`), []string{"events[0]: " + wrong}},
		"empty segment":   {list(`"message..hard"`), []string{"events[0]: " + wrong}},
		"ordered's type":  {events("ordered", `"no"`), []string{"ordered: must be true or false, found a string"}},
		"previous's type": {events("includePrevious", "1"), []string{"includePrevious: must be true or false, found a number"}},
		"filter":          {events("filter", `"a"`), []string{`filter: column 2: expected ".", "(" or "=" after "a", found the end`}},
		"contacts' fields": {
			events("details", `["GENERAL"]`, "schedules", "[]", "method", `"POST"`, "payload", "{}", "event", "[]"),
			[]string{
				"details: is not a field of event-webhook: remove it", "schedules: is not a field of event-webhook: remove it",
				"method: is not a field of event-webhook: remove it", "payload: is not a field of event-webhook: remove it",
				"event: is not a field of event-webhook: did you mean events?",
			},
		},
		"of contact webhooks": {v2("events", `["*"]`, "ordered", "false"), []string{
			"events: is not a field of contact-webhook-v2: remove it", "ordered: is not a field of contact-webhook-v2: remove it",
		}},
		"url":         {events("url", ""), []string{"url: is missing: write the receiver's address, such as https://crm.example.com/events"}},
		"http":        {events("url", `"http://crm.example.com/"`), []string{`url: must start with https:// (or write "allowHttp":true to send over plain http)`}},
		"placeholder": {events("url", `"https://crm.example.com/${contactNumber}"`), []string{"url: must hold no placeholder: event-webhook sends the record in the body"}},
		"signing":     {events("signing", `{"secrets":[]}`), []string{"signing: is not supported by this version: remove it"}},
		"secret": {
			events("authentication", `{"mode":"BASIC","login":"a","secret":"elsewhere"}`),
			[]string{"authentication.secret: names a secret that may not be sent to crm.example.com: add this host to the secret's hosts"},
		},
	}
}

func TestParseEventWebhook(t *testing.T) {
	t.Parallel()
	if parse(t, events("ordered", "false")).Ordered || parse(t, events()).Ordered {
		t.Error("events are ordered although nobody asks for it")
	}
	h := parse(t, events("includePrevious", "true", "ordered", "true", "filter", `"total=1.*"`, "ignoreOrigins", `["inbound:Shopify"]`,
		"authentication", `{"mode":"BASIC","login":"a","secret":"crm-password"}`))
	if h.Type != hook.EventWebhook || !h.IncludePrevious || !h.Ordered {
		t.Errorf("type %s, previous %v, ordered %v", h.Type, h.IncludePrevious, h.Ordered)
	}
	if h.Wants("inbound:Shopify") || !h.Wants("api") {
		t.Error("origins are not judged")
	}
	if !h.Matches(map[string]any{"total": "12"}) || h.Matches(map[string]any{"total": "2"}) {
		t.Error("the filter is not judged, over fields of any entity")
	}
}

// TestEventsThatOthersInclude: of what an interface lists, no event matches two.
func TestEventsThatOthersInclude(t *testing.T) {
	t.Parallel()
	for listed, want := range map[string][]string{
		`["contact.created","contact.deleted"]`:                    {"contact.created", "contact.deleted"},
		`["contact.created","contact.*","order.created"]`:          {"contact.*", "order.created"},
		`["contact.*","contacts.created","*","contact.created"]`:   {"*"},
		`["message.bounced","message.bounced.hard","messages.*"]`:  {"message.bounced", "message.bounced.hard", "messages.*"},
		`["contact.*","contact_a.created","contact2.*","c.x.y_1"]`: {"contact.*", "contact_a.created", "contact2.*", "c.x.y_1"},
	} {
		if diff := cmp.Diff(want, parse(t, events("events", listed)).Events); diff != "" {
			t.Errorf("events of %s (-want +got):\n%s", listed, diff)
		}
	}
}

func TestWantsEvent(t *testing.T) {
	t.Parallel()
	types := []string{"contact.created", "contact.updated", "contacts.created", "order.created", "loyaltycard.updated", "contact.note.added"}
	for listed, want := range map[string][]string{
		`["*"]`:                                 types,
		`["contact.*"]`:                         {"contact.created", "contact.updated", "contact.note.added"},
		`["contact.created","order.*"]`:         {"contact.created", "order.created"},
		`["contact.note.added","invoice.paid"]`: {"contact.note.added"},
		`["contact.note"]`:                      nil,
	} {
		h := parse(t, events("events", listed))
		got := slices.DeleteFunc(slices.Clone(types), func(eventType string) bool { return !h.WantsEvent(eventType) })
		if diff := cmp.Diff(want, got, compared()); diff != "" {
			t.Errorf("events that %s wants (-want +got):\n%s", listed, diff)
		}
	}
	if parse(t, v2()).WantsEvent("contact.created") {
		t.Error("a contact webhook wants an event")
	}
}

func TestRequestEvent(t *testing.T) {
	t.Parallel()
	h := parse(t, events("url", `"https://crm.example.com/events?a=1"`, "customParameters", `{"tenant":"12"}`, "headers", `{"X-A":"b"}`,
		"authentication", `{"mode":"BASIC","login":"s360","secret":"crm-password"}`, "timeoutSeconds", "7"))
	r := h.RequestEvent([]byte(`{"type":"contact.created"}`))
	want := "POST https://crm.example.com/events?a=1&tenant=12\nContent-Type: application/json\nX-A: b\ns360:(secret)\n\n{\"type\":\"contact.created\"}\n"
	got := r.Method + " " + r.URL + "\n"
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range r.Headers {
			yield(name)
		}
	}) {
		got += name + ": " + r.Headers[name] + "\n"
	}
	if got += r.Login + ":(secret)\n\n" + string(r.Body) + "\n"; got != want {
		t.Errorf("request\n%s\nwant\n%s", got, want)
	}
	if id := r.WebhookID("d1"); id != "d1" {
		t.Errorf("webhook-id %s, want the delivery's: an event's body never changes", id)
	}
	for status, want := range map[int]bool{199: false, 200: true, 204: true, 299: true, 302: false, 404: false} {
		if r.Success(status) != want {
			t.Errorf("status %d is a success: %v", status, !want)
		}
	}
	if parse(t, events("successCodes", "[202]")).RequestEvent(nil).Success(200) {
		t.Error("its own codes do not replace 2xx")
	}
}

func TestTypeOf(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]hook.Type{
		events(): hook.EventWebhook, events("url", ""): hook.EventWebhook, v1(): hook.ContactWebhookV1, trigger(): hook.CRMTrigger, `{"type":"firehose"}`: "", "{": "", "[]": "",
	} {
		if got := hook.TypeOf([]byte(source)); got != want {
			t.Errorf("type of %s is %q, want %q", source, got, want)
		}
	}
}

// TestDelivers: a delivery goes to the interface that it was made for, working, and of the kind it was.
func TestDelivers(t *testing.T) {
	t.Parallel()
	bucket, event := delivery.Message{Generation: "g1"}, delivery.Message{Generation: "g1", Event: &delivery.Event{}}
	told, contacts := parse(t, events()), parse(t, v2())
	triggered := parse(t, trigger())
	of := func(eventType string) delivery.Message {
		return delivery.Message{Generation: "g1", Event: &delivery.Event{Type: eventType}}
	}
	test := func(eventType string) delivery.Message {
		m := of(eventType)
		m.Test = true
		return m
	}
	for name, test := range map[string]struct {
		is      hook.Interface
		message delivery.Message
		want    bool
	}{
		"a bucket":           {hook.Interface{Generation: "g1", State: hook.Active, Hook: contacts}, bucket, true},
		"an event":           {hook.Interface{Generation: "g1", State: hook.Active, Hook: told}, event, true},
		"paused":             {hook.Interface{Generation: "g1", State: hook.Paused, Hook: told}, event, false},
		"invalid":            {hook.Interface{Generation: "g1", State: hook.Invalid}, event, false},
		"gone":               {hook.Interface{}, event, false},
		"a later one":        {hook.Interface{Generation: "g2", State: hook.Active, Hook: told}, event, false},
		"an event, V2 now":   {hook.Interface{Generation: "g1", State: hook.Active, Hook: contacts}, event, false},
		"a bucket, told now": {hook.Interface{Generation: "g1", State: hook.Active, Hook: told}, bucket, false},

		"a trigger":                        {hook.Interface{Generation: "g1", State: hook.Active, Hook: triggered}, of("case.edit"), true},
		"a trigger without a URL any more": {hook.Interface{Generation: "g1", State: hook.Active, Hook: triggered}, of("case.delete"), false},
		"a trigger, told events now":       {hook.Interface{Generation: "g1", State: hook.Active, Hook: told}, of("case.edit"), false},
		"an event, a trigger now":          {hook.Interface{Generation: "g1", State: hook.Active, Hook: triggered}, of("case.updated"), false},
		"a bucket, a trigger now":          {hook.Interface{Generation: "g1", State: hook.Active, Hook: triggered}, bucket, false},
		"an event of such an entity":       {hook.Interface{Generation: "g1", State: hook.Active, Hook: told}, of("case.deleted"), true},

		"a test":                          {hook.Interface{Generation: "g1", State: hook.Active, Hook: contacts}, test(delivery.TestEvent), true},
		"a test, paused":                  {hook.Interface{Generation: "g1", State: hook.Paused, Hook: contacts}, test(delivery.TestEvent), true},
		"a test, disabled":                {hook.Interface{Generation: "g1", State: hook.Disabled, Hook: contacts}, test(delivery.TestEvent), true},
		"a test, invalid":                 {hook.Interface{Generation: "g1", State: hook.Invalid}, test(delivery.TestEvent), false},
		"a test, a later one":             {hook.Interface{Generation: "g2", State: hook.Active, Hook: contacts}, test(delivery.TestEvent), false},
		"a contact that is no test":       {hook.Interface{Generation: "g1", State: hook.Active, Hook: contacts}, of(delivery.TestEvent), false},
		"a test of an event, V2 now":      {hook.Interface{Generation: "g1", State: hook.Active, Hook: contacts}, test("contact.created"), false},
		"a test of an event, paused":      {hook.Interface{Generation: "g1", State: hook.Paused, Hook: told}, test("contact.created"), true},
		"a test of a contact, told now":   {hook.Interface{Generation: "g1", State: hook.Active, Hook: told}, test(delivery.TestEvent), false},
		"a test of a trigger, disabled":   {hook.Interface{Generation: "g1", State: hook.Disabled, Hook: triggered}, test("case.edit"), true},
		"a test of a trigger without URL": {hook.Interface{Generation: "g1", State: hook.Active, Hook: triggered}, test("case.delete"), false},
		"a test with nothing":             {hook.Interface{Generation: "g1", State: hook.Active, Hook: contacts}, delivery.Message{Generation: "g1", Test: true}, false},
	} {
		if got := test.is.Delivers(test.message); got != test.want {
			t.Errorf("%s: delivers %v, want %v", name, got, test.want)
		}
	}
}

// FuzzEvents: what is accepted as one event is wanted under exactly itself, its entity's pattern and *.
func FuzzEvents(f *testing.F) {
	for _, seed := range []string{"*", "contact.*", "contact.created", "message.bounced.hard", "a..b", "A.b", ".", "contact.", "contact.*.*", "é.b", "a.\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !hook.ValidEventType(text) {
			return
		}
		if strings.ContainsAny(text, "*\" \n") || text != strings.ToLower(text) || strings.HasSuffix(text, ".") {
			t.Fatalf("%q is no type of event", text)
		}
		for _, pattern := range hook.EventPatterns(text) {
			h := parse(t, events("events", `["`+pattern+`"]`))
			if !h.WantsEvent(text) {
				t.Errorf("%q does not match its pattern %q", text, pattern)
			}
			if h.WantsEvent("x"+text) && pattern != hook.AllEvents {
				t.Errorf("%q matches %q", "x"+text, pattern)
			}
		}
	})
}
