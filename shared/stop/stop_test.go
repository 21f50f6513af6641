package stop_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
	"crmhook/shared/setaside"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func v2(bucket int, extra string) string {
	return linetest.V2(linetest.Schedule(1, 100, bucket) + extra)
}

// once is an interface whose deliveries have one attempt; it warns nobody before the stop.
func once(bucket int, extra string) string {
	return v2(bucket, `,"retriesBeforeStop":0,"retriesBeforeWarning":0`+extra)
}

// exhausted is a line whose contacts' attempts have failed; what stop has to do lies in its queue. Warnings are taken out.
func exhausted(t *testing.T, w *linetest.World, ids ...string) {
	t.Helper()
	w.Receiver.Answer = linetest.Always(500)
	must(t, w.Write(t.Context(), ids...))
	w.Clock.Advance(w.Clock.Now().Truncate(time.Minute).Add(time.Minute).Sub(w.Clock.Now()))
	must(t, w.Dispatch().Run(t.Context()))
	_, err := w.Deliver(t.Context(), w.Fast, 10)
	must(t, err)
	var kept []string
	for _, m := range w.Stopped.Receive(100) {
		if !strings.Contains(m.Body, `"notice"`) {
			kept = append(kept, m.Body)
		}
		w.Stopped.Delete(m.Receipt)
	}
	_, err = w.Stopped.SendText(t.Context(), "", kept)
	must(t, err)
}

func end(t *testing.T, w *linetest.World) {
	t.Helper()
	_, err := w.End(t.Context(), 10)
	must(t, err)
}

func rows(w *linetest.World) map[string]string {
	found := map[string]string{}
	for _, row := range w.Backlog.All() {
		found[row.Record] = row.Delivery
	}
	return found
}

// TestAStopLetsGoOfItsRows: what was given up is deleted, what changed since the last attempt waits again, and what is not
// the delivery's stays as it is.
func TestAStopLetsGoOfItsRows(t *testing.T) {
	t.Parallel()
	w := linetest.NewWorld(t, once(3, ""))
	exhausted(t, w, "C1", "C2", "C3")
	must(t, w.Write(t.Context(), "C2"))
	for _, row := range w.Backlog.All() {
		if row.Record == "contact/C3" {
			_, err := w.Backlog.Mark(t.Context(), []backlog.Mark{{Row: row, Delivery: "another"}})
			must(t, err)
		}
	}
	end(t, w)
	if d := diff.Diff(map[string]string{"contact/C2": "", "contact/C3": "another"}, rows(w)); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	for ref, d := range w.Ledger.All() {
		if d.Status != delivery.Stopped || d.Reason == "" || !d.Expires.IsZero() || !w.Ledger.KeptForever(ref) {
			t.Errorf("%s, reason %q, expires %s; want it stopped and kept for ever with its attempts", d.Status, d.Reason, d.Expires)
		}
	}
	if e := w.Ledger.AllExecutions()[0]; e.Tally.Stopped != 3 || !e.Done() {
		t.Errorf("the execution counts %d stopped, done %t; want 3, true", e.Tally.Stopped, e.Done())
	}
}

func TestADeliveryWithAttemptsLeftIsSentOn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		cause      delivery.Cause
		fast, slow int
	}{{"refused", delivery.BadStatus, 1, 0}, {"timed out", delivery.Timeout, 0, 1}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), linetest.NewWorld(t, v2(1, ""))
			w.Receiver.Answer = func(linetest.Request) delivery.Attempt { return delivery.Attempt{Error: tt.cause} }
			must(t, w.Write(ctx, "C1"))
			w.Clock.Advance(time.Minute)
			must(t, w.Dispatch().Run(ctx))
			_, err := w.Deliver(ctx, w.Fast, 1)
			must(t, err)
			w.Clock.Advance(30 * time.Second)
			received := w.Fast.Receive(1)[0]
			w.Fast.Delete(received.Receipt)
			_, err = w.Stopped.SendText(ctx, "", []string{received.Body})
			must(t, err)
			end(t, w)
			if w.Fast.Len() != tt.fast || w.Slow.Len() != tt.slow || w.Stopped.Len() != 0 {
				t.Fatalf("queues %d/%d/%d, want %d/%d/0", w.Fast.Len(), w.Slow.Len(), w.Stopped.Len(), tt.fast, tt.slow)
			}
			w.Receiver.Answer = nil
			w.Settle(ctx, t, time.Hour)
			if n := len(w.Ended(delivery.Delivered)); n != 1 || len(w.Ledger.All()) != 1 {
				t.Errorf("%d of %d deliveries delivered, want the one under its id", n, len(w.Ledger.All()))
			}
		})
	}
}

