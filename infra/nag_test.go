package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// finding is what cdk-nag says of a resource: the rule with its detail, and the construct's path below the stack.
type finding struct{ rule, path string }

// accepted are the findings of the AwsSolutions pack that stay, each with the reason. One that is not found any more is a fault.
var accepted = map[finding]string{
	{"AwsSolutions-SQS3", "Unreadable/Resource"}:          "it is an end itself: a person looks at what lies there, and an alarm says so",
	{"AwsSolutions-SQS3", "ScheduleDeadLetters/Resource"}: "it is the dead-letter queue of the schedules and the rule, which the pack does not see",

	{"AwsSolutions-IAM5[Resource::*]", "ConfigureRole/Resource"}:                                                                                                  "ssm:DescribeParameters, for which AWS knows no resource",
	{"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/crmhook/dev/*]", "ConfigureRole/Resource"}:                    "parameters come and go without a deployment",
	{"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/crmhook/dev/organizations/*/secrets/*]", "SendRole/Resource"}: "secrets come and go without a deployment",
	{"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*]", "StopRole/Resource"}:                                      "the sender is a setting, not a part of the stack",

	{"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/crmhook/dev/organizations/*/secrets/*]", "InboundRole/Resource"}: "secrets come and go without a deployment",
	{"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/crmhook-dev-triggers/*]", "InboundRole/Resource"}:           "each delayed trigger has a schedule of its own",
	{"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*]", "ApplyRole/Resource"}:                                        "senders are settings, not parts of the stack",

	{"AwsSolutions-IAM5[Resource::*]", "ManageRole/Resource"}:                                                                                                          "ssm:DescribeParameters, for which AWS knows no resource",
	{"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/crmhook/dev/*]", "ManageRole/Resource"}:                            "parameters come and go without a deployment",
	{"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/crmhook/dev/organizations/*/interfaces/*]", "ManageRole/Resource"}: "people make and remove interfaces",
	{"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/crmhook/dev/organizations/*/rules/*]", "ManageRole/Resource"}:      "people make and remove rules",
	{"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/crmhook/dev/organizations/*/secrets/*]", "ManageRole/Resource"}:    "people make and remove secrets",

	{"AwsSolutions-APIG4", "OrganizationRoute"}: "manage authenticates by key",
	{"AwsSolutions-APIG4", "ConsoleRoute"}:      "manage leads to the sign-in",
	{"AwsSolutions-APIG4", "ConsolePagesRoute"}: "manage authenticates by session",
	{"AwsSolutions-APIG4", "QueueProcessRoute"}: "inbound authenticates: a key or the platform's own proof, which no authorizer could see the body for",
	{"AwsSolutions-APIG4", "ContactsRoute"}:     "inbound authenticates by key",
	{"AwsSolutions-APIG4", "RecordsRoute"}:      "inbound authenticates by key",
	{"AwsSolutions-APIG4", "OtherRoute"}:        "inbound refuses what no route names",
}

func TestNag(t *testing.T) {
	stack := synthesize(t, nil)
	awscdk.Aspects_Of(stack).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Verbose: jsii.Bool(false)}), nil)
	annotations := assertions.Annotations_FromStack(stack)
	anything := assertions.Match_StringLikeRegexp(jsii.String(".*"))
	found := append(
		findings(t, annotations.FindError(jsii.String("*"), anything)),
		findings(t, annotations.FindWarning(jsii.String("*"), anything))...)

	unused := map[finding]bool{}
	for f := range accepted {
		unused[f] = true
	}
	for _, f := range found {
		if accepted[f] == "" {
			t.Errorf("cdk-nag: %s at %s: repair it, or accept it here with a reason", f.rule, f.path)
		}
		delete(unused, f)
	}
	for f := range unused {
		t.Errorf("cdk-nag no longer finds %s at %s: take it off the list", f.rule, f.path)
	}
}

// findings goes by way of JSON, as the CDK calls the Go type of a message deprecated and has no other.
func findings(t *testing.T, messages any) []finding {
	t.Helper()
	data, err := json.Marshal(messages)
	if err != nil {
		t.Fatal(err)
	}
	var read []struct {
		ID    string `json:"id"` // "/" + stack + "/" + path
		Entry struct {
			Data string `json:"data"` // rule + ": " + explanation
		} `json:"entry"`
	}
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	found := make([]finding, len(read))
	for i, message := range read {
		rule, _, _ := strings.Cut(message.Entry.Data, ": ")
		_, path, _ := strings.Cut(strings.TrimPrefix(message.ID, "/"), "/")
		found[i] = finding{rule, path}
	}
	return found
}
