package linetest_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/linetest"
	"crmhook/shared/send"
)

const (
	ruleWebhook = `{"type":"rule-webhook","url":"https://crm.example.com/rules"}`
	v1          = `{"type":"contact-webhook-v1","url":"https://crm.example.com/${contactNumber}","schedules":[{"name":"s","frequencyMinutes":1}]}`
)

// TestATestIsSentOnce to an interface of every type, whatever its state, and whatever comes of it.
func TestATestIsSentOnce(t *testing.T) {
	t.Parallel()
	of := func(eventType, body string) delivery.Event { return delivery.Event{Type: eventType, Body: body} }
	types := map[string]struct {
		configuration string
		event         delivery.Event
		want          string // method, URL and body
	}{
		"V1": {v1, of(delivery.TestEvent, `{"contactNumber":"SAMPLE"}`), "GET https://crm.example.com/SAMPLE "},
		"V2": {
			v2(5, `,"filter":"role=OTHER"`), of(delivery.TestEvent, `{"contactNumber":"SAMPLE","role":"MEMBER"}`),
			`POST https://crm.example.com/contacts [{"contactNumber":"SAMPLE","role":"MEMBER"}]`,
		},
		"event":   {linetest.EventWebhook(ordered), of("order.created", `{"type":"order.created"}`), `POST https://crm.example.com/events {"type":"order.created"}`},
		"trigger": {linetest.CRMTrigger(""), of("case.create", `{"AccountID":"7","CaseID":"S"}`), "GET https://crm.example.com/new?AccountID=7&CaseID=S "},
		"rule":    {ruleWebhook, of(hook.RuleEvent, `{"id":"r"}`), `POST https://crm.example.com/rules {"id":"r"}`},
	}
	for name, tt := range types {
		for _, state := range []hook.State{hook.Active, hook.Paused, hook.Disabled} {
			for _, status := range []int{200, 500} {
				t.Run(fmt.Sprintf("%s, %s, %d", name, state, status), func(t *testing.T) {
					t.Parallel()
					ctx, w := t.Context(), linetest.NewWorld(t, tt.configuration)
					w.Set(w.Lane, w.Hook, state)
					w.Receiver.Answer = answering(status)
					must(t, w.Test(ctx, "contact/SAMPLE", tt.event))
					w.Settle(ctx, t, time.Hour)
					for _, fault := range w.TestFaults(ctx) {
						t.Error(fault)
					}
					looksAtATest(t, w, status, tt.want)
				})
			}
		}
	}
}

// answering answers with more than is kept of an attempt that is not the last.
func answering(status int) func(linetest.Request) delivery.Attempt {
	return func(linetest.Request) delivery.Attempt {
		a := linetest.Status(status)
		a.Answer, a.Headers = strings.Repeat("a", 20_000), map[string]string{"X": "y"}
		return a
	}
}

func looksAtATest(t *testing.T, w *linetest.World, status int, want string) {
	t.Helper()
	requests, d := w.Receiver.Requests(), w.Tests()[0]
	if len(requests) != 1 || requests[0].Method+" "+requests[0].URL+" "+string(requests[0].Body) != want || requests[0].Delivery != d.ID {
		t.Fatalf("requests %+v, want one: %s", requests, want)
	}
	taken := map[int]delivery.Status{200: delivery.Delivered, 500: delivery.Cancelled}[status]
	if d.Status != taken || d.LastStatus != status || len(d.First.Answer) != delivery.LastAnswerKept || d.First.Headers["X"] != "y" || d.Listed() != "" {
		t.Errorf("delivery %+v, want it %s with the attempt's headers and much of its answer, in no list of what is to be looked after", d, taken)
	}
	tally := map[int]struct{ sent, delivered, failed int }{200: {1, 1, 0}, 500: {1, 0, 1}}[status]
	if e := w.Ledger.AllExecutions()[0]; e.Tally.Sent != tally.sent || e.Tally.Delivered != tally.delivered || e.Tally.Failed != tally.failed ||
		e.Ended != 1 || e.Closed || !e.EndedAt.Equal(w.Clock.Now()) {
		t.Errorf("execution %+v", e)
	}
	if n := len(w.Mail.Notices()) + w.Ledger.Calls["Count"] + w.Ledger.Calls["ForgetBodies"] + len(w.Backlog.Calls); n != 0 {
		t.Errorf("somebody was told, counted for, or looked for in the backlog: %v, %v", w.Ledger.Calls, w.Backlog.Calls)
	}
}

// TestATestThatCannotBeSent is cancelled and says so.
func TestATestThatCannotBeSent(t *testing.T) {
	t.Parallel()
	key := hook.Key{Organization: linetest.Organization, Name: "crm"}
	for name, spoil := range map[string]func(w *linetest.World){
		"gone": func(w *linetest.World) { w.Configuration.Remove(key) },
		"invalid": func(w *linetest.World) {
			w.Configuration.Set(hook.Interface{Organization: key.Organization, Name: key.Name, Generation: "g1", State: hook.Invalid})
		},
		"made anew": func(w *linetest.World) {
			lane := w.Lane
			lane.Generation = "g2"
			w.Set(lane, w.Hook, hook.Active)
		},
		"another type":            func(w *linetest.World) { w.Install(t, "crm", linetest.EventWebhook("")) },
		"a secret cannot be read": func(w *linetest.World) { w.Set(w.Lane, basic(t).Hook, hook.Active) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), linetest.NewWorld(t, v2(1, ""))
			w.Secrets.Fault = errThrottled
			must(t, w.TestContact(ctx, "T1"))
			spoil(w)
			w.Settle(ctx, t, time.Hour)
			for _, fault := range w.TestFaults(ctx) {
				t.Error(fault)
			}
			if d := w.Tests()[0]; d.Reason != delivery.TestUnsent || len(w.Receiver.Requests()) != 0 || len(w.Mail.Notices()) != 0 {
				t.Errorf("delivery %+v, want it cancelled without a request, nobody told", d)
			}
			if n := w.Ledger.Calls["KeepBodies"]; n != 1 {
				t.Errorf("its body was kept %d times", n)
			}
			if e := w.Ledger.AllExecutions()[0]; e.Tally.Sent != 0 || e.Ended != 1 || e.EndedAt.IsZero() {
				t.Errorf("execution %+v, want one that has ended, nothing sent", e)
			}
		})
	}
}

