package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"crmhook/shared/environment"
)

type functions struct {
	configure, scan, dispatch, send, stop awslambda.Function
}

// function is what one function needs beyond what all have.
type function struct {
	id, name, does  string
	timeout, memory float64
	reserved        float64 // 0: none
	eachMinute      bool
	// inCircle: what it takes from a queue may come back to it through stop, so Lambda must not cut the chain after 16
	// rounds. The chain ends by itself: attempts are counted.
	inCircle    bool
	environment any // a struct of shared/environment
	grants      []grant
}

func newFunctions(stack awscdk.Stack, settings settings, t tables, q queues, topic awssns.Topic, g grants) (functions, error) {
	common := environment.Common{Stage: settings.stage}
	var built functions
	parts := []struct {
		into *awslambda.Function
		function
	}{
		{&built.configure, function{
			id: "Configure", name: "configure", does: "reads changed parameters into the configuration table",
			timeout: minuteTimeout, memory: minuteMemory, eachMinute: true, grants: g.configure,
			environment: environment.Configure{Common: common, ConfigurationTable: *t.configuration.TableName(), BacklogTable: *t.backlog.TableName()},
		}},
		{&built.scan, function{
			id: "Scan", name: "scan", does: "reads the records' stream and routes each change",
			timeout: minuteTimeout, memory: minuteMemory, eachMinute: true, grants: g.scan,
			environment: environment.Scan{
				Common: common, RecordsStream: *t.records.TableStreamArn(), BacklogTable: *t.backlog.TableName(), LedgerTable: *t.ledger.TableName(),
				ConfigurationTable: *t.configuration.TableName(), CheckpointsTable: *t.checkpoints.TableName(),
			},
		}},
		{&built.dispatch, function{
			id: "Dispatch", name: "dispatch", does: "cuts the backlog of the interfaces that are due into deliveries",
			timeout: minuteTimeout, memory: minuteMemory, eachMinute: true, grants: g.dispatch,
			environment: environment.Dispatch{
				Common: common, BacklogTable: *t.backlog.TableName(), LedgerTable: *t.ledger.TableName(), ConfigurationTable: *t.configuration.TableName(),
				DeliveriesQueue: *q.deliveries.QueueUrl(), SlowQueue: *q.slow.QueueUrl(), StoppedQueue: *q.stopped.QueueUrl(),
			},
		}},
		{&built.send, function{
			id: "Send", name: "send", does: "sends one request for each delivery",
			timeout: sendTimeout, memory: sendMemory, reserved: settings.sendReservedConcurrency, inCircle: true, grants: g.send,
			environment: environment.Send{
				Common: common, RecordsTable: *t.records.TableName(), BacklogTable: *t.backlog.TableName(), LedgerTable: *t.ledger.TableName(),
				ConfigurationTable: *t.configuration.TableName(), DeliveriesQueue: *q.deliveries.QueueUrl(), SlowQueue: *q.slow.QueueUrl(),
				StoppedQueue: *q.stopped.QueueUrl(), MaxReceives: maxReceives,
			},
		}},
		{&built.stop, function{
			id: "Stop", name: "stop", does: "keeps deliveries that were given up and tells people",
			timeout: stopTimeout, memory: stopMemory, inCircle: true, grants: g.stop,
			environment: environment.Stop{
				Common: common, BacklogTable: *t.backlog.TableName(), LedgerTable: *t.ledger.TableName(), ConfigurationTable: *t.configuration.TableName(),
				DeliveriesQueue: *q.deliveries.QueueUrl(), SlowQueue: *q.slow.QueueUrl(), StoppedQueue: *q.stopped.QueueUrl(),
				UnreadableQueue: *q.unreadable.QueueUrl(), AlarmsTopic: *topic.TopicArn(),
			},
		}},
	}
	for _, part := range parts {
		made, err := newFunction(stack, settings, part.function)
		if err != nil {
			return functions{}, fmt.Errorf("function %s: %w", part.name, err)
		}
		*part.into = made
	}
	return built, nil
}

func newFunction(stack awscdk.Stack, settings settings, f function) (awslambda.Function, error) {
	name := "crmhook-" + settings.stage + "-" + f.name
	variables, err := environment.Variables(f.environment)
	if err != nil {
		return nil, err
	}
	code := filepath.Join(settings.functions, f.name)
	if _, err := os.Stat(filepath.Join(code, "bootstrap")); err != nil {
		return nil, fmt.Errorf("find its program, which scripts/build builds: %w", err)
	}
	group := newLogGroup(stack, f.id+"Log", "/aws/lambda/"+name, settings.logRetentionDays)
	logs := grant{"Log", []string{"logs:CreateLogStream", "logs:PutLogEvents"}, []string{*group.LogGroupArn()}}
	props := &awslambda.FunctionProps{
		FunctionName: jsii.String(name),
		Description:  jsii.String("crmhook " + f.name + ": " + f.does),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: architecture(settings.architecture),
		Handler:      jsii.String("bootstrap"),
		Code:         awslambda.Code_FromAsset(jsii.String(code), nil),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(f.timeout)),
		MemorySize:   jsii.Number(f.memory),
		Environment:  pointers(variables),
		LogGroup:     group,
		Role:         newRole(stack, f.id+"Role", "lambda.amazonaws.com", nil, append(f.grants, logs)),
	}
	if f.reserved > 0 {
		props.ReservedConcurrentExecutions = jsii.Number(f.reserved)
	}
	if f.eachMinute {
		props.RetryAttempts = jsii.Number(minuteRetries)
		props.MaxEventAge = awscdk.Duration_Seconds(jsii.Number(minuteMaxAge))
	}
	if f.inCircle {
		props.RecursiveLoop = awslambda.RecursiveLoop_ALLOW
	}
	if settings.tracing {
		props.Tracing = awslambda.Tracing_ACTIVE
	}
	return awslambda.NewFunction(stack, jsii.String(f.id), props), nil
}

func architecture(name string) awslambda.Architecture {
	if name == "x86_64" {
		return awslambda.Architecture_X86_64()
	}
	return awslambda.Architecture_ARM_64()
}

func pointers(variables map[string]string) *map[string]*string {
	pointed := make(map[string]*string, len(variables))
	for name, value := range variables {
		pointed[name] = jsii.String(value)
	}
	return &pointed
}

// newLogGroup goes with the stack: what must last is in the ledger.
func newLogGroup(stack awscdk.Stack, id, name string, days float64) awslogs.LogGroup {
	group := awslogs.NewLogGroup(stack, jsii.String(id), &awslogs.LogGroupProps{
		LogGroupName: jsii.String(name), RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	// The enumeration of the construct has names for the days, the resource takes their number.
	group.Node().DefaultChild().(awslogs.CfnLogGroup).SetRetentionInDays(jsii.Number(days))
	return group
}

// newRole holds exactly the grants, in one inline policy.
func newRole(stack awscdk.Stack, id, service string, conditions *map[string]interface{}, grants []grant) awsiam.Role {
	principal := awsiam.NewServicePrincipal(jsii.String(service), &awsiam.ServicePrincipalOpts{Conditions: conditions})
	return awsiam.NewRole(stack, jsii.String(id), &awsiam.RoleProps{
		AssumedBy:      principal,
		InlinePolicies: &map[string]awsiam.PolicyDocument{"grants": document(grants)},
	})
}

// newEventSources feed send and stop. Only the messages that a function names as failed come back.
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
}
