package manage_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"crmhook/shared/audit"
	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/event"
	"crmhook/shared/hook"
	"crmhook/shared/manage"
	"crmhook/shared/managetest"
	"crmhook/shared/setaside"
	"crmhook/shared/trigger"
)

// asideID is how callers name what was set aside.
func asideID(key string) string { return base64.RawURLEncoding.EncodeToString([]byte(key)) }

// keyOf is what an id stands for.
func keyOf(t *testing.T, id string) string {
	t.Helper()
	key, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		t.Fatal(err)
	}
	return string(key)
}

// ran checks that an item was run again: it is gone, and the audit knows.
func ran(t *testing.T, w *managetest.World, organization, id string) {
	t.Helper()
	who := manage.Who{Organization: organization, By: "operator/ops"}
	if err := w.Handler.ReplaySetAside(t.Context(), who, id); err != nil {
		t.Fatal(err)
	}
	refused(t, w.Handler.ReplaySetAside(t.Context(), who, id), http.StatusNotFound)
	recorded(t, w, organization, audit.ReplaySetAside, id)
}

// recorded checks that the audit of an organization has one entry, of this.
func recorded(t *testing.T, w *managetest.World, organization string, action audit.Action, id string) {
	t.Helper()
	list, err := w.Handler.Recorded(t.Context(), organization, manage.List{})
	if err != nil || len(list.Items) != 1 || list.Items[0].Action != string(action) || list.Items[0].Subject != "set aside "+keyOf(t, id) || list.Items[0].By != "operator/ops" {
		t.Errorf("audit of %s: %+v, %v", organization, list.Items, err)
	}
}

// kept checks that an item cannot be run again yet, and stays.
func kept(t *testing.T, w *managetest.World, organization, id string, says ...string) {
	t.Helper()
	refused(t, w.Handler.ReplaySetAside(t.Context(), manage.Who{Organization: organization, By: "ops"}, id), http.StatusConflict, says...)
	if len(w.Ledger.AllAside()) != 1 || w.Inbox.Len() != 0 || w.Outbox.Len() != 0 || len(w.Backlog.All()) != 0 {
		t.Error("something was done all the same")
	}
}

func TestMessagesGoBackToTheirQueues(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	failed, applied := w.Triggered(trigger.Failed, "trouble"), w.Triggered(trigger.Applied, "")
	bucket := `{"delivery":"d-00000","organization":"demo","interface":"crm","generation":"g","records":["contact/1"],"changes":[1]}`
	for name, tt := range map[string]struct {
		body    string
		inbox   int
		outbox  int
		refused []string
	}{
		"a delivery":                 {bucket, 0, 1, nil},
		"a trigger":                  {string(failed.Message), 1, 0, nil},
		"a kept trigger":             {`{"organization":"demo","kept":"` + failed.ID + `"}`, 1, 0, nil},
		"a trigger that was":         {`{"organization":"demo","kept":"` + w.NewID() + `"}`, 0, 0, []string{"not kept any more"}},
		"a trigger that was applied": {`{"organization":"demo","kept":"` + applied.ID + `"}`, 0, 0, []string{"not kept any more", "dismiss this"}},
		"a spoilt delivery":          {strings.Replace(bucket, "[1]", "[]", 1), 0, 0, []string{"names the delivery d-00000 and still cannot be read"}},
		"a spoilt trigger":           {`{"trigger":"x"}`, 0, 0, []string{"names a trigger and still cannot be read"}},
		"neither":                    {`{"a":1}`, 0, 0, []string{"neither a delivery nor a trigger"}},
		"no JSON":                    {`{"delivery":"d`, 0, 0, []string{"no JSON object"}},
		"names of another kind":      {`{"delivery":1}`, 0, 0, []string{"no JSON object"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := managetest.New(t)
			if err := w.Triggers.Keep(t.Context(), []trigger.Entry{failed, applied}); err != nil {
				t.Fatal(err)
			}
			id := w.Aside(setaside.Item{Organization: setaside.Unknown, Source: setaside.Queue, ID: "m1", Cause: "unreadable", Body: tt.body})
			if tt.refused != nil {
				kept(t, w, setaside.Unknown, id, tt.refused...)
				return
			}
			ran(t, w, setaside.Unknown, id)
			recorded(t, w, "demo", audit.ReplaySetAside, id)
			received := append(w.Inbox.Receive(10), w.Outbox.Receive(10)...)
			if w.Inbox.Len() != tt.inbox || w.Outbox.Len() != tt.outbox || len(received) != 1 || received[0].Body != tt.body {
				t.Errorf("%d triggers, %d deliveries: %+v", w.Inbox.Len(), w.Outbox.Len(), received)
			}
		})
	}
}

