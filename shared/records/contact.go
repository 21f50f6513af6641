package records

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/crm"
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/record"
)

// dataField is the member of a body that holds a contact.
const dataField = "individualContactData"

// Save is a contact to be created or merged.
type Save struct {
	Organization, Origin string
	// IdempotencyKey are the header's values, nil where it was not sent.
	IdempotencyKey []string
	// Body is {"individualContactData":{…}}.
	Body []byte
}

// Saved is what became of a contact.
type Saved struct {
	ContactNumber string
	Created       bool
}

// Save merges data with a contactNumber into that contact (RFC 7396), and creates a contact with a new number of data
// without one; then null is as missing. With an Idempotency-Key a create is done once, and answered alike each time.
// Refusals: 400, 404, 409 while the same create is under way, 413, 422.
func (h *Handler) Save(ctx context.Context, s Save) (Saved, error) {
	var faults fault.List
	data, readable := individual(&faults, s.Body)
	number, given := numberIn(data)
	if given {
		checkContactNumber(&faults, dataField+"."+contact.Number, number)
	}
	key := idempotencyKey(&faults, s.IdempotencyKey)
	if err := refuse(faults, readable); err != nil {
		return Saved{}, err
	}
	if given {
		return h.merge(ctx, s, number, data)
	}
	data = document.Merge(nil, data)
	if key == "" {
		return h.create(ctx, s, data)
	}
	return h.createOnce(ctx, s, key, data)
}

// individual reads the contact in a body.
func individual(faults *fault.List, body []byte) (data map[string]any, readable bool) {
	object, readable := envelope(faults, "body", body)
	switch {
	case object == nil:
		return nil, readable
	case object[dataField] == nil:
		faults.Add(dataField, "must be given: the contact's data")
		return nil, true
	}
	return readObject(faults, dataField, object[dataField])
}

// checkContactNumber notes what is wrong with a number that a body names. It may hold characters that no path can.
func checkContactNumber(faults *fault.List, location, number string) {
	if n := utf8.RuneCountInString(number); n == 0 || n > change.MaxContactNumber || strings.ContainsRune(number, 0) {
		faults.AddValue(location, fault.Shown(number), "must be a contact's number, a string of 1 to %d characters", change.MaxContactNumber)
	}
}

// merge merges data into a contact that is there.
func (h *Handler) merge(ctx context.Context, s Save, number string, data map[string]any) (Saved, error) {
	delete(data, contact.Number)
	r := Request{Key: change.Key{Organization: s.Organization, Entity: change.Contact, ID: number}, Origin: s.Origin}
	_, err := h.change(ctx, r, func(now record.Record) (map[string]any, error) {
		if !now.Exists() {
			return nil, missing()
		}
		return document.Merge(now.Data, data), nil
	})
	return Saved{ContactNumber: number}, err
}

// create makes a contact with a number that nobody has.
func (h *Handler) create(ctx context.Context, s Save, data map[string]any) (Saved, error) {
	for range tries {
		number, err := h.newNumber()
		if err != nil {
			return Saved{}, err
		}
		created, err := h.createAs(ctx, s, number, data)
		if err != nil || created {
			return Saved{ContactNumber: number, Created: true}, err
		}
	}
	return Saved{}, fmt.Errorf("create contact: %d new numbers were all taken", tries)
}

// createAs makes a contact with a number; false: there is one.
func (h *Handler) createAs(ctx context.Context, s Save, number string, data map[string]any) (bool, error) {
	_, created, err := h.CRM.Create(ctx, crm.NewContact{
		Organization: s.Organization, Number: number, Data: contact.Numbered(number, data), Origin: s.Origin,
	})
	if err != nil {
		return false, refused(err)
	}
	return created, nil
}

// Asked is a contact that is asked for.
type Asked struct {
	Organization string
	// Body is {"contactNumber":"…","details":["GENERAL",…]}.
	Body []byte
}

// Contact is what a contact has of the asked details, by default of GENERAL, as webhooks send it. Refusals: 400, 404, 422.
func (h *Handler) Contact(ctx context.Context, a Asked) (map[string]any, error) {
	var faults fault.List
	object, readable := readObject(&faults, "body", a.Body)
	number, details := asked(&faults, object)
	if err := refuse(faults, readable); err != nil {
		return nil, err
	}
	is, err := h.read(ctx, change.Key{Organization: a.Organization, Entity: change.Contact, ID: number})
	if err != nil {
		return nil, err
	}
	return contact.Select(number, is.Data, details), nil
}

// asked reads number and details; nothing is wrong with an object that could not be read.
func asked(faults *fault.List, object map[string]any) (number string, details contact.Details) {
	if object == nil {
		return "", 0
	}
	number, _ = numberIn(object)
	checkContactNumber(faults, contact.Number, number)
	list, ok := object["details"].([]any)
	if !ok && object["details"] != nil {
		faults.AddValue("details", brief(object["details"]), "must be a list of names: %s", contact.All)
	}
	if len(list) == 0 {
		return number, contact.General
	}
	names := make([]string, len(list))
	for i, item := range list {
		if names[i], ok = item.(string); !ok {
			faults.AddValue(fmt.Sprintf("details[%d]", i), brief(item), "must be a string")
			return number, 0
		}
	}
	details, found := contact.ParseDetails(names)
	for _, f := range found {
		f.Value = brief(f.Value)
		*faults = append(*faults, f)
	}
	return number, details
}

// text is a JSON text of a contact, the same for the same contact.
func text(data map[string]any) ([]byte, error) {
	text, err := contact.AppendJSON(nil, data)
	if err != nil {
		return nil, fmt.Errorf("write contact: %w", err)
	}
	return text, nil
}
