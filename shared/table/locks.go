package table

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"crmhook/shared/parameter"
)

func lockKey(path parameter.Path) Item {
	return key(partition(path.Organization), "lock#"+path.String())
}

// Lock gives the token's holder a parameter until a time, unless another one has it now, and answers whether it does: also
// where the holder has it already, as where an answer was lost and the call is repeated. One that died has it until its time is
// over.
func (c Configuration) Lock(ctx context.Context, path parameter.Path, token string, now, until time.Time) (bool, error) {
	item := lockKey(path)
	item["token"], item["until"] = text(token), instant(until)
	held, err := c.putIf(ctx, item, "attribute_not_exists(pk) OR #until <= :now OR #token = :token",
		Item{":now": instant(now), ":token": item["token"]}, "until", "token")
	if err != nil {
		return false, fmt.Errorf("lock %s: %w", path, err)
	}
	return held, nil
}

// Unlock lets go of a parameter that the token's holder has; one that another has meanwhile stays as it is.
func (c Configuration) Unlock(ctx context.Context, path parameter.Path, token string) error {
	_, err := c.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &c.Name, Key: lockKey(path),
		ConditionExpression:       aws.String("#token = :token"),
		ExpressionAttributeNames:  map[string]string{"#token": "token"},
		ExpressionAttributeValues: Item{":token": text(token)},
	})
	if _, err = conditionHeld(err); err != nil {
		return fmt.Errorf("unlock %s: %w", path, err)
	}
	return nil
}
