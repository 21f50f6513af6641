package delivery_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
)

// TestATestEnds as cancelled, with what became of it, and expires.
func TestATestEnds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	for attempts, reason := range []string{delivery.TestUnsent, delivery.TestFailed} {
		d := delivery.Delivery{Status: delivery.Pending, Attempts: attempts, Claim: now, LastError: delivery.BadStatus}.EndTest(now)
		if d.Status != delivery.Cancelled || d.Reason != reason || !d.EndedAt.Equal(now) || !d.Claim.IsZero() ||
			!d.Expires.Equal(now.Add(delivery.LedgerTime)) || d.Listed() != "" {
			t.Errorf("after %d attempts: %+v, want it cancelled: %s", attempts, d, reason)
		}
	}
}

// TestMessagesOfPeople: tests and replays say what they are, and only a test that has what to send can be read.
func TestMessagesOfPeople(t *testing.T) {
	t.Parallel()
	m := delivery.Message{
		ID: "e-00000", Organization: "demo", Interface: "crm", Generation: "g1", Execution: "e", Records: []string{"contact/a"},
		Event: &delivery.Event{Type: delivery.TestEvent, Body: "{}"}, ReplayOf: "d", Test: true,
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var read delivery.Message
	if err := json.Unmarshal(text, &read); err != nil || !read.Valid() {
		t.Fatalf("read %+v: %v", read, err)
	}
	if diff := cmp.Diff(m, read); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if id := m.Identity(); id != "d" {
		t.Errorf("a replay goes as %s, want d", id)
	}
	m.ReplayOf = ""
	if id := m.Identity(); id != "e-00000" {
		t.Errorf("what is no replay goes as %s, want e-00000", id)
	}
	m.Event, m.Changes = nil, []int64{1}
	if m.Valid() {
		t.Error("a test without what it sends is valid")
	}
}

// TestListed: a delivery is in a list from its first failure on, or once it is stopped.
func TestListed(t *testing.T) {
	t.Parallel()
	for _, status := range []delivery.Status{
		delivery.Pending, delivery.Delivered, delivery.Stopped, delivery.Dismissed, delivery.Replayed, delivery.Skipped, delivery.Cancelled,
	} {
		for _, failed := range []delivery.Cause{"", delivery.Timeout, delivery.Crashed} {
			want := delivery.Status("")
			if status == delivery.Stopped || status == delivery.Pending && failed != "" {
				want = status
			}
			if got := (delivery.Delivery{Status: status, LastError: failed}).Listed(); got != want {
				t.Errorf("%s after %q is listed as %q, want %q", status, failed, got, want)
			}
		}
	}
}
