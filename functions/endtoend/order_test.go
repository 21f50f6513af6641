package endtoend_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"crmhook/shared/receiver"
)

// TestAnOlderStateNeverFollowsANewerOne changes one contact again and again while its deliveries fail, are retried and
// succeed, so that changes come before, between and after attempts.
func TestAnOlderStateNeverFollowsANewerOne(t *testing.T) {
	w := open(t)
	const states = 16
	w.put("crm", "v2", "/in", `"details":["GENERAL"],"retryDelaySeconds":7,`+schedule(100, 1), "active")
	w.receiver.Script("/in", receiver.Statuses(500, 200, 500, 503, 200, 500, 500, 200)...)
	for version := range states {
		w.contact("C1", fmt.Sprintf(`{"version":%d}`, version))
		time.Sleep(11 * time.Second)
	}
	w.until("the last state to be taken", func() (bool, error) {
		taken := receiver.Taken(w.receiver.Requests())
		return len(taken) > 0 && version(t, taken[len(taken)-1]) == states-1, nil
	})
	w.quiet("crm")
	requests := w.receiver.Requests()
	for i, r := range requests[1:] {
		before := requests[i]
		if version(t, r) < version(t, before) {
			t.Errorf("request %d sent state %d after state %d", i+1, version(t, r), version(t, before))
		}
		if r.At.Before(before.Ended) {
			t.Errorf("request %d began before the answer to the one before had ended", i+1)
		}
	}
	if last := requests[len(requests)-1]; version(t, last) != states-1 || last.Status != 200 {
		t.Errorf("the last request sent state %d and was answered %d, want state %d taken", version(t, last), last.Status, states-1)
	}
	t.Logf("%d states in %d requests", states, len(requests))
}

// version is the state that a request about one contact sends.
func version(t *testing.T, r receiver.Request) int {
	t.Helper()
	var body []struct{ Version int }
	if err := json.Unmarshal(r.Body, &body); err != nil || len(body) != 1 {
		t.Fatalf("request %d: %s: %v", r.Number, r.Body, err)
	}
	return body[0].Version
}
