package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"crmhook/shared/environment"
)

type functions struct {
	configure, scan, dispatch, send, stop awslambda.Function
	inbound, apply, manage                awslambda.Function
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

// part is a function to build, and where the stack keeps it.
type part struct {
	into *awslambda.Function
	function
}

// ground is what the functions stand on.
type ground struct {
	tables tables
	queues queues
	topic  awssns.Topic
	delays delays
	grants grants
}

func newFunctions(stack awscdk.Stack, settings settings, on ground) (functions, error) {
	var built functions
	for _, part := range slices.Concat(outbound(&built, settings, on), inbound(&built, settings, on), control(&built, settings, on)) {
		made, err := newFunction(stack, settings, part.function)
		if err != nil {
			return functions{}, fmt.Errorf("function %s: %w", part.name, err)
		}
		*part.into = made
	}
	return built, nil
}

// functionName is what a function is called in its stage.
func functionName(settings settings, name string) string {
	return "crmhook-" + settings.stage + "-" + name
}

func newFunction(stack awscdk.Stack, settings settings, f function) (awslambda.Function, error) {
	name := functionName(settings, f.name)
	variables, err := environment.Variables(f.environment)
	if err != nil {
		return nil, err
	}
	code := filepath.Join(settings.functions, f.name)
	if _, err := os.Stat(filepath.Join(code, "bootstrap")); err != nil {
		return nil, fmt.Errorf("find its program, which scripts/build builds: %w", err)
	}
	group := newLogGroup(stack, f.id+"Log", "/aws/lambda/"+name, settings.logRetentionDays)
	logs := allow("Log", []string{"logs:CreateLogStream", "logs:PutLogEvents"}, *group.LogGroupArn())
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
