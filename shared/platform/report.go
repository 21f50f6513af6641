package platform

import (
	"encoding/json"
	"maps"
	"time"

	"crmhook/shared/directory"
)

// report is what a platform that sends messages tells of one of them.
type report struct {
	// id is the platform's own of the message; "": no message that is kept.
	id string
	// to is the address as the directory has it; "" where it is not told.
	to    string
	event string
	at    time.Time
	// details are what else is told.
	details map[string]any
	// withdraws: whoever has the address wants no more messages. unreachable: the address takes none.
	withdraws, unreachable bool
}

// medium is how a platform's messages travel.
type medium struct {
	platform, channel, authorization string
	kind                             directory.Kind
}

func emailBy(platform string) medium {
	return medium{platform: platform, channel: "email", authorization: authorizationEmail, kind: directory.Email}
}

func smsBy(platform string) medium {
	return medium{platform: platform, channel: "sms", authorization: authorizationSMS, kind: directory.Phone}
}

// addressee is an address with the messages that went to it.
type addressee struct {
	address                string
	withdraws, unreachable bool
	messages               []*mailed
}

// mailed is a message with what happened to it.
type mailed struct {
	id, to string
	events []map[string]any
}

// plan looks each address up once and writes each message once, whatever the number of reports. A message is its contact's
// where exactly one has the address; a withdrawal concerns everybody who has it.
func (m medium) plan(reports []report) Plan {
	var order []*addressee
	known, messages := map[string]*addressee{}, map[string]*mailed{}
	for _, r := range reports {
		a := known[r.to]
		if a == nil {
			a = &addressee{address: r.to}
			known[r.to], order = a, append(order, a)
		}
		a.withdraws, a.unreachable = a.withdraws || r.withdraws, a.unreachable || r.unreachable
		if r.id == "" {
			continue
		}
		of := messages[r.id]
		if of == nil {
			of = &mailed{id: r.id, to: r.to}
			messages[r.id], a.messages = of, append(a.messages, of)
		}
		of.events = append(of.events, eventOf(r))
	}
	var plan Plan
	for _, a := range order {
		m.add(&plan, a)
	}
	return plan
}

// add puts into the plan what concerns an address.
func (m medium) add(plan *Plan, a *addressee) {
	writes := make([]Write, len(a.messages))
	for i, of := range a.messages {
		writes[i] = Write{Entity: "message", ID: m.platform + "-" + of.id, Change: m.told(of)}
	}
	concerned := a.withdraws || a.unreachable
	switch {
	case a.address == "":
		plan.Writes = append(plan.Writes, writes...)
	case concerned || len(writes) > 0:
		person := Person{Find: []Lookup{{Kind: m.kind, Value: a.address}}, All: true, Writes: writes}
		if concerned {
			person.Change = m.reached(*a)
		}
		plan.People = append(plan.People, person)
	}
}

// told makes the record of a message. Whose it is and where it went stay what they were first.
func (m medium) told(of *mailed) func(map[string]any, string) map[string]any {
	return func(data map[string]any, contact string) map[string]any {
		if data == nil {
			data = map[string]any{}
		}
		data["channel"], data["platform"] = m.channel, m.platform
		for name, value := range map[string]string{"to": of.to, "contactNumber": contact} {
			if value != "" && textOf(data[name]) == "" {
				data[name] = value
			}
		}
		appendEvents(data, of.events)
		return data
	}
}

// reached is what the reports mean for a contact who has the address.
func (m medium) reached(a addressee) func(map[string]any) map[string]any {
	return func(data map[string]any) map[string]any {
		if data == nil {
			return nil
		}
		if a.withdraws {
			authorize(data, m.authorization, false)
		}
		if a.unreachable {
			invalidate(data, a.address)
		}
		return data
	}
}

// Bounds of one event as it is kept, in bytes of its details as JSON; 50 events then fit in a record.
const (
	mostDetails = 6_000
	longDetail  = 500
)

// eventOf is a report as a message's events have it. Where the details are too many, the long ones are left out, or all,
// and detailsOmitted says so. A detail of the names event and at stands under _event and _at.
func eventOf(r report) map[string]any {
	event := maps.Clone(r.details)
	if event == nil {
		event = map[string]any{}
	}
	for _, own := range []string{"event", "at"} {
		if value, given := event[own]; given {
			event["_"+own] = value
		}
	}
	if size(event) > mostDetails {
		maps.DeleteFunc(event, func(_ string, value any) bool { return size(value) > longDetail })
		if size(event) > mostDetails {
			clear(event)
		}
		event["detailsOmitted"] = true
	}
	event["event"], event["at"] = r.event, instant(r.at)
	return event
}

func size(value any) int {
	text, err := json.Marshal(value)
	if err != nil {
		return mostDetails + 1
	}
	return len(text)
}
