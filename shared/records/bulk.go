package records

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"unicode/utf8"

	"crmhook/shared/change"
	"crmhook/shared/crm"
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/record"
	"crmhook/shared/refusal"
)

// MostItems is how many records can be written at once.
const MostItems = 100

// Outcome is what became of one item of a bulk write, in the order of the items.
type Outcome struct {
	// ID is the item's id, as far as it could be read.
	ID string
	// Status is what Put would have answered: 201, 200, or a refusal's.
	Status int
	// Version is the record's, 0 where the item was refused.
	Version int64
	// Refused is why it was refused. Locations are within the item.
	Refused *refusal.Refusal
}

// Bulk writes up to MostItems records of an entity as Put does, each with its own outcome; items of one id one after another.
// The body is a list of {"id","data"}, or {"items":[…]} around it. Refusals of the whole: 400, 422.
func (h *Handler) Bulk(ctx context.Context, r Request) ([]Outcome, error) {
	var faults fault.List
	checkEntity(&faults, r.Entity)
	items, readable := readItems(&faults, r.Body)
	if err := refuse(faults, readable); err != nil {
		return nil, err
	}
	outcomes := make([]Outcome, len(items))
	var changes []crm.Change
	var at []int
	for i, text := range items {
		id, data, faults := readItem(r.Key, text)
		outcomes[i].ID = id
		if len(faults) > 0 {
			outcomes[i].refuse(refusal.Faulty(http.StatusUnprocessableEntity, faults))
			continue
		}
		key := change.Key{Organization: r.Organization, Entity: r.Entity, ID: id}
		changes = append(changes, crm.Change{Key: key, Origin: r.Origin, Apply: func(record.Record) (map[string]any, error) { return data, nil }})
		at = append(at, i)
	}
	results, err := h.CRM.Change(ctx, changes)
	if err != nil {
		return nil, fmt.Errorf("change records: %w", err)
	}
	for n, result := range results {
		if err := outcomes[at[n]].settle(result); err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

func (o *Outcome) refuse(why *refusal.Refusal) { o.Status, o.Refused = why.Status, why }

func (o *Outcome) settle(result crm.Result) error {
	if result.Err != nil {
		err := refused(result.Err)
		why := refusal.Of(err)
		if why == nil {
			return err
		}
		o.refuse(why)
		return nil
	}
	o.Status, o.Version = http.StatusOK, result.Record.Version
	if result.Outcome == crm.Created {
		o.Status = http.StatusCreated
	}
	return nil
}

// readItems takes the list of a bulk write apart, without reading the items.
func readItems(faults *fault.List, text []byte) (items []json.RawMessage, readable bool) {
	if refuseDamaged(faults, "body", text) {
		return nil, false
	}
	location, list := "items", bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	if !bytes.HasPrefix(list, []byte("[")) {
		object, readable := envelope(faults, "body", text)
		if object == nil {
			return nil, readable
		}
		for _, name := range slices.Sorted(maps.Keys(object)) {
			if name != "items" {
				faults.Add(fault.Shown(name), "is not known here: give items alone")
			}
		}
		list = object["items"]
	}
	if !utf8.Valid(list) || json.Unmarshal(list, &items) != nil || items == nil {
		return nil, whyNoList(faults, location, list)
	}
	if n := len(items); n == 0 || n > MostItems {
		faults.Add(location, "must hold 1 to %d records, found %d", MostItems, n)
	}
	return items, true
}

// whyNoList notes why a text is no list.
func whyNoList(faults *fault.List, location string, text []byte) (readable bool) {
	value, found, err := document.Parse(text)
	switch {
	case err != nil && len(text) > 0:
		faults.Add("body", "%s", err.Error())
		return false
	case len(found) > 0:
		under(faults, location, found)
	default:
		faults.AddValue(location, brief(value), `must be a list of {"id","data"}`)
	}
	return true
}

// readItem reads one item.
func readItem(of change.Key, text []byte) (id string, data map[string]any, faults fault.List) {
	object, _ := envelope(&faults, "", text)
	if object == nil {
		return "", nil, faults
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if name != "id" && name != "data" {
			faults.Add(fault.Shown(name), "is not known here: what the record holds stands in data")
		}
	}
	if value := object["id"]; json.Unmarshal(value, &id) != nil || bytes.Equal(value, []byte("null")) {
		faults.Add("id", "must be the record's id as a string")
	} else {
		checkID(&faults, "id", of.Entity, id)
	}
	of.ID = id
	if object["data"] == nil {
		faults.Add("data", "must be given: what the record is to hold")
		return id, nil, faults
	}
	data, _ = readObject(&faults, "data", object["data"])
	checkNumber(&faults, "data", of, data)
	return id, data, faults
}

// brief is a value as a fault shows it: nothing that was composed.
func brief(value any) any {
	switch v := value.(type) {
	case string:
		return fault.Shown(v)
	case bool:
		return v
	case json.Number:
		return fault.Shown(v.String())
	}
	return nil
}
