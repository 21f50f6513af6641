// Package queuetest holds a stateful fake of an SQS queue as the use cases and Lambda's event source see it, and the suite
// that both the fake and a real queue on an emulator must pass.
package queuetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"crmhook/shared/tabletest"
)

// ErrRefused is why a queue did not take an entry that Refuse named.
var ErrRefused = errors.New("entry refused")

// SQS's bounds: entries and bytes of a batch, and how long a message may be hidden (less queue.Queue's margin).
const (
	batchEntries      = 10
	batchBytes        = 1 << 20
	longestVisibility = 12*time.Hour - 15*time.Minute
)

// Received is a message as a receiver gets it.
type Received struct {
	ID       string
	Receipt  string
	Body     string
	Receives int
}

// Queue is a fake SQS standard queue.
type Queue struct {
	// Kill is asked with each entry that is sent; nil never kills.
	Kill *tabletest.Kill
	// Visibility is how long a received message stays hidden; MaxReceives (0: no bound) after how many it goes to Redrive.
	Visibility  time.Duration
	MaxReceives int
	Redrive     *Queue
	Now         func() time.Time
	// Calls counts the calls that AWS would see, by name.
	Calls map[string]int

	mu       sync.Mutex
	messages []*message
	next     int
	refuse   int
}

type message struct {
	Received
	group   string
	visible time.Time
}

// New is an empty queue.
func New(kill *tabletest.Kill, now func() time.Time) *Queue {
	return &Queue{Kill: kill, Now: now, Visibility: 3 * time.Minute, Calls: map[string]int{}}
}

// Refuse makes the next n entries that are sent be refused.
func (q *Queue) Refuse(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.refuse = n
}

var unsendable = strings.NewReplacer("\uFFFE", `\ufffe`, "\uFFFF", `\uffff`)

// Send sends bodies as JSON; see queue.Queue.
func (q *Queue) Send(ctx context.Context, group string, bodies []any) ([]bool, error) {
	return q.SendEach(ctx, slices.Repeat([]string{group}, len(bodies)), bodies)
}

// SendEach sends bodies as JSON, each in its group; see queue.Queue.
func (q *Queue) SendEach(_ context.Context, groups []string, bodies []any) ([]bool, error) {
	texts := make([]string, len(bodies))
	for i, body := range bodies {
		text, err := json.Marshal(body)
		if err != nil {
			return make([]bool, len(bodies)), err
		}
		texts[i] = unsendable.Replace(string(text))
	}
	return q.sendAll(groups, texts)
}

// SendText sends bodies; see queue.Queue.
func (q *Queue) SendText(_ context.Context, group string, bodies []string) ([]bool, error) {
	return q.sendAll(slices.Repeat([]string{group}, len(bodies)), bodies)
}

func (q *Queue) sendAll(groups, bodies []string) ([]bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	sent := make([]bool, len(bodies))
	var failed error
	entries, size := 0, 0
	for i, body := range bodies {
		if entries == 0 || entries == batchEntries || size+len(body) > batchBytes {
			q.Calls["Send"]++
			entries, size = 0, 0
		}
		entries, size = entries+1, size+len(body)
		if q.refuse > 0 || len(body) == 0 || len(body) > batchBytes {
			q.refuse = max(0, q.refuse-1)
			failed = ErrRefused
			continue
		}
		if err := q.Kill.Write(func() {
			q.next++
			q.messages = append(q.messages, &message{Received: Received{ID: fmt.Sprintf("m%d", q.next), Body: body}, group: groups[i]})
			sent[i] = true
		}); err != nil {
			return sent, err
		}
	}
	return sent, failed
}

// Receive hands out up to n visible messages and hides them. A message received too often goes to the redrive queue.
func (q *Queue) Receive(n int) []Received {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []Received
	kept := q.messages[:0:0]
	for _, m := range q.messages {
		if len(out) == n || m.visible.After(q.Now()) {
			kept = append(kept, m)
			continue
		}
		if q.MaxReceives > 0 && m.Receives >= q.MaxReceives && q.Redrive != nil {
			q.Redrive.take(m)
			continue
		}
		m.Receives++
		m.Receipt = fmt.Sprintf("%s/%d", m.ID, m.Receives)
		m.visible = q.Now().Add(q.Visibility)
		out, kept = append(out, m.Received), append(kept, m)
	}
	q.messages = kept
	return out
}

// take keeps the count of receives, which SQS counts across all queues.
func (q *Queue) take(m *message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.messages = append(q.messages, &message{Received: Received{ID: m.ID, Body: m.Body, Receives: m.Receives}, group: m.group})
}

// Duplicate hands out again, in the same receive count, the first message that is hidden now, as SQS rarely does; none
// where no message is hidden.
func (q *Queue) Duplicate() []Received {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range q.messages {
		if m.visible.After(q.Now()) && m.Receives > 0 {
			return []Received{m.Received}
		}
	}
	return nil
}

// Delete removes messages by their receipts.
func (q *Queue) Delete(receipts ...string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	gone := map[string]bool{}
	for _, r := range receipts {
		gone[r] = true
	}
	kept := q.messages[:0:0]
	for _, m := range q.messages {
		if !gone[m.Receipt] {
			kept = append(kept, m)
		}
	}
	q.messages = kept
}

// Hide sets when hidden messages are seen again; see queue.Queue.
func (q *Queue) Hide(_ context.Context, after map[string]time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.Kill.Alive(); err != nil {
		return err
	}
	q.Calls["Hide"] += (len(after) + batchEntries - 1) / batchEntries
	for _, m := range q.messages {
		if d, ok := after[m.Receipt]; ok && m.visible.After(q.Now()) {
			m.visible = q.Now().Add(min(max(d, 0), longestVisibility).Round(time.Second))
		}
	}
	return nil
}

// Len is how many messages there are, hidden ones included.
func (q *Queue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.messages)
}

// Next is when the earliest hidden message is seen again; false where none is hidden.
func (q *Queue) Next() (time.Time, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var next time.Time
	for _, m := range q.messages {
		if m.visible.After(q.Now()) && (next.IsZero() || m.visible.Before(next)) {
			next = m.visible
		}
	}
	return next, !next.IsZero()
}
