package event_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/event"
	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

func fired(data map[string]any) event.Fired {
	return event.Fired{
		Rule: rule.Rule{Organization: "demo", ID: "vip", Definition: &rule.Definition{Name: "VIP", Description: "A new VIP"}}, Source: "100",
		At: time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC), Contact: change.Key{Organization: "demo", Entity: "contact", ID: "4711"}, Data: data,
	}
}

func TestBodiesOfRuleWebhooks(t *testing.T) {
	t.Parallel()
	type data = map[string]any
	const head = `{"id":"vip","name":"VIP","contactId":`
	const middle = `,"description":"A new VIP","email":`
	for name, tt := range map[string]struct {
		data data
		want string
	}{
		"all": {
			data{"contactId": "c-1", "contactNumber": "9", "email": "jane@example.com", "phone": "+33 1", "company": "Acme \"é\" <SARL>"},
			head + `"c-1"` + middle + `"jane@example.com","phone":"+33 1","company":"Acme \"é\" <SARL>"}`,
		},
		"nothing":              {data{}, head + `"4711"` + middle + `null,"phone":null,"company":null}`},
		"the contact's number": {data{"contactNumber": json.Number("12345678901234567890")}, head + `"12345678901234567890"` + middle + `null,"phone":null,"company":null}`},
		"ids beyond 2^53":      {data{"contactId": json.Number("90071992547409931")}, head + `"90071992547409931"` + middle + `null,"phone":null,"company":null}`},
		"of the person": {
			data{"email": "", "phone": nil, "company": " ", "individualContact": data{"email": "jo@example.com", "phoneNumber1": json.Number("331"), "company": "Acme"}},
			head + `"4711"` + middle + `"jo@example.com","phone":"331","company":"Acme"}`,
		},
		"its own come first": {
			data{"email": "a@example.com", "mobilePhone": "1", "individualContact": data{"email": "b@example.com", "phone": "2", "company": "B"}},
			head + `"4711"` + middle + `"a@example.com","phone":"1","company":"B"}`,
		},
		"other kinds": {
			data{"email": true, "phone": []any{"1"}, "company": data{"name": "x"}, "individualContact": "jane", "contactId": data{}},
			head + `"4711"` + middle + `null,"phone":null,"company":null}`,
		},
		"broken text": {data{"company": "\xff"}, head + `"4711"` + middle + `null,"phone":null,"company":"` + "\uFFFD" + `"}`},
	} {
		got := body(t, fired(tt.data).Of(told(false)))
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: body (-want +got):\n%s", name, diff)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("%s: %s is no JSON", name, got)
		}
	}
}

func TestRuleWithoutTexts(t *testing.T) {
	t.Parallel()
	f := fired(nil)
	f.Rule.Definition = &rule.Definition{}
	if got := body(t, f.Of(told(false))); !strings.HasPrefix(got, `{"id":"vip","name":null,"contactId":"4711","description":null,`) {
		t.Errorf("body %s", got)
	}
}

// TestIDsOfFirings derive from the change, the rule, the interface and the contact alone.
func TestIDsOfFirings(t *testing.T) {
	t.Parallel()
	first := fired(map[string]any{"email": "a@example.com"}).Of(told(false))
	if again := fired(nil).Of(told(false)); first.ID() != again.ID() || first.Type != hook.RuleEvent || first.Record.String() != "contact/4711" {
		t.Errorf("%+v and %+v are one firing", first, again)
	}
	other, source, contact, interfaced := fired(nil), fired(nil), fired(nil), told(false)
	other.Rule.ID, source.Source, contact.Contact.ID, interfaced.Name = "vip2", "101", "4712", "crm2"
	seen := map[string]bool{first.ID(): true}
	for _, e := range []event.Event{other.Of(told(false)), source.Of(told(false)), contact.Of(told(false)), fired(nil).Of(interfaced)} {
		if seen[e.ID()] {
			t.Errorf("%+v has the id of another", e)
		}
		seen[e.ID()] = true
	}
}
