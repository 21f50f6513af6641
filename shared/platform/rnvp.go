package platform

import (
	"slices"
	"unicode/utf8"

	"crmhook/shared/contact"
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/trigger"
)

// rnvp reads results of French postal normalisation (restructuration, normalisation, validation postale): contacts, or one of
// them, each with its contactNumber and the addresses as normalised. An address is the one of its contactAddressId, without
// one the main address; one that the contact does not have changes nothing, as does a result that was made before the one
// that the address has.
//
// elfy's own payload is not public: the shape is the one that CRM360's contacts have in this API. Fields of an address or a
// contact beyond it are kept under its external.elfy76310.
func rnvp(t trigger.Trigger) (Plan, fault.List) { return postal(t, false) }

// rnvpDedup is rnvp with duplicates besides: {"keep":"C1","merge":["C2"]}. C2 gets mergedInto (C1), the state INVALID and its
// former state as stateBeforeMerge; C1 gets a contactConnection of type MERGED. No contact's data move, so a merge is undone
// by a PATCH of C2 that sets mergedInto and stateBeforeMerge to null and state to what stateBeforeMerge was; the connection
// can be taken from C1 likewise. Until then C2 is known by its mergedInto.
func rnvpDedup(t trigger.Trigger) (Plan, fault.List) { return postal(t, true) }

// elfy is the platform's name where its fields are kept.
const elfy = "elfy76310"

// edit is a change to a contact's data.
type edit func(data map[string]any)

// postalPlan gathers the edits of each contact, in order.
type postalPlan struct {
	order []string
	edits map[string][]edit
}

func (p *postalPlan) add(number string, e edit) {
	if _, known := p.edits[number]; !known {
		p.order = append(p.order, number)
	}
	p.edits[number] = append(p.edits[number], e)
}

func (p *postalPlan) people() []Person {
	people := make([]Person, len(p.order))
	for i, number := range p.order {
		people[i] = Person{Find: []Lookup{{Number: number}}, Change: func(data map[string]any) map[string]any {
			if data == nil {
				return nil
			}
			for _, e := range p.edits[number] {
				e(data)
			}
			return data
		}}
	}
	return people
}

func postal(t trigger.Trigger, dedup bool) (Plan, fault.List) {
	r, faults := read(t)
	if len(faults) > 0 {
		return Plan{}, faults
	}
	plan := &postalPlan{edits: map[string][]edit{}}
	contacts := []document.Reader{r}
	if r.Has("contacts") {
		contacts = r.List("contacts")
	} else if dedup && r.Has("duplicates") && !r.Has("contactNumber") {
		contacts = nil
	}
	for _, c := range contacts {
		plan.contact(c, t)
	}
	if dedup {
		if !r.Has("contacts") && !r.Has("contactNumber") {
			r.Need("duplicates")
		}
		faults = plan.duplicates(r.List("duplicates"))
	}
	if faults = append(r.Faults(), faults...); len(faults) > 0 {
		return Plan{}, faults
	}
	return Plan{People: plan.people()}, nil
}

// contact reads one contact's addresses.
func (p *postalPlan) contact(c document.Reader, t trigger.Trigger) {
	number := contactNumber(c.Need("contactNumber", "addresses"), "contactNumber")
	var results []address
	for _, a := range c.List("addresses") {
		result := addressIn(a, t)
		if slices.ContainsFunc(results, func(other address) bool { return other.id == result.id }) {
			a.Fault("contactAddressId", "must be another one: an address of the list is the same")
		}
		results = append(results, result)
	}
	rest := details(c, "contactNumber", "addresses", "duplicates")
	p.add(number, func(data map[string]any) {
		for _, result := range results {
			result.apply(data)
		}
		keep(data, rest)
	})
}

// keep puts fields that have no other place where elfy's are kept.
func keep(of, rest map[string]any) {
	for _, name := range sorted(rest) {
		external(of, elfy)[name] = document.Clone(rest[name])
	}
}

func contactNumber(r document.Reader, name string) string {
	number := r.ID(name)
	if n := utf8.RuneCountInString(number); n > contact.NumberLength {
		r.Fault(name, "must be at most %d characters long, found %d", contact.NumberLength, n)
		return ""
	}
	return number
}
