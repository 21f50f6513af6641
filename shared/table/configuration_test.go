package table_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/hook"
	"crmhook/shared/table"
	"crmhook/shared/tabletest"
)

// configurationTable makes an empty configuration table on the emulator, for this test alone.
func configurationTable(t *testing.T) table.Configuration {
	t.Helper()
	endpoint := os.Getenv("CRMHOOK_TEST_ENDPOINT")
	if endpoint == "" {
		t.Skip("CRMHOOK_TEST_ENDPOINT is not set: the emulator's part of the suite is left out")
	}
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint, Region: "us-east-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	name := fmt.Sprintf("configuration-%d", time.Now().UnixNano())
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = client.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: &name})
	})
	return table.NewConfiguration(client, name)
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	tabletest.RunConfiguration(t, configurationTable(t))
}

func TestConfigurationOfAnotherFormIsInvalid(t *testing.T) {
	t.Parallel()
	c := configurationTable(t)
	_, err := c.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &c.Name, Item: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "demo"}, "sk": &types.AttributeValueMemberS{Value: "interface#a"},
		"state": &types.AttributeValueMemberS{Value: "active"}, "hook": &types.AttributeValueMemberS{Value: `{"v":0}`},
	}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Organization(t.Context(), "demo")
	if err != nil || len(got) != 1 {
		t.Fatalf("interfaces: %v, error %v; want one", got, err)
	}
	if got[0].State != hook.Invalid || got[0].Working() || !strings.Contains(got[0].Faults.Error(), "write the parameter again") {
		t.Errorf("interface = %+v, want an invalid one that says what to do", got[0])
	}
}
