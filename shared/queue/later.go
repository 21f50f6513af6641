package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// SendLater sends one message that is first seen after the delay, at most 15 minutes, to the second.
func (q Queue) SendLater(ctx context.Context, body string, delay time.Duration) error {
	body = unsendable.Replace(body)
	_, err := q.Client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &q.URL, MessageBody: &body, DelaySeconds: int32(delay.Round(time.Second) / time.Second),
	})
	if err != nil {
		return fmt.Errorf("send to queue: %w", err)
	}
	return nil
}
