package table

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// notNewer is the condition of every write of a checked parameter: an older version never replaces a newer one, also
// where a parameter was written anew, with versions from 1, after its deletion.
const notNewer = "attribute_not_exists(pk) OR #modified < :modified OR (#modified = :modified AND #version <= :version)"

// query reads the items of a partition in order of sk, strongly consistent: all that fulfil the condition, whose values
// are named :a, :b …, or the first limit of them; only the fields, if any are named.
func (c Configuration) query(ctx context.Context, pk, condition string, values []string, limit int, fields ...string) ([]Item, error) {
	input := &dynamodb.QueryInput{
		TableName: &c.Name, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: Item{":pk": text(pk)},
	}
	if condition != "" {
		input.KeyConditionExpression = aws.String("pk = :pk AND " + condition)
	}
	for i, v := range values {
		input.ExpressionAttributeValues[":"+string(rune('a'+i))] = text(v)
	}
	if len(fields) > 0 {
		input.ProjectionExpression = aws.String(strings.Join(fields, ", "))
	}
	var items []Item
	for {
		if limit > 0 {
			input.Limit = aws.Int32(int32(limit - len(items)))
		}
		out, err := c.Client.Query(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("query %s: %w", pk, err)
		}
		items = append(items, out.Items...)
		input.ExclusiveStartKey = out.LastEvaluatedKey
		if len(out.LastEvaluatedKey) == 0 || limit > 0 && len(items) >= limit {
			return items, nil
		}
	}
}

// putNotNewer writes items with version and modified, several at once, unless the table holds newer ones.
func (c Configuration) putNotNewer(ctx context.Context, items []Item) ([]bool, error) {
	return eachWrite(len(items), func(i int) (bool, error) {
		values := Item{":version": items[i]["version"], ":modified": items[i]["modified"]}
		return c.putIf(ctx, items[i], notNewer, values, "version", "modified")
	})
}

// eachWrite does one write for each index, several at once, and answers for each whether its condition held.
func eachWrite(n int, write func(i int) (bool, error)) ([]bool, error) {
	done, indexes := make([]bool, n), make([]int, n)
	for i := range indexes {
		indexes[i] = i
	}
	err := eachChunk(indexes, 1, func(chunk []int) (err error) {
		done[chunk[0]], err = write(chunk[0])
		return err
	})
	return done, err
}

func (c Configuration) removeUnchanged(ctx context.Context, at Item, modified time.Time) (bool, error) {
	_, err := c.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &c.Name, Key: at,
		ConditionExpression:       aws.String("attribute_not_exists(pk) OR #modified = :modified"),
		ExpressionAttributeNames:  map[string]string{"#modified": "modified"},
		ExpressionAttributeValues: Item{":modified": instant(modified)},
	})
	return conditionHeld(err)
}

// putIf puts an item on a condition, which names fields as #field and values as in values, and answers whether it held.
func (c Configuration) putIf(ctx context.Context, item Item, condition string, values Item, fields ...string) (bool, error) {
	input := &dynamodb.PutItemInput{TableName: &c.Name, Item: item, ConditionExpression: &condition}
	if len(fields) > 0 {
		input.ExpressionAttributeValues, input.ExpressionAttributeNames = values, map[string]string{}
		for _, field := range fields {
			input.ExpressionAttributeNames["#"+field] = field
		}
	}
	_, err := c.Client.PutItem(ctx, input)
	return conditionHeld(err)
}

// conditionHeld reads a conditional write's error: whether the condition held, and any other error.
func conditionHeld(err error) (bool, error) {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return false, nil
	}
	return err == nil, err
}
