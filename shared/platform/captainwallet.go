package platform

import (
	"slices"
	"strings"

	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/trigger"
)

// captainWalletCard reads {"LoyaltyCardId":"12345"}, as CRM360 QueueProcess writes it; the field's name is taken without
// regard to case, and an id that is a number too. The card's record goes out to the interface that the source names.
func captainWalletCard(t trigger.Trigger) (Plan, fault.List) {
	r, faults := read(t)
	if len(faults) > 0 {
		return Plan{}, faults
	}
	field := captainWalletField(r)
	id := r.Need(field).ID(field)
	if id != "" && !validID(id) {
		r.Fault(field, "must be the id of a loyaltycard record: 1 to 128 letters, digits and . _ ~ : @ + -")
	}
	if faults := r.Faults(); len(faults) > 0 {
		return Plan{}, faults
	}
	return Plan{Card: &Card{ID: id}}, nil
}

// captainWalletField is how the body spells LoyaltyCardId: rightly, else as the first of the spellings that it has.
func captainWalletField(r document.Reader) string {
	field := "LoyaltyCardId"
	if r.Has(field) {
		return field
	}
	var spellings []string
	for name := range r.Fields() {
		if strings.EqualFold(name, field) {
			spellings = append(spellings, name)
		}
	}
	slices.Sort(spellings)
	if len(spellings) > 0 {
		return spellings[0]
	}
	return field
}
