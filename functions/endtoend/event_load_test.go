package endtoend_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhook/shared/receiver"
)

// bulk writes n records of an entity, 100 a call, with data made from each one's number.
func (c *caller) bulk(entity string, n int, data func(i int) string) {
	c.Helper()
	for from := 0; from < n; from += 100 {
		items := make([]string, 0, 100)
		for i := from; i < min(from+100, n); i++ {
			items = append(items, fmt.Sprintf(`{"id":"R%04d","data":%s}`, i, data(i)))
		}
		c.want(http.StatusOK, http.MethodPost, "/organizations/"+c.organization+"/records/"+entity, "["+strings.Join(items, ",")+"]")
	}
}

// A thousand changes that five interfaces want are five thousand deliveries, none lost, each under an id of its own.
func TestAThousandChangesForFiveInterfaces(t *testing.T) {
	const records, interfaces = 1_000, 5
	c := openAPI(t)
	for i := range interfaces {
		c.event(fmt.Sprintf("all-%d", i), fmt.Sprintf("/all-%d", i), `"events":["order.created"]`)
	}
	begun := time.Now()
	c.bulk("order", records, func(i int) string { return fmt.Sprintf(`{"n":%d}`, i) })
	written := since(begun)
	var first time.Time
	c.until("all deliveries", func() (bool, error) {
		requests := c.receiver.Requests()
		if len(requests) > 0 {
			first = requests[0].At
		}
		return len(requests) >= records*interfaces, nil
	})
	ids, told := map[string]int{}, map[string]int{}
	for _, r := range c.receiver.Requests() {
		var e envelope
		if err := json.Unmarshal(r.Body, &e); err != nil {
			t.Fatal(err)
		}
		ids[r.Headers.Get("Webhook-Id")]++
		told[r.Path+" "+e.Record.ID]++
	}
	if len(ids) != records*interfaces || len(told) != records*interfaces {
		t.Errorf("%d ids, %d records told, want %d of both", len(ids), len(told), records*interfaces)
	}
	t.Logf("%d records written in %s; the first of %d deliveries came %s after the first write, the last %s after; %d came twice",
		records, written, records*interfaces, first.Sub(begun).Round(time.Millisecond), since(begun), len(c.receiver.Requests())-records*interfaces)
}

// With "ordered" the events of a record arrive one after another, whatever fails in between, and no record waits for another.
func TestOrderedEventsArriveInOrder(t *testing.T) {
	const records, changes = 50, 20
	c := openAPI(t)
	var answers []receiver.Answer
	for range records * changes {
		answers = append(answers, receiver.Answer{Times: 4}, receiver.Answer{Status: http.StatusServiceUnavailable})
	}
	c.receiver.Script("/ordered", answers...)
	c.event("ordered", "/ordered", `"events":["task.*"],"ordered":true,"retryDelaySeconds":1`)
	begun := time.Now()
	var wait sync.WaitGroup
	for record := range records {
		wait.Go(func() {
			for n := range changes {
				answer, err := c.stage.Call(t.Context(), http.MethodPut, c.path("task", fmt.Sprintf("T%02d", record)),
					map[string]string{"Authorization": "Bearer " + c.token, "Content-Type": "application/json"}, fmt.Appendf(nil, `{"n":%d}`, n))
				if err != nil || answer.Status >= http.StatusBadRequest {
					t.Errorf("change %d of %d: got %d %.200s, %v", n, record, answer.Status, answer.Body, err)
				}
			}
		})
	}
	wait.Wait()
	written := since(begun)
	c.until("all events to be taken", func() (bool, error) {
		return len(receiver.Taken(receiver.At(c.receiver.Requests(), "/ordered"))) >= records*changes, nil
	})
	next, failed := map[string]int{}, 0
	for _, r := range receiver.At(c.receiver.Requests(), "/ordered") {
		var e envelope
		if err := json.Unmarshal(r.Body, &e); err != nil {
			t.Fatal(err)
		}
		n := 0
		if _, err := fmt.Sscan(fmt.Sprint(e.Data["n"]), &n); err != nil {
			t.Fatal(err)
		}
		if n > next[e.Record.ID] || n < next[e.Record.ID]-1 {
			t.Errorf("%s: event %d came when %d was due", e.Record.ID, n, next[e.Record.ID])
		}
		if r.Status == http.StatusOK {
			next[e.Record.ID] = max(next[e.Record.ID], n+1)
		} else {
			failed++
		}
	}
	for record, n := range next {
		if n != changes {
			t.Errorf("%s: %d events were taken, want %d", record, n, changes)
		}
	}
	t.Logf("%d records changed %d times in %s; all arrived in order after %s, %d attempts failed", records, changes, written, since(begun), failed)
}
