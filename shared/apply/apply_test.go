package apply_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
	"crmhook/shared/apply"
	"crmhook/shared/trigger"
)

// actions are all that do something by themselves, with their samples.
var actions = []string{
	"Shopify/Customer/Insert", "Shopify/Customer/Update", "Shopify/Product/Insert", "Shopify/Product/Update", "Shopify/Order/Insert",
	"Shopify/Order/Update", "Adictiz/User/Participate", "Primotexto/Sms/Callback", "Mailjet/email/Callback", "Zendesk/Ticket/Update",
	"Tabology/Ticket/Create", "Tabology/Ticket/Update",
}

func TestASampleOfEachActionIsAppliedOnce(t *testing.T) {
	t.Parallel()
	for _, action := range actions {
		t.Run(strings.ReplaceAll(action, "/", "-"), func(t *testing.T) {
			t.Parallel()
			w := open(t)
			tr := w.sample(action)
			tr.Store, tr.Currency = "12", "EUR"
			first := w.run(tr)
			if first.Status != trigger.Applied && first.Status != trigger.Unmatched || len(first.Records) == 0 || len(first.Message) > 0 {
				t.Fatalf("got %s (%s), records %v, %d bytes of message kept", first.Status, first.Cause, first.Records, len(first.Message))
			}
			before := w.records.All()
			again := w.run(tr)
			if again.Status != trigger.Duplicate && again.Status != trigger.Unmatched {
				t.Errorf("handed out again: got %s, want duplicate", again.Status)
			}
			for key, is := range w.records.All() {
				if is.Version != before[key].Version {
					t.Errorf("%s has version %d after a second time, %d after the first", key, is.Version, before[key].Version)
				}
				if is.Origin != "inbound:"+tr.Platform {
					t.Errorf("%s has origin %s", key, is.Origin)
				}
			}
		})
	}
}

// Wherever the process dies, the trigger's next try leaves the CRM as one undisturbed try does.
func TestKillAtEachWrite(t *testing.T) {
	t.Parallel()
	for _, action := range actions {
		t.Run(strings.ReplaceAll(action, "/", "-"), func(t *testing.T) {
			t.Parallel()
			undisturbed := open(t)
			tr := undisturbed.sample(action)
			tr.Store, tr.Currency = "12", "EUR"
			undisturbed.run(tr)
			want := state(undisturbed)
			for n := 1; ; n++ {
				w := open(t)
				w.pass(3 * time.Minute) // Nobody is waited for.
				w.kill.At(n)
				died := !w.try(tr, 1)
				w.kill.At(0)
				if got := w.run(tr); got.Status == trigger.Failed || got.Status == "" {
					t.Fatalf("killed at step %d: got status %q: %s", n, got.Status, got.Cause)
				}
				if diff := cmp.Diff(want, state(w)); diff != "" {
					t.Fatalf("killed at step %d (-undisturbed +got):\n%s", n, diff)
				}
				if !died {
					if n < 4 {
						t.Errorf("only %d steps", n-1)
					}
					return
				}
			}
		})
	}
}

// state is what the CRM holds, without what depends on the time of writing.
func state(w *world) map[string]string {
	found := map[string]string{}
	for key, is := range w.records.All() {
		text, err := json.Marshal(is.Data)
		if err != nil {
			w.Fatal(err)
		}
		found[key.String()] = string(text)
	}
	return found
}

