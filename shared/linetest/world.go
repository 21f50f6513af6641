package linetest

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
)

// Organization is the one that all interfaces of a line belong to.
const Organization = "demo"

// V2 is the configuration of a contact-webhook-v2 with more members, written ,"name":value.
func V2(extra string) string {
	return `{"type":"contact-webhook-v2","url":"https://crm.example.com/contacts","details":["GENERAL"],"retryDelaySeconds":30` + extra + `}`
}

// Schedule is the member schedules with one schedule.
func Schedule(frequency, batch, bucket int) string {
	return fmt.Sprintf(`,"schedules":[{"name":"s","frequencyMinutes":%d,"batchSize":%d,"bucketSize":%d}]`, frequency, batch, bucket)
}

// Parse checks a configuration whose parameter was first seen at the line's start; with faults the test is over.
func Parse(t testing.TB, text string, secrets map[string][]string) *hook.Hook {
	t.Helper()
	h, faults := hook.Parse([]byte(text), hook.Context{FirstSeen: Start, Secrets: secrets})
	if err := faults.Err(); err != nil {
		t.Fatalf("configuration: %v", err)
	}
	return h
}

// Install puts an interface of the first generation into the line's configuration and returns its lane.
func (l *Line) Install(t testing.TB, name, text string) backlog.Lane {
	t.Helper()
	lane := backlog.Lane{Organization: Organization, Interface: name, Generation: "g1"}
	l.Set(lane, Parse(t, text, nil), hook.Active)
	return lane
}

// Set writes an interface as configure would.
func (l *Line) Set(lane backlog.Lane, h *hook.Hook, state hook.State) {
	l.Configuration.Set(hook.Interface{
		Organization: lane.Organization, Name: lane.Interface, Generation: lane.Generation, Version: 1, Modified: Start, FirstSeen: Start,
		State: state, Type: h.Type, Hook: h,
	})
}

// Plan puts an entry on the agenda, due now.
func (l *Line) Plan(ctx context.Context, lane backlog.Lane, purpose backlog.Purpose) error {
	return l.Agenda.Put(ctx, []backlog.Entry{{Lane: lane, Purpose: purpose, Due: l.Clock.Now().Truncate(time.Second), Token: l.token()}})
}

func (l *Line) token() string {
	token := make([]byte, 8)
	_, _ = l.random.Read(token) // It never fails.
	return string(token)
}

// Contact is the data of a contact whose version tells its states apart.
func Contact(id string, version int) map[string]any {
	return map[string]any{"contactNumber": id, "version": json.Number(strconv.Itoa(version))}
}

// World is a line with one interface and the contacts that a test writes.
type World struct {
	*Line
	Lane backlog.Lane
	Hook *hook.Hook

	mu      sync.Mutex
	written map[string]int
	tests   map[string]asked
}

// NewWorld is a line with the interface crm.
func NewWorld(t testing.TB, configuration string) *World {
	t.Helper()
	l := New()
	w := &World{Line: l, Lane: l.Install(t, "crm", configuration), Hook: Parse(t, configuration, nil), written: map[string]int{}, tests: map[string]asked{}}
	return w
}

