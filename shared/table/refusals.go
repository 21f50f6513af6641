package table

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"crmhook/shared/backlog"
	"crmhook/shared/upload"
)

// Refused lines of a file lie under pk organization#interface#executions#refused, sk the execution's id: three lists of the
// same length.
func refusedKey(lane backlog.Lane, id string) (string, string) {
	pk, sk := executionKey(lane, id)
	return pk + "#refused", sk
}

// KeepRefusals keeps the lines of an execution's file that name no contact, at most upload.MostRefusals, until expires.
// They are one item: values and reasons are short.
func (l Ledger) KeepRefusals(ctx context.Context, lane backlog.Lane, id string, list []upload.Refusal, expires time.Time) error {
	lines, values, reasons := make([]int64, len(list)), make([]string, len(list)), make([]string, len(list))
	for i, r := range list {
		lines[i], values[i], reasons[i] = int64(r.Line), r.Value, r.Reason
	}
	item := key(refusedKey(lane, id))
	item["lines"], item["values"], item["reasons"], item["expires"] = numbers(lines), texts(values), texts(reasons), expiry(expires)
	if _, err := l.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &l.Name, Item: item}); err != nil {
		return fmt.Errorf("keep refused lines: %w", err)
	}
	return nil
}

// Refusals reads what KeepRefusals kept, strongly consistent; none where nothing is kept.
func (l Ledger) Refusals(ctx context.Context, lane backlog.Lane, id string) ([]upload.Refusal, error) {
	pk, sk := refusedKey(lane, id)
	item, err := l.get(ctx, pk, sk)
	if err != nil {
		return nil, err
	}
	lines, values, reasons := numbersOf(item, "lines"), textsOf(item, "values"), textsOf(item, "reasons")
	if len(values) != len(lines) || len(reasons) != len(lines) {
		return nil, fmt.Errorf("read refused lines of %s: %d lines, %d values, %d reasons", id, len(lines), len(values), len(reasons))
	}
	list := make([]upload.Refusal, len(lines))
	for i := range lines {
		list[i] = upload.Refusal{Line: int(lines[i]), Value: values[i], Reason: reasons[i]}
	}
	return list, nil
}