func TestTwentyTriggersForOneNewPersonMakeOneContact(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.out.sources["Shopify"] = access.Source{Organization: organization, Name: "Shopify", MatchByEmail: true}
	var messages []apply.Message
	for i := range 20 {
		body := fmt.Sprintf(`{"id":%d,"email":"jane@example.com","updated_at":"2026-12-01T09:00:%02dZ","last_name":"Example"}`, 7, i)
		tr := w.trigger("Shopify/Customer/Update", body)
		if i%2 == 1 {
			tr = w.trigger("Adictiz/User/Participate", fmt.Sprintf(`{"email":"Jane@Example.com","campaign":"game-%d"}`, i))
		}
		messages = append(messages, w.message(tr, 1))
	}
	var wait sync.WaitGroup
	for _, m := range messages {
		wait.Go(func() {
			failed := []string{m.ID}
			for n := 1; len(failed) > 0 && n < 20; n++ {
				var err error
				if failed, err = w.handler.Handle(t.Context(), []apply.Message{m}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	contacts := w.contacts()
	if len(contacts) != 1 {
		t.Fatalf("got %d contacts, want one", len(contacts))
	}
	if games, _ := contacts[0].Data["participations"].([]any); len(games) != 10 {
		t.Errorf("got %d participations, want 10: one was lost", len(games))
	}
	if at(contacts[0], "identifiers 0 identifier") != "7" {
		t.Errorf("the contact has no identifier: %v", contacts[0].Data)
	}
}

func TestStatesThatComeOutOfOrderEndInTheNewest(t *testing.T) {
	t.Parallel()
	w := open(t)
	body := `{"id":7,"email":"jane@example.com","updated_at":"2026-12-01T09:00:%02d%s","last_name":"state %d"}`
	for _, step := range []struct {
		second int
		zone   string
		want   string
	}{
		{10, "Z", "state 10"},
		{5, "Z", "state 10"},
		{30, "Z", "state 30"},
		{20, "Z", "state 30"},
		{30, "Z", "state 30"},
		{59, "+01:00", "state 30"},
		{59, "-01:00", "state 59"},
	} {
		w.run(w.trigger("Shopify/Customer/Update", fmt.Sprintf(body, step.second, step.zone, step.second)))
		if got := at(w.contacts()[0], "individualContact individualLastname"); got != step.want {
			t.Errorf("after the state of second %d%s: got %v, want %s", step.second, step.zone, got, step.want)
		}
	}
	w.run(w.trigger("Shopify/Order/Delete", `{"id":9}`))
	late := w.trigger("Shopify/Order/Insert", `{"id":9,"updated_at":"2026-12-01T08:00:00Z"}`)
	w.run(late)
	for key, is := range w.records.All() {
		if key.Entity == "order" && is.Exists() {
			t.Error("an order was made by a state that is older than its delete")
		}
	}
}

func TestAnOlderUpdateDoesNotBringAContactBack(t *testing.T) {
	t.Parallel()
	w := open(t)
	update := func(at time.Time) string {
		return fmt.Sprintf(`{"id":7,"email":"jane@example.com","updated_at":%q}`, at.Format(time.RFC3339))
	}
	w.done(w.trigger("Shopify/Customer/Insert", update(start.Add(-time.Hour))))
	w.done(w.trigger("Shopify/Customer/Delete", `{"id":7}`))
	if n := len(w.contacts()); n != 0 {
		t.Fatalf("%d contacts after the delete", n)
	}
	if entry := w.done(w.trigger("Shopify/Customer/Update", update(start.Add(-time.Minute)))); entry.Status != trigger.Duplicate || len(w.contacts()) != 0 {
		t.Errorf("an update from before the delete: %s, %d contacts", entry.Status, len(w.contacts()))
	}
	w.pass(time.Hour)
	if entry := w.done(w.trigger("Shopify/Customer/Update", update(w.clock()))); entry.Status != trigger.Applied || len(w.contacts()) != 1 {
		t.Errorf("an update from after the delete: %s, %d contacts", entry.Status, len(w.contacts()))
	}
}

// Two systems that answer each other's webhook with a write come to rest when nothing in the record changes.
func TestAnAnswerThatSaysTheSameIsNoChange(t *testing.T) {
	t.Parallel()
	w := open(t)
	body := `{"id":7,"email":"jane@example.com","first_name":"Jane","updated_at":"2026-12-01T09:00:%02dZ"}`
	w.done(w.trigger("Shopify/Customer/Insert", fmt.Sprintf(body, 0)))
	before := w.contacts()[0].Version
	for second := 1; second < 5; second++ {
		if entry := w.done(w.trigger("Shopify/Customer/Update", fmt.Sprintf(body, second))); entry.Status != trigger.Duplicate {
			t.Errorf("second %d: got %s", second, entry.Status)
		}
	}
	if after := w.contacts()[0].Version; after != before {
		t.Errorf("version %d became %d though nothing changed", before, after)
	}
}

func TestSomebodyWhoIsNotFoundIsWaitedFor(t *testing.T) {
	t.Parallel()
	stop := `[{"event":"unsub","time":1764583200,"MessageID":19421777835146490,"email":"jane@example.com"}]`
	t.Run("in vain", func(t *testing.T) {
		t.Parallel()
		w := open(t)
		tr := w.trigger("Mailjet/email/Callback", stop)
		entry := w.run(tr)
		if entry.Status != trigger.Unmatched || entry.Tries < 3 || w.clock().Sub(start) < 2*time.Minute {
			t.Errorf("got %s after %d tries and %s; want unmatched after two minutes", entry.Status, entry.Tries, w.clock().Sub(start))
		}
		if strings.Contains(entry.Cause, "jane") {
			t.Errorf("the cause names the person: %s", entry.Cause)
		}
		if is := w.record("message", "Mailjet-19421777835146490"); is.Data["contactNumber"] != nil {
			t.Errorf("the message has contactNumber %v", is.Data["contactNumber"])
		}
	})
	t.Run("until found", func(t *testing.T) {
		t.Parallel()
		w := open(t)
		tr := w.trigger("Mailjet/email/Callback", stop)
		if w.try(tr, 1) {
			t.Fatal("done without a contact at once")
		}
		if len(w.records.All()) != 0 {
			t.Error("a message was written before its contact was found")
		}
		w.contact("C1", `{"individualContact":{"email":"JANE@example.com"}}`)
		w.contact("C2", `{"email":"jane@example.com"}`)
		w.pass(w.out.hidden[tr.ID])
		w.try(tr, 2)
		for _, id := range []string{"C1", "C2"} {
			if at(w.record("contact", id), "authorizations 0 allowed") != false {
				t.Errorf("%s still allows e-mail: a withdrawal concerns all who match", id)
			}
		}
	})
}

func TestATriggerThatFailsIsKeptWithItsCause(t *testing.T) {
	t.Parallel()
	w := open(t)
	bad := w.trigger("Crm360/Sms/Send", sampleBody(t, "Crm360/Sms/Send"))
	w.out.settings["dailyMessages"] = "10"
	w.out.refuses = 1_000
	good := w.sample("Shopify/Product/Insert")
	for n := 1; n <= 5; n++ {
		failed, err := w.handler.Handle(t.Context(), []apply.Message{w.message(bad, n), w.message(good, n)})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{bad.ID}, failed); diff != "" {
			t.Fatalf("try %d, failed (-want +got):\n%s", n, diff)
		}
		if n < 5 && w.out.hidden[bad.ID] < time.Duration(n*n)*10*time.Second {
			t.Errorf("try %d: seen again after %s", n, w.out.hidden[bad.ID])
		}
	}
	entry := w.entry(bad)
	if entry.Status != trigger.Failed || entry.Tries != 5 || !strings.Contains(entry.Cause, errRefused.Error()) || !entry.Expires.IsZero() {
		t.Errorf("got %s, %d tries, cause %q, expires %v", entry.Status, entry.Tries, entry.Cause, entry.Expires)
	}
	again, err := trigger.Decode(entry.Message)
	if err != nil || again.ID != bad.ID || string(again.Body) != string(bad.Body) {
		t.Errorf("the message that is kept: %v, %v", again.ID, err)
	}
	if w.entry(good).Status != trigger.Applied && w.entry(good).Status != trigger.Duplicate {
		t.Errorf("its neighbour: %s", w.entry(good).Status)
	}
	w.out.refuses = 0
	if entry := w.run(again); entry.Status != trigger.Applied || len(entry.Message) > 0 || len(w.out.texts) != 1 {
		t.Errorf("replayed: %s, %d bytes of message, %d sent", entry.Status, len(entry.Message), len(w.out.texts))
	}
}

// A function that dies without a word on every try still leaves a trace of the trigger.
func TestLastWords(t *testing.T) {
	t.Parallel()
	w := open(t)
	tr := w.sample("Shopify/Product/Insert")
	w.kill.At(3) // The last words are the first write: steps 1 and 2.
	w.try(tr, 5)
	w.kill.At(0)
	if entry := w.entry(tr); entry.Status != trigger.Failed || len(entry.Message) == 0 || !strings.Contains(entry.Cause, "crashed") {
		t.Errorf("got %s: %s", entry.Status, entry.Cause)
	}
}

func TestAMessageThatIsNoTrigger(t *testing.T) {
	t.Parallel()
	w := open(t)
	good := w.sample("Shopify/Product/Insert")
	failed, err := w.handler.Handle(t.Context(), []apply.Message{
		{ID: "m1", Receipt: "m1", Body: "no JSON", Receives: 1},
		{ID: "m2", Receipt: "m2", Body: `{"trigger":"x"}`, Receives: 1, Bulk: true},
		{ID: "m3", Receipt: "m3", Body: `{"organization":"demo","kept":"00000000000000000000000000"}`, Receives: 1},
		w.message(good, 1),
	})
	if err != nil || len(failed) != 0 {
		t.Errorf("failed %v, error %v; want none: what nobody can read is not tried again", failed, err)
	}
	if len(w.out.dead) != 3 || len(w.out.aside) != 3 || w.out.aside[0].Cause == "" {
		t.Errorf("%d dead letters, %d set aside; want 3 of each", len(w.out.dead), len(w.out.aside))
	}
	if w.entry(good).Status != trigger.Applied {
		t.Errorf("their neighbour: %s", w.entry(good).Status)
	}
}

func TestATriggerThatWaitedInTheLedger(t *testing.T) {
	t.Parallel()
	w := open(t)
	tr := w.sample("Shopify/Product/Insert")
	text, err := tr.Encode()
	if err != nil {
		t.Fatal(err)
	}
	entry := tr.Ended(trigger.Waiting, "", 0, nil, time.Time{}, time.Time{})
	entry.Message = text
	if err := w.triggers.Keep(t.Context(), []trigger.Entry{entry}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		failed, err := w.handler.Handle(t.Context(), []apply.Message{named(t, tr, 1)})
		if err != nil || len(failed) > 0 {
			t.Fatalf("failed %v, error %v", failed, err)
		}
		if got := w.entry(tr); got.Status != trigger.Applied {
			t.Errorf("got %s", got.Status)
		}
	}
}

// named is a message that names a trigger which the ledger keeps.
func named(t *testing.T, tr trigger.Trigger, n int) apply.Message {
	t.Helper()
	name, err := json.Marshal(trigger.Kept{Organization: tr.Organization, ID: tr.ID})
	if err != nil {
		t.Fatal(err)
	}
	return apply.Message{ID: "m", Receipt: "m", Body: string(name), Receives: n}
}
