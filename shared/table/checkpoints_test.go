package table_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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

// emulatedCheckpoints makes a table, which goes when the test ends.
func emulatedCheckpoints(t *testing.T) table.Checkpoints {
	t.Helper()
	endpoint := os.Getenv("CRMHOOK_TEST_ENDPOINT")
	if endpoint == "" {
		t.Skip("CRMHOOK_TEST_ENDPOINT is not set: start the emulator and name its address to run this test")
	}
	settings, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("us-east-1"), config.WithBaseEndpoint(endpoint),
		config.WithCredentialsProvider(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		})))
	if err != nil {
		t.Fatal(err)
	}
	checkpoints := table.NewCheckpoints(dynamodb.NewFromConfig(settings), fmt.Sprintf("checkpoints-%d", time.Now().UnixNano()))
	attributes := []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}, {AttributeName: aws.String("sk"), AttributeType: "S"}}
	if _, err := checkpoints.Client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &checkpoints.Name, BillingMode: types.BillingModePayPerRequest, AttributeDefinitions: attributes,
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}, {AttributeName: aws.String("sk"), KeyType: "RANGE"}},
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := checkpoints.Client.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: &checkpoints.Name}); err != nil {
			t.Error(err)
		}
	})
	return checkpoints
}
