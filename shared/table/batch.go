package table

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/parallel"
)

// DynamoDB's bounds of one batch.
const (
	batchReads      = 100
	batchWrites     = 25
	batchStatements = 25
)

// parallelBatches bounds how many batches of one call are under way at once.
const parallelBatches = 8

// errBusy is what is left when DynamoDB kept refusing part of a batch.
var errBusy = errors.New("dynamodb refused part of a batch six times: throttled")

// backoff waits before try n (1 …) of a batch's refused part: 50 ms doubled, with jitter, within the context.
func backoff(ctx context.Context, n int) error {
	d := 25 * time.Millisecond << n
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d/2 + rand.N(d/2)):
		return nil
	}
}

// eachChunk runs do over list in chunks of size, several at once, and returns the first error after all have ended.
func eachChunk[T any](list []T, size int, do func(chunk []T) error) error {
	if len(list) <= size {
		if len(list) == 0 {
			return nil
		}
		return do(list)
	}
	return parallel.Each((len(list)+size-1)/size, parallelBatches, func(i int) error { return do(list[i*size : min(len(list), (i+1)*size)]) })
}

// getAll reads the items of keys, strongly consistent, 100 a call. Keys must be distinct; the order of items is not theirs.
func (t Table) getAll(ctx context.Context, keys []Item) ([]Item, error) {
	var mu sync.Mutex
	keys = slices.DeleteFunc(slices.Clone(keys), func(key Item) bool { return !fits(key) })
	items := make([]Item, 0, len(keys))
	err := eachChunk(keys, batchReads, func(chunk []Item) error {
		for n := 1; ; n++ {
			out, err := t.Client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
				t.Name: {Keys: chunk, ConsistentRead: aws.Bool(true)},
			}})
			if err != nil {
				return fmt.Errorf("batch get: %w", err)
			}
			mu.Lock()
			items = append(items, out.Responses[t.Name]...)
			mu.Unlock()
			// Unprocessed keys also mean that the answer passed 16 MB, so progress resets the patience.
			if chunk = out.UnprocessedKeys[t.Name].Keys; len(chunk) == 0 {
				return nil
			}
			if len(out.Responses[t.Name]) > 0 {
				n = 0
			}
			if n >= 6 {
				return errBusy
			}
			if err := backoff(ctx, n); err != nil {
				return err
			}
		}
	})
	return items, err
}

// writeAll puts and deletes without conditions, 25 a call.
func (t Table) writeAll(ctx context.Context, writes []types.WriteRequest) error {
	return eachChunk(writes, batchWrites, func(chunk []types.WriteRequest) error {
		for n := 1; ; n++ {
			var out *dynamodb.BatchWriteItemOutput
			err := alone(ctx, func() (err error) {
				out, err = t.Client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{t.Name: chunk}})
				return err
			})
			if err != nil {
				return fmt.Errorf("batch write: %w", err)
			}
			if chunk = out.UnprocessedItems[t.Name]; len(chunk) == 0 {
				return nil
			}
			if n == 6 {
				return errBusy
			}
			if err := backoff(ctx, n); err != nil {
				return err
			}
		}
	})
}

func put(item Item) types.WriteRequest {
	return types.WriteRequest{PutRequest: &types.PutRequest{Item: item}}
}

func remove(pk, sk string) types.WriteRequest {
	return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key(pk, sk)}}
}
