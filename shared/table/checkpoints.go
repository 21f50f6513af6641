package table

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/shard"
)

// Checkpoints keeps how far a stream's shards have been read, one item a shard: pk "stream#<label>", sk the shard's id.
// A run that finds nothing costs one query and no write; a shard with changes costs one write for the lease, one for each
// page, and one for letting go.
type Checkpoints struct{ Table }

// NewCheckpoints are those in the checkpoints table.
func NewCheckpoints(client *dynamodb.Client, name string) Checkpoints {
	return Checkpoints{Table{Client: client, Name: name}}
}

// FinishedKept is how long a finished shard is remembered: twice the time after which it has left the stream. DynamoDB
// removes the item then at no cost.
const FinishedKept = 48 * time.Hour

const streamPrefix = "stream#"

// Checkpoints reads those of a stream by shard, strongly consistent.
func (c Checkpoints) Checkpoints(ctx context.Context, stream string) (map[string]shard.Checkpoint, error) {
	found := map[string]shard.Checkpoint{}
	pages := dynamodb.NewQueryPaginator(c.Client, &dynamodb.QueryInput{
		TableName: &c.Name, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: Item{":pk": text(streamPrefix + stream)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("query checkpoints: %w", err)
		}
		for _, item := range page.Items {
			checkpoint := shard.Checkpoint{
				Shard: textOf(item, "sk"), Position: textOf(item, "position"), Finished: flagOf(item, "finished"),
				Again: flagOf(item, "again"), Owner: textOf(item, "owner"), Until: instantOf(item, "until"),
			}
			found[checkpoint.Shard] = checkpoint
		}
	}
	return found, nil
}

// Acquire takes the lease of a shard whose checkpoint is known, for the owner and until the time that it names. It returns
// shard.ErrHeld when another run's lease is not over at now, or the position is no longer the one known.
func (c Checkpoints) Acquire(ctx context.Context, stream string, known shard.Checkpoint, now time.Time) error {
	condition := "attribute_not_exists(#finished) AND (attribute_not_exists(#owner) OR #until <= :now)"
	values := Item{":owner": text(known.Owner), ":until": instant(known.Until), ":now": instant(now)}
	names := map[string]string{"#finished": "finished", "#owner": "owner", "#until": "until", "#position": "position"}
	if known.Position == "" {
		condition += " AND attribute_not_exists(#position)"
	} else {
		condition += " AND #position = :position"
		values[":position"] = text(known.Position)
	}
	done, err := c.update(ctx, stream, known.Shard, "SET #owner = :owner, #until = :until", condition, names, values)
	if err != nil {
		return fmt.Errorf("acquire %s: %w", known.Shard, err)
	}
	if !done {
		return shard.ErrHeld
	}
	return nil
}

// Save moves the position of a shard, after which nothing is begun, and extends its lease, on the condition that the owner
// still has it; else it returns shard.ErrLost. Of a finished shard the lease ends with it.
func (c Checkpoints) Save(ctx context.Context, stream string, checkpoint shard.Checkpoint, now time.Time) error {
	expression := "SET #position = :position, #until = :until REMOVE #again"
	names := map[string]string{"#owner": "owner", "#until": "until", "#position": "position", "#again": "again"}
	values := Item{":owner": text(checkpoint.Owner), ":position": text(checkpoint.Position)}
	if checkpoint.Finished {
		expression = "SET #position = :position, #finished = :finished, #expires = :expires REMOVE #owner, #until, #again"
		names["#finished"], names["#expires"] = "finished", "expires"
		values[":finished"], values[":expires"] = flag(true), number(now.Add(FinishedKept).Unix())
	} else {
		values[":until"] = instant(checkpoint.Until)
	}
	done, err := c.update(ctx, stream, checkpoint.Shard, expression, "#owner = :owner", names, values)
	if err != nil {
		return fmt.Errorf("save %s: %w", checkpoint.Shard, err)
	}
	if !done {
		return shard.ErrLost
	}
	return nil
}

// Release ends a lease early, so that the next run need not wait for its end, and keeps whether something is begun. A lease
// that is another's by now is left.
func (c Checkpoints) Release(ctx context.Context, stream string, checkpoint shard.Checkpoint) error {
	names, values, expression := map[string]string{"#owner": "owner", "#until": "until"}, Item{":owner": text(checkpoint.Owner)}, "REMOVE #owner, #until"
	if checkpoint.Again {
		names["#again"], values[":again"], expression = "again", flag(true), "SET #again = :again "+expression
	}
	_, err := c.update(ctx, stream, checkpoint.Shard, expression, "#owner = :owner", names, values)
	if err != nil {
		return fmt.Errorf("release %s: %w", checkpoint.Shard, err)
	}
	return nil
}

// update makes one conditional write and reports whether its condition held.
func (c Checkpoints) update(ctx context.Context, stream, id, expression, condition string, names map[string]string, values Item) (bool, error) {
	_, err := c.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &c.Name, Key: key(streamPrefix+stream, id), UpdateExpression: &expression, ConditionExpression: &condition,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	})
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		return false, nil
	}
	return err == nil, err
}
