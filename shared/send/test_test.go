package send_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/linetest"
)

// TestATestShowsWhatWasJustSaved: a process that has read the interface a moment ago reads it once more.
func TestATestShowsWhatWasJustSaved(t *testing.T) {
	t.Parallel()
	w := flying(t, v2(1, ""), "C1")
	p := process{w, w.Send()}
	p.work(t, w.Fast, 10)
	w.Hook = linetest.Parse(t, strings.ReplaceAll(v2(1, ""), "crm.example.com", "new.example.com"), nil)
	w.Set(w.Lane, w.Hook, hook.Active)
	must(t, w.TestContact(t.Context(), "T1"))
	p.work(t, w.Fast, 10)
	requests := w.Receiver.Requests()
	if len(requests) != 2 || requests[1].URL != "https://new.example.com/contacts" {
		t.Errorf("requests %v, want the test's to the new URL", requests)
	}
}

// TestATestWhoseSenderDies is not sent again: it ends, with an attempt that crashed, when its message comes back.
func TestATestWhoseSenderDies(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(w *linetest.World){
		"its interface works": func(*linetest.World) {},
		"its interface is gone by then": func(w *linetest.World) {
			w.Configuration.Remove(hook.Key{Organization: w.Lane.Organization, Name: w.Lane.Interface})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := linetest.NewWorld(t, v2(1, `,"retriesBeforeStop":5`))
			must(t, w.TestContact(t.Context(), "T1"))
			w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
				w.Kill.At(1)
				return linetest.Status(200)
			}
			if _, err := w.Deliver(t.Context(), w.Fast, 1); err == nil {
				t.Fatal("the sender did not die")
			}
			w.Kill.At(0)
			spoil(w)
			w.Settle(t.Context(), t, time.Hour)
			d := one(t, w)
			if d.Status != delivery.Cancelled || d.Reason != delivery.TestFailed || d.First == nil || d.First.Error != delivery.Crashed || len(w.Receiver.Requests()) != 1 {
				t.Errorf("%d requests, delivery %+v; want one, and the test cancelled", len(w.Receiver.Requests()), d)
			}
			if e := w.Ledger.AllExecutions()[0]; e.Tally.Sent != 1 || e.Tally.Failed != 1 || !e.Done() || len(w.Mail.Notices()) != 0 {
				t.Errorf("execution %+v, %d mails; want its record sent and failed, and nobody told", e, len(w.Mail.Notices()))
			}
		})
	}
}

// TestATestThatWasNotCountedFor: its sender died when it had written the end down. The message, which comes again, closes the
// execution.
func TestATestThatWasNotCountedFor(t *testing.T) {
	t.Parallel()
	w := linetest.NewWorld(t, v2(1, ""))
	must(t, w.TestContact(t.Context(), "T1"))
	dead := false
	w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
		w.Kill.At(4) // Two steps of the request's end and of the delivery's, then the execution's.
		dead = true
		return linetest.Status(200)
	}
	if _, err := w.Deliver(t.Context(), w.Fast, 1); err == nil || !dead {
		t.Fatal("the sender did not die")
	}
	w.Kill.At(0)
	if d, e := one(t, w), w.Ledger.AllExecutions()[0]; d.Status != delivery.Delivered || e.Done() {
		t.Fatalf("delivery %s, execution %+v; want it delivered and not counted", d.Status, e)
	}
	w.Settle(t.Context(), t, time.Hour)
	if e := w.Ledger.AllExecutions()[0]; !e.Done() || len(w.Receiver.Requests()) != 1 {
		t.Errorf("execution %+v after %d requests, want it over", e, len(w.Receiver.Requests()))
	}
}

// TestTheLogOfATest names what is sent and the execution, and why none was made.
func TestTheLogOfATest(t *testing.T) {
	t.Parallel()
	w := linetest.NewWorld(t, v2(1, ""))
	log := new(bytes.Buffer)
	w.Log = slog.New(slog.NewTextHandler(log, nil))
	must(t, w.TestContact(t.Context(), "T1"))
	deliver(t, w)
	must(t, w.TestContact(t.Context(), "T2"))
	w.Configuration.Remove(hook.Key{Organization: w.Lane.Organization, Name: w.Lane.Interface})
	deliver(t, w)
	for _, want := range []string{"msg=attempt", "event=test", "execution=", "records=1", "msg=cancelled", `reason="a test is sent once: no request was made`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %s:\n%s", want, log)
		}
	}
	if strings.Contains(log.String(), "contactNumber") {
		t.Errorf("the log has what was sent:\n%s", log)
	}
}

