package hook

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
)

// ConsoleOrigin is the origin of what people do in the agent console: the only one whose changes a crm-trigger is told
// unless its configuration names others (8x8, Configure External CRM Triggers).
const ConsoleOrigin = "agent-console"

// TriggerParameter is one parameter of the query that a crm-trigger is called with.
type TriggerParameter struct {
	// Name is the parameter's, such as AccountID.
	Name string
	// Field is the field of the record that holds the id; empty: it is the record's own.
	Field string
}

// The fields of records that name the records they belong to.
const (
	accountField = "accountId"
	caseField    = "caseId"
)

// TriggerEntities are the entities that a crm-trigger can be told of, in the document's order.
func TriggerEntities() []string { return []string{"customer", "case", "followup", "task"} }

// TriggerKinds are the changes that a crm-trigger can be told of. The document's table leaves out edit for followups,
// its text has it.
func TriggerKinds() []change.Kind { return []change.Kind{change.Create, change.Edit, change.Delete} }

// TriggerParameters are those that an entity's URL is called with, in the document's order; none for an entity that no
// crm-trigger is told of.
func TriggerParameters(entity string) []TriggerParameter {
	account := TriggerParameter{"AccountID", accountField}
	switch entity {
	case "customer":
		return []TriggerParameter{{Name: "AccountID"}}
	case "case":
		return []TriggerParameter{account, {Name: "CaseID"}}
	case "followup":
		return []TriggerParameter{account, {"CaseID", caseField}, {Name: "FollowupID"}}
	case "task":
		return []TriggerParameter{account, {Name: "TaskID"}}
	}
	return nil
}

// TriggerEvent is the type of the event that tells a crm-trigger of a change: case.edit, as its URL stands in urls. An
// event-webhook is told of the same change as case.updated, so neither is ever taken for the other.
func TriggerEvent(entity string, kind change.Kind) string { return entity + "." + string(kind) }

// isTriggerEvent reports whether a type of event is one that only a crm-trigger is told.
func isTriggerEvent(eventType string) bool {
	entity, kind, _ := strings.Cut(eventType, ".")
	return slices.Contains(TriggerEntities(), entity) && slices.Contains(TriggerKinds(), change.Kind(kind))
}

// triggerURL is the URL that a crm-trigger has for a type of event, as it was written; empty where it has none.
func (h *Hook) triggerURL(eventType string) string {
	entity, kind, _ := strings.Cut(eventType, ".")
	return h.URLs[entity][change.Kind(kind)]
}

// RequestTrigger is the request that tells a crm-trigger of a change: GET or POST, without a body, of the URL for the type
// of event. ids is the event's JSON text, an object of the ids by their parameters' names. The query is the URL's own, then
// the custom parameters, and at its end the ids, so that these stand together as the document writes them. The error says
// that there is no URL for the event or that an id is missing. The sender adds the password.
func (h *Hook) RequestTrigger(eventType string, ids []byte) (delivery.Request, error) {
	target := h.triggerURL(eventType)
	if target == "" {
		return delivery.Request{}, fmt.Errorf("there is no URL for the event %s", eventType)
	}
	var values map[string]string
	if err := json.Unmarshal(ids, &values); err != nil {
		return delivery.Request{}, fmt.Errorf("read the ids of the event %s: %w", eventType, err)
	}
	entity, _, _ := strings.Cut(eventType, ".")
	var names []string
	for _, p := range TriggerParameters(entity) {
		if values[p.Name] == "" {
			return delivery.Request{}, fmt.Errorf("the event %s has no %s", eventType, p.Name)
		}
		names = append(names, p.Name)
	}
	r := h.request(withQuery(withParameters(target, h.CustomParameters), names, values))
	r.Event = true
	return r, nil
}
