package event

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

// Fired is one firing of a rule: what a change was to it.
type Fired struct {
	Rule rule.Rule
	// Source names the change.
	Source string
	At     time.Time
	// Contact is whom the rule is about, Data that contact when the rule fired.
	Contact change.Key
	Data    map[string]any
}

// Of is the event that calls a rule-webhook of the rule. Its id derives from the change, the rule and the interface.
func (f Fired) Of(i hook.Interface) Event {
	return Event{
		Interface: i.Name, Generation: i.Generation, To: hook.RuleWebhook, Type: hook.RuleEvent, Record: f.Contact, At: f.At,
		Source: f.Rule.ID + " " + f.Source, Body: f.body(),
	}
}

// body is what a rule-webhook is sent (SALESmanago, Wyślij informacje na temat uruchomionej reguły): texts, in the
// document's order, null for what has no value. What the contact does not have itself is taken from its
// individualContact.
func (f Fired) body() string {
	person, _ := f.Data["individualContact"].(map[string]any)
	number := contact.NumberOf(f.Contact.ID, f.Data)
	var body strings.Builder
	separator := `{"`
	for _, member := range []struct{ name, value string }{
		{"id", f.Rule.ID},
		{"name", f.Rule.Definition.Name},
		{"contactId", cmp.Or(textOf(f.Data, contact.ID), number)},
		{"description", f.Rule.Definition.Description},
		{"email", cmp.Or(textOf(f.Data, "email"), textOf(person, "email"))},
		{"phone", cmp.Or(phoneOf(f.Data), phoneOf(person))},
		{"company", cmp.Or(textOf(f.Data, "company"), textOf(person, "company"))},
	} {
		body.WriteString(separator + member.name + `":` + quoted(member.value))
		separator = `,"`
	}
	return body.String() + "}"
}

// phoneOf is the first phone number among the fields that have one.
func phoneOf(data map[string]any) string {
	for _, field := range []string{"phone", "mobilePhone", "phoneNumber", "phoneNumber1", "phoneNumber2", "phoneNumber3"} {
		if number := textOf(data, field); number != "" {
			return number
		}
	}
	return ""
}

// textOf is a field's text, "" for what is neither text nor number, or blank.
func textOf(data map[string]any, field string) string {
	text := ""
	switch v := data[field].(type) {
	case string:
		text = v
	case json.Number:
		text = string(v)
	}
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return text
}

// quoted is a text as JSON, null for none.
func quoted(text string) string {
	if text == "" {
		return "null"
	}
	written, err := contact.AppendJSON(nil, strings.ToValidUTF8(text, "\uFFFD"))
	if err != nil {
		return "null"
	}
	return string(written)
}
