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
func executionKey(lane backlog.Lane, id string) (string, string) {
	return lane.Organization + "#" + lane.Interface + "#executions", id
}

// Begin writes an execution's row, with none of its deliveries ended; the ledger forgets it at expires.
func (l Ledger) Begin(ctx context.Context, e backlog.Execution, expires time.Time) error {
	item := key(executionKey(e.Lane, e.ID))
	item["generation"], item["schedule"], item["startedBy"] = text(e.Generation), text(e.Schedule), text(e.StartedBy)
	item["at"], item["taken"], item["merged"], item["deliveries"] = instant(e.At), number(int64(e.Taken)), number(int64(e.Merged)), number(int64(e.Deliveries))
	item["expires"] = expiry(expires)
	if _, err := l.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &l.Name, Item: item}); err != nil {
		return fmt.Errorf("write execution: %w", err)
	}
	return nil
}

// Executions reads executions of lanes, given by their ids, which must be distinct; those forgotten are left out. The order is not the ids'.
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
		Tally:  backlog.Tally{Delivered: count("delivered"), Failed: count("failed"), Stopped: count("stopped"), Skipped: count("skipped")},
		Streak: count("streak"), TimedOut: flagOf(item, "timedOut"), LastAttempt: instantOf(item, "lastAttempt"),
		StreakSince: instantOf(item, "streakSince"), LastSuccess: instantOf(item, "lastSuccess"), Closed: flagOf(item, "closed"),
	}
}

// Advance adds what one invocation did to an execution's counts, one write unit.
func (l Ledger) Advance(ctx context.Context, lane backlog.Lane, id string, p backlog.Progress) error {
	pk, sk := executionKey(lane, id)
	expression := "ADD delivered :d, failed :f, stopped :s, skipped :k, ended :e"
	values := Item{
		":d": number(int64(p.Delivered)), ":f": number(int64(p.Failed)), ":s": number(int64(p.Stopped)), ":k": number(int64(p.Skipped)),
		":e": number(int64(p.Ended)),
	}
	if p.Attempts > 0 {
		expression += advanceStreak(p, values)
	}
	_, err := l.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &l.Name, Key: key(pk, sk), UpdateExpression: &expression, ExpressionAttributeValues: values,
		ConditionExpression: aws.String("attribute_exists(pk)"),
	})
	if gone := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &gone) {
		return nil // The ledger has forgotten it, or its writer died before the row: nothing to count for.
	}
	if err != nil {
		return fmt.Errorf("advance execution: %w", err)
	}
	return nil
}

// advanceStreak is the part of the expression about the attempts, which follows an ADD.
func advanceStreak(p backlog.Progress, values Item) string {
	values[":streak"], values[":timedOut"], values[":at"] = number(int64(p.Streak)), flag(p.TimedOut), instant(p.At)
	since := ""
	if p.Streak > 0 {
		values[":since"] = instant(p.Since)
		since = ", streakSince = if_not_exists(streakSince, :since)"
	}
	if !p.Reset {
		return ", streak :streak SET timedOut = :timedOut, lastAttempt = :at" + since
	}
	values[":success"] = instant(p.SuccessAt)
	set := " SET timedOut = :timedOut, lastAttempt = :at, streak = :streak, lastSuccess = :success"
	if p.Streak > 0 {
		return set + ", streakSince = :since"
	}
	return set + " REMOVE streakSince"
}

// Close says of an execution that nothing of it is under way, whatever its counts say.
func (l Ledger) Close(ctx context.Context, lane backlog.Lane, id string) error {
	pk, sk := executionKey(lane, id)
	_, err := l.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &l.Name, Key: key(pk, sk), UpdateExpression: aws.String("SET closed = :true"), ConditionExpression: aws.String("attribute_exists(pk)"),
		ExpressionAttributeValues: Item{":true": flag(true)},
	})
	if gone := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &gone) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("close execution: %w", err)
	}
	return nil
}
