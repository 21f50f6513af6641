package platform

import (
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/trigger"
)

// smsboxCallback reads Smsbox's delivery reports (its SMS API 1.1: GET with numero, reference, accuse and ts, besides what
// the sender appended to its callback URL): the message with its state. Smsbox calls ts a Unix time of Paris; it is read as a
// Unix time. Where the same URL is given for replies (message, without accuse), the reference is the reply's own and numero
// who wrote it; a reply that asks to stop withdraws SMS as unsubscribed does. Other spellings (number, id, status, date), a
// form and JSON are read too.
func smsboxCallback(t trigger.Trigger) (Plan, fault.List) {
	list, found := callbacks(t)
	reports := make([]report, 0, len(list))
	for _, r := range list {
		reports = append(reports, smsboxReport(r, t))
	}
	if faults := found(); len(faults) > 0 {
		return Plan{}, faults
	}
	return smsBy("Smsbox").plan(reports), nil
}

func smsboxReport(r document.Reader, t trigger.Trigger) report {
	id, to, at := named(r, smsID()...), named(r, smsNumber()...), named(r, smsTime()...)
	state, answer := named(r, "accuse", "status", "statut", "state", "event", "ack", "code"), named(r, "message", "text")
	of := report{
		id: recordID(r.Need(id), id, r.ID(id)), to: phoneIn(r, to), at: moment(r, at, t.At), details: details(r, id, to, at, state),
	}
	switch {
	case r.Has(state) || !r.Has(answer):
		of.event = smsboxWord(r.Need(state).ID(state))
		// The code says more than the word.
		if _, coded := smsboxCodes()[r.ID(state)]; coded {
			of.details[state] = r.Value(state)
		}
	case stops(r.Text(answer)):
		of.event = unsubscribed
	default:
		of.event = "reply"
	}
	if len(of.event) > longestWord {
		r.Fault(state, "must be at most %d bytes long", longestWord)
	}
	of.withdraws = of.event == unsubscribed
	return of
}

func smsboxWord(state string) string {
	if word, known := smsboxCodes()[state]; known {
		return word
	}
	return smsWord(state)
}

// smsboxCodes are the values of accuse: those of a text, then those of a text that is read out.
func smsboxCodes() map[string]string {
	return map[string]string{
		"-3": "refunded", "-1": "unknown", "0": "delivered", "1": "failed", "2": "rejected", "3": "inactive", "4": "not-responding",
		"5": "reception-error", "6": "saturated", "7": "unknown-number", "8": "not-routable", "9": "sent", "10": "sent",
		"30": "calling", "31": "picked-up", "32": "listening-accepted", "33": "listened", "34": "listening-confirmed",
		"35": "listening-refused", "36": "not-picked-up", "37": "no-response", "38": "no-tone", "39": "waiting-for-retry",
	}
}

// smsboxStop takes the authorization SMS from everybody who has the number (numero). Smsbox calls one URL ("SMS-MO / STOP")
// for all that people write back, so a message that does not ask to stop changes nothing; without a message it is a stop.
func smsboxStop(t trigger.Trigger) (Plan, fault.List) {
	list, found := callbacks(t)
	reports := make([]report, 0, len(list))
	for _, r := range list {
		answer, keyword := named(r, "message", "text"), named(r, "keyword")
		reports = append(reports, report{
			to:        phoneIn(r, named(r, smsNumber()...)),
			withdraws: r.Text(answer) == "" || stops(r.Text(answer)) || stops(r.Text(keyword)),
		})
	}
	if faults := found(); len(faults) > 0 {
		return Plan{}, faults
	}
	return smsBy("Smsbox").plan(reports), nil
}
