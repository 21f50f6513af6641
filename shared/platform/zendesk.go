package platform

import (
	"crmhook/shared/directory"
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/reach"
	"crmhook/shared/trigger"
)

// zendeskTicket reads the body that CRM360 QueueProcess gives for a Zendesk webhook: via, title, id, link, status, type,
// comments and the requester. It becomes the record with the requester's contactNumber: found by the e-mail address, then
// by a phone number that names its country, else a new contact. One that was there is not changed: what an agent typed
// into a ticket knows less of a contact than the CRM. A requester by whom nobody could be found again makes no contact.
//
// A ticket holds no time of its own; its states are ordered by the signature's.
func zendeskTicket(t trigger.Trigger) (Plan, fault.List) {
	r, faults := read(t)
	if len(faults) > 0 {
		return Plan{}, faults
	}
	id := r.Need("id").ID("id")
	record := "Zendesk-" + source(t) + "-" + id
	if id != "" && !validID(record) {
		r.Fault("id", "must be the ticket's number, as {{ticket.id}} gives it")
	}
	person := zendeskRequester(r.Object("requester"))
	if faults := r.Faults(); len(faults) > 0 {
		return Plan{}, faults
	}
	ticket := zendeskWrite(record, r.Fields())
	if len(person.Find) == 0 {
		return Plan{Writes: []Write{ticket}}, nil
	}
	person.Writes = []Write{ticket}
	return Plan{People: []Person{person}}, nil
}

func zendeskWrite(id string, body map[string]any) Write {
	return Write{Entity: "ticket", ID: id, Ordered: true, Change: func(before map[string]any, contact string) map[string]any {
		ticket := copyOf(body)
		concern(ticket, before, contact, document.Same(before["requester"], body["requester"]))
		return ticket
	}}
}

func zendeskRequester(r document.Reader) Person {
	email, number := r.Text("email"), r.ID("phone")
	person := Person{Create: true}
	if value := directory.EmailValue(email); value != "" {
		person.Find = append(person.Find, Lookup{Kind: directory.Email, Value: value})
	} else if email != "" {
		r.Fault("email", "must be an e-mail address, or empty")
	}
	if value := reach.PhoneValue(number, ""); value != "" {
		person.Find = append(person.Find, Lookup{Kind: directory.Phone, Value: value})
	}
	individual := given(map[string]string{
		"email": email, "individualFirstname": r.Text("first_name"), "individualLastname": r.Text("last_name"), "phoneNumber1": number,
	})
	person.Change = func(data map[string]any) map[string]any {
		if data == nil {
			data = map[string]any{"individualContact": copyOf(individual)}
		}
		return data
	}
	return person
}
