package table_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"crmhook/shared/backlog"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/table"
)

// broken are a client's answers: each call fails so.
func broken(with error, tries *int) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", Credentials: aws.AnonymousCredentials{},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 4, time.Millisecond }),
		APIOptions: []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
			return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("Broken", func(
				context.Context, middleware.FinalizeInput, middleware.FinalizeHandler,
			) (middleware.FinalizeOutput, middleware.Metadata, error) {
				*tries++
				return middleware.FinalizeOutput{}, middleware.Metadata{}, with
			}), "Retry", middleware.After)
		}},
	})
}

// TestWhatAddsIsNotRepeated where DynamoDB may have done it; other calls are.
func TestWhatAddsIsNotRepeated(t *testing.T) {
	t.Parallel()
	fault := &smithy.GenericAPIError{Code: "InternalServerError", Fault: smithy.FaultServer}
	throttled := &smithy.GenericAPIError{Code: "ProvisionedThroughputExceededException"}
	reset := &retryable{}
	for _, tt := range []struct {
		name string
		with error
		do   func(ctx context.Context, l table.Ledger) error
		want int
	}{
		{"progress, of which no answer came", reset, advanced, 1},
		{"counts, of which no answer came", reset, counted, 1},
		{"progress, refused for want of throughput", throttled, advanced, 4},
		{"counts, refused for want of throughput", throttled, counted, 4},
		{"progress that DynamoDB failed to do", fault, advanced, 1},
		{"what may be repeated", reset, func(ctx context.Context, l table.Ledger) error { return l.Shut(ctx, lane(), "e1") }, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tries := 0
			err := tt.do(t.Context(), table.NewLedger(broken(tt.with, &tries), "ledger"))
			if err == nil || tries != tt.want {
				t.Errorf("error %v after %d tries, want one after %d", err, tries, tt.want)
			}
		})
	}
}

func advanced(ctx context.Context, l table.Ledger) error {
	return l.Advance(ctx, lane(), "e1", backlog.Progress{Ended: 1})
}

func counted(ctx context.Context, l table.Ledger) error {
	return l.Count(ctx, map[hook.Key]hours.Counts{{Organization: "demo", Name: "crm"}: {Delivered: 1}}, time.UnixMilli(1))
}

// retryable is what the SDK makes of an answer that did not come.
type retryable struct{}

func (*retryable) Error() string        { return "connection reset" }
func (*retryable) RetryableError() bool { return true }
