package event_test

import (
	"encoding/json"
	"strings"
	"testing"

	"crmhook/shared/change"
	"crmhook/shared/event"
	"crmhook/shared/hook"
)

func triggered() hook.Interface {
	return hook.Interface{Organization: "demo", Name: "crm", Generation: "g1", State: hook.Active, Hook: &hook.Hook{Type: hook.CRMTrigger}}
}

// TestTriggers: the ids alone, wherever the record has them, and a type that names the URL.
func TestTriggers(t *testing.T) {
	t.Parallel()
	type data = map[string]any
	for name, tt := range map[string]struct {
		change          change.Change
		eventType, want string
	}{
		"customer":       {changed("customer", change.Create, nil, data{"name": "x"}), "customer.create", `{"AccountID":"4711"}`},
		"case":           {changed("case", change.Edit, data{"accountId": "a"}, data{"accountId": "b"}), "case.edit", `{"AccountID":"b","CaseID":"4711"}`},
		"followup":       {changed("followup", change.Create, nil, data{"accountId": "a", "caseId": "c"}), "followup.create", `{"AccountID":"a","CaseID":"c","FollowupID":"4711"}`},
		"followup, edit": {changed("followup", change.Edit, data{}, data{"accountId": "a", "caseId": "c"}), "followup.edit", `{"AccountID":"a","CaseID":"c","FollowupID":"4711"}`},
		"task":           {changed("task", change.Create, nil, data{"accountId": "a", "caseId": "c"}), "task.create", `{"AccountID":"a","TaskID":"4711"}`},
		"deleted":        {changed("task", change.Delete, data{"accountId": "a"}, nil), "task.delete", `{"AccountID":"a","TaskID":"4711"}`},
		"numbers": {
			changed("followup", change.Create, nil, data{"accountId": json.Number("98765432109876543210"), "caseId": json.Number("0")}), "followup.create",
			`{"AccountID":"98765432109876543210","CaseID":"0","FollowupID":"4711"}`,
		},
		"odd text": {changed("task", change.Create, nil, data{"accountId": "A/1 &\"é"}), "task.create", `{"AccountID":"A/1 &\"é","TaskID":"4711"}`},
		"longest":  {changed("task", change.Create, nil, data{"accountId": strings.Repeat("é", 128)}), "task.create", `{"AccountID":"` + strings.Repeat("é", 128) + `","TaskID":"4711"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := event.Of(triggered(), tt.change)
			if got := body(t, e); got != tt.want || e.Type != tt.eventType {
				t.Errorf("event %s tells %s, want %s with %s", e.Type, got, tt.eventType, tt.want)
			}
			if other := event.Of(told(false), tt.change); other.ID() == e.ID() || other.Type == e.Type {
				t.Error("an event-webhook's event of the same change is the same one")
			}
		})
	}
}

// TestTriggersWithoutAnID are told to nobody; the error names all that is missing and no value, and the body is what the
// record holds.
func TestTriggersWithoutAnID(t *testing.T) {
	t.Parallel()
	type data = map[string]any
	for name, tt := range map[string]struct {
		change change.Change
		want   string
	}{
		"none":    {changed("case", change.Create, nil, data{"accountID": "a"}), "the record has no accountId (for AccountID)"},
		"both":    {changed("followup", change.Edit, data{"accountId": "a", "caseId": "c"}, data{}), "the record has no accountId (for AccountID), and has no caseId (for CaseID)"},
		"null":    {changed("task", change.Create, nil, data{"accountId": nil}), "the record has no accountId (for AccountID)"},
		"empty":   {changed("task", change.Create, nil, data{"accountId": ""}), "the record has no accountId (for AccountID)"},
		"deleted": {changed("task", change.Delete, data{}, nil), "the record has no accountId (for AccountID)"},
		"a list":  {changed("task", change.Create, nil, data{"accountId": []any{"secret"}}), "the record has a field accountId (for AccountID) that is neither text nor a number"},
		"true":    {changed("followup", change.Create, nil, data{"accountId": "a", "caseId": true}), "the record has a field caseId (for CaseID) that is neither text nor a number"},
		"long": {
			changed("task", change.Create, nil, data{"accountId": strings.Repeat("é", 129)}),
			"the record has a field accountId (for AccountID) of 129 characters, more than the 128 of an id",
		},
		"no text": {changed("task", change.Create, nil, data{"accountId": "\xff"}), "AccountID: text is not valid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := event.Of(triggered(), tt.change)
			m, err := e.Message()
			if err == nil || err.Error() != tt.want {
				t.Fatalf("error %v, want %s", err, tt.want)
			}
			if m.ID != e.ID() || len(m.Records) != 1 || m.Event.Type != e.Type {
				t.Errorf("message %+v, want one that can be set aside", m)
			}
			if name != "no text" && !strings.Contains(m.Event.Body, `"record":{"entity":"`+tt.change.Entity+`","id":"4711"},"data":{`) {
				t.Errorf("body %s, want the record", m.Event.Body)
			}
		})
	}
}