// TestARecordThatWasMended goes, as it is now, to all that want it.
func TestARecordThatWasMended(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	crm := w.Interface("crm", managetest.Contacts)
	w.Interface("members", strings.Replace(managetest.Contacts, "{", `{"filter":"role=MEMBER",`, 1))
	w.Interface("console", strings.Replace(managetest.Contacts, "{", `{"origins":["agent-console"],`, 1))
	events, ordered := w.Interface("events", managetest.Events), w.Interface("ordered", strings.Replace(managetest.Events, "{", `{"ordered":true,"includePrevious":true,`, 1))
	w.Interface("orders", strings.Replace(managetest.Events, "contact.*", "order.*", 1))
	w.Interface("triggers", managetest.Trigger)
	id := w.Aside(setaside.Item{Source: setaside.Stream, ID: "4711", Subject: "contact/1", Cause: "no data"})
	key := change.Key{Organization: "demo", Entity: "contact", ID: "1"}
	kept(t, w, "demo", id, "contact/1 is gone")
	w.Contact("1", map[string]any{})
	w.Records.CRM().Spoil(t, key)
	kept(t, w, "demo", id, "contact/1 cannot be read")
	w.Contact("1", map[string]any{"name": "\xff"})
	kept(t, w, "demo", id, "contact/1 still cannot be written as JSON: name")
	w.Contact("1", map[string]any{"name": "Ann"})
	ran(t, w, "demo", id)
	if rows := w.Backlog.All(); len(rows) != 1 || rows[0].Lane != managetest.Lane(crm) || rows[0].Record != "contact/1" || rows[0].Changes != 1 {
		t.Errorf("rows %+v, want one of crm", rows)
	}
	told := map[string]delivery.Message{}
	for _, r := range w.Outbox.Receive(10) {
		var m delivery.Message
		if err := json.Unmarshal([]byte(r.Body), &m); err != nil {
			t.Fatal(err)
		}
		told[m.Interface] = m
	}
	if len(told) != 2 || told["ordered"].Ordered() || told["events"].Event == nil || !strings.Contains(told["events"].Event.Body, `"sequence":"4711"`) {
		t.Errorf("told %+v, want %s and %s", told, events.Name, ordered.Name)
	}
	if strings.Contains(told["ordered"].Event.Body, "previous") {
		t.Errorf("it tells former values that are not known: %s", told["ordered"].Event.Body)
	}
	if len(w.Agenda.All()) == 0 {
		t.Error("nothing is due for crm")
	}
}

func TestItemsWithoutARecord(t *testing.T) {
	t.Parallel()
	for _, subject := range []string{"", "contact/", "contact/123456789012345678901", "Contact/1", "contact"} {
		w := managetest.New(t)
		kept(t, w, "demo", w.Aside(setaside.Item{Source: setaside.Stream, ID: "1", Subject: subject}), "its key is none of a record")
	}
}

