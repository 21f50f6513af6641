package queue_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/queue"
)

func TestMessagesOfTheSampleEvent(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../events/send.json")
	if err != nil {
		t.Fatal(err)
	}
	var event events.SQSEvent
	if err := json.Unmarshal(text, &event); err != nil {
		t.Fatal(err)
	}
	want := queue.Received{
		ID: "059f36b4-87a3-44ab-83d2-661975830a7d", Receipt: "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a", Body: event.Records[0].Body, Receives: 1,
		From: "crmhook-local-Deliveries",
	}
	got := queue.Messages(event)
	if len(got) != len(event.Records) {
		t.Fatalf("%d messages, want %d", len(got), len(event.Records))
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("first message (-want +got):\n%s", diff)
	}
	delete(event.Records[0].Attributes, "ApproximateReceiveCount")
	if got := queue.Messages(event)[0].Receives; got != 2 {
		t.Errorf("a count that is not given reads as %d, want 2", got)
	}
}

func TestAnswerIsNeverWithoutAList(t *testing.T) {
	t.Parallel()
	for want, failed := range map[string][]string{`{"batchItemFailures":[]}`: nil, `{"batchItemFailures":[{"itemIdentifier":"a"}]}`: {"a"}} {
		got, err := json.Marshal(queue.Answer(failed))
		if err != nil || string(got) != want {
			t.Errorf("got %s (%v), want %s", got, err, want)
		}
	}
}
