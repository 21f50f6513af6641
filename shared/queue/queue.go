// Package queue sends messages to SQS and changes when they are seen again, always in batches. It must not know what a
// message means.
package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"crmhook/shared/parallel"
)

// SQS's bounds of one batch: entries, and bytes in all.
const (
	batchEntries = 10
	batchBytes   = 1 << 20
)

// batchesAtOnce bounds how many batches of one call are under way at once.
const batchesAtOnce = 8

// Queue is one SQS queue.
type Queue struct {
	Client *sqs.Client
	URL    string
}

// New is the queue at a URL.
func New(client *sqs.Client, url string) Queue { return Queue{client, url} }

// unsendable are the characters that JSON allows in a text and SQS does not; escaped they pass.
var unsendable = strings.NewReplacer("\uFFFE", `\ufffe`, "\uFFFF", `\uffff`)

// Send sends bodies as JSON; see SendText.
func (q Queue) Send(ctx context.Context, group string, bodies []any) ([]bool, error) {
	return q.SendEach(ctx, slices.Repeat([]string{group}, len(bodies)), bodies)
}

// SendEach sends bodies as JSON, each in the message group at its place; see SendText.
func (q Queue) SendEach(ctx context.Context, groups []string, bodies []any) ([]bool, error) {
	texts := make([]string, len(bodies))
	for i, body := range bodies {
		text, err := json.Marshal(body)
		if err != nil {
			return make([]bool, len(bodies)), fmt.Errorf("encode message: %w", err)
		}
		texts[i] = unsendable.Replace(string(text))
	}
	return q.sendAll(ctx, groups, texts)
}

// SendText sends bodies, at most ten and 1 MiB a call and several calls at once, in the message group (fair queues:
// organization and interface) if it is not empty. It answers for each whether SQS accepted it; the error says why those
// it refused were.
func (q Queue) SendText(ctx context.Context, group string, bodies []string) ([]bool, error) {
	return q.sendAll(ctx, slices.Repeat([]string{group}, len(bodies)), bodies)
}

func (q Queue) sendAll(ctx context.Context, groups, bodies []string) ([]bool, error) {
	sent := make([]bool, len(bodies))
	batches := batches(groups, bodies)
	return sent, parallel.Each(len(batches), batchesAtOnce, func(i int) error { return q.send(ctx, batches[i], sent) })
}

// batches cuts bodies as SQS wants them; an entry's id is its body's index.
func batches(groups, bodies []string) [][]types.SendMessageBatchRequestEntry {
	var all [][]types.SendMessageBatchRequestEntry
	var entries []types.SendMessageBatchRequestEntry
	size := 0
	for i, body := range bodies {
		if len(entries) == batchEntries || len(entries) > 0 && size+len(body) > batchBytes {
			all = append(all, entries)
			entries, size = nil, 0
		}
		entry := types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(body)}
		if groups[i] != "" {
			entry.MessageGroupId = &groups[i]
		}
		entries, size = append(entries, entry), size+len(body)
	}
	if len(entries) > 0 {
		all = append(all, entries)
	}
	return all
}

func (q Queue) send(ctx context.Context, entries []types.SendMessageBatchRequestEntry, sent []bool) error {
	out, err := q.Client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.URL, Entries: entries})
	if err != nil {
		return fmt.Errorf("send to queue: %w", err)
	}
	for _, ok := range out.Successful {
		i, err := strconv.Atoi(aws.ToString(ok.Id))
		if err != nil || i >= len(sent) {
			return fmt.Errorf("send to queue: answer names %q, which was not sent", aws.ToString(ok.Id))
		}
		sent[i] = true
	}
	if len(out.Failed) > 0 {
		return fmt.Errorf("send to queue: %d of %d refused: %s", len(out.Failed), len(entries), aws.ToString(out.Failed[0].Message))
	}
	return nil
}

// longestVisibility is SQS's bound, counted from the receive; a margin keeps a change near it from being refused.
const longestVisibility = 12*time.Hour - 15*time.Minute

// Hide makes received messages visible again after the given times (0: at once), ten a call. A message that is gone
// already is passed over.
func (q Queue) Hide(ctx context.Context, after map[string]time.Duration) error {
	var entries []types.ChangeMessageVisibilityBatchRequestEntry
	var failed error
	flush := func() {
		if len(entries) > 0 {
			failed = errors.Join(failed, q.hide(ctx, entries))
		}
		entries = nil
	}
	for receipt, d := range after {
		if len(entries) == batchEntries {
			flush()
		}
		seconds := int32(min(max(d, 0), longestVisibility).Round(time.Second) / time.Second)
		entries = append(entries, types.ChangeMessageVisibilityBatchRequestEntry{
			Id: aws.String(strconv.Itoa(len(entries))), ReceiptHandle: aws.String(receipt), VisibilityTimeout: seconds,
		})
	}
	flush()
	return failed
}

func (q Queue) hide(ctx context.Context, entries []types.ChangeMessageVisibilityBatchRequestEntry) error {
	out, err := q.Client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.URL, Entries: entries})
	if err != nil {
		return fmt.Errorf("change visibility: %w", err)
	}
	for _, refused := range out.Failed {
		// A message that is gone or visible already is the sender's fault in SQS's words; what else fails is SQS's own.
		if !refused.SenderFault {
			return fmt.Errorf("change visibility: %s: %s", aws.ToString(refused.Code), aws.ToString(refused.Message))
		}
	}
	return nil
}
