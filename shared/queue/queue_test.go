package queue_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/awstest"
	"crmhook/shared/queue"
	"crmhook/shared/queuetest"
)

func TestQueueOnEmulator(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	queuetest.Run(t, func(t *testing.T) queuetest.Made {
		client, dead := awstest.Queue(t, config, nil)
		_, url := awstest.Queue(t, config, map[string]string{
			"VisibilityTimeout": "30",
			"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":2}`, awstest.QueueARN(t, client, dead)),
		})
		return queuetest.Made{API: received{queue.New(client, url), t}, DeadLetter: received{queue.New(client, dead), t}, Wait: time.Sleep}
	})
}

// received is a queue with the event source's part of the work.
type received struct {
	queue.Queue
	t *testing.T
}

func (r received) Receive(n int) []queuetest.Received {
	r.t.Helper()
	var got []queuetest.Received
	for len(got) < n {
		out, err := r.Client.ReceiveMessage(r.t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: &r.URL, MaxNumberOfMessages: int32(min(10, n-len(got))),
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
		})
		if err != nil {
			r.t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			break
		}
		for _, m := range out.Messages {
			receives, err := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
			if err != nil {
				r.t.Fatal(err)
			}
			got = append(got, queuetest.Received{ID: *m.MessageId, Receipt: *m.ReceiptHandle, Body: *m.Body, Receives: receives})
		}
	}
	return got
}

func (r received) Delete(receipts ...string) {
	r.t.Helper()
	for _, receipt := range receipts {
		if _, err := r.Client.DeleteMessage(r.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &r.URL, ReceiptHandle: aws.String(receipt)}); err != nil {
			r.t.Fatal(err)
		}
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	calls := awstest.Count(&config)
	q := queue.New(awstest.Queue(t, config, nil))
	large := strings.Repeat("x", 400<<10)
	for _, step := range []struct {
		name   string
		bodies []string
		want   map[string]int
	}{
		{"nothing", nil, map[string]int{}},
		{"ten", strings.Split("abcdefghij", ""), map[string]int{"SendMessageBatch": 1}},
		{"eleven", strings.Split("abcdefghijk", ""), map[string]int{"SendMessageBatch": 2}},
		{"five of 400 KiB", []string{large, large, large, large, large}, map[string]int{"SendMessageBatch": 3}},
	} {
		calls.Take()
		if _, err := q.SendText(t.Context(), "demo#crm", step.bodies); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if diff := cmp.Diff(step.want, calls.Take()); diff != "" {
			t.Errorf("%s: calls differ (-want +got):\n%s", step.name, diff)
		}
	}
	after := map[string]time.Duration{}
	for _, m := range (received{q, t}).Receive(15) {
		after[m.Receipt] = time.Second
	}
	calls.Take()
	if err := q.Hide(t.Context(), after); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"ChangeMessageVisibilityBatch": 2}, calls.Take()); diff != "" {
		t.Errorf("hiding %d: calls differ (-want +got):\n%s", len(after), diff)
	}
}
