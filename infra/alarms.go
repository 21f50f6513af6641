package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/jsii-runtime-go"
)

// alarm rises when the metric is at least threshold in each of the last periods of five minutes. No data is no alarm, but
// for a silent one, which rises when the metric is below the threshold or missing.
type alarm struct {
	id, says           string
	metric             awscloudwatch.Metric
	threshold, periods float64
	silent             bool
}

func newAlarms(stack awscdk.Stack, f functions, q queues, api awsapigatewayv2.CfnApi, topic awssns.Topic) {
	most := &awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum"), Period: awscdk.Duration_Minutes(jsii.Number(5))}
	sum := &awscloudwatch.MetricOptions{Statistic: jsii.String("Sum"), Period: awscdk.Duration_Minutes(jsii.Number(5))}

	// SQS leaves messages that were received over three times out of the age: what waits for a retry does not count for long.
	alarms := []alarm{
		{"DeliveriesOld", "the oldest delivery has waited for 30 minutes: send does not keep up", q.deliveries.MetricApproximateAgeOfOldestMessage(most), 30 * 60, 2, false},
		{"SlowOld", "the oldest delivery to a slow receiver has waited for 2 hours", q.slow.MetricApproximateAgeOfOldestMessage(most), 2 * 60 * 60, 2, false},
		{"StoppedOld", "a stopped delivery has waited for 30 minutes: stop does not keep up", q.stopped.MetricApproximateAgeOfOldestMessage(most), 30 * 60, 2, false},
		// A sender may ask that a trigger waits, up to 15 minutes in the queue, and its age counts from when it was sent.
		{"TriggersOld", "the oldest trigger has waited for 5 minutes more than its sender may have asked for: apply does not keep up", q.triggers.MetricApproximateAgeOfOldestMessage(most), 20 * 60, 1, false},
		{"BulkTriggersOld", "the oldest bulk trigger has waited for 6 hours", q.bulkTriggers.MetricApproximateAgeOfOldestMessage(most), 6 * 60 * 60, 2, false},

		{"ConfigureErrors", "configure failed", f.configure.MetricErrors(sum), 1, 1, false},
		{"ScanErrors", "scan failed", f.scan.MetricErrors(sum), 1, 1, false},
		{"DispatchErrors", "dispatch failed", f.dispatch.MetricErrors(sum), 1, 1, false},
		{"SendErrors", "send failed", f.send.MetricErrors(sum), 1, 1, false},
		{"StopErrors", "stop failed", f.stop.MetricErrors(sum), 1, 1, false},
		{"InboundErrors", "inbound failed", f.inbound.MetricErrors(sum), 1, 1, false},
		{"ApplyErrors", "apply failed", f.apply.MetricErrors(sum), 1, 1, false},
		{"ManageErrors", "manage failed", f.manage.MetricErrors(sum), 1, 1, false},
		{"ApiErrors", "the API answered with a status of 500 or more", apiErrors(api, sum), 1, 2, false},

		// What goes wrong with a message fails that message, not the function: the log says it.
		{"SendFaults", "send could not do its part for a delivery", newFaults(stack, "SendFaults", f.send, sum), 1, 2, false},
		{"StopFaults", "stop could not do its part for a delivery", newFaults(stack, "StopFaults", f.stop, sum), 1, 2, false},
		{"InboundFaults", "inbound could not do its part for a request", newFaults(stack, "InboundFaults", f.inbound, sum), 1, 2, false},
		{"ApplyFaults", "apply could not do its part for a trigger", newFaults(stack, "ApplyFaults", f.apply, sum), 1, 2, false},
		{"ManageFaults", "manage could not do its part for a request", newFaults(stack, "ManageFaults", f.manage, sum), 1, 2, false},

		// Five starts are due in five minutes. One that Lambda throttles for its minute is dropped without an error.
		{"ConfigureSilent", "configure does not run each minute", f.configure.MetricInvocations(sum), 3, 2, true},
		{"ScanSilent", "scan does not run each minute", f.scan.MetricInvocations(sum), 3, 2, true},
		{"DispatchSilent", "dispatch does not run each minute", f.dispatch.MetricInvocations(sum), 3, 2, true},

		{"Unreadable", "a message that nobody can read was set aside", q.unreadable.MetricApproximateNumberOfMessagesVisible(most), 1, 1, false},
		{"StopDeadLettersFilled", "a stopped delivery could not be put in the ledger", q.stopDeadLetters.MetricApproximateNumberOfMessagesVisible(most), 1, 1, false},
		{"TriggersDeadLettersFilled", "a trigger failed each time or could not be read", q.triggersDeadLetters.MetricApproximateNumberOfMessagesVisible(most), 1, 1, false},
		{"BulkTriggersDeadLettersFilled", "a bulk trigger failed each time or could not be read", q.bulkTriggersDeadLetters.MetricApproximateNumberOfMessagesVisible(most), 1, 1, false},
		{"ScheduleDeadLettersFilled", "a start of configure, scan or dispatch did not happen", q.scheduleDeadLetters.MetricApproximateNumberOfMessagesVisible(most), 1, 1, false},
	}
	action := awscloudwatchactions.NewSnsAction(topic)
	for _, a := range alarms {
		compare, missing := awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD, awscloudwatch.TreatMissingData_NOT_BREACHING
		if a.silent {
			compare, missing = awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD, awscloudwatch.TreatMissingData_BREACHING
		}
		awscloudwatch.NewAlarm(stack, jsii.String(a.id+"Alarm"), &awscloudwatch.AlarmProps{
			AlarmDescription:   jsii.String("crmhook: " + a.says),
			Metric:             a.metric,
			Threshold:          jsii.Number(a.threshold),
			EvaluationPeriods:  jsii.Number(a.periods),
			ComparisonOperator: compare,
			TreatMissingData:   missing,
		}).AddAlarmAction(action)
	}
}

// newFaults counts the lines of level ERROR in a function's log.
func newFaults(stack awscdk.Stack, id string, function awslambda.Function, options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return awslogs.NewMetricFilter(stack, jsii.String(id), &awslogs.MetricFilterProps{
		LogGroup:        function.LogGroup(),
		FilterPattern:   awslogs.FilterPattern_StringValue(jsii.String("$.level"), jsii.String("="), jsii.String("ERROR")),
		MetricNamespace: jsii.String("crmhook"),
		MetricName:      jsii.String(*stack.StackName() + "-" + id),
		MetricValue:     jsii.String("1"),
	}).Metric(options)
}

// apiErrors counts the API's answers of 500 and more, its own and the functions'.
func apiErrors(api awsapigatewayv2.CfnApi, options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("AWS/ApiGateway"), MetricName: jsii.String("5xx"), DimensionsMap: &map[string]*string{"ApiId": api.Ref()},
		Statistic: options.Statistic, Period: options.Period,
	})
}

// newAlarmsTopic carries names and counts, never data of a record.
func newAlarmsTopic(stack awscdk.Stack, settings settings) awssns.Topic {
	topic := awssns.NewTopic(stack, jsii.String("Alarms"), &awssns.TopicProps{
		DisplayName: jsii.String("crmhook " + settings.stage),
		EnforceSSL:  jsii.Bool(true),
	})
	if settings.alarmEmail != "" {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(jsii.String(settings.alarmEmail), nil))
	}
	return topic
}
