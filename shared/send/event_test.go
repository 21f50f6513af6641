package send_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/linetest"
	"crmhook/shared/secret"
)

// told is a line whose n events lie in the fast queue.
func told(t *testing.T, extra string, n int) *linetest.World {
	t.Helper()
	w := linetest.NewWorld(t, linetest.EventWebhook(extra))
	tell(t, w, n)
	return w
}

func tell(t *testing.T, w *linetest.World, n int) {
	t.Helper()
	var changes []change.Change
	for i := range n {
		changes = append(changes, linetest.Order(i, "x"))
	}
	must(t, w.Tell(t.Context(), changes...))
}

// TestAnEventIsSentAsItIs: its body, under its delivery's id, at each attempt.
func TestAnEventIsSentAsItIs(t *testing.T) {
	t.Parallel()
	w := told(t, `,"customParameters":{"tenant":"12"}`, 1)
	w.Receiver.Answer = linetest.Always(500)
	deliver(t, w)
	if got := next(t, w); got != 30*time.Second {
		t.Errorf("seen again after %s, want the interface's delay", got)
	}
	w.Receiver.Answer = linetest.Always(201)
	w.Clock.Advance(30 * time.Second)
	deliver(t, w)
	requests, d := w.Receiver.Requests(), one(t, w)
	if len(requests) != 2 || d.Status != delivery.Delivered || d.Attempts != 2 || d.LastStatus != 201 || d.First == nil || d.First.Status != 500 {
		t.Fatalf("%d requests, delivery %+v", len(requests), d)
	}
	if !d.Expires.Equal(w.Clock.Now().Add(delivery.LedgerTime)) || d.Execution != "" || d.Seen != nil || d.Event.Type != "order.created" {
		t.Errorf("delivery %+v, want one of an event that expires", d)
	}
	const body = `{"type":"order.created","timestamp":"2026-12-01T08:00:00Z","sequence":"000000000000000000000","record":{"entity":"order","id":"0"},` +
		`"data":{"number":0,"text":"x"}}`
	for _, r := range requests {
		if r.Method != "POST" || r.URL != "https://crm.example.com/events?tenant=12" || string(r.Body) != body || r.WebhookID(r.Delivery) != d.ID {
			t.Errorf("request %s %s %s under %s", r.Method, r.URL, r.Body, r.WebhookID(r.Delivery))
		}
	}
	if n := w.Fast.Len() + w.Ledger.Bodies() + len(w.Backlog.All()) + w.Records.Calls["Data"] + w.Backlog.Calls["Held"] + w.Backlog.Calls["Settle"]; n != 0 {
		t.Errorf("something is left of an event, or was read for it: backlog %v", w.Backlog.Calls)
	}
}

// TestWhatAnEventCosts: to send ten at once takes three writes each and one for the hour, and no read.
func TestWhatAnEventCosts(t *testing.T) {
	t.Parallel()
	w := told(t, "", 10)
	clear(w.Ledger.Calls)
	before := w.Ledger.Units
	deliver(t, w)
	if d := diff.Diff(map[string]int{"Update": 2, "ForgetBodies": 1, "Count": 1}, w.Ledger.Calls); d != "" {
		t.Errorf("calls differ (-want +got):\n%s", d)
	}
	if got := w.Ledger.Units - before; got != 31 {
		t.Errorf("%d write units, want three an event and one for the hour", got)
	}
}

// TestEventsAndBucketsTogether in one invocation.
func TestEventsAndBucketsTogether(t *testing.T) {
	t.Parallel()
	w := flying(t, v2(2, ""), "C1", "C2")
	events := w.Install(t, "events", linetest.EventWebhook(""))
	contacts := w.Lane
	w.Lane = events
	tell(t, w, 3)
	w.Lane = contacts
	deliver(t, w)
	bodies := map[bool]int{}
	for _, r := range w.Receiver.Requests() {
		bodies[strings.HasPrefix(string(r.Body), "[")]++
	}
	if d := diff.Diff(map[bool]int{true: 1, false: 3}, bodies); d != "" {
		t.Errorf("requests by bucket or event (-want +got):\n%s", d)
	}
	if n := len(w.Ended(delivery.Delivered)); n != 4 {
		t.Errorf("%d delivered, want 4", n)
	}
	for _, e := range w.Ledger.AllExecutions() {
		if !e.Done() || e.Tally.Delivered != 2 {
			t.Errorf("execution %+v counts other than its bucket", e)
		}
	}
}

