package table

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/parameter"
)

// positionKey sorts before every parameter's name, which begins with a slash, so that one query reads both.
const positionKey = "#sweep"

// First reads the first limit parameters seen, in order of names, and the sweep's position; more says whether there are
// others. Up to about 4,000 of them are one query.
func (c Configuration) First(ctx context.Context, limit int) (seen []parameter.Seen, position parameter.Position, more bool, err error) {
	items, err := c.query(ctx, parameterPartition, "", nil, limit+2)
	if err != nil {
		return nil, position, false, fmt.Errorf("read parameters seen: %w", err)
	}
	if len(items) > 0 && textOf(items[0], "sk") == positionKey {
		position = parameter.Position{Token: textOf(items[0], "token"), After: textOf(items[0], "after")}
		items = items[1:]
	}
	return seenOf(items[:min(limit, len(items))]), position, len(items) > limit, nil
}

// After reads the limit parameters seen that follow a name.
func (c Configuration) After(ctx context.Context, name string, limit int) ([]parameter.Seen, error) {
	items, err := c.query(ctx, parameterPartition, "sk > :a", []string{max(name, "/")}, limit)
	if err != nil {
		return nil, fmt.Errorf("read parameters seen: %w", err)
	}
	return seenOf(items), nil
}

// ByName reads the parameters seen of these names, which must be distinct; those never seen are left out.
func (c Configuration) ByName(ctx context.Context, names []string) ([]parameter.Seen, error) {
	keys := make([]Item, len(names))
	for i, name := range names {
		keys[i] = key(parameterPartition, name)
	}
	items, err := c.getAll(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read parameters seen: %w", err)
	}
	return seenOf(items), nil
}

// Record writes what is known of parameters, each on the condition that the revision is still the one of previous (""
// for a parameter not seen before), and answers for each whether it was.
func (c Configuration) Record(ctx context.Context, seen []parameter.Seen, previous []string) ([]bool, error) {
	done, err := eachWrite(len(seen), func(i int) (bool, error) {
		item := seenItem(seen[i])
		if previous[i] == "" {
			return c.putIf(ctx, item, "attribute_not_exists(pk)", nil)
		}
		return c.putIf(ctx, item, "#revision = :previous", Item{":previous": text(previous[i])}, "revision")
	})
	if err != nil {
		return nil, fmt.Errorf("record parameters: %w", err)
	}
	return done, nil
}

// Forget removes what is known of parameters, each on the condition that its revision is the one given, and answers for
// each whether it was.
func (c Configuration) Forget(ctx context.Context, seen []parameter.Seen) ([]bool, error) {
	done, err := eachWrite(len(seen), func(i int) (bool, error) {
		_, err := c.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: &c.Name, Key: key(parameterPartition, seen[i].Name),
			ConditionExpression:       aws.String("#revision = :previous"),
			ExpressionAttributeNames:  map[string]string{"#revision": "revision"},
			ExpressionAttributeValues: Item{":previous": text(seen[i].Revision)},
		})
		return conditionHeld(err)
	})
	if err != nil {
		return nil, fmt.Errorf("forget parameters: %w", err)
	}
	return done, nil
}

// Recheck notes that something these parameters depend on has changed, under a new revision, and returns what is known
// of them.
func (c Configuration) Recheck(ctx context.Context, names []string, at time.Time, revision string) ([]parameter.Seen, error) {
	marked := make([]parameter.Seen, len(names))
	_, err := eachWrite(len(names), func(i int) (bool, error) {
		out, err := c.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &c.Name, Key: key(parameterPartition, names[i]), ReturnValues: types.ReturnValueAllNew,
			UpdateExpression:          aws.String("SET #recheck = :recheck, #revision = :revision"),
			ExpressionAttributeNames:  map[string]string{"#recheck": "recheck", "#revision": "revision"},
			ExpressionAttributeValues: Item{":recheck": instant(at), ":revision": text(revision)},
		})
		if err != nil {
			return false, err
		}
		marked[i] = seenOf([]Item{out.Attributes})[0]
		return true, nil
	})
	if err != nil {
		return nil, fmt.Errorf("mark parameters to be checked again: %w", err)
	}
	return marked, nil
}

// SavePosition keeps where the sweep goes on.
func (c Configuration) SavePosition(ctx context.Context, position parameter.Position) error {
	item := key(parameterPartition, positionKey)
	item["token"], item["after"] = text(position.Token), text(position.After)
	if _, err := c.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &c.Name, Item: item}); err != nil {
		return fmt.Errorf("save the sweep's position: %w", err)
	}
	return nil
}

func seenItem(seen parameter.Seen) Item {
	item := key(parameterPartition, seen.Name)
	item["version"] = number(seen.Version)
	item["modified"] = instant(seen.Modified)
	item["revision"] = text(seen.Revision)
	if !seen.Recheck.IsZero() {
		item["recheck"] = instant(seen.Recheck)
	}
	if len(seen.Generations) > 0 {
		item["generations"] = texts(seen.Generations)
	}
	return item
}

func seenOf(items []Item) []parameter.Seen {
	seen := make([]parameter.Seen, len(items))
	for i, item := range items {
		seen[i] = parameter.Seen{
			Name: textOf(item, "sk"), Version: numberOf(item, "version"), Modified: instantOf(item, "modified"),
			Recheck: instantOf(item, "recheck"), Generations: textsOf(item, "generations"), Revision: textOf(item, "revision"),
		}
	}
	return seen
}
