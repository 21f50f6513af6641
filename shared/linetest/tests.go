package linetest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
)

// asked is a test that somebody asked for; sent says that its message was put on the queue.
type asked struct {
	delivery.Message
	sent bool
}

// Test asks for a test of the line's interface as people do: its delivery, its body, its execution, then its message.
func (w *World) Test(ctx context.Context, record string, e delivery.Event) error {
	now := w.Clock.Now()
	execution, err := delivery.NewExecution(now, w.random)
	if err != nil {
		return err
	}
	m := delivery.Message{
		ID: delivery.ID(execution, 0), Organization: w.Lane.Organization, Interface: w.Lane.Interface, Generation: w.Lane.Generation,
		Execution: execution, Records: []string{record}, Event: &e, Test: true,
	}
	w.ask(m, false)
	if _, err := w.Ledger.Open(ctx, []delivery.Delivery{{Message: m, Status: delivery.Pending, CreatedAt: now}}); err != nil {
		return err
	}
	if err := w.Ledger.KeepBodies(ctx, []delivery.Message{m}); err != nil {
		return err
	}
	row := backlog.Execution{Lane: w.Lane, ID: execution, StartedBy: "test", At: now, Taken: 1, Deliveries: 1}
	if err := w.Ledger.Begin(ctx, row, now.Add(delivery.LedgerTime)); err != nil {
		return err
	}
	if _, err := w.Fast.SendEach(ctx, []string{m.Group()}, []any{m}); err != nil {
		return err
	}
	w.ask(m, true)
	return nil
}

// TestContact asks for a test of a contact webhook.
func (w *World) TestContact(ctx context.Context, id string) error {
	return w.Test(ctx, "contact/"+id, delivery.Event{Type: delivery.TestEvent, Body: `{"contactNumber":"` + id + `","version":1}`})
}

func (w *World) ask(m delivery.Message, sent bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tests[m.ID] = asked{m, sent}
}

// Tests are the tests that were asked for, in the order in which they were.
func (w *World) Tests() []delivery.Delivery {
	all := w.Ledger.All()
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []delivery.Delivery
	for _, a := range w.tests {
		if d, there := all[a.Ref()]; there {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b delivery.Delivery) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// isTest reports whether a delivery is a test.
func (w *World) isTest(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, is := w.tests[id]
	return is
}

// TestFaults says what is wrong with tests: one that was requested twice, or is delivered although nobody took it, or the
// other way round; one that ended otherwise, or not at all although it was in the queue; an execution of one that goes on; a
// body that is gone; a mail about one.
func (w *World) TestFaults(ctx context.Context) []string {
	var faults []string
	requests, taken := map[string]int{}, map[string]bool{}
	for _, r := range w.Receiver.Requests() {
		requests[r.Delivery]++
		taken[r.Delivery] = taken[r.Delivery] || r.Taken
	}
	told := ""
	for _, n := range w.Mail.Notices() {
		told += n.Text
	}
	all := w.Ledger.All()
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, a := range w.tests {
		d := all[a.Ref()]
		note := func(format string, args ...any) {
			faults = append(faults, fmt.Sprintf("test %s of %s: ", id, d.Interface)+fmt.Sprintf(format, args...))
		}
		if requests[id] > 1 || strings.Contains(told, id) {
			note("%d requests, mailed %v", requests[id], strings.Contains(told, id))
		}
		if !a.sent && !d.Final() {
			continue // Who asked for it died, and was not told that it would go.
		}
		w.testFault(ctx, d, a.Message, taken[id], note)
	}
	slices.Sort(faults)
	return faults
}

func (w *World) testFault(ctx context.Context, d delivery.Delivery, m delivery.Message, taken bool, note func(string, ...any)) {
	switch {
	case d.Status == delivery.Delivered && taken && d.Attempts == 1 && d.First != nil && d.First.OK():
	case d.Status == delivery.Cancelled && d.Attempts == 0 && !taken && d.Reason == delivery.TestUnsent:
	case d.Status == delivery.Cancelled && d.Attempts == 1 && d.First != nil && d.Reason == delivery.TestFailed && (!taken || d.First.Error == delivery.Crashed):
	default:
		note("it is %q after %d attempts (%s), taken %v", d.Status, d.Attempts, d.Reason, taken)
	}
	if d.Expires.IsZero() {
		note("it never expires")
	}
	if body, err := w.Ledger.Body(ctx, d.Ref()); err != nil || body != m.Event.Body {
		note("its body is %q (%v)", body, err)
	}
	for _, e := range w.Ledger.AllExecutions() {
		if e.ID == d.Execution && (!e.Done() || e.Ended > 1 || e.Tally.Sent > 1 || e.Streak > 0 || !e.LastAttempt.IsZero()) {
			note("its execution is %+v", e)
		}
	}
}
