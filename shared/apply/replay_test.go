package apply_test

import (
	"context"
	"testing"
	"time"

	"crmhook/shared/apply"
	"crmhook/shared/delivery"
	"crmhook/shared/tabletest"
	"crmhook/shared/trigger"
)

// overtaken is a ledger in which something happens to a trigger just before a failed try of it is kept.
type overtaken struct {
	*tabletest.Triggers
	before func()
}

func (o overtaken) Keep(ctx context.Context, entries []trigger.Entry) error {
	if entries[0].Status == trigger.Failed {
		o.before()
	}
	return o.Triggers.Keep(ctx, entries)
}

func (o overtaken) Fail(ctx context.Context, e trigger.Entry) (bool, error) {
	o.before()
	return o.Triggers.Fail(ctx, e)
}

// TestAFailedTryUndoesNoEnd: two messages name a trigger that is replayed, and the try of the one fails after that of the other
// has ended it, or after an erasure. A try that nothing overtook is kept as it was.
func TestAFailedTryUndoesNoEnd(t *testing.T) {
	t.Parallel()
	const cause = "it named a contact that was erased"
	expires := start.Add(delivery.LedgerTime)
	for name, tt := range map[string]struct {
		before func(w *world, tr trigger.Trigger)
		want   trigger.Status
		says   string
		again  bool
	}{
		"applied": {func(w *world, tr trigger.Trigger) {
			if err := w.triggers.Keep(w.Context(), []trigger.Entry{tr.Ended(trigger.Applied, "", 1, nil, start, expires)}); err != nil {
				w.Fatal(err)
			}
		}, trigger.Applied, "", false},
		"erased": {func(w *world, tr trigger.Trigger) {
			if err := w.triggers.Erase(w.Context(), organization, tr.ID, cause, expires); err != nil {
				w.Fatal(err)
			}
		}, trigger.Failed, cause, false},
		"neither": {func(*world, trigger.Trigger) {}, trigger.Failed, "", true},
	} {
		for n, when := range map[int]string{1: "first try", 5: "last try"} {
			t.Run(name+", "+when, func(t *testing.T) {
				t.Parallel()
				w := open(t)
				tr := w.trigger("Crm360/Sms/Send", sampleBody(t, "Crm360/Sms/Send"))
				w.out.settings["dailyMessages"] = "10"
				entry := tr.Ended(trigger.Failed, "the service refused it", 5, nil, start, time.Time{})
				entry.Message, _ = tr.Encode()
				if err := w.triggers.Keep(t.Context(), []trigger.Entry{entry}); err != nil {
					t.Fatal(err)
				}
				w.out.refuses = 1
				w.handler.Ledger = overtaken{w.triggers, func() { tt.before(w, tr) }}
				failed, err := w.handler.Handle(t.Context(), []apply.Message{named(t, tr, n)})
				if err != nil || (len(failed) > 0) != tt.again {
					t.Errorf("failed %v, error %v; want it again: %v", failed, err, tt.again)
				}
				is := w.entry(tr)
				if is.Status != tt.want || (len(is.Message) > 0) != tt.again || is.Expires.IsZero() != tt.again || tt.says != "" && is.Cause != tt.says {
					t.Errorf("entry %s: %q, %d bytes of message, expires %v", is.Status, is.Cause, len(is.Message), is.Expires)
				}
				if tt.again && is.Tries != n {
					t.Errorf("%d tries, want %d", is.Tries, n)
				}
				if n == 5 && !tt.again && w.out.refuses == 0 {
					t.Error("what is not kept any more was carried out once more")
				}
			})
		}
	}
}

// TestALedgerThatCannotKeepAFailedTry has the message seen again.
func TestALedgerThatCannotKeepAFailedTry(t *testing.T) {
	t.Parallel()
	w := open(t)
	tr := w.trigger("Crm360/Sms/Send", sampleBody(t, "Crm360/Sms/Send"))
	w.out.settings["dailyMessages"] = "10"
	entry := tr.Ended(trigger.Failed, "the service refused it", 5, nil, start, time.Time{})
	entry.Message, _ = tr.Encode()
	if err := w.triggers.Keep(t.Context(), []trigger.Entry{entry}); err != nil {
		t.Fatal(err)
	}
	w.out.refuses = 1
	w.handler.Ledger = overtaken{w.triggers, func() { w.kill.At(1) }}
	failed, err := w.handler.Handle(t.Context(), []apply.Message{named(t, tr, 1)})
	if err == nil || len(failed) != 1 {
		t.Errorf("failed %v, error %v; want the message again and an error", failed, err)
	}
}
