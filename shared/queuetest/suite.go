package queuetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// API is what the fake is, and queue.Queue together with the event source that receives and deletes for Lambda.
type API interface {
	Send(ctx context.Context, group string, bodies []any) ([]bool, error)
	SendEach(ctx context.Context, groups []string, bodies []any) ([]bool, error)
	SendText(ctx context.Context, group string, bodies []string) ([]bool, error)
	Hide(ctx context.Context, after map[string]time.Duration) error
	// Receive hands out up to n visible messages and hides them.
	Receive(n int) []Received
	Delete(receipts ...string)
}

// Made is an empty queue for one check: its messages stay hidden for 30 seconds, and go to DeadLetter when they have been
// received twice.
type Made struct {
	API
	DeadLetter API
	// Wait lets time pass.
	Wait func(time.Duration)
}

// Run checks what emit, dispatch, send and stop rely on.
func Run(t *testing.T, empty func(t *testing.T) Made) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, Made){
		"what is sent is received once": sentAndReceived, "a received message is hidden": receivedIsHidden, "deleted is gone": deletedIsGone,
		"hide": hides, "a message received too often is set apart": redriven, "more than one batch": batches,
		"batches of 1 MiB": largeBatches, "bodies may hold anything": oddBodies, "nothing at all": nothing,
		"each in its group": eachInItsGroup,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, empty(t))
		})
	}
}

func sendText(t *testing.T, api API, bodies ...string) {
	t.Helper()
	sent, err := api.SendText(t.Context(), "demo#crm", bodies)
	if err != nil || len(sent) != len(bodies) || slices.Contains(sent, false) {
		t.Fatalf("sent %v, error %v; want all of %d", sent, err, len(bodies))
	}
}

// checkBodies compares messages, in no order.
func checkBodies(t *testing.T, got []Received, want ...string) {
	t.Helper()
	bodies := make([]string, len(got))
	for i, m := range got {
		bodies[i] = m.Body
	}
	slices.Sort(bodies)
	if want = slices.Sorted(slices.Values(want)); len(want) == 0 && len(bodies) == 0 {
		return
	}
	if diff := cmp.Diff(want, bodies); diff != "" {
		t.Errorf("messages differ (-want +got):\n%s", diff)
	}
}

func hide(t *testing.T, api API, after time.Duration, messages ...Received) {
	t.Helper()
	receipts := map[string]time.Duration{}
	for _, m := range messages {
		receipts[m.Receipt] = after
	}
	if err := api.Hide(t.Context(), receipts); err != nil {
		t.Fatal(err)
	}
}

func sentAndReceived(t *testing.T, q Made) {
	sent, err := q.Send(t.Context(), "demo#crm", []any{map[string]int{"n": 1}, "two", []string{}})
	if diff := cmp.Diff([]bool{true, true, true}, sent); diff != "" || err != nil {
		t.Fatalf("error %v, answers differ (-want +got):\n%s", err, diff)
	}
	got := q.Receive(10)
	checkBodies(t, got, `{"n":1}`, `"two"`, `[]`)
	ids := map[string]bool{}
	for _, m := range got {
		if ids[m.ID] = true; m.ID == "" || m.Receipt == "" || m.Receives != 1 {
			t.Errorf("received %+v, want an id, a receipt and the first receive", m)
		}
	}
	if len(ids) != 3 {
		t.Errorf("three messages have %d ids", len(ids))
	}
	if _, err := q.Send(t.Context(), "", []any{func() {}}); err == nil {
		t.Error("what JSON cannot hold was sent")
	}
}

func receivedIsHidden(t *testing.T, q Made) {
	sendText(t, q, "a", "b", "c")
	if got := q.Receive(2); len(got) != 2 {
		t.Errorf("received %d of at most 2", len(got))
	}
	if got := q.Receive(10); len(got) != 1 {
		t.Errorf("received %d, want only the one that is not hidden", len(got))
	}
	checkBodies(t, q.Receive(10))
}

func deletedIsGone(t *testing.T, q Made) {
	sendText(t, q, "a", "b")
	for _, m := range q.Receive(10) {
		if m.Body == "a" {
			q.Delete(m.Receipt)
		}
		hide(t, q, 0, m)
	}
	checkBodies(t, q.Receive(10), "b")
}