// Write makes the next state of contacts, and scan sees each change once.
func (w *World) Write(ctx context.Context, ids ...string) error {
	for _, id := range ids {
		w.mu.Lock()
		w.written[id]++
		data := Contact(id, w.written[id])
		w.mu.Unlock()
		if err := w.Change(ctx, w.Lane, id, data); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes a contact; scan sees that as a change.
func (w *World) Delete(ctx context.Context, id string) error {
	w.mu.Lock()
	delete(w.written, id)
	w.mu.Unlock()
	return w.Change(ctx, w.Lane, id, nil)
}

// Newest is the newest state of each contact that is there.
func (w *World) Newest() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	newest := map[string]int{}
	for id, n := range w.written {
		newest[id] = n
	}
	return newest
}

// Rescan counts a change of every contact again, as scan does that died before it moved its checkpoint.
func (w *World) Rescan(ctx context.Context) error {
	for id := range w.Newest() {
		if err := w.Scan(ctx, w.Lane, id); err != nil {
			return err
		}
	}
	return nil
}

// Pause and Resume do what configure does: while paused nothing is due; what has waited goes when it is active again.
func (w *World) Pause() { w.Set(w.Lane, w.Hook, hook.Paused) }

// Resume makes the interface active again.
func (w *World) Resume(ctx context.Context) error {
	w.Set(w.Lane, w.Hook, hook.Active)
	return w.Plan(ctx, w.Lane, backlog.Run)
}

// Idle reports whether no row, no message and no entry of the agenda is left.
func (w *World) Idle() bool {
	return len(w.Backlog.All()) == 0 && w.Fast.Len()+w.Slow.Len()+w.Stopped.Len() == 0 && len(w.Agenda.All()) == 0
}

// Settle runs the line, from one thing to the next, until nothing is left to do; what is not over after the limit stays for
// ever.
func (w *World) Settle(ctx context.Context, t testing.TB, limit time.Duration) {
	t.Helper()
	if err := w.SettleWithin(ctx, limit); err != nil {
		t.Fatal(err)
	}
}

// SettleWithin is Settle for those who say more about what is wrong.
func (w *World) SettleWithin(ctx context.Context, limit time.Duration) error {
	end := w.Clock.Now().Add(limit)
	for !w.Idle() {
		if w.Clock.Now().After(end) {
			return fmt.Errorf("not settled after %s, at %s: %d rows, queues %d/%d/%d, agenda %v", limit, w.Clock.Now().Format(time.DateTime), len(w.Backlog.All()),
				w.Fast.Len(), w.Slow.Len(), w.Stopped.Len(), w.planned())
		}
		if err := w.Step(ctx); err != nil {
			return fmt.Errorf("at %s: %w", w.Clock.Now().Format(time.TimeOnly), err)
		}
		if !w.Idle() {
			w.Jump()
		}
	}
	return nil
}

func (w *World) planned() []string {
	var planned []string
	for _, e := range w.Agenda.All() {
		planned = append(planned, fmt.Sprintf("%s %s at %s", e.Lane, e.Purpose, e.Due.Format(time.DateTime)))
	}
	return planned
}

// Step runs dispatch once, and then send and stop until no message is to be seen.
func (w *World) Step(ctx context.Context) error {
	if err := w.Dispatch().Run(ctx); err != nil {
		return err
	}
	return w.Drain(ctx)
}

// Drain runs send and stop until no message is to be seen.
func (w *World) Drain(ctx context.Context) error {
	for range 10_000 {
		fast, err := w.Deliver(ctx, w.Fast, 10)
		if err != nil {
			return err
		}
		slow, err := w.Deliver(ctx, w.Slow, 10)
		if err != nil {
			return err
		}
		ended, err := w.End(ctx, 10)
		if err != nil || fast+slow+ended == 0 {
			return err
		}
	}
	return fmt.Errorf("messages never end: %d/%d/%d", w.Fast.Len(), w.Slow.Len(), w.Stopped.Len())
}

// Jump moves the clock to the next thing that happens: a message that is seen again, or dispatch's next minute in which
// an entry is due. It is at least a second.
func (w *World) Jump() {
	now := w.Clock.Now()
	minute := now.Truncate(time.Minute).Add(time.Minute)
	next := now.Add(24 * time.Hour)
	for _, q := range []interface{ Next() (time.Time, bool) }{w.Fast, w.Slow, w.Stopped} {
		if at, ok := q.Next(); ok && at.Before(next) {
			next = at
		}
	}
	if entries := w.Agenda.All(); len(entries) > 0 {
		due := entries[0].Due.Add(time.Minute - 1).Truncate(time.Minute)
		if due.Before(minute) {
			due = minute
		}
		if due.Before(next) {
			next = due
		}
	}
	w.Clock.Advance(max(time.Second, next.Sub(now)))
}

// Faults says what is wrong with what arrived: an older state after a newer one, a newest state that was never sent, a
// contact in two requests at once, an execution that counts more ends than deliveries. lost names contacts whose newest
// state need not have arrived.
func (w *World) Faults(lost ...string) []string {
	faults := w.Receiver.Overlaps()
	last, newest := map[string]int{}, w.Newest()
	for i, r := range w.Receiver.Requests() {
		for id, version := range r.Contacts() {
			if version < last[id] {
				faults = append(faults, fmt.Sprintf("request %d sent state %d of %s after state %d", i, version, id, last[id]))
			}
			last[id] = version
		}
	}
	for _, id := range lost {
		delete(newest, id)
	}
	for id, want := range newest {
		if last[id] != want {
			faults = append(faults, fmt.Sprintf("the last state of %s that was sent is %d, want %d", id, last[id], want))
		}
	}
	for _, e := range w.Ledger.AllExecutions() {
		if e.Ended > e.Deliveries || e.Tally.Failed > e.Taken || e.Tally.Sent > e.Taken {
			faults = append(faults, fmt.Sprintf("execution %s counts more than there was: %+v", e.ID, e))
		}
	}
	return faults
}

// Ended lists the deliveries that ended with a status.
func (w *World) Ended(status delivery.Status) []delivery.Delivery {
	var list []delivery.Delivery
	for _, d := range w.Ledger.All() {
		if d.Status == status {
			list = append(list, d)
		}
	}
	return list
}

// Key is a contact's key.
func Key(id string) change.Key {
	return change.Key{Organization: Organization, Entity: "contact", ID: id}
}
