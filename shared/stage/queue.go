package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Enqueue puts a message on a queue.
func (s *Stage) Enqueue(ctx context.Context, url, body string) error {
	if _, err := s.SQS.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String(body)}); err != nil {
		return fmt.Errorf("enqueue: %w", err)
	}
	return nil
}

// Waiting is about how many messages of a queue are on their way, hidden ones included.
func (s *Stage) Waiting(ctx context.Context, url string) (int, error) {
	names := []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible}
	out, err := s.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: names})
	if err != nil {
		return 0, fmt.Errorf("look at queue: %w", err)
	}
	sum := 0
	for _, name := range names {
		n, err := strconv.Atoi(out.Attributes[string(name)])
		if err != nil {
			return 0, fmt.Errorf("look at queue: %w", err)
		}
		sum += n
	}
	return sum, nil
}

// InQueue reports whether a message that holds the text is in a queue. It looks into the emulator's queues without receiving;
// in AWS there is no such look.
func (s *Stage) InQueue(ctx context.Context, url, text string) (bool, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Endpoint+"/_ministack/sqs/messages?QueueUrl="+url, nil)
	if err != nil {
		return false, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, fmt.Errorf("look into queue: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	var content json.RawMessage
	if err := json.NewDecoder(response.Body).Decode(&content); err != nil {
		return false, fmt.Errorf("look into queue: %w", err)
	}
	return strings.Contains(string(content), text), nil
}