func hides(t *testing.T, q Made) {
	sendText(t, q, "now", "soon", "late", "longest", "negative")
	after := map[string]time.Duration{}
	ids := map[string]string{}
	for _, m := range q.Receive(10) {
		ids[m.Body] = m.ID
		after[m.Receipt] = map[string]time.Duration{"soon": 2 * time.Second, "late": time.Minute, "longest": 13 * time.Hour, "negative": -time.Second}[m.Body]
	}
	if err := q.Hide(t.Context(), after); err != nil {
		t.Fatal(err)
	}
	again := q.Receive(10)
	checkBodies(t, again, "now", "negative")
	for _, m := range again {
		if m.Receives != 2 || m.ID != ids[m.Body] {
			t.Errorf("received again %+v, want the second receive of %s", m, ids[m.Body])
		}
	}
	q.Wait(3 * time.Second)
	checkBodies(t, q.Receive(10), "soon")
}

func redriven(t *testing.T, q Made) {
	sendText(t, q, "a")
	var id string
	for n := range 2 {
		got := q.Receive(10)
		if len(got) != 1 || got[0].Receives != n+1 {
			t.Fatalf("received %+v, want receive %d", got, n+1)
		}
		id = got[0].ID
		hide(t, q, 0, got...)
	}
	checkBodies(t, q.Receive(10))
	got := q.DeadLetter.Receive(10)
	checkBodies(t, got, "a")
	if len(got) == 1 && (got[0].ID != id || got[0].Receives != 3) {
		t.Errorf("what is set apart is %s in receive %d, want %s in the third across both queues", got[0].ID, got[0].Receives, id)
	}
}

func batches(t *testing.T, q Made) {
	want := make([]string, 23)
	for i := range want {
		want[i] = fmt.Sprintf("m%02d", i)
	}
	sendText(t, q, want...)
	got := q.Receive(100)
	checkBodies(t, got, want...)
	hide(t, q, 0, got...)
	again := q.Receive(100)
	checkBodies(t, again, want...)
	for _, m := range again {
		q.Delete(m.Receipt)
	}
	hide(t, q, 0, again...)
	checkBodies(t, q.Receive(100))
}

func largeBatches(t *testing.T, q Made) {
	part := strings.Repeat("x", 400<<10)
	want := []string{part + "1", part + "2", part + "3", part + "4", part + "5", strings.Repeat("y", 1<<20)}
	sendText(t, q, want...)
	checkBodies(t, q.Receive(10), want...)
	// Beside one that no queue takes the others go.
	sent, err := q.SendText(t.Context(), "", []string{strings.Repeat("z", 1<<20+1), "small"})
	if err == nil || !cmp.Equal(sent, []bool{false, true}) {
		t.Errorf("sent %v, error %v; want the second and an error", sent, err)
	}
	checkBodies(t, q.Receive(10), "small")
}

func oddBodies(t *testing.T, q Made) {
	want := []string{"👩‍👩‍👧", "a & b <c> \"d\"", "line\nbreak\ttab", "שלום", "%2F?#", "\U0010FFFD", " "}
	sendText(t, q, want...)
	checkBodies(t, q.Receive(10), want...)
	odd := []any{"\u0000\uFFFE\uFFFF", map[string]string{"\uFFFF": "\u001f"}}
	sent, err := q.Send(t.Context(), "", odd)
	if err != nil || !cmp.Equal(sent, []bool{true, true}) {
		t.Fatalf("sent %v, error %v", sent, err)
	}
	checkBodies(t, q.Receive(10), `"\u0000\ufffe\uffff"`, `{"\uffff":"\u001f"}`)
}

func eachInItsGroup(t *testing.T, q Made) {
	groups, bodies, want := make([]string, 33), make([]any, 33), make([]string, 33)
	for i := range bodies {
		groups[i], bodies[i], want[i] = fmt.Sprintf("demo/i%d", i%3), i, fmt.Sprint(i)
	}
	groups[32] = ""
	sent, err := q.SendEach(t.Context(), groups, bodies)
	if err != nil || len(sent) != len(bodies) || slices.Contains(sent, false) {
		t.Fatalf("sent %v, error %v; want all of %d", sent, err, len(bodies))
	}
	checkBodies(t, q.Receive(100), want...)
}

func nothing(t *testing.T, q Made) {
	if sent, err := q.SendText(t.Context(), "", nil); err != nil || len(sent) != 0 {
		t.Errorf("sent %v, error %v", sent, err)
	}
	if err := q.Hide(t.Context(), nil); err != nil {
		t.Error(err)
	}
	checkBodies(t, q.Receive(10))
}