// TestAnEventsPassword goes with it; where it cannot be had there is no attempt.
func TestAnEventsPassword(t *testing.T) {
	t.Parallel()
	w := told(t, "", 1)
	text := linetest.EventWebhook(`,"authentication":{"mode":"BASIC","login":"crm","secret":"s"}`)
	w.Set(w.Lane, linetest.Parse(t, text, map[string][]string{"s": {"crm.example.com"}}), hook.Active)
	w.Secrets.Fault = errors.New("throttled")
	deliver(t, w)
	if d := one(t, w); len(w.Receiver.Requests()) != 0 || d.Attempts != 0 || !d.Claim.IsZero() || w.Ledger.Bodies() != 1 {
		t.Fatalf("%d requests, delivery %+v: want no attempt", len(w.Receiver.Requests()), d)
	}
	w.Secrets.Fault, w.Secrets.Values = nil, map[secret.Name]secret.Secret{
		{Organization: linetest.Organization, Name: "s"}: {Value: "dummy", Hosts: []string{"crm.example.com"}},
	}
	w.Settle(t.Context(), t, time.Hour)
	if r := w.Receiver.Requests(); len(r) != 1 || r[0].Login != "crm" || r[0].Password != "dummy" {
		t.Errorf("requests %v, want one with the password", r)
	}
}

// TestEventsOfWhatDoesNotWork are stopped, for a replay, with all that is kept of them, and nobody is told.
func TestEventsOfWhatDoesNotWork(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(w *linetest.World){
		"paused": func(w *linetest.World) { w.Pause() },
		"gone": func(w *linetest.World) {
			w.Configuration.Remove(hook.Key{Organization: w.Lane.Organization, Name: w.Lane.Interface})
		},
		"made anew": func(w *linetest.World) {
			lane := w.Lane
			lane.Generation = "g2"
			w.Set(lane, w.Hook, hook.Active)
		},
		"never made": func(w *linetest.World) {
			w.Ledger = linetest.New().Ledger
			w.Pause()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := told(t, "", 1)
			log := new(bytes.Buffer)
			w.Log = slog.New(slog.NewTextHandler(log, nil))
			spoil(w)
			deliver(t, w)
			d := one(t, w)
			if d.Status != delivery.Stopped || !strings.Contains(d.Reason, "the event can be replayed") || !d.Expires.IsZero() || d.EndedAt.IsZero() {
				t.Errorf("delivery %+v, want it stopped for a replay", d)
			}
			if body, err := w.Ledger.Body(t.Context(), d.Ref()); err != nil || !strings.HasPrefix(body, `{"type":"order.created"`) {
				t.Errorf("the ledger has the body %q (%v)", body, err)
			}
			if n := w.Fast.Len() + w.Stopped.Len() + len(w.Receiver.Requests()); n != 0 {
				t.Error("there is a message or a request")
			}
			if !strings.Contains(log.String(), "msg=stopped") || !strings.Contains(log.String(), "event=order.created") {
				t.Errorf("the log does not say so: %s", log)
			}
		})
	}
}

// TestTheLogOfAnEvent names its type and no execution.
func TestTheLogOfAnEvent(t *testing.T) {
	t.Parallel()
	w := told(t, "", 1)
	log := new(bytes.Buffer)
	w.Log = slog.New(slog.NewTextHandler(log, nil))
	deliver(t, w)
	if text := log.String(); !strings.Contains(text, "event=order.created") || strings.Contains(text, "execution=") || !strings.Contains(text, "records=1") {
		t.Errorf("log line %s", text)
	}
	if executions := w.Ledger.Calls["Advance"]; executions != 0 {
		t.Errorf("%d executions were counted for", executions)
	}
}
