package table

import (
	"context"
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
	if _, err := l.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &l.Name, Item: executionItem(e, expires)}); err != nil {
		return fmt.Errorf("write execution: %w", err)
	}
	return nil
}

func executionItem(e backlog.Execution, expires time.Time) Item {
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
	return item
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
func (l Ledger) alter(ctx context.Context, lane backlog.Lane, id, expression, condition string, values Item, options ...func(*dynamodb.Options)) (Item, error) {
	pk, sk := executionKey(lane, id)
	input := &dynamodb.UpdateItemInput{
		TableName: &l.Name, Key: key(pk, sk), UpdateExpression: &expression, ConditionExpression: aws.String("attribute_exists(pk)" + condition),
		ReturnValues: types.ReturnValueUpdatedNew,
	}
	if len(values) > 0 {
		input.ExpressionAttributeValues = values
	}
	var out *dynamodb.UpdateItemOutput
	held, err := conditionHeld(alone(ctx, func() (err error) {
		out, err = l.Client.UpdateItem(ctx, input, options...)
		return err
	}))
	if err != nil || !held {
		return nil, err
	}
	if out.Attributes == nil {
		return Item{}, nil
	}
	return out.Attributes, nil
}

// Extend writes what an execution has taken, merged and made by now: the counts of e. It does so only where the execution had
// made so many deliveries before; else, as where there is none, it is an error. The same call may be repeated.
func (l Ledger) Extend(ctx context.Context, e backlog.Execution, made int) error {
	values := Item{
		":taken": number(int64(e.Taken)), ":merged": number(int64(e.Merged)), ":deliveries": number(int64(e.Deliveries)), ":made": number(int64(made)),
	}
	const repeated = "deliveries = :deliveries AND taken = :taken AND merged = :merged"
	is, err := l.alter(ctx, e.Lane, e.ID, "SET taken = :taken, merged = :merged, deliveries = :deliveries", " AND (deliveries = :made OR "+repeated+")", values)
	if err == nil && is == nil {
		err = fmt.Errorf("there is none that has made %d deliveries", made)
	}
	if err != nil {
		return fmt.Errorf("extend execution %s: %w", e.ID, err)
	}
	return nil
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
