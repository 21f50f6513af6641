package table

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/backlog"
)

// An execution's pk is organization#interface#executions, its sk the id, so that they are listed newest first.
// An execution's `making` says that it is open: `open` is what deliveries are listed by, and of another type.
const makingAttribute = "making"

func executionKey(lane backlog.Lane, id string) (string, string) {
	return lane.Organization + "#" + lane.Interface + "#executions", id
}

// Begin writes an execution's row, with none of its deliveries ended; the ledger forgets it at expires.
func (l Ledger) Begin(ctx context.Context, e backlog.Execution, expires time.Time) error {
	item := key(executionKey(e.Lane, e.ID))
	item["generation"], item["schedule"], item["startedBy"] = text(e.Generation), text(e.Schedule), text(e.StartedBy)
	item["at"], item["taken"], item["merged"], item["deliveries"] = instant(e.At), number(int64(e.Taken)), number(int64(e.Merged)), number(int64(e.Deliveries))
	item["expires"] = expiry(expires)
	item["numbers"], item["refused"] = number(int64(e.Numbers)), number(int64(e.Refused))
	for name, is := range map[string]bool{makingAttribute: e.Open, "cancelled": e.Cancelled} {
		if is {
			item[name] = flag(true)
		}
	}
	if _, err := l.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &l.Name, Item: item}); err != nil {
		return fmt.Errorf("write execution: %w", err)
	}
	return nil
}

// Executions reads executions of lanes, given by their ids, which must be distinct; those forgotten are left out. The order
// is not the ids'.
func (l Ledger) Executions(ctx context.Context, ids map[backlog.Lane][]string) ([]backlog.Execution, error) {
	var keys []Item
	lanes := map[string]backlog.Lane{}
	for lane, list := range ids {
		for _, id := range list {
			pk, sk := executionKey(lane, id)
			keys, lanes[pk] = append(keys, key(pk, sk)), lane
		}
	}
	items, err := l.getAll(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read executions: %w", err)
	}
	executions := make([]backlog.Execution, len(items))
	for i, item := range items {
		lane := lanes[textOf(item, "pk")]
		lane.Generation = textOf(item, "generation")
		executions[i] = executionOf(lane, item)
	}
	return executions, nil
}

func executionOf(lane backlog.Lane, item Item) backlog.Execution {
	count := func(name string) int { return int(numberOf(item, name)) }
	return backlog.Execution{
		Lane: lane, ID: textOf(item, "sk"), Schedule: textOf(item, "schedule"), StartedBy: textOf(item, "startedBy"), At: instantOf(item, "at"),
		Taken: count("taken"), Merged: count("merged"), Deliveries: count("deliveries"), Ended: count("ended"),
		Tally: backlog.Tally{
			Sent: count("sent"), Delivered: count("delivered"), Failed: count("failed"), Stopped: count("stopped"), Skipped: count("skipped"),
		},
		Streak: count("streak"), TimedOut: flagOf(item, "timedOut"), LastAttempt: instantOf(item, "lastAttempt"),
		StreakSince: instantOf(item, "streakSince"), LastSuccess: instantOf(item, "lastSuccess"), Closed: flagOf(item, "closed"),
		EndedAt: instantOf(item, "endedAt"), Open: flagOf(item, makingAttribute), Cancelled: flagOf(item, "cancelled"),
		Numbers: count("numbers"), Refused: count("refused"),
	}
}

// alter updates an execution's row if it is there and fulfils a condition, and gives what it changed; nil where it is not,
// or does not.
func (l Ledger) alter(ctx context.Context, lane backlog.Lane, id, expression, condition string, values Item) (Item, error) {
	pk, sk := executionKey(lane, id)
	input := &dynamodb.UpdateItemInput{
		TableName: &l.Name, Key: key(pk, sk), UpdateExpression: &expression, ConditionExpression: aws.String("attribute_exists(pk)" + condition),
		ReturnValues: types.ReturnValueUpdatedNew,
	}
	if len(values) > 0 {
		input.ExpressionAttributeValues = values
	}
	out, err := l.Client.UpdateItem(ctx, input)
	if held, err := conditionHeld(err); err != nil || !held {
		return nil, err
	}
	if out.Attributes == nil {
		return Item{}, nil
	}
	return out.Attributes, nil
}

// Extend adds to what an execution took, merged and made, and gives the number of the first of its new deliveries. It is an
// error if there is no such execution.
func (l Ledger) Extend(ctx context.Context, lane backlog.Lane, id string, taken, merged, deliveries int) (first int, err error) {
	values := Item{":taken": number(int64(taken)), ":merged": number(int64(merged)), ":deliveries": number(int64(deliveries))}
	is, err := l.alter(ctx, lane, id, "ADD taken :taken, merged :merged, deliveries :deliveries", "", values)
	if err == nil && is == nil {
		err = errors.New("there is none")
	}
	if err != nil {
		return 0, fmt.Errorf("extend execution %s: %w", id, err)
	}
	return int(numberOf(is, "deliveries")) - deliveries, nil
}

// Shut says of an execution that no more deliveries are made for it.
func (l Ledger) Shut(ctx context.Context, lane backlog.Lane, id string) error {
	if _, err := l.alter(ctx, lane, id, "REMOVE "+makingAttribute, "", nil); err != nil {
		return fmt.Errorf("shut execution: %w", err)
	}
	return nil
}

// CancelExecution marks an execution as cancelled; false where there is none, or it was cancelled before.
func (l Ledger) CancelExecution(ctx context.Context, lane backlog.Lane, id string) (bool, error) {
	is, err := l.alter(ctx, lane, id, "SET cancelled = :true", " AND attribute_not_exists(cancelled)", Item{":true": flag(true)})
	if err != nil {
		return false, fmt.Errorf("cancel execution: %w", err)
	}
	return is != nil, nil
}

// Close says of an execution that nothing of it is under way, whatever its counts say.
func (l Ledger) Close(ctx context.Context, lane backlog.Lane, id string) error {
	if _, err := l.alter(ctx, lane, id, "SET closed = :true", "", Item{":true": flag(true)}); err != nil {
		return fmt.Errorf("close execution: %w", err)
	}
	return nil
}
