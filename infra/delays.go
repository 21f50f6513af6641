package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/jsii-runtime-go"
)

// delays are where inbound makes a one-time schedule for a trigger that is to wait longer than a queue can hide it.
type delays struct {
	// group is the name of the group that the schedules are made in.
	group string
	// role is theirs: it puts a trigger on its queue.
	role awsiam.Role
}

func newDelays(stack awscdk.Stack, settings settings, q queues, key awskms.IKey) delays {
	group := "crmhook-" + settings.stage + "-triggers"
	awsscheduler.NewCfnScheduleGroup(stack, jsii.String("Delays"), &awsscheduler.CfnScheduleGroupProps{Name: jsii.String(group)})

	allowed := []grant{fill(q.triggers, q.bulkTriggers)}
	if key != nil {
		allowed = append(allowed, useKey(key))
	}
	return delays{group, newRole(stack, "DelayRole", "scheduler.amazonaws.com", thisAccount(), allowed)}
}

// thisAccount lets a service take a role only for resources of the stack's account.
func thisAccount() *map[string]interface{} {
	return &map[string]interface{}{"StringEquals": map[string]interface{}{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}}
}
