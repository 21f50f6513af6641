package dispatch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/dispatch"
	"crmhook/shared/linetest"
	"crmhook/shared/tabletest"
)

// deadly is a queue at whose first sending the process dies.
type deadly struct {
	dispatch.Queue
	kill *tabletest.Kill
}

func (q deadly) Send(ctx context.Context, group string, bodies []any) ([]bool, error) {
	q.kill.At(1)
	return q.Queue.Send(ctx, group, bodies)
}

// dies runs dispatch until it has marked its rows and dies before it sends their messages.
func dies(t *testing.T, w *linetest.World) {
	t.Helper()
	w.OnDispatch = func(h *dispatch.Handler) { h.Fast = deadly{h.Fast, w.Kill} }
	if err := w.Dispatch().Run(t.Context()); err == nil || w.Fast.Len() != 0 {
		t.Fatalf("error %v, %d messages; want the process dead before any", err, w.Fast.Len())
	}
	w.Kill.At(0)
	w.OnDispatch = nil
}

// inQueue lists the contacts that the fast queue's messages name.
func inQueue(t *testing.T, w *linetest.World) []string {
	t.Helper()
	var records []string
	for _, m := range w.Fast.Receive(1_000) {
		var d delivery.Message
		must(t, json.Unmarshal([]byte(m.Body), &d))
		records = append(records, d.Records...)
	}
	slices.Sort(records)
	return records
}

// TestAnotherRunSendsWhatADeadOneMarked, although records that changed meanwhile lie before and between its rows.
func TestAnotherRunSendsWhatADeadOneMarked(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(1440, 5, 2)))
	must(t, w.Write(ctx, "X1", "X2", "X3", "X4", "X5"))
	must(t, w.Plan(ctx, w.Lane, backlog.Run))
	dies(t, w)
	must(t, w.Write(ctx, contacts(20)...))
	must(t, w.Dispatch().Run(ctx))
	if w.Fast.Len() != 0 {
		t.Errorf("%d messages while the first run may still be at work, want 0", w.Fast.Len())
	}
	w.Clock.Advance(91 * time.Second)
	must(t, w.Dispatch().Run(ctx))
	got := inQueue(t, w)
	got = slices.DeleteFunc(got, func(record string) bool { return record < "contact/X" })
	want := []string{"contact/X1", "contact/X2", "contact/X3", "contact/X4", "contact/X5"}
	if d := diff.Diff(want, got); d != "" {
		t.Errorf("contacts in the queue after the second run (-want +got):\n%s", d)
	}
}

// TestAnotherRunSendsTheIdentifiersOfADeadOne in a backlog that is too large for one reading.
func TestAnotherRunSendsTheIdentifiersOfADeadOne(t *testing.T) {
	t.Parallel()
	last := ""
	for i := 0; last == ""; i++ {
		if id := fmt.Sprintf("Z%d", i); backlog.Shard("contact/"+id) == backlog.Shards-1 {
			last = id
		}
	}
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(`,"schedules":[{"name":"s","frequencyMinutes":1440,"identifiers":["`+last+`"]}]`))
	crowd(t, w)
	must(t, w.Plan(ctx, w.Lane, backlog.Run))
	dies(t, w)
	w.Clock.Advance(91 * time.Second)
	must(t, w.Dispatch().Run(ctx))
	if got := inQueue(t, w); !slices.Contains(got, "contact/"+last) {
		t.Errorf("contacts in the queue after the second run: %v, want %s among them", got, last)
	}
}

// TestARefusedMessageThatWentAllTheSame: a call to the queue fails although the queue took the message, and a sender is at
// work on it. Its row is not let go.
func TestARefusedMessageThatWentAllTheSame(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(1, 100, 1)))
	must(t, w.Write(ctx, "C1"))
	w.Clock.Advance(time.Minute)
	looked := false
	w.OnDispatch = func(h *dispatch.Handler) {
		h.Fast = answerless{h.Fast, func() {
			w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
				looked = true
				return linetest.Status(500)
			}
			if _, err := w.Deliver(ctx, w.Fast, 1); err != nil {
				t.Error(err)
			}
		}}
	}
	if err := w.Dispatch().Run(ctx); err == nil || !looked {
		t.Fatalf("error %v, a sender at work: %t; want both", err, looked)
	}
	if row := w.Backlog.All()[0]; row.Delivery == "" {
		t.Error("the row was let go while its delivery goes on")
	}
	w.OnDispatch, w.Receiver.Answer = nil, nil
	w.Settle(ctx, t, time.Hour)
	for _, fault := range w.Faults() {
		t.Error(fault)
	}
}

// answerless is a queue whose answer does not arrive; meanwhile something happens.
type answerless struct {
	dispatch.Queue
	meanwhile func()
}

func (q answerless) Send(ctx context.Context, group string, bodies []any) ([]bool, error) {
	if _, err := q.Queue.Send(ctx, group, bodies); err != nil {
		return make([]bool, len(bodies)), err
	}
	q.meanwhile()
	return make([]bool, len(bodies)), errThrottled
}

// crowd has more records wait than one reading sees.
func crowd(t *testing.T, w *linetest.World) {
	t.Helper()
	waiting := make([]backlog.Addition, 40_000)
	for i := range waiting {
		waiting[i] = backlog.Addition{Lane: w.Lane, Record: fmt.Sprintf("contact/%06d", i), Changes: 1, Since: linetest.Start}
	}
	must(t, w.Backlog.Add(t.Context(), waiting))
}

// TestAnotherRunBeginsWhereTheDeadOneDid in a backlog that is too large for one reading.
func TestAnotherRunBeginsWhereTheDeadOneDid(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(1440, 100, 100)))
	crowd(t, w)
	must(t, w.Plan(ctx, w.Lane, backlog.Run))
	dies(t, w)
	w.Clock.Advance(91 * time.Second)
	must(t, w.Dispatch().Run(ctx))
	if got := inQueue(t, w); len(got) != 200 {
		t.Errorf("%d contacts in the queue after the second run, want the hundred of each", len(got))
	}
}
