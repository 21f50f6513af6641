package table

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/once"
)

// Once keeps claims of what is done once, in the checkpoints' table: pk organization#once#key, sk `claim`; and how much was
// claimed in a day: pk organization#count#name, sk the day.
type Once struct{ Table }

// NewOnce is the claims on a table.
func NewOnce(client *dynamodb.Client, name string) Once {
	return Once{Table{Client: client, Name: name}}
}

// countKept is how long a day's count stays.
const countKept = 3 * 24 * time.Hour

func claimKey(organization, name string) Item { return key(organization+"#once#"+name, "claim") }

func countKey(organization, name, day string) Item { return key(organization+"#count#"+name, day) }

// Claim claims what is to be done once until the claim's Lease, or for once.Lease if it has none, and says how the claim then
// stands. The first one counts towards the day's limit, if there is one, in the same write: a claim that is taken again after
// its lease counts no more. A claim older than once.Kept is none.
func (o Once) Claim(ctx context.Context, c once.Claim, limit *once.Limit, now time.Time) (kept once.Claim, standing once.Standing, err error) {
	if c.Lease.IsZero() {
		c.Lease = now.Add(once.Lease)
	}
	there, full, err := o.first(ctx, c, limit, now)
	switch {
	case err != nil:
		return c, once.Busy, fmt.Errorf("claim: %w", err)
	case full:
		return c, once.Full, nil
	case there == nil:
		return claimOf(c, claimItem(c, now)), once.Mine, nil
	}
	kept = claimOf(c, there)
	if kept.Done || kept.Lease.After(now) {
		return kept, standingOf(kept), nil
	}
	return o.again(ctx, c, there, now)
}

// first makes the claim if there is none, and counts it; otherwise it gives the item that is there, or says that the day is
// full.
func (o Once) first(ctx context.Context, c once.Claim, limit *once.Limit, now time.Time) (there Item, full bool, err error) {
	put := &types.Put{
		TableName: &o.Name, Item: claimItem(c, now),
		ConditionExpression:                 aws.String("attribute_not_exists(pk) OR #expires <= :now"),
		ExpressionAttributeNames:            map[string]string{"#expires": "expires"},
		ExpressionAttributeValues:           Item{":now": number(now.Unix())},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if limit == nil {
		there, err = o.putClaim(ctx, put)
		return there, false, err
	}
	refused, err := o.together(ctx, []types.TransactWriteItem{{Put: put}, {Update: o.count(c.Organization, *limit, now)}})
	if err != nil || refused == nil {
		return nil, false, err
	}
	if there = refused[0].Item; aws.ToString(refused[0].Code) == failedCondition {
		return there, false, nil
	}
	return nil, true, nil
}

func (o Once) putClaim(ctx context.Context, put *types.Put) (there Item, err error) {
	err = alone(ctx, func() error {
		_, err := o.Client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: put.TableName, Item: put.Item, ConditionExpression: put.ConditionExpression, ExpressionAttributeNames: put.ExpressionAttributeNames,
			ExpressionAttributeValues: put.ExpressionAttributeValues, ReturnValuesOnConditionCheckFailure: put.ReturnValuesOnConditionCheckFailure,
		})
		return err
	})
	if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
		return failed.Item, nil
	}
	return nil, err
}

// count counts one more of what has a limit.
func (o Once) count(organization string, limit once.Limit, now time.Time) *types.Update {
	condition := "#count < :most"
	if limit.Most > 0 {
		condition += " OR attribute_not_exists(#count)"
	}
	return &types.Update{
		TableName: &o.Name, Key: countKey(organization, limit.Name, limit.Day),
		UpdateExpression: aws.String("SET #expires = :expires ADD #count :one"), ConditionExpression: &condition,
		ExpressionAttributeNames:  map[string]string{"#count": "count", "#expires": "expires"},
		ExpressionAttributeValues: Item{":one": number(1), ":most": number(int64(limit.Most)), ":expires": expiry(now.Add(countKept))},
	}
}

// again takes a claim whose lease is over, unless another does.
func (o Once) again(ctx context.Context, c once.Claim, there Item, now time.Time) (once.Claim, once.Standing, error) {
	err := o.update(ctx, &dynamodb.UpdateItemInput{
		TableName: &o.Name, Key: claimKey(c.Organization, c.Key), UpdateExpression: aws.String("SET #lease = :lease, #expires = :expires"),
		ConditionExpression:                 aws.String("#lease = :was AND attribute_not_exists(#done)"),
		ExpressionAttributeNames:            map[string]string{"#lease": "lease", "#expires": "expires", "#done": "done"},
		ExpressionAttributeValues:           Item{":lease": instant(c.Lease), ":expires": expiry(now.Add(once.Kept)), ":was": there["lease"]},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if late := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &late) {
		kept := claimOf(c, late.Item)
		return kept, standingOf(kept), nil
	}
	if err != nil {
		return c, once.Busy, fmt.Errorf("claim again: %w", err)
	}
	there["lease"] = instant(c.Lease)
	return claimOf(c, there), once.Mine, nil
}

// standingOf is how another's claim stands.
func standingOf(kept once.Claim) once.Standing {
	if kept.Done {
		return once.Done
	}
	return once.Busy
}

func claimItem(c once.Claim, now time.Time) Item {
	item := claimKey(c.Organization, c.Key)
	item["result"], item["lease"], item["expires"] = text(c.Result), instant(c.Lease), expiry(now.Add(once.Kept))
	return item
}

func claimOf(c once.Claim, item Item) once.Claim {
	return once.Claim{
		Organization: c.Organization, Key: c.Key, Result: textOf(item, "result"), Lease: instantOf(item, "lease"), Done: flagOf(item, "done"),
	}
}
