package manage_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"crmhook/shared/audit"
	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/manage"
	"crmhook/shared/managetest"
)

func TestATest(t *testing.T) {
	t.Parallel()
	v1 := `{"type":"contact-webhook-v1","url":"https://crm.example.com/${contactNumber}","method":"GET"}`
	for name, tt := range map[string]struct {
		configuration, body string
		record, event       string
		says                []string
	}{
		"a contact webhook":      {managetest.Contacts, "", "contact/SAMPLE", delivery.TestEvent, []string{`"contactNumber":"SAMPLE"`}},
		"of a contact":           {managetest.Contacts, `{"record":"contact/4711"}`, "contact/4711", delivery.TestEvent, []string{`{"contactNumber":"4711","name":"Ann"}`}},
		"a bare number":          {managetest.Contacts, `{"record":"4711"}`, "contact/4711", delivery.TestEvent, []string{`"name":"Ann"`}},
		"version 1":              {v1, "", "contact/SAMPLE", delivery.TestEvent, []string{`"contactNumber":"SAMPLE"`}},
		"paused":                 {strings.Replace(managetest.Contacts, "{", `{"state":"paused",`, 1), "", "contact/SAMPLE", delivery.TestEvent, nil},
		"a crm-trigger":          {managetest.Trigger, "", "case/SAMPLE", "case.edit", []string{`{"AccountID":"SAMPLE","CaseID":"SAMPLE"}`}},
		"a crm-trigger's record": {managetest.Trigger, `{"record":"case/7"}`, "case/7", "case.edit", []string{`{"AccountID":"a","CaseID":"7"}`}},
		"a trigger's delete":     {`{"type":"crm-trigger","urls":{"task":{"delete":"https://crm.example.com/t"}}}`, "", "task/SAMPLE", "task.delete", []string{`"TaskID":"SAMPLE"`}},
		"a rule-webhook":         {managetest.Rules, "", "contact/SAMPLE", hook.RuleEvent, []string{`"id":"SAMPLE"`, `"email":"sample@example.com"`}},
		"an event-webhook":       {managetest.Events, "", "contact/SAMPLE", "contact.updated", []string{`{"type":"contact.updated","timestamp":"20`, `"record":{"entity":"contact","id":"SAMPLE"}`}},
		"of the record's entity": {managetest.Events, `{"record":"order/a/b"}`, "order/a/b", "order.created", []string{`"total":"1"`}},
		"of all events":          {`{"type":"event-webhook","url":"https://crm.example.com/e","events":["*"],"includePrevious":true,"ordered":true}`, `{"record":"order/a/b"}`, "order/a/b", "order.updated", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := managetest.New(t)
			is := w.Interface("crm", tt.configuration)
			if is.Hook == nil {
				t.Fatal(is.Faults)
			}
			w.Contact("4711", map[string]any{"name": "Ann"})
			w.Record("order", "a/b", map[string]any{"total": "1"})
			w.Record("case", "7", map[string]any{"accountId": "a"})
			started, err := w.Handler.Test(t.Context(), managetest.Who(), "crm", []byte(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			received := w.Outbox.Receive(10)
			var m delivery.Message
			if len(received) != 1 || json.Unmarshal([]byte(received[0].Body), &m) != nil {
				t.Fatalf("on the queue is %+v", received)
			}
			if !m.Valid() || !m.Test || !is.Delivers(m) || m.ID != started.ID || m.Records[0] != tt.record || m.Event.Type != tt.event || m.Ordered() {
				t.Errorf("message %+v, want a test of %s about %s", m, tt.event, tt.record)
			}
			for _, text := range tt.says {
				if !strings.Contains(m.Event.Body, text) {
					t.Errorf("it tells %s, want %s", m.Event.Body, text)
				}
			}
			seen(t, w, m)
		})
	}
}

// seen checks what is shown of a test that has not been sent yet.
func seen(t *testing.T, w *managetest.World, m delivery.Message) {
	t.Helper()
	d, err := w.Handler.Delivery(t.Context(), "demo", m.ID)
	if err != nil || d.Status != delivery.Pending || !d.Test || d.Body != m.Event.Body || d.Execution != m.Execution {
		t.Errorf("delivery %+v, %v", d, err)
	}
	e, err := w.Handler.Execution(t.Context(), "demo", "crm", m.Execution)
	if err != nil || e.StartedBy != "test" || e.Status != manage.Running || e.Taken != 1 || e.Schedule != "" {
		t.Errorf("execution %+v, %v", e, err)
	}
	if trail := trailOf(t, w); len(trail) != 1 || trail[0].Action != audit.TestInterface || trail[0].Detail != "delivery "+m.ID {
		t.Errorf("audit %+v", trail)
	}
}

func TestTestsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		configuration, body string
		status              int
		says                []string
	}{
		"no interface":             {"", "", http.StatusNotFound, nil},
		"with faults":              {`{"type":"event-webhook"}`, "", http.StatusConflict, []string{"faults"}},
		"no JSON":                  {managetest.Contacts, "x", http.StatusBadRequest, nil},
		"all faults":               {managetest.Contacts, `{"record":1,"x":2}`, 422, []string{"record: must be", "x: is not known"}},
		"no key":                   {managetest.Contacts, `{"record":"A/1"}`, 422, []string{"record: must be entity/id"}},
		"no contact":               {managetest.Contacts, `{"record":"order/1"}`, 422, []string{"names none of this entity"}},
		"no rule's contact":        {managetest.Rules, `{"record":"order/1"}`, 422, []string{"names none of this entity"}},
		"an entity without URL":    {managetest.Trigger, `{"record":"task/1"}`, 422, []string{"names none of this entity"}},
		"an entity without events": {managetest.Events, `{"record":"ticket/1"}`, 422, []string{"names none of this entity"}},
		"a record that is gone":    {managetest.Contacts, `{"record":"4712"}`, http.StatusNotFound, []string{"record"}},
		"a record without an id":   {managetest.Trigger, `{"record":"case/8"}`, http.StatusConflict, []string{"case/8 cannot be sent", "accountId"}},
		"a record that is spoilt":  {managetest.Contacts, `{"record":"4713"}`, http.StatusConflict, []string{"cannot be read"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := managetest.New(t)
			if tt.configuration != "" {
				w.Interface("crm", tt.configuration)
			}
			w.Record("case", "8", map[string]any{})
			w.Contact("4713", map[string]any{})
			w.Records.CRM().Spoil(t, change.Key{Organization: "demo", Entity: "contact", ID: "4713"})
			_, err := w.Handler.Test(t.Context(), managetest.Who(), "crm", []byte(tt.body))
			refused(t, err, tt.status, tt.says...)
			if w.Outbox.Len() != 0 || len(w.Ledger.All()) != 0 || len(trailOf(t, w)) != 0 {
				t.Error("something was done all the same")
			}
		})
	}
}

// TestACrashOfATest: at any write, what is on the queue is in the ledger with what it tells, and its execution counts it.
func TestACrashOfATest(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		w := managetest.New(t)
		is := w.Interface("crm", managetest.Contacts)
		w.Kill.At(at)
		_, err := w.Handler.Test(t.Context(), managetest.Who(), "crm", nil)
		w.Kill.At(0)
		if err == nil {
			break
		}
		if w.Outbox.Len() > w.Ledger.Bodies() || w.Ledger.Bodies() > len(w.Ledger.All()) || len(w.Ledger.All()) > len(w.Ledger.AllExecutions()) {
			t.Errorf("killed at %d: %d messages, %d bodies, %d deliveries", at, w.Outbox.Len(), w.Ledger.Bodies(), len(w.Ledger.All()))
		}
		for _, e := range w.Ledger.AllExecutions() {
			if e.Lane != (backlog.Lane{Organization: "demo", Interface: "crm", Generation: is.Generation}) || len(trailOf(t, w)) == 0 {
				t.Errorf("killed at %d: execution %+v, audit %+v", at, e, trailOf(t, w))
			}
		}
	}
}
