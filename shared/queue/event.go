package queue

import (
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// Received is one message of an event source, as a function gets it.
type Received struct {
	ID      string
	Receipt string
	Body    string
	// Receives counts the receives across all queues, this one included. Where SQS does not say it is 2: not known to be
	// the first, so that what may have been done before is looked at again.
	Receives int
	// From is the name of the queue.
	From string
}

// Messages are an event's messages.
func Messages(event events.SQSEvent) []Received {
	list := make([]Received, len(event.Records))
	for i, r := range event.Records {
		receives, err := strconv.Atoi(r.Attributes["ApproximateReceiveCount"])
		if err != nil {
			receives = 2
		}
		list[i] = Received{ID: r.MessageId, Receipt: r.ReceiptHandle, Body: r.Body, Receives: receives, From: last(r.EventSourceARN, ":")}
	}
	return list
}

// Name is the queue's, the last part of its URL.
func (q Queue) Name() string { return last(q.URL, "/") }

func last(id, separator string) string { return id[strings.LastIndex(id, separator)+1:] }

// Answer names the messages that are to be seen again. It is never without a list: Lambda takes a null one for a batch that
// failed whole.
func Answer(failed []string) events.SQSEventResponse {
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, id := range failed {
		response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: id})
	}
	return response
}