// TestARecordThatCouldNotBeSent goes to the interface that it was not sent to, once it can be written.
func TestARecordThatCouldNotBeSent(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	crm := w.Interface("crm", managetest.Contacts)
	w.Interface("other", managetest.Contacts)
	d := w.Delivery(crm, "contact/1")
	item := setaside.Item{Source: setaside.Stream, ID: d.ID + "/contact/1", Subject: "contact/1", Cause: "cannot be written as JSON"}
	id := w.Aside(item)
	w.Contact("1", map[string]any{"name": "Ann"})
	ran(t, w, "demo", id)
	if rows := w.Backlog.All(); len(rows) != 1 || rows[0].Lane != managetest.Lane(crm) {
		t.Errorf("rows %+v, want one of crm", rows)
	}
	gone := managetest.New(t)
	was := gone.Interface("crm", managetest.Contacts)
	d = gone.Delivery(was, "contact/1")
	gone.Contact("1", map[string]any{})
	item.ID = d.ID + "/contact/1"
	id = gone.Aside(item)
	gone.Remove("interfaces/crm")
	kept(t, gone, "demo", id, "the interface crm, which the record was to be sent to, is gone")
}

// TestARecordWhoseDeliveryIsForgotten outlives the delivery, which says whom it was for.
func TestARecordWhoseDeliveryIsForgotten(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	w.Interface("crm", managetest.Contacts)
	w.Contact("1", map[string]any{"name": "Ann"})
	id := w.Aside(setaside.Item{Source: setaside.Stream, ID: delivery.ID(w.NewID(), 3) + "/contact/1", Subject: "contact/1", Cause: "cannot be written as JSON"})
	kept(t, w, "demo", id, "change the record, which sends it, or dismiss this")
}

// TestAnEventThatNoMessageCouldCarry is told under its id to the one it was for, once the record has what it needs.
func TestAnEventThatNoMessageCouldCarry(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	w.Interface("others", managetest.Trigger)
	crm := w.Interface("crm", managetest.Trigger)
	c := change.Change{Key: change.Key{Organization: "demo", Entity: "case", ID: "7"}, Kind: change.Edit, Sequence: "4711", At: w.Clock.Now(), New: map[string]any{}}
	e := event.Of(crm, c)
	w.Record("case", "7", map[string]any{})
	if _, err := w.Handler.Events.Make(t.Context(), []event.Event{e}); err != nil {
		t.Fatal(err)
	}
	id := asideID("stream#" + e.ID())
	kept(t, w, "demo", id, "case/7 still cannot be told to crm", "accountId")
	w.Record("case", "7", map[string]any{"accountId": "a"})
	w.Interface("crm", strings.Replace(managetest.Trigger, "{", `{"state":"paused",`, 1))
	kept(t, w, "demo", id, "is gone or does not work now")
	w.Interface("crm", managetest.Trigger)
	ran(t, w, "demo", id)
	received := w.Outbox.Receive(10)
	var m delivery.Message
	if len(received) != 1 || json.Unmarshal([]byte(received[0].Body), &m) != nil || m.ID != e.ID() || m.Event.Body != `{"AccountID":"a","CaseID":"7"}` {
		t.Errorf("told %+v", received)
	}
	if m.Event.Type != hook.TriggerEvent("case", change.Edit) {
		t.Errorf("told as %s", m.Event.Type)
	}
}

// TestACrashOfARerun: at any write, the item is there and can be run again, or all is done.
func TestACrashOfARerun(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		w := managetest.New(t)
		w.Interface("crm", managetest.Contacts)
		w.Interface("events", managetest.Events)
		w.Contact("1", map[string]any{"name": "Ann"})
		id := w.Aside(setaside.Item{Source: setaside.Stream, ID: "4711", Subject: "contact/1", Cause: "no data"})
		w.Kill.At(at)
		err := w.Handler.ReplaySetAside(t.Context(), managetest.Who(), id)
		w.Kill.At(0)
		if err == nil {
			break
		}
		if len(w.Ledger.AllAside()) > 0 {
			if err := w.Handler.ReplaySetAside(t.Context(), managetest.Who(), id); err != nil {
				t.Errorf("killed at %d: run again: %v", at, err)
			}
		}
		if len(w.Backlog.All()) != 1 || len(w.Ledger.All()) != 1 || w.Outbox.Len() == 0 {
			t.Errorf("killed at %d: rows %+v, %d deliveries, %d messages", at, w.Backlog.All(), len(w.Ledger.All()), w.Outbox.Len())
		}
	}
}
