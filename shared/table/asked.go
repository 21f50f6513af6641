package table

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/backlog"
	"crmhook/shared/job"
)

// Asked takes what people ask dispatch for. A job and the agenda's entry by which it is found lie in the backlog's table, the
// execution's row in the ledger's: all are there, or none.
type Asked struct {
	Table
	ledger string
}

// NewAsked writes to the backlog's table and the ledger's.
func NewAsked(client *dynamodb.Client, backlog, ledger string) Asked {
	return Asked{Table{Client: client, Name: backlog}, ledger}
}

// Put leaves a job to dispatch: one transaction writes the entry, the job, and the row of the execution that it makes, which the
// ledger forgets at expires; row is nil for a job that makes none. A Cancel marks the row of its execution instead. It answers
// whether it did: false, and nothing is written, where the job or the row was there before, or where the execution to cancel
// is gone or was cancelled before. The pieces of a job's numbers are kept before it.
func (a Asked) Put(ctx context.Context, j job.Job, entry backlog.Entry, row *backlog.Execution, expires time.Time) (bool, error) {
	item, err := jobItem(j, j.Revision)
	if err != nil {
		return false, err
	}
	writes := []types.TransactWriteItem{
		{Put: &types.Put{TableName: &a.Name, Item: agendaItem(entry)}},
		{Put: ifNew(a.Name, item)},
	}
	if row != nil {
		writes = append(writes, types.TransactWriteItem{Put: ifNew(a.ledger, executionItem(*row, expires))})
	}
	if j.Kind == job.Cancel {
		writes = append(writes, types.TransactWriteItem{Update: a.cancel(j)})
	}
	refused, err := a.together(ctx, writes)
	if err != nil {
		return false, fmt.Errorf("leave a job to dispatch: %w", err)
	}
	return refused == nil, nil
}

func ifNew(table string, item Item) *types.Put {
	return &types.Put{TableName: &table, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)")}
}

// cancel marks the execution's row, on the condition that CancelExecution has.
func (a Asked) cancel(j job.Job) *types.Update {
	pk, sk := executionKey(j.Lane, j.Execution)
	return &types.Update{
		TableName: &a.ledger, Key: key(pk, sk), UpdateExpression: aws.String("SET cancelled = :true"),
		ConditionExpression: aws.String("attribute_exists(pk) AND attribute_not_exists(cancelled)"), ExpressionAttributeValues: Item{":true": flag(true)},
	}
}
