package table

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// together makes all writes or none. If a condition did not hold it gives the reasons, one a write; two transactions that
// meet at an item are tried again.
func (t Table) together(ctx context.Context, writes []types.TransactWriteItem) (refused []types.CancellationReason, err error) {
	for n := 1; ; n++ {
		_, err := t.Client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
		var cancelled *types.TransactionCanceledException
		var running *types.TransactionInProgressException
		switch {
		case err == nil:
			return nil, nil
		case errors.As(err, &running):
		case !errors.As(err, &cancelled):
			return nil, err
		case hasReason(cancelled.CancellationReasons, failedCondition):
			return cancelled.CancellationReasons, nil
		case !hasReason(cancelled.CancellationReasons, "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"):
			return nil, err
		}
		if n == 6 {
			return nil, fmt.Errorf("%w: %w", errBusy, err)
		}
		if err := backoff(ctx, n); err != nil {
			return nil, err
		}
	}
}

const failedCondition = "ConditionalCheckFailed"

func hasReason(reasons []types.CancellationReason, codes ...string) bool {
	for _, reason := range reasons {
		for _, code := range codes {
			if aws.ToString(reason.Code) == code {
				return true
			}
		}
	}
	return false
}

// conflict is the code of what DynamoDB refuses while a transaction is at work on the same item. Not every operation names it
// among its errors, so it is told by its code.
const conflict = "TransactionConflictException"

// alone makes a write of items that transactions write too, which DynamoDB refuses while one of them is at it.
func alone(ctx context.Context, write func() error) error {
	for n := 1; ; n++ {
		err := write()
		if met := smithy.APIError(nil); !errors.As(err, &met) || met.ErrorCode() != conflict || n == 6 {
			return err
		}
		if err := backoff(ctx, n); err != nil {
			return err
		}
	}
}
