package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/awstest"
)

func TestCallsAreCountedByOperation(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	calls := awstest.Count(&config)
	client, name := awstest.Table(t, config)
	calls.Take()
	for range 2 {
		_, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &name, Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "a"}, "sk": &types.AttributeValueMemberS{Value: "b"},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]int{"GetItem": 2}, calls.Take()); diff != "" {
		t.Errorf("calls differ (-want +got):\n%s", diff)
	}
	if again := calls.Take(); len(again) != 0 {
		t.Errorf("calls taken are counted again: %v", again)
	}
}

func TestEachTestHasATableAndAQueueOfItsOwn(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	_, table := awstest.Table(t, config)
	_, another := awstest.Table(t, config)
	client, queue := awstest.Queue(t, config, map[string]string{"VisibilityTimeout": "1"})
	_, second := awstest.Queue(t, config, nil)
	if table == another || queue == second || awstest.QueueARN(t, client, queue) == awstest.QueueARN(t, client, second) {
		t.Errorf("tables %s and %s, queues %s and %s: want four that differ", table, another, queue, second)
	}
}