// testedBeside asks for tests while live deliveries fail, go on, and are stopped.
func testedBeside(ctx context.Context, w *linetest.World) error {
	if err := w.Write(ctx, "C1", "C2"); err != nil {
		return err
	}
	for i := range 3 {
		if err := w.TestContact(ctx, "T"+string(rune('1'+i))); err != nil {
			return err
		}
		if err := w.Minute(ctx); err != nil {
			return err
		}
	}
	return nil
}

func testsSound(t *testing.T, w *linetest.World, at int) {
	t.Helper()
	for _, fault := range append(w.TestFaults(t.Context()), w.HourFaults(t.Context(), at > 0)...) {
		t.Errorf("step %d: %s", at, fault)
	}
	for _, d := range w.Tests() {
		if at == 0 && (d.Attempts != 1 || d.First.Error == delivery.Crashed) {
			t.Errorf("without a crash: test %+v", d)
		}
	}
}

// TestATestSaysNothingOfItsInterface: its failures neither shrink the window nor have events take the slow queue, and what it
// finds failing is sent at once all the same.
func TestATestSaysNothingOfItsInterface(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.EventWebhook(""))
	one := w.Send() // What it remembers of interfaces that fail only it knows.
	work := func() {
		t.Helper()
		received := w.Fast.Receive(10)
		messages := make([]send.Message, len(received))
		for i, m := range received {
			messages[i] = send.Message{ID: m.ID, Receipt: m.Receipt, Body: m.Body, Receives: m.Receives}
		}
		_, err := one.Handle(ctx, messages)
		must(t, err)
	}
	w.Receiver.Answer = func(linetest.Request) delivery.Attempt { return delivery.Attempt{Error: delivery.Timeout} }
	for range 4 {
		must(t, w.Test(ctx, "order/1", delivery.Event{Type: "order.created", Body: "{}"}))
		work()
	}
	must(t, w.Tell(ctx, linetest.Order(1, "x")))
	work()
	if n := len(w.Receiver.Requests()); n != 5 || w.Slow.Len() != 0 {
		t.Errorf("%d requests, %d messages in the slow queue; want the event tried at once", n, w.Slow.Len())
	}
	must(t, w.Test(ctx, "order/1", delivery.Event{Type: "order.created", Body: "{}"}))
	work()
	if n := len(w.Receiver.Requests()); n != 6 || w.Slow.Len() != 0 {
		t.Errorf("%d requests, %d messages in the slow queue; want the test sent although its interface hangs", n, w.Slow.Len())
	}
}

// TestHoursCountWhatHappened, of contacts, events and calls.
func TestHoursCountWhatHappened(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		configuration string
		make          func(ctx context.Context, w *linetest.World) error
		want          hours.Counts
	}{
		"contacts one by one": {v2(1, `,"retriesBeforeStop":1`), writing, hours.Counts{Delivered: 6, Failed: 5, Stopped: 2}},
		"contacts in buckets": {v2(4, `,"retriesBeforeStop":1`), writing, hours.Counts{Delivered: 1, Failed: 3, Stopped: 1}},
		"events":              {linetest.EventWebhook(`,"retriesBeforeStop":1`), eightOrders, hours.Counts{Delivered: 6, Failed: 5, Stopped: 2}},
		"events in order":     {linetest.EventWebhook(ordered + `,"retriesBeforeStop":1`), eightOrders, hours.Counts{Delivered: 6, Failed: 5, Stopped: 2}},
		"paused": {linetest.EventWebhook(""), func(ctx context.Context, w *linetest.World) error {
			err := eightOrders(ctx, w)
			w.Pause()
			return err
		}, hours.Counts{Stopped: 8}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), linetest.NewWorld(t, tt.configuration)
			w.Receiver.Answer = failingDeliveries(1, 2, 2)
			must(t, tt.make(ctx, w))
			w.Settle(ctx, t, 4*time.Hour)
			counted, happened, err := w.Counted(ctx)
			must(t, err)
			if d := diff.Diff(tt.want, counted) + diff.Diff(happened, counted); d != "" {
				t.Errorf("counts (-want +got):\n%s", d)
			}
		})
	}
}

// failingDeliveries refuses the first requests of the first deliveries, each so many of its own.
func failingDeliveries(times ...int) func(linetest.Request) delivery.Attempt {
	var mu sync.Mutex
	left := map[string]int{}
	return func(r linetest.Request) delivery.Attempt {
		mu.Lock()
		defer mu.Unlock()
		n, known := left[r.Delivery]
		if !known && len(left) < len(times) {
			n = times[len(left)]
		}
		left[r.Delivery] = n - 1
		if n > 0 {
			return linetest.Status(500)
		}
		return linetest.Status(200)
	}
}

func writing(ctx context.Context, w *linetest.World) error {
	return w.Write(ctx, "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8")
}

func eightOrders(ctx context.Context, w *linetest.World) error {
	return w.Tell(ctx, orders(8, "x")...)
}
