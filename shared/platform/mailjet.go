package platform

import (
	"encoding/json"
	"strings"
	"time"

	"crmhook/shared/directory"
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/trigger"
)

// mailjetCallback reads what Mailjet's Event API (version 1: one event, version 2: an array) tells of e-mails: a message of
// each MessageID with its events. unsub and spam take the authorization EMAIL from everybody who has the address; a bounce
// that Mailjet calls permanent (hard_bounce) makes the address invalid. Of blocked Mailjet documents only that it sent
// nothing, so that one is an event like others.
//
// Events of before MessageID have the deprecated mj_message_id. With MessageID 0 an event concerns no message that Mailjet
// knows: a withdrawal still counts, and the sample that its console sends to try a URL out (0, no address) does nothing.
func mailjetCallback(t trigger.Trigger) (Plan, fault.List) {
	value, faults, err := document.Parse(t.Body)
	if err != nil {
		faults.Add("", "the body must be a JSON array of events, or one event: %s", err)
	}
	if len(faults) > 0 {
		return Plan{}, faults
	}
	events, found := document.ReadEach(value)
	reports := make([]report, 0, len(events))
	for _, event := range events {
		reports = append(reports, mailjetEvent(event))
	}
	if faults := found(); len(faults) > 0 {
		return Plan{}, faults
	}
	return emailBy("Mailjet").plan(reports), nil
}

func mailjetEvent(event document.Reader) report {
	word := event.Need("event", "time").Text("event")
	r := report{
		id:        mailjetID(event),
		to:        mailjetAddress(event),
		event:     mailjetWord(word),
		at:        time.Unix(event.Whole("time", 1, latestSecond), 0),
		details:   details(event, "event", "time", "email", "MessageID"),
		withdraws: word == "unsub" || word == "spam",
	}
	if len(word) > longestWord {
		event.Fault("event", "must be at most %d bytes long", longestWord)
	}
	if hard, known := mailjetTruth(event.Value("hard_bounce")); !known {
		event.Fault("hard_bounce", "must be true or false")
	} else {
		r.unreachable = word == "bounce" && hard
	}
	return r
}

// longestWord is how many bytes name an event.
const longestWord = 64

// mailjetWord is the rules' word for an event; others stay as they come.
func mailjetWord(event string) string {
	switch event {
	case "open":
		return "opened"
	case "click":
		return "clicked"
	case "bounce":
		return "bounced"
	case "unsub":
		return "unsubscribed"
	}
	return event
}

func mailjetID(event document.Reader) string {
	name := "MessageID"
	if !event.Has(name) && event.Has("mj_message_id") {
		name = "mj_message_id"
	}
	if !event.Has(name) {
		event.Need(name)
		return ""
	}
	id := event.ID(name)
	if id == "0" || id == "" {
		return ""
	}
	return recordID(event, name, id)
}

// mailjetAddress is the event's address. Mailjet leaves it empty in what its console sends to try a URL out.
func mailjetAddress(event document.Reader) string {
	if !event.Has("email") {
		event.Need("email")
		return ""
	}
	text := event.Text("email")
	address := directory.EmailValue(text)
	if address == "" && strings.TrimSpace(text) != "" {
		event.Fault("email", "must be an e-mail address")
	}
	return address
}

// mailjetTruth reads a flag; Mailjet's samples leave it empty where it does not apply.
func mailjetTruth(value any) (truth, known bool) {
	switch v := value.(type) {
	case nil:
		return false, true
	case bool:
		return v, true
	case string:
		return v == "true" || v == "1", v == "" || v == "true" || v == "false" || v == "0" || v == "1"
	case json.Number:
		return v == "1", v == "0" || v == "1"
	}
	return false, false
}
