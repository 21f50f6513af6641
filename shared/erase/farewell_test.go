package erase_test

import (
	"strings"
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/refusal"
)

// What tells of an erasure is not taken away by another call, unlike what tells of a deletion before.
func TestWhatTellsOfTheErasureGoesOn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind, body string
		stays      bool
	}{
		"the erasure":               {"contact.deleted", `{"type":"contact.deleted","record":{"entity":"contact","id":"4711"},"data":{"contactNumber":"4711"}}`, true},
		"a deletion":                {"contact.deleted", `{"type":"contact.deleted","data":{"contactNumber":"4711","name":"jane-mark"}}`, false},
		"an update":                 {"contact.updated", `{"type":"contact.updated","data":{"contactNumber":"4711"}}`, false},
		"a rule, of the erasure":    {"rule.fired", `{"id":"r","contactId":"4711","email":null,"phone":null,"company":null}`, true},
		"a rule, of the person":     {"rule.fired", `{"id":"r","contactId":"4711","email":null,"phone":"jane-mark","company":null}`, false},
		"what has lost its body":    {"contact.deleted", "", false},
		"what cannot be understood": {"contact.deleted", `{"data":["jane-mark"]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, claim := range []time.Time{{}, start.Add(time.Minute)} {
				w := newWorld()
				d := delivery.Delivery{
					Message: delivery.Message{
						ID: "d", Organization: organization, Interface: interfaces, Generation: "g1", Records: []string{jane.key().String()},
						Event: &delivery.Event{Type: strings.Replace(tt.kind, "rule.fired", hook.RuleEvent, 1), Body: tt.body},
					},
					Status: delivery.Pending, CreatedAt: start, Claim: claim,
				}
				if _, err := w.ledger.Open(t.Context(), []delivery.Delivery{d}); err != nil {
					t.Fatal(err)
				}
				if tt.body != "" {
					w.must(t, w.ledger.KeepBodies(t.Context(), []delivery.Message{d.Message}))
				}
				found, err := w.handler().Erase(t.Context(), organization, jane.number, "office")
				if busy := refusal.Of(err) != nil; busy != (!tt.stays && !claim.IsZero()) {
					t.Fatalf("error %v", err)
				}
				body, err := w.ledger.Body(t.Context(), d.Ref())
				w.must(t, err)
				if !claim.IsZero() {
					continue
				}
				is := w.ledger.All()[d.Ref()]
				if tt.stays != (is.Status == delivery.Pending) || tt.stays != (found.Cancelled == 0) || tt.stays != (body != "") {
					t.Errorf("found %+v; the event is %s with the body %s", found, is.Status, body)
				}
			}
		})
	}
}

// What tells of an erasure and has been tried loses its answers, but not while a sender is at work on it: his end would find
// another delivery than he has claimed, or write over it.
func TestAnAnswerToWhatTellsOfTheErasure(t *testing.T) {
	t.Parallel()
	for name, claimed := range map[string]bool{"waiting": false, "with a sender": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			d := delivery.Delivery{
				Message: delivery.Message{
					ID: "d", Organization: organization, Interface: interfaces, Generation: "g1", Records: []string{jane.key().String()},
					Event: &delivery.Event{Type: "contact.deleted", Body: `{"type":"contact.deleted","data":{"contactNumber":"4711"}}`},
				},
				Status: delivery.Pending, CreatedAt: start,
			}
			if _, err := w.ledger.Open(t.Context(), []delivery.Delivery{d}); err != nil {
				t.Fatal(err)
			}
			w.must(t, w.ledger.KeepBodies(t.Context(), []delivery.Message{d.Message}))
			tried := d
			tried.Attempts, tried.First = 1, &delivery.Attempt{Number: 1, At: start, Error: delivery.BadStatus, Answer: jane.mark}
			if claimed {
				tried.Attempts, tried.Claim = 2, start.Add(time.Minute)
			}
			if took, err := w.ledger.Update(t.Context(), []delivery.Update{{Was: d, Now: tried}}); err != nil || !took[0] {
				t.Fatal(took, err)
			}
			before := w.holders(t, jane.mark)
			found := w.erase(t, jane.number)
			if want := map[bool]int{false: 1, true: 0}[claimed]; found.Answers != want || found.Deliveries != 1 {
				t.Errorf("found %+v, want %d answers", found, want)
			}
			if after := w.holders(t, jane.mark); claimed != (len(after) == len(before)) || !claimed && after != nil {
				t.Errorf("the mark was in %v and is in %v", before, after)
			}
		})
	}
}
