package table_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/awstest"
	"crmhook/shared/shard"
	"crmhook/shared/table"
	"crmhook/shared/tabletest"
)

func TestCheckpointsOnEmulator(t *testing.T) {
	tabletest.RunCheckpoints(t, emulatedCheckpoints(t))
}

// TestFinishedCheckpointsExpire: DynamoDB itself forgets the shards that have left the stream.
func TestFinishedCheckpointsExpire(t *testing.T) {
	checkpoints := emulatedCheckpoints(t)
	now := time.Now()
	c := shard.Checkpoint{Shard: "s", Owner: "a", Until: now.Add(time.Minute)}
	if err := checkpoints.Acquire(t.Context(), "label", c, now); err != nil {
		t.Fatal(err)
	}
	c.Finished = true
	if err := checkpoints.Save(t.Context(), "label", c, now); err != nil {
		t.Fatal(err)
	}
	out, err := checkpoints.Client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &checkpoints.Name, Key: table.Item{
		"pk": &types.AttributeValueMemberS{Value: "stream#label"}, "sk": &types.AttributeValueMemberS{Value: "s"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := strconv.FormatInt(now.Add(table.FinishedKept).Unix(), 10)
	if got, ok := out.Item["expires"].(*types.AttributeValueMemberN); !ok || got.Value != want {
		t.Errorf("expires is %v, want %s", out.Item["expires"], want)
	}
}

// emulatedCheckpoints are checkpoints on a table for this test alone.
func emulatedCheckpoints(t *testing.T) table.Checkpoints {
	t.Helper()
	return table.NewCheckpoints(awstest.Table(t, awstest.Config(t)))
}
