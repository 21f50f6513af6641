package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/jsii-runtime-go"
)

// alarm rises when the metric is at least threshold in each of the last periods of five minutes. No data is no alarm.
type alarm struct {
	id, says           string
	metric             awscloudwatch.Metric
	threshold, periods float64
}

func newAlarms(stack awscdk.Stack, f functions, q queues, topic awssns.Topic) {
	most := &awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum"), Period: awscdk.Duration_Minutes(jsii.Number(5))}
	sum := &awscloudwatch.MetricOptions{Statistic: jsii.String("Sum"), Period: awscdk.Duration_Minutes(jsii.Number(5))}

	// SQS leaves messages that were received over three times out of the age: what waits for a retry does not count for long.
	alarms := []alarm{
		{"DeliveriesOld", "the oldest delivery has waited for 30 minutes: send does not keep up", q.deliveries.MetricApproximateAgeOfOldestMessage(most), 30 * 60, 2},
		{"SlowOld", "the oldest delivery to a slow receiver has waited for 2 hours", q.slow.MetricApproximateAgeOfOldestMessage(most), 2 * 60 * 60, 2},
		{"StoppedOld", "a stopped delivery has waited for 30 minutes: stop does not keep up", q.stopped.MetricApproximateAgeOfOldestMessage(most), 30 * 60, 2},

		{"ConfigureErrors", "configure failed", f.configure.MetricErrors(sum), 1, 1},
		{"ScanErrors", "scan failed", f.scan.MetricErrors(sum), 1, 1},
		{"DispatchErrors", "dispatch failed", f.dispatch.MetricErrors(sum), 1, 1},
		{"SendErrors", "send failed", f.send.MetricErrors(sum), 1, 1},
		{"StopErrors", "stop failed", f.stop.MetricErrors(sum), 1, 1},

		// A start that Lambda throttles for its minute is dropped without an error.
		{"ConfigureThrottled", "configure was not let run", f.configure.MetricThrottles(sum), 1, 2},
		{"ScanThrottled", "scan was not let run", f.scan.MetricThrottles(sum), 1, 2},
		{"DispatchThrottled", "dispatch was not let run", f.dispatch.MetricThrottles(sum), 1, 2},

		{"Unreadable", "a message that nobody can read was set aside", q.unreadable.MetricApproximateNumberOfMessagesVisible(most), 1, 1},
		{"StopDeadLettersFilled", "a stopped delivery could not be put in the ledger", q.stopDeadLetters.MetricApproximateNumberOfMessagesVisible(most), 1, 1},
		{"ScheduleDeadLettersFilled", "a start of configure, scan or dispatch did not happen", q.scheduleDeadLetters.MetricApproximateNumberOfMessagesVisible(most), 1, 1},
	}
	action := awscloudwatchactions.NewSnsAction(topic)
	for _, a := range alarms {
		awscloudwatch.NewAlarm(stack, jsii.String(a.id+"Alarm"), &awscloudwatch.AlarmProps{
			AlarmDescription:   jsii.String("crmhook: " + a.says),
			Metric:             a.metric,
			Threshold:          jsii.Number(a.threshold),
			EvaluationPeriods:  jsii.Number(a.periods),
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
			TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
		}).AddAlarmAction(action)
	}
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
