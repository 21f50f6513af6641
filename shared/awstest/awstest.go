// Package awstest gives the adapters' tests an AWS to run against: an emulator, or any other endpoint that speaks AWS's
// protocols. It is for tests only and must not know what is kept or sent there.
package awstest

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// EndpointVariable names the endpoint's address, as http://127.0.0.1:4566.
const EndpointVariable = "CRMHOOK_TEST_ENDPOINT"

// Endpoint is the address to test against; without one the test is skipped.
func Endpoint(t testing.TB) string {
	t.Helper()
	endpoint := os.Getenv(EndpointVariable)
	if endpoint == "" {
		t.Skip(EndpointVariable + " is not set: start an emulator and name its address to run this test")
	}
	return endpoint
}

// Config is an SDK configuration for the endpoint, with dummy keys. It reads neither the environment nor the home folder,
// so no test ever reaches a real account.
func Config(t testing.TB) aws.Config {
	t.Helper()
	endpoint := Endpoint(t)
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
}

// Name is a name that no other test has: the prefix and twelve random letters and digits.
func Name(prefix string) string { return prefix + "-" + strings.ToLower(rand.Text()[:12]) }

// Table makes a table with keys pk and sk, which goes when the test and its subtests have ended.
func Table(t testing.TB, config aws.Config) (client *dynamodb.Client, name string) {
	t.Helper()
	return create(t, config, &dynamodb.CreateTableInput{AttributeDefinitions: attributes("pk", "sk")})
}

// Ledger makes such a table with the indexes of the ledger, of keys only, each on an attribute and sorted by `created`.
func Ledger(t testing.TB, config aws.Config) (client *dynamodb.Client, name string) {
	t.Helper()
	input := &dynamodb.CreateTableInput{AttributeDefinitions: attributes("pk", "sk", "created")}
	for index, of := range map[string]string{"byInterface": "ofInterface", "byRecord": "ofRecord", "byOpen": "open", "byOpenInterface": "openInterface"} {
		input.AttributeDefinitions = append(input.AttributeDefinitions, attributes(of)...)
		input.GlobalSecondaryIndexes = append(input.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: &index, KeySchema: keys(of, "created"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		})
	}
	return create(t, config, input)
}

func attributes(names ...string) []types.AttributeDefinition {
	list := make([]types.AttributeDefinition, len(names))
	for i, name := range names {
		list[i] = types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS}
	}
	return list
}

func keys(hash, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{{AttributeName: &hash, KeyType: types.KeyTypeHash}, {AttributeName: &sort, KeyType: types.KeyTypeRange}}
}

func create(t testing.TB, config aws.Config, input *dynamodb.CreateTableInput) (client *dynamodb.Client, name string) {
	t.Helper()
	client, name = dynamodb.NewFromConfig(config), Name("table")
	input.TableName, input.BillingMode, input.KeySchema = &name, types.BillingModePayPerRequest, keys("pk", "sk")
	if _, err := client.CreateTable(t.Context(), input); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := client.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: &name})
		// A call that is repeated because its answer was late finds the table gone.
		if gone := (*types.ResourceNotFoundException)(nil); err != nil && !errors.As(err, &gone) {
			t.Error(err)
		}
	})
	if err := dynamodb.NewTableExistsWaiter(client).Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: &name}, time.Minute); err != nil {
		t.Fatal(err)
	}
	return client, name
}

// Queue makes a standard queue with these attributes, which goes when the test and its subtests have ended.
func Queue(t testing.TB, config aws.Config, attributes map[string]string) (client *sqs.Client, url string) {
	t.Helper()
	client = sqs.NewFromConfig(config)
	out, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(Name("queue")), Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := client.DeleteQueue(context.WithoutCancel(t.Context()), &sqs.DeleteQueueInput{QueueUrl: out.QueueUrl}); err != nil {
			t.Error(err)
		}
	})
	return client, *out.QueueUrl
}

// QueueARN is the ARN of a queue.
func QueueARN(t testing.TB, client *sqs.Client, url string) string {
	t.Helper()
	out, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameQueueArn},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes[string(sqstypes.QueueAttributeNameQueueArn)]
}
