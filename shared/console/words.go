package console

import (
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

// words are what templates say things with.
func words() template.FuncMap {
	return template.FuncMap{
		"segment": url.PathEscape,
		"count":   count,
		"plural":  plural,
		"took":    took,
		"tone":    tone,
		"utc":     func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") },
		"shown":   func(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04:05 UTC") },
		"none":    func(t time.Time) bool { return t.IsZero() },
		"typed":   typeName,
		"cause":   causeText,
		"did":     didText,
		"join":    func(list []string) string { return strings.Join(list, ", ") },
		"words":   func(text any) string { return strings.ReplaceAll(fmt.Sprint(text), "-", " ") },
		"tells":   func(t hook.Type) bool { return t.TellsEvents() },
		"pair":    pair,
		"more":    func(list []string) int { return len(list) - 3 },
		"purpose": purpose,
		"events":  ruleEvents,
		"jsonish": func(text string) string { return pretty([]byte(text)) },
		"address": func(query string) template.URL { return template.URL(query) },
		"percent": percent,
	}
}

// pair hands a part of a page two things: what is around it and what it is about.
func pair(around, about any) struct{ Around, About any } {
	return struct{ Around, About any }{around, about}
}

// count is a number with its thousands apart.
func count(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "\u202f" + text[at:]
	}
	return text
}

// plural is a count with its word: 1 contact, 2 contacts, 2 deliveries.
func plural(n int, word string) string {
	switch {
	case n == 1:
		return "1 " + word
	case strings.HasSuffix(word, "y"):
		return count(n) + " " + strings.TrimSuffix(word, "y") + "ies"
	}
	return count(n) + " " + word + "s"
}

// took is a duration as people read it.
func took(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d\u00a0ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f\u00a0s", d.Seconds())
	}
	return fmt.Sprintf("%d\u00a0min\u00a0%d\u00a0s", int(d.Minutes()), int(d.Seconds())%60)
}

// tone is the colour of a state: good, bad, warn, busy or calm. The state itself is always there as a word.
func tone(state any) string {
	switch fmt.Sprint(state) {
	case "active", "delivered", "done", "applied":
		return "good"
	case "invalid", "stopped", "failed", "failing":
		return "bad"
	case "disabled", "unmatched":
		return "warn"
	case "pending", "running", "waiting":
		return "busy"
	}
	return "calm"
}

// typeName is a type of interface in words.
func typeName(t hook.Type) string {
	switch t {
	case hook.ContactWebhookV1:
		return "Contact Webhook V1"
	case hook.ContactWebhookV2:
		return "Contact Webhook V2"
	case hook.CRMTrigger:
		return "CRM trigger"
	case hook.RuleWebhook:
		return "Rule webhook"
	case hook.EventWebhook:
		return "Event webhook"
	}
	return "unknown type"
}

// causeText is in words why an attempt failed.
func causeText(c delivery.Cause) string {
	switch c {
	case delivery.Timeout:
		return "no answer in time"
	case delivery.DNS:
		return "host name not found"
	case delivery.Connect:
		return "connection failed"
	case delivery.TLS:
		return "TLS failed"
	case delivery.RefusedAddress:
		return "address not allowed"
	case delivery.Redirect:
		return "redirect (not followed)"
	case delivery.BadStatus:
		return "answer that is no success"
	case delivery.Token:
		return "no token from the token URL"
	case delivery.TooLarge:
		return "request too large"
	case delivery.Crashed:
		return "interrupted on our side"
	}
	return string(c)
}

// didText is an action of the audit as something that was done.
func didText(action string) string {
	verb, what, _ := strings.Cut(action, "-")
	done := map[string]string{
		"put": "saved", "delete": "deleted", "start": "started", "cancel": "cancelled", "test": "sent a sample to", "replay": "replayed",
		"dismiss": "dismissed", "erase": "erased",
	}[verb]
	if done == "" {
		return strings.ReplaceAll(action, "-", " ")
	}
	return strings.TrimSpace(done + " " + strings.ReplaceAll(what, "setaside", "what was set aside"))
}

// purpose says what a type of interface is for.
func purpose(t hook.Type) string {
	switch t {
	case hook.ContactWebhookV2:
		return "Contacts that changed, as a JSON array, by schedule, with the details you choose."
	case hook.ContactWebhookV1:
		return "A call of a URL that holds the contact's number, for each contact that changed."
	case hook.EventWebhook:
		return "Each event as it happens, signed, with the record's data."
	case hook.CRMTrigger:
		return "A URL for each entity and change, called when an agent creates, edits or deletes."
	case hook.RuleWebhook:
		return "Called by automation rules with the rule's name and the contact."
	}
	return ""
}

// ruleEvents are the events that rules wait for.
func ruleEvents() []string {
	var list []string
	for _, t := range rule.Types() {
		list = append(list, string(t))
	}
	return list
}

// percent is how much of the whole is done, 0 to 100.
func percent(done, whole int) int {
	if whole <= 0 {
		return 0
	}
	return min(100, done*100/whole)
}
