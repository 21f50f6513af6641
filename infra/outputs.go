package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// newOutputs are the names and addresses that scripts and people use; scripts/up writes them to .crmhook/outputs.json.
func newOutputs(stack awscdk.Stack, settings settings, t tables, q queues, topic awssns.Topic) {
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
		{"DeliveriesQueue", q.deliveries.QueueUrl()},
		{"SlowQueue", q.slow.QueueUrl()},
		{"StoppedQueue", q.stopped.QueueUrl()},
		{"UnreadableQueue", q.unreadable.QueueUrl()},
		{"AlarmsTopic", topic.TopicArn()},
	} {
		awscdk.NewCfnOutput(stack, jsii.String(output.name), &awscdk.CfnOutputProps{Value: output.value})
	}
}
