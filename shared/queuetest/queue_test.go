package queuetest_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/queuetest"
	"crmhook/shared/tabletest"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)} }

func TestQueue(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(*testing.T) queuetest.Made {
		c := newClock()
		q, dead := queuetest.New(nil, c.Now), queuetest.New(nil, c.Now)
		q.Visibility, q.MaxReceives, q.Redrive = 30*time.Second, 2, dead
		return queuetest.Made{API: q, DeadLetter: dead, Wait: c.Wait}
	})
}

func TestVisibilityEndsByItself(t *testing.T) {
	t.Parallel()
	c := newClock()
	q := queuetest.New(nil, c.Now)
	if _, err := q.SendText(t.Context(), "", []string{"a"}); err != nil {
		t.Fatal(err)
	}
	if _, hidden := q.Next(); hidden {
		t.Error("a message that was never received counts as hidden")
	}
	first := q.Receive(1)
	if at, hidden := q.Next(); !hidden || !at.Equal(c.Now().Add(q.Visibility)) {
		t.Errorf("seen again at %v (%v), want after the visibility timeout", at, hidden)
	}
	c.Wait(q.Visibility - time.Second)
	if got := q.Receive(1); len(got) != 0 {
		t.Errorf("received %v a second too early", got)
	}
	c.Wait(time.Second)
	again := q.Receive(1)
	if len(again) != 1 || again[0].Receives != 2 || again[0].Receipt == first[0].Receipt {
		t.Fatalf("received %v, want the second receive under a new receipt", again)
	}
	q.Delete(first[0].Receipt)
	if q.Len() != 1 {
		t.Error("a receipt that is out of date deleted the message")
	}
}

func TestNextPassesOverWhatIsVisible(t *testing.T) {
	t.Parallel()
	c := newClock()
	q := queuetest.New(nil, c.Now)
	if _, err := q.SendText(t.Context(), "", []string{"a", "b", "c"}); err != nil {
		t.Fatal(err)
	}
	q.Receive(1)
	c.Wait(time.Minute)
	q.Receive(1)
	if at, hidden := q.Next(); !hidden || !at.Equal(c.Now().Add(q.Visibility-time.Minute)) {
		t.Errorf("seen again at %v (%v), want when the first received is", at, hidden)
	}
}

func TestRefusedEntriesAreNotSent(t *testing.T) {
	t.Parallel()
	q := queuetest.New(nil, newClock().Now)
	q.Refuse(2)
	sent, err := q.SendText(t.Context(), "", []string{"a", "b", "c"})
	if !errors.Is(err, queuetest.ErrRefused) || !cmp.Equal(sent, []bool{false, false, true}) || q.Len() != 1 {
		t.Errorf("sent %v, error %v, %d messages; want only the third", sent, err, q.Len())
	}
}

func TestDuplicate(t *testing.T) {
	t.Parallel()
	q := queuetest.New(nil, newClock().Now)
	if _, err := q.SendText(t.Context(), "", []string{"a"}); err != nil {
		t.Fatal(err)
	}
	if got := q.Duplicate(); got != nil {
		t.Errorf("what was never received is handed out again: %v", got)
	}
	if diff := cmp.Diff(q.Receive(1), q.Duplicate()); diff != "" {
		t.Errorf("the duplicate differs (-want +got):\n%s", diff)
	}
}

func TestKilledAtEachEntry(t *testing.T) {
	t.Parallel()
	for step, want := range map[int][]bool{1: {false, false}, 2: {true, false}, 3: {true, false}, 4: {true, true}} {
		kill := new(tabletest.Kill)
		q := queuetest.New(kill, newClock().Now)
		kill.At(step)
		sent, err := q.SendText(t.Context(), "", []string{"a", "b"})
		if !errors.Is(err, tabletest.ErrKilled) || !cmp.Equal(sent, want) {
			t.Errorf("killed at step %d: sent %v, error %v; want %v", step, sent, err, want)
		}
		if err := q.Hide(t.Context(), nil); !errors.Is(err, tabletest.ErrKilled) {
			t.Errorf("killed at step %d: hide answers %v", step, err)
		}
	}
}

func TestCallsAreCounted(t *testing.T) {
	t.Parallel()
	q := queuetest.New(nil, newClock().Now)
	if _, err := q.SendText(t.Context(), "", make([]string, 23)); err == nil {
		t.Error("empty messages were sent")
	}
	if err := q.Hide(t.Context(), map[string]time.Duration{"none": 0}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"Send": 3, "Hide": 1}, q.Calls); diff != "" {
		t.Errorf("calls differ (-want +got):\n%s", diff)
	}
}
