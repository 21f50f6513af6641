package table

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"crmhook/shared/once"
)

// Done says that what was claimed is done, with the claim's Result, whoever has the claim by now. It is remembered for
// once.Kept.
func (o Once) Done(ctx context.Context, c once.Claim, now time.Time) error {
	err := o.update(ctx, &dynamodb.UpdateItemInput{
		TableName: &o.Name, Key: claimKey(c.Organization, c.Key), UpdateExpression: aws.String("SET #done = :true, #result = :result, #expires = :expires"),
		ExpressionAttributeNames:  map[string]string{"#done": "done", "#result": "result", "#expires": "expires"},
		ExpressionAttributeValues: Item{":true": flag(true), ":result": text(c.Result), ":expires": expiry(now.Add(once.Kept))},
	})
	if err != nil {
		return fmt.Errorf("mark a claim as done: %w", err)
	}
	return nil
}

// Release gives up a claim of what was not done, so that it can be claimed again at once; it stays counted. One that is done,
// or another's by now, stays as it is.
func (o Once) Release(ctx context.Context, c once.Claim) error {
	err := o.update(ctx, &dynamodb.UpdateItemInput{
		TableName: &o.Name, Key: claimKey(c.Organization, c.Key), UpdateExpression: aws.String("SET #lease = :none"),
		ConditionExpression:       aws.String("#lease = :lease AND attribute_not_exists(#done)"),
		ExpressionAttributeNames:  map[string]string{"#lease": "lease", "#done": "done"},
		ExpressionAttributeValues: Item{":none": number(0), ":lease": instant(c.Lease)},
	})
	if _, err := conditionHeld(err); err != nil {
		return fmt.Errorf("release a claim: %w", err)
	}
	return nil
}

func (o Once) update(ctx context.Context, input *dynamodb.UpdateItemInput) error {
	return alone(ctx, func() error {
		_, err := o.Client.UpdateItem(ctx, input)
		return err
	})
}

// Count is how much was claimed in a day, strongly consistent.
func (o Once) Count(ctx context.Context, organization, name, day string) (int, error) {
	out, err := o.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &o.Name, Key: countKey(organization, name, day), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return 0, fmt.Errorf("read a day's count: %w", err)
	}
	return int(numberOf(out.Item, "count")), nil
}
