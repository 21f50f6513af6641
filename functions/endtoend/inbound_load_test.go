package endtoend_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crmhook/shared/queue"
	"crmhook/shared/trigger"
)

// product is a trigger's body: a product of the shop with an id of its own.
func product(id int) string {
	return fmt.Sprintf(`{"id":%d,"title":"Example","updated_at":"2026-12-01T10:00:00Z"}`, id)
}

// flood sends triggers from several callers at once and waits where a share is used up.
func (c *caller) flood(from, n int, query string) {
	c.Helper()
	var next, failed atomic.Int64
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := c.product(from+i, query); err != nil {
					failed.Add(1)
				}
			}
		})
	}
	wait.Wait()
	if failed.Load() > 0 {
		c.Errorf("%d of %d triggers were not accepted", failed.Load(), n)
	}
}

func (c *caller) product(id int, query string) error {
	headers := map[string]string{"Authorization": "Bearer " + c.token, "Content-Type": "application/json"}
	for {
		answer, err := c.stage.Call(c.Context(), http.MethodPost, c.queueProcess("Shopify/Product/Insert", query), headers, []byte(product(id)))
		if err != nil {
			return err
		}
		if answer.Status == http.StatusTooManyRequests {
			heed(answer)
			continue
		}
		if answer.Status != http.StatusAccepted {
			return fmt.Errorf("got %d %.200s", answer.Status, answer.Body)
		}
		return nil
	}
}

// live is how long it takes from the answer to a live trigger until its record is written, of n one after another.
func (c *caller) live(from, n int) []time.Duration {
	c.Helper()
	took := make([]time.Duration, n)
	for i := range took {
		if err := c.product(from+i, "SourceId=1"); err != nil {
			c.Fatal(err)
		}
		begun := time.Now()
		path := c.path("product", fmt.Sprintf("Shopify-1-%d", from+i))
		c.until("the product to be written", func() (bool, error) {
			return c.call(http.MethodGet, path, "").Status == http.StatusOK, nil
		})
		took[i] = since(begun)
	}
	slices.Sort(took)
	return took
}

// A live trigger does not wait for 5,000 bulk ones before it; none of all is lost.
func TestALiveTriggerBesideBulkOnes(t *testing.T) {
	const accepted, bulk = 1_000, 4_000
	c := openAPI(t)
	alone := c.live(1_000_000, 11)
	begun := time.Now()
	c.flood(1, accepted, "SourceId=2&BatchMode=true")
	took := since(begun)
	c.enqueue(accepted+1, bulk)
	before, err := c.stage.Waiting(t.Context(), c.stage.BulkTriggersQueue)
	if err != nil {
		t.Fatal(err)
	}
	beside := c.live(2_000_000, 11)
	after, err := c.stage.Waiting(t.Context(), c.stage.BulkTriggersQueue)
	if err != nil {
		t.Fatal(err)
	}
	if after == 0 {
		t.Logf("no bulk trigger was left when the live ones were done: the comparison says little")
	}
	c.until("the bulk triggers to be carried out", func() (bool, error) {
		left, err := c.stage.Waiting(c.Context(), c.stage.BulkTriggersQueue)
		return left == 0, err
	})
	if n := c.count("product", "Shopify-2-"); n != accepted+bulk {
		t.Errorf("%d products of %d bulk triggers", n, accepted+bulk)
	}
	t.Logf("%d triggers accepted in %s (%.0f/s); a live one is written after %s (median of 11), beside %d to %d bulk ones after %s (longest %s); all %d written after %s",
		accepted, took, accepted/took.Seconds(), alone[5], before, after, beside[5], beside[10], accepted+bulk, since(begun))
}

// enqueue puts bulk triggers on their queue as the door does, faster than a door on this machine could.
func (c *caller) enqueue(from, n int) {
	c.Helper()
	bodies := make([]string, n)
	for i := range bodies {
		now := time.Now().UTC().Truncate(time.Millisecond)
		id, err := trigger.NewID(now, rand.Reader)
		if err != nil {
			c.Fatal(err)
		}
		tr := trigger.Trigger{
			ID: id, Organization: c.organization, Platform: "Shopify", Entity: "Product", Action: "Insert", SourceID: 2, Bulk: true,
			At: now, Due: now, Event: id, Method: http.MethodPost, Body: []byte(product(from + i)),
		}
		text, err := tr.Encode()
		if err != nil {
			c.Fatal(err)
		}
		bodies[i] = string(text)
	}
	if _, err := queue.New(c.stage.SQS, c.stage.BulkTriggersQueue).SendText(c.Context(), "", bodies); err != nil {
		c.Fatal(err)
	}
}

// count counts records whose id begins with a prefix, page by page.
func (c *caller) count(entity, prefix string) int {
	c.Helper()
	n, cursor := 0, ""
	for {
		path := "/organizations/" + c.organization + "/records/" + entity + "?limit=200"
		if cursor != "" {
			path += "&cursor=" + cursor
		}
		var page struct {
			Items []struct{ ID string }
			Next  *string
		}
		if err := json.Unmarshal(c.want(http.StatusOK, http.MethodGet, path, "").Body, &page); err != nil {
			c.Fatal(err)
		}
		for _, item := range page.Items {
			if len(item.ID) > len(prefix) && item.ID[:len(prefix)] == prefix {
				n++
			}
		}
		if page.Next == nil {
			return n
		}
		cursor = *page.Next
	}
}
