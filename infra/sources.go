package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// newEventSources feed send, stop and apply. Only the messages that a function names as failed come back. Bulk triggers have
// a concurrency of their own, so that however many they are, live ones do not wait behind them.
func newEventSources(settings settings, f functions, q queues) {
	source := func(function awslambda.Function, id string, queue awssqs.Queue, concurrency float64) {
		function.AddEventSourceMapping(jsii.String(id), &awslambda.EventSourceMappingOptions{
			EventSourceArn:          queue.QueueArn(),
			BatchSize:               jsii.Number(batchSize),
			ReportBatchItemFailures: jsii.Bool(true),
			MaxConcurrency:          jsii.Number(concurrency),
		})
	}
	source(f.send, "Deliveries", q.deliveries, settings.sendConcurrency)
	source(f.send, "Slow", q.slow, settings.slowConcurrency)
	source(f.stop, "Stopped", q.stopped, stopConcurrency)
	source(f.apply, "Triggers", q.triggers, settings.applyConcurrency)
	source(f.apply, "BulkTriggers", q.bulkTriggers, settings.bulkConcurrency)
}
