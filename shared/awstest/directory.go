package awstest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Directory makes a table as Table does, with the index of the directory, of keys only.
func Directory(t testing.TB, config aws.Config) (client *dynamodb.Client, name string) {
	t.Helper()
	return create(t, config, &dynamodb.CreateTableInput{
		AttributeDefinitions: attributes("pk", "sk", "contact"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("byContact"), KeySchema: keys("contact", "pk"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}},
	})
}
