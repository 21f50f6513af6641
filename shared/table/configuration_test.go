package table_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/awstest"
	"crmhook/shared/hook"
	"crmhook/shared/table"
	"crmhook/shared/tabletest"
)

// configurationTable is an empty configuration on a table for this test alone.
func configurationTable(t *testing.T) table.Configuration {
	t.Helper()
	return table.NewConfiguration(awstest.Table(t, awstest.Config(t)))
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
