package endtoend_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"crmhook/shared/receiver"
)

func TestRetryAfterLengthensTheDelay(t *testing.T) {
	w := open(t)
	w.put("crm", "v2", "/in", `"details":["GENERAL"],"retryDelaySeconds":1,`+schedule(100, 1), "active")
	w.receiver.Script("/in", receiver.Answer{Status: 503, RetryAfter: "15"}, receiver.Answer{Status: 500, RetryAfter: "600"})
	w.contact("C1", `{"role":"MEMBER"}`)
	requests := w.arrive("/in", 3)
	if waited := requests[1].At.Sub(requests[0].At); waited < 14*time.Second {
		t.Errorf("the attempt after a 503 that asked for 15 s came after %s", waited)
	}
	if waited := requests[2].At.Sub(requests[1].At); waited > 2*time.Minute {
		t.Errorf("the attempt after a 500, whose Retry-After does not count, came after %s", waited)
	}
}

// TestAnInterfaceThatTimedOutGoesThroughTheSlowQueue has its first attempt time out and be the last; the next delivery takes
// its time, and meanwhile its message is seen in the slow queue.
func TestAnInterfaceThatTimedOutGoesThroughTheSlowQueue(t *testing.T) {
	w := open(t)
	w.put("crm", "v2", "/in", `"details":["GENERAL"],"timeoutSeconds":20,"retriesBeforeStop":0,`+schedule(100, 1), "active")
	w.receiver.Script("/in", receiver.Answer{Hang: time.Minute}, receiver.Answer{Hang: 10 * time.Second})
	w.contact("C1", `{"version":1}`)
	first := w.arrive("/in", 1)[0]
	found, _ := w.delivery(first, "stopped")
	if found["lastError"] != "timeout" {
		t.Errorf("the delivery was stopped by %v, want a timeout", found["lastError"])
	}
	w.contact("C1", `{"version":2}`)
	w.until("a message in the slow queue", func() (bool, error) {
		n, err := w.slow()
		return n > 0, err
	})
	next := w.arrive("/in", 2)[1]
	w.delivery(next, "delivered")
	w.quiet("crm")
}

// slow counts the messages in the slow queue, those under way too.
func (w *world) slow() (int, error) {
	out, err := w.stage.SQS.GetQueueAttributes(w.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &w.stage.SlowQueue, AttributeNames: []types.QueueAttributeName{
			types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		},
	})
	if err != nil {
		return 0, err
	}
	total := 0
	for _, text := range out.Attributes {
		n, err := strconv.Atoi(text)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}