// TestABucketIsFoundByEachOfItsRecords from its first attempt on, also when its sender dies as it makes the item.
func TestABucketIsFoundByEachOfItsRecords(t *testing.T) {
	t.Parallel()
	for step := range 9 {
		w := flying(t, v2(3, `,"retriesBeforeStop":0,"retriesBeforeWarning":0`), "C1", "C2", "C3")
		w.Receiver.Answer = linetest.Always(500)
		w.Kill.At(step)
		_, err := w.Deliver(t.Context(), w.Fast, 1)
		if died := w.Kill.Dead(); (err != nil) != died || died != (step > 0) {
			t.Fatalf("step %d: %v, died %v", step, err, died)
		}
		w.Kill.At(0)
		w.Settle(t.Context(), t, time.Hour)
		for _, record := range []string{"contact/C1", "contact/C2", "contact/C3"} {
			found, _, err := w.Ledger.Listed(t.Context(), delivery.Selection{Organization: linetest.Organization, Record: record}, "", 10)
			must(t, err)
			if len(found) != 1 || found[0].Status != delivery.Stopped {
				t.Errorf("step %d: %s finds %+v, want its one delivery, stopped", step, record, found)
			}
		}
		for ref := range w.Ledger.All() {
			if !w.Ledger.KeptForever(ref) {
				t.Errorf("step %d: what lies beside the stopped delivery has an expiry: %v", step, w.Ledger.Beside(ref))
			}
		}
	}
}

// TestOneRecordIsListedByItsDelivery: nothing more is written for it.
func TestOneRecordIsListedByItsDelivery(t *testing.T) {
	t.Parallel()
	w := flying(t, v2(1, ""), "C1", "C2")
	deliver(t, w)
	if n := w.Ledger.Calls["ListRecords"]; n != 0 {
		t.Errorf("%d calls for records that their deliveries list", n)
	}
}

// TestWhatIsListedAsFailing: from the first failure to the end, whatever a message goes through.
func TestWhatIsListedAsFailing(t *testing.T) {
	t.Parallel()
	check := func(w *linetest.World, when string, want ...delivery.Status) {
		t.Helper()
		for _, status := range []delivery.Status{delivery.Pending, delivery.Stopped} {
			n, err := w.Ledger.CountListed(t.Context(), delivery.Selection{Organization: linetest.Organization, Interface: "crm", Status: status})
			must(t, err)
			if listed := len(want) > 0 && want[0] == status; (n == 1) != listed {
				t.Errorf("%s: %d listed as %s, want %v", when, n, status, want)
			}
		}
	}
	for _, configuration := range []string{v2(1, `,"retriesBeforeStop":2`), linetest.EventWebhook(`,"retriesBeforeStop":2`)} {
		w := linetest.NewWorld(t, configuration)
		if w.Hook.Type == hook.EventWebhook {
			tell(t, w, 1)
		} else {
			w = flying(t, configuration, "C1")
		}
		check(w, "not tried")
		w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
			check(w, "at the first attempt")
			return linetest.Status(500)
		}
		deliver(t, w)
		check(w, "after it", delivery.Pending)
		w.Clock.Advance(30 * time.Second)
		locked := strings.TrimSuffix(configuration, "}") + `,"authentication":{"mode":"BASIC","login":"crm","secret":"s"}}`
		w.Set(w.Lane, linetest.Parse(t, locked, map[string][]string{"s": {"crm.example.com"}}), hook.Active)
		w.Secrets.Fault = errors.New("throttled")
		deliver(t, w)
		if d := one(t, w); d.Attempts != 1 || !d.Claim.IsZero() {
			t.Errorf("delivery %+v, want its second attempt given back", d)
		}
		check(w, "given back", delivery.Pending)
		w.Set(w.Lane, w.Hook, hook.Active)
		w.Clock.Advance(10 * time.Second)
		w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
			check(w, "at the second attempt", delivery.Pending)
			return linetest.Status(500)
		}
		deliver(t, w)
		check(w, "after it", delivery.Pending)
		w.Clock.Advance(30 * time.Second)
		deliver(t, w)
		must(t, w.Drain(t.Context()))
		check(w, "given up", delivery.Stopped)
	}
}
