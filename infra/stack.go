package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// newStack declares everything of one stage. Account and region stay open until the deployment.
func newStack(scope constructs.Construct, settings settings) (awscdk.Stack, error) {
	name := "crmhook-" + settings.stage
	stack := awscdk.NewStack(scope, jsii.String(name), &awscdk.StackProps{
		Description: jsii.String("crmhook, stage " + settings.stage + ": webhooks of CRM records that changed, and triggers that change them"),
	})
	awscdk.Tags_Of(stack).Add(jsii.String("crmhook:stage"), jsii.String(settings.stage), nil)

	key := customerKey(stack, settings)
	tables := newTables(stack, key)
	queues := newQueues(stack, key)
	topic := newAlarmsTopic(stack, settings)
	delays := newDelays(stack, settings, queues, key)
	grants := newGrants(stack, settings, tables, queues, topic, delays, key)
	functions, err := newFunctions(stack, settings, ground{tables, queues, topic, delays, grants})
	if err != nil {
		return nil, fmt.Errorf("stack %s: %w", name, err)
	}
	api, err := newAPI(stack, settings, functions)
	if err != nil {
		return nil, fmt.Errorf("stack %s: %w", name, err)
	}
	newEventSources(settings, functions, queues)
	newSchedules(stack, settings, functions, queues, key)
	newAlarms(stack, functions, queues, api, topic)
	newOutputs(stack, settings, tables, queues, api, topic)
	return stack, nil
}

// customerKey is nil unless the context names one. Its own policy must let the services use it.
func customerKey(stack awscdk.Stack, settings settings) awskms.IKey {
	if settings.kmsKeyArn == "" {
		return nil
	}
	return awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String(settings.kmsKeyArn))
}
