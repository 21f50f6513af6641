package manage_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

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
		made := []int{len(w.Ledger.All()), w.Ledger.Bodies(), len(w.Ledger.AllExecutions()), w.Outbox.Len()}
		if !slices.IsSortedFunc(made, func(a, b int) int { return b - a }) {
			t.Errorf("killed at %d: deliveries, bodies, executions, messages %v: what comes later is there without what comes before", at, made)
		}
		over(t, w)
		for _, e := range w.Ledger.AllExecutions() {
			if e.Lane != (backlog.Lane{Organization: "demo", Interface: "crm", Generation: is.Generation}) || len(trailOf(t, w)) == 0 {
				t.Errorf("killed at %d: execution %+v, audit %+v", at, e, trailOf(t, w))
			}
		}
	}
}

// over checks that what a test left that nobody works on is shown as under way for a while only, and cannot be cancelled then.
func over(t *testing.T, w *managetest.World) {
	t.Helper()
	look := func() (shown []string) {
		for _, d := range w.Ledger.All() {
			page, err := w.Handler.Deliveries(t.Context(), delivery.Selection{Organization: "demo", Interface: "crm"}, manage.List{})
			is, oneErr := w.Handler.Delivery(t.Context(), "demo", d.ID)
			if err != nil || oneErr != nil || len(page.Items) != 1 || page.Items[0].Status != is.Status || page.Items[0].Reason != is.Reason {
				t.Fatalf("listed %+v, %v; by itself %+v, %v", page.Items, err, is, oneErr)
			}
			shown = append(shown, string(is.Status))
		}
		for _, e := range w.Ledger.AllExecutions() {
			page, err := w.Handler.Executions(t.Context(), "demo", "crm", manage.List{})
			is, oneErr := w.Handler.Execution(t.Context(), "demo", "crm", e.ID)
			if err != nil || oneErr != nil || len(page.Items) != 1 || page.Items[0].Status != is.Status {
				t.Fatalf("listed %+v, %v; by itself %+v, %v", page.Items, err, is, oneErr)
			}
			shown = append(shown, is.Status)
		}
		return shown
	}
	if shown := look(); slices.ContainsFunc(shown, func(s string) bool { return s != "pending" && s != manage.Running }) {
		t.Errorf("at first it is shown as %v", shown)
	}
	w.Clock.Pass(time.Hour + time.Second)
	if shown := look(); slices.ContainsFunc(shown, func(s string) bool { return s != "cancelled" && s != manage.Done }) {
		t.Errorf("an hour later it is shown as %v", shown)
	}
	for _, e := range w.Ledger.AllExecutions() {
		refused(t, w.Handler.Cancel(t.Context(), managetest.Who(), "crm", e.ID), http.StatusConflict, "is over")
	}
}

// queue is one that does not say that it took a message, and whose caller then leaves.
type queue struct {
	manage.Queue
	leave context.CancelFunc
	takes bool
	err   error
}

func (q queue) SendText(ctx context.Context, group string, bodies []string) ([]bool, error) {
	defer q.leave()
	if q.takes {
		if _, err := q.Queue.SendText(ctx, group, bodies); err != nil {
			return nil, err
		}
	}
	return make([]bool, len(bodies)), q.err
}

// attentive are tests that are not written where the caller has gone.
type attentive struct{ manage.Tests }

func (a attentive) Update(ctx context.Context, updates []delivery.Update) ([]bool, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return a.Tests.Update(ctx, updates)
}

// TestATestThatTheQueueDoesNotTake ends, with its execution, at once, also where its caller has gone.
func TestATestThatTheQueueDoesNotTake(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]queue{
		"refused": {}, "no answer": {err: errors.New("no answer")}, "taken, but no answer": {takes: true, err: context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := managetest.New(t)
			w.Interface("crm", managetest.Contacts)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			q.Queue, q.leave = w.Outbox, cancel
			w.Handler.Outbox, w.Handler.Tests = q, attentive{w.Handler.Tests}
			if _, err := w.Handler.Test(ctx, managetest.Who(), "crm", nil); err == nil {
				t.Fatal("no error")
			}
			for _, d := range w.Ledger.All() {
				is, err := w.Handler.Delivery(t.Context(), "demo", d.ID)
				if err != nil || is.Status != delivery.Cancelled || is.Reason != delivery.TestUnsent || is.EndedAt == nil {
					t.Errorf("delivery %+v, %v", is, err)
				}
				e, err := w.Handler.Execution(t.Context(), "demo", "crm", d.Execution)
				if err != nil || e.Status != manage.Done || e.EndedAt == nil {
					t.Errorf("execution %+v, %v", e, err)
				}
			}
			if n := len(w.Ledger.All()); n != 1 {
				t.Errorf("%d deliveries, want 1", n)
			}
		})
	}
}

// TestATestThatIsUnderWayAlready although the queue did not say so is its sender's.
func TestATestThatIsUnderWayAlready(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	w.Interface("crm", managetest.Contacts)
	w.Handler.Outbox = sending{w, t}
	if _, err := w.Handler.Test(t.Context(), managetest.Who(), "crm", nil); err == nil {
		t.Fatal("no error")
	}
	for _, d := range w.Ledger.All() {
		e, err := w.Handler.Execution(t.Context(), "demo", "crm", d.Execution)
		if err != nil || d.Status != delivery.Pending || d.Attempts != 1 || e.Status != manage.Running {
			t.Errorf("delivery %+v, execution %+v, %v", d, e, err)
		}
	}
}

// sending is a queue whose message has a sender before its answer is lost.
type sending struct {
	w *managetest.World
	t *testing.T
}

func (q sending) SendText(ctx context.Context, _ string, _ []string) ([]bool, error) {
	for _, d := range q.w.Ledger.All() {
		now := d
		now.Attempts, now.Claim = 1, q.w.Clock.Now().Add(time.Minute)
		if took, err := q.w.Ledger.Update(ctx, []delivery.Update{{Was: d, Now: now}}); err != nil || !took[0] {
			q.t.Fatal(took, err)
		}
	}
	return nil, errors.New("no answer")
}
