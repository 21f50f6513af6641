package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// newOutputs are the names and addresses that scripts and people use; scripts/up writes them to .crmhook/outputs.json.
func newOutputs(stack awscdk.Stack, settings settings, t tables, q queues, api awsapigatewayv2.CfnApi, topic awssns.Topic) {
	for _, output := range []struct {
		name  string
		value *string
	}{
		{"Stage", jsii.String(settings.stage)},
		{"RecordsTable", t.records.TableName()},
		{"BacklogTable", t.backlog.TableName()},
		{"LedgerTable", t.ledger.TableName()},
		{"ConfigurationTable", t.configuration.TableName()},
		{"CheckpointsTable", t.checkpoints.TableName()},
		{"DirectoryTable", t.directory.TableName()},
		{"DeliveriesQueue", q.deliveries.QueueUrl()},
		{"SlowQueue", q.slow.QueueUrl()},
		{"StoppedQueue", q.stopped.QueueUrl()},
		{"UnreadableQueue", q.unreadable.QueueUrl()},
		{"TriggersQueue", q.triggers.QueueUrl()},
		{"BulkTriggersQueue", q.bulkTriggers.QueueUrl()},
		{"TriggersDeadLettersQueue", q.triggersDeadLetters.QueueUrl()},
		{"BulkTriggersDeadLettersQueue", q.bulkTriggersDeadLetters.QueueUrl()},
		{"ApiUrl", api.AttrApiEndpoint()},
		{"ConsoleUrl", jsii.String(*api.AttrApiEndpoint() + "/console")},
		{"AlarmsTopic", topic.TopicArn()},
	} {
		awscdk.NewCfnOutput(stack, jsii.String(output.name), &awscdk.CfnOutputProps{Value: output.value})
	}
}
