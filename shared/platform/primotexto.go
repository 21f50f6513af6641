package platform

import (
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/trigger"
)

// primotextoCallback reads what Primotexto's one webhook tells of text messages: the message with its state; unsubscribed, or
// a reply that asks to stop, takes the authorization SMS from everybody who has the number.
//
// The payload is not public. Users of it read a JSON object of event (submitted, sent, delivered, bounced, unsubscribed,
// error, opened, reply), snapshotId (what sending a message answers), contact.identifier (the number) and replyMessage. It is
// assumed that a time, if there is one, is named date, timestamp or alike; else it is the time at the door. Other spellings
// (id, status, number), a form and a query are read too.
func primotextoCallback(t trigger.Trigger) (Plan, fault.List) {
	list, found := callbacks(t)
	reports := make([]report, 0, len(list))
	for _, r := range list {
		reports = append(reports, primotextoReport(r, t))
	}
	if faults := found(); len(faults) > 0 {
		return Plan{}, faults
	}
	return smsBy("Primotexto").plan(reports), nil
}

func primotextoReport(r document.Reader, t trigger.Trigger) report {
	id, at := named(r, append([]string{"snapshotId", "snapshot_id"}, smsID()...)...), named(r, smsTime()...)
	state, answer := named(r, "event", "status", "statut", "state", "type"), named(r, "replyMessage", "reply", "message", "text")
	of := report{
		id: recordID(r.Need(id), id, r.ID(id)), event: smsWord(r.Need(state).Text(state)), at: moment(r, at, t.At),
		details: details(r, id, at, state),
	}
	of.to = primotextoNumber(r, of.details)
	if of.event == "reply" && stops(r.Text(answer)) {
		of.event = unsubscribed
	}
	if len(of.event) > longestWord {
		r.Fault(state, "must be at most %d bytes long", longestWord)
	}
	of.withdraws = of.event == unsubscribed
	return of
}

// primotextoNumber is the number of the report's contact, which the details then leave out, or its own.
func primotextoNumber(r document.Reader, details map[string]any) string {
	name := named(r, "contact")
	if _, nested := r.Value(name).(map[string]any); nested {
		contact := r.Object(name)
		number := named(contact, append([]string{"identifier"}, smsNumber()...)...)
		rest := copyOf(contact.Fields())
		delete(rest, number)
		if details[name] = rest; len(rest) == 0 {
			delete(details, name)
		}
		return phoneIn(contact, number)
	}
	own := named(r, append([]string{"number", "identifier"}, smsNumber()...)...)
	delete(details, own)
	return phoneIn(r, own)
}
