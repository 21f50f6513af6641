package send_test

import (
	"errors"
	"testing"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/linetest"
)

// TestNothingToSendNeedsNoPassword: a bucket whose contact is gone ends although the secret cannot be had.
func TestNothingToSendNeedsNoPassword(t *testing.T) {
	t.Parallel()
	w := flying(t, v2(1, ""), "C1")
	text := v2(1, `,"authentication":{"mode":"BASIC","login":"crm","secret":"s"}`)
	w.Set(w.Lane, linetest.Parse(t, text, map[string][]string{"s": {"crm.example.com"}}), hook.Active)
	w.Secrets.Fault = errors.New("throttled")
	must(t, w.Delete(t.Context(), "C1"))
	deliver(t, w)
	if d := one(t, w); d.Status != delivery.Skipped || len(w.Receiver.Requests()) != 0 {
		t.Errorf("delivery %+v, want it skipped", d)
	}
}

// TestACallWhoseIDsCannotBeRead is no attempt: only a fault of ours can have written it.
func TestACallWhoseIDsCannotBeRead(t *testing.T) {
	t.Parallel()
	w := linetest.NewWorld(t, linetest.CRMTrigger(""))
	must(t, w.Tell(t.Context(), linetest.Case(1, change.Edit)))
	d := one(t, w)
	w.Fast.Delete(w.Fast.Receive(1)[0].Receipt)
	d.Message.Event = &delivery.Event{Type: "case.edit", Body: `{"AccountID":"1"}`}
	_, err := w.Fast.SendEach(t.Context(), []string{d.Group()}, []any{d.Message})
	must(t, err)
	if n := deliver(t, w); n != 1 {
		t.Fatalf("%d messages, want one", n)
	}
	if d := one(t, w); d.Status != delivery.Pending || d.Attempts != 0 || !d.Claim.IsZero() || len(w.Receiver.Requests()) != 0 || w.Fast.Len() != 1 {
		t.Errorf("delivery %+v, want no attempt", d)
	}
}
