package table

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// statement is one conditional PartiQL write; its text names the table as %s, which execute fills in.
type statement struct {
	text       string
	parameters []types.AttributeValue
}

// execute runs conditional writes, 25 a call, at the price of single ones, and answers for each whether it took effect:
// false where its condition did not hold (or, for an INSERT, the item was there). That may be because it took effect itself:
// where an answer is lost the SDK repeats the call, and a statement is repeated that DynamoDB was too busy for, or says that it
// failed at. Any other refusal is an error, and then some of the others may have taken effect. Two statements of one call must
// not name the same item.
func (t Table) execute(ctx context.Context, statements []statement) ([]bool, error) {
	done := make([]bool, len(statements))
	indexes := make([]int, len(statements))
	for i := range indexes {
		indexes[i] = i
	}
	err := eachChunk(indexes, batchStatements, func(chunk []int) error {
		for n := 1; ; n++ {
			busy, err := t.executeChunk(ctx, statements, chunk, done)
			if err != nil || len(busy) == 0 {
				return err
			}
			if n == 6 {
				return errBusy
			}
			if err := backoff(ctx, n); err != nil {
				return err
			}
			chunk = busy
		}
	})
	return done, err
}

// executeChunk makes one call and returns those that DynamoDB was too busy for.
func (t Table) executeChunk(ctx context.Context, statements []statement, chunk []int, done []bool) ([]int, error) {
	requests := make([]types.BatchStatementRequest, len(chunk))
	for i, at := range chunk {
		text := fmt.Sprintf(statements[at].text, `"`+t.Name+`"`)
		requests[i] = types.BatchStatementRequest{Statement: &text, Parameters: statements[at].parameters}
	}
	out, err := t.Client.BatchExecuteStatement(ctx, &dynamodb.BatchExecuteStatementInput{Statements: requests})
	if err != nil {
		return nil, fmt.Errorf("batch statement: %w", err)
	}
	if len(out.Responses) != len(chunk) {
		return nil, fmt.Errorf("batch statement: %d answers to %d statements", len(out.Responses), len(chunk))
	}
	var busy []int
	var failed error
	for i, response := range out.Responses {
		if response.Error == nil {
			done[chunk[i]] = true
			continue
		}
		switch response.Error.Code {
		case types.BatchStatementErrorCodeEnumConditionalCheckFailed, types.BatchStatementErrorCodeEnumDuplicateItem:
		case types.BatchStatementErrorCodeEnumThrottlingError, types.BatchStatementErrorCodeEnumProvisionedThroughputExceeded,
			types.BatchStatementErrorCodeEnumRequestLimitExceeded, types.BatchStatementErrorCodeEnumInternalServerError,
			types.BatchStatementErrorCodeEnumTransactionConflict:
			busy = append(busy, chunk[i])
		default:
			failed = errors.Join(failed, fmt.Errorf("batch statement: %s: %s", response.Error.Code, value(response.Error.Message)))
		}
	}
	return busy, failed
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