// TestADeliveryIsCancelledWhileItsInterfaceDoesNotWork: its records wait, and nobody is told.
func TestADeliveryIsCancelledWhileItsInterfaceDoesNotWork(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{true, false} {
		w := linetest.NewWorld(t, once(2, ""))
		if known {
			exhausted(t, w, "C1", "C2")
		} else {
			must(t, w.Write(t.Context(), "C1", "C2"))
			w.Clock.Advance(time.Minute)
			must(t, w.Dispatch().Run(t.Context()))
			received := w.Fast.Receive(1)[0]
			w.Fast.Delete(received.Receipt)
			_, err := w.Stopped.SendText(t.Context(), "", []string{received.Body})
			must(t, err)
		}
		w.Pause()
		end(t, w)
		if d := diff.Diff(map[string]string{"contact/C1": "", "contact/C2": ""}, rows(w)); d != "" {
			t.Errorf("in the ledger %t: rows (-want +got):\n%s", known, d)
		}
		if n := len(w.Ended(delivery.Cancelled)); n != 1 || len(w.Mail.Notices()) != 0 || !w.Ledger.AllExecutions()[0].Done() {
			t.Errorf("in the ledger %t: %d cancelled, %d told, execution done %t; want 1, 0, true", known, n, len(w.Mail.Notices()), w.Ledger.AllExecutions()[0].Done())
		}
	}
}

// TestADeliveryInWorkIsLeftAlone until its claim is over.
func TestADeliveryInWorkIsLeftAlone(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, once(1, `,"timeoutSeconds":20`))
	must(t, w.Write(ctx, "C1"))
	w.Clock.Advance(time.Minute)
	must(t, w.Dispatch().Run(ctx))
	received := w.Fast.Receive(1)
	w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
		if _, err := w.Stopped.SendText(ctx, "", []string{received[0].Body}); err != nil {
			t.Error(err)
		}
		end(t, w)
		if at, ok := w.Stopped.Next(); !ok || at.Sub(w.Clock.Now()) != 36*time.Second || len(rows(w)) != 1 {
			t.Errorf("seen again at %s (%t), %d rows; want it after the claim of 35 s, and the row", at, ok, len(rows(w)))
		}
		return linetest.Status(200)
	}
	must(t, w.Work(ctx, w.Fast, received))
	w.Settle(ctx, t, time.Hour)
	if n := len(w.Ended(delivery.Delivered)); n != 1 {
		t.Errorf("%d deliveries delivered, want 1", n)
	}
}

func TestAMessageThatNobodyCanReadIsSetAside(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no JSON":                   `delivery`,
		"an object of another kind": `{"a":1}`,
		"counts are missing":        `{"delivery":"e-00000","organization":"demo","interface":"crm","generation":"g1","records":["contact/C1"]}`,
		"an unknown notice":         `{"notice":"joke","organization":"demo","interface":"crm"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := linetest.NewWorld(t, once(1, ""))
			_, err := w.Stopped.SendText(t.Context(), "", []string{body})
			must(t, err)
			end(t, w)
			aside := w.Ledger.AllAside()
			if len(aside) != 1 || aside[0].Body != body || aside[0].Cause == "" || aside[0].Organization != setaside.Unknown {
				t.Errorf("set aside %+v, want the message with its cause", aside)
			}
			if unreadable := w.Unreadable.Receive(10); len(unreadable) != 1 || unreadable[0].Body != body || w.Stopped.Len() != 0 {
				t.Errorf("unreadable %v, %d in the stopped queue; want the message, and 0", unreadable, w.Stopped.Len())
			}
		})
	}
}

// TestAStopThatComesTwiceIsOne, be it handed out twice or received again.
func TestAStopThatComesTwiceIsOne(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, once(1, ""))
	exhausted(t, w, "C1")
	received := w.Stopped.Receive(1)
	for range 2 {
		must(t, w.WorkStopped(ctx, received))
	}
	if n := len(w.Mail.Notices()); n != 1 {
		t.Errorf("people were told %d times, want once", n)
	}
	text, err := json.Marshal(w.Ended(delivery.Stopped)[0].Message)
	must(t, err)
	_, err = w.Stopped.SendText(ctx, "", []string{string(text)})
	must(t, err)
	end(t, w)
	if e := w.Ledger.AllExecutions()[0]; e.Ended != 1 || e.Tally.Stopped != 1 || len(w.Mail.Notices()) != 1 {
		t.Errorf("ended %d, stopped %d, told %d; want one of each", e.Ended, e.Tally.Stopped, len(w.Mail.Notices()))
	}
}
