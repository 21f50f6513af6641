package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/jsii-runtime-go"
)

// newSchedules start configure, scan and dispatch each minute, and configure when a parameter of the stage changes. A start
// that fails is not repeated (the next minute is) but kept, where an alarm sees it.
func newSchedules(stack awscdk.Stack, settings settings, f functions, q queues, key awskms.IKey) {
	minutes := []struct {
		id       string
		function awslambda.Function
	}{{"ConfigureMinute", f.configure}, {"ScanMinute", f.scan}, {"DispatchMinute", f.dispatch}}

	arns := make([]string, len(minutes))
	for i, minute := range minutes {
		arns[i] = *minute.function.FunctionArn()
	}
	allowed := []grant{allow("Start", []string{"lambda:InvokeFunction"}, arns...), fill(q.scheduleDeadLetters)}
	if key != nil {
		allowed = append(allowed, useKey(key))
	}
	role := newRole(stack, "ScheduleRole", "scheduler.amazonaws.com", thisAccount(), allowed)

	for _, minute := range minutes {
		awsscheduler.NewCfnSchedule(stack, jsii.String(minute.id), &awsscheduler.CfnScheduleProps{
			ScheduleExpression: jsii.String("rate(1 minute)"),
			FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
			Target: &awsscheduler.CfnSchedule_TargetProperty{
				Arn:     minute.function.FunctionArn(),
				RoleArn: role.RoleArn(),
				RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
					MaximumRetryAttempts: jsii.Number(minuteRetries), MaximumEventAgeInSeconds: jsii.Number(minuteMaxAge),
				},
				DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: q.scheduleDeadLetters.QueueArn()},
			},
		})
	}
	newParameterRule(stack, settings, f.configure, q)
}

func newParameterRule(stack awscdk.Stack, settings settings, configure awslambda.Function, q queues) {
	rule := awsevents.NewRule(stack, jsii.String("ParameterChange"), &awsevents.RuleProps{
		Description: jsii.String("a parameter of stage " + settings.stage + " changed"),
		EventPattern: &awsevents.EventPattern{
			Source:     jsii.Strings("aws.ssm"),
			DetailType: jsii.Strings("Parameter Store Change"),
			Detail: &map[string]interface{}{
				"name": []map[string]string{{"prefix": "/crmhook/" + settings.stage + "/"}},
			},
		},
	})
	rule.AddTarget(awseventstargets.NewLambdaFunction(configure, &awseventstargets.LambdaFunctionProps{
		DeadLetterQueue: q.scheduleDeadLetters,
		RetryAttempts:   jsii.Number(minuteRetries),
		MaxEventAge:     awscdk.Duration_Seconds(jsii.Number(minuteMaxAge)),
	}))
}
