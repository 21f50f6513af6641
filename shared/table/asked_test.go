package table_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"crmhook/shared/awstest"
	"crmhook/shared/backlog"
	"crmhook/shared/job"
	"crmhook/shared/table"
)

// TestWhatMeetsThoseWhoAsk refuses the first writes of what Asked.Put writes too, as DynamoDB does while a transaction is at
// the same item; a batch names that among its errors by the code alone.
func TestWhatMeetsThoseWhoAsk(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	_, name := awstest.Ledger(t, config)
	var left atomic.Int64
	config.APIOptions = append(config.APIOptions, met(&left), metBatch(&left))
	client := dynamodb.NewFromConfig(config)
	jobs, agenda, ledger := table.NewBacklog(client, name), table.NewAgenda(client, name), table.NewLedger(client, name)
	j := job.Job{Lane: lane(), ID: "a", Kind: job.All}
	if err := put(t.Context(), table.NewAsked(client, name, name), "a", time.UnixMilli(1)); err != nil {
		t.Fatal(err)
	}
	for what, do := range map[string]func(ctx context.Context) error{
		"an entry": func(ctx context.Context) error {
			return agenda.Put(ctx, []backlog.Entry{j.Entry(time.UnixMilli(0), "u")})
		},
		"a job": func(ctx context.Context) error { _, err := jobs.SaveJob(ctx, j); return err },
		"an execution": func(ctx context.Context) error {
			return ledger.Advance(ctx, lane(), "a", backlog.Progress{Ended: 1})
		},
		"numbers": func(ctx context.Context) error {
			return jobs.KeepNumbers(ctx, lane(), "a", [][]string{{"1"}}, time.UnixMilli(1))
		},
	} {
		left.Store(2)
		if err := do(t.Context()); err != nil || left.Load() > 0 {
			t.Errorf("%s: error %v, met %d transactions less than it was to", what, err, left.Load())
		}
	}
}

// metBatch refuses batches while any writes are left to refuse.
func metBatch(left *atomic.Int64) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("MetBatch", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			if _, batch := in.Parameters.(*dynamodb.BatchWriteItemInput); batch && left.Add(-1) >= 0 {
				code := (&types.TransactionConflictException{}).ErrorCode()
				return middleware.InitializeOutput{}, middleware.Metadata{}, &smithy.GenericAPIError{Code: code}
			}
			return next.HandleInitialize(ctx, in)
		}), middleware.Before)
	}
}
