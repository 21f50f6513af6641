package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// permission is one action that a role may do on one resource.
type permission struct{ role, action, resource string }

// permissions lists the template's, rendered, in order; a statement with a wildcard in an action, or a managed policy, is a fault.
func permissions(t *testing.T, found map[string]resource) []permission {
	t.Helper()
	var all []permission
	for id, r := range found {
		if r.Type == "AWS::IAM::Policy" {
			t.Errorf("policy %s stands outside its role", id)
		}
		if r.Type != "AWS::IAM::Role" {
			continue
		}
		if r.Properties["ManagedPolicyArns"] != nil {
			t.Errorf("%s has a managed policy", id)
		}
		for _, policy := range r.Properties["Policies"].([]any) {
			document := policy.(map[string]any)["PolicyDocument"].(map[string]any)
			for _, statement := range document["Statement"].([]any) {
				all = append(all, statementPermissions(strings.TrimSuffix(id, "Role"), statement.(map[string]any))...)
			}
		}
	}
	slices.SortFunc(all, func(a, b permission) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return all
}

func statementPermissions(role string, statement map[string]any) []permission {
	var all []permission
	for _, action := range list(statement["Action"]) {
		if except := statement["NotResource"]; except != nil {
			all = append(all, permission{role, render(action), "all but " + render(except)})
			continue
		}
		for _, resource := range list(statement["Resource"]) {
			all = append(all, permission{role, render(action), render(resource)})
		}
	}
	return all
}

func list(value any) []any {
	if values, ok := value.([]any); ok {
		return values
	}
	return []any{value}
}

// render writes an ARN as people would: a resource of the stack by its name, the rest joined.
func render(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case map[string]any:
		if ref, ok := v["Ref"].(string); ok {
			return "{" + shortName(strings.TrimPrefix(ref, "AWS::")) + "}"
		}
		if get, ok := v["Fn::GetAtt"].([]any); ok {
			name := shortName(get[0].(string))
			if get[1] != "Arn" {
				name += "." + get[1].(string)
			}
			return name
		}
		if join, ok := v["Fn::Join"].([]any); ok {
			var parts []string
			for _, part := range join[1].([]any) {
				parts = append(parts, render(part))
			}
			return strings.Join(parts, join[0].(string))
		}
	}
	return fmt.Sprint(value)
}

func TestPermissions(t *testing.T) {
	var lines strings.Builder
	for _, p := range permissions(t, resources(t, synthesize(t, nil))) {
		fmt.Fprintf(&lines, "%-10s %-32s %s\n", p.role, p.action, p.resource)
	}
	golden(t, "testdata/permissions.txt", lines.String())
}

// wildcards are the resources that are not one thing of the stack, each with the reason.
var wildcards = map[permission]string{
	{"Configure", "ssm:DescribeParameters", "*"}: "AWS knows no resource for this action",

	{"Configure", "ssm:GetParameters", "arn:{Partition}:ssm:{Region}:{AccountId}:parameter/crmhook/dev/*"}:                    "parameters come and go without a deployment",
	{"Send", "ssm:GetParameters", "arn:{Partition}:ssm:{Region}:{AccountId}:parameter/crmhook/dev/organizations/*/secrets/*"}: "secrets come and go without a deployment",
	{"Stop", "ses:SendEmail", "arn:{Partition}:ses:{Region}:{AccountId}:identity/*"}:                                          "the sender is a setting, not a part of the stack",

	{"Manage", "ssm:DescribeParameters", "*"}:                                                                                        "AWS knows no resource for this action",
	{"Manage", "ssm:GetParameters", "arn:{Partition}:ssm:{Region}:{AccountId}:parameter/crmhook/dev/*"}:                              "parameters come and go without a deployment",
	{"Manage", "ssm:PutParameter", "arn:{Partition}:ssm:{Region}:{AccountId}:parameter/crmhook/dev/organizations/*/interfaces/*"}:    "people make interfaces",
	{"Manage", "ssm:PutParameter", "arn:{Partition}:ssm:{Region}:{AccountId}:parameter/crmhook/dev/organizations/*/rules/*"}:         "people make rules",
	{"Manage", "ssm:PutParameter", "arn:{Partition}:ssm:{Region}:{AccountId}:parameter/crmhook/dev/organizations/*/secrets/*"}:       "people make secrets",
	{"Manage", "ssm:DeleteParameter", "arn:{Partition}:ssm:{Region}:{AccountId}:parameter/crmhook/dev/organizations/*/interfaces/*"}: "people remove interfaces",
	{"Manage", "ssm:DeleteParameter", "arn:{Partition}:ssm:{Region}:{AccountId}:parameter/crmhook/dev/organizations/*/rules/*"}:      "people remove rules",
	{"Manage", "ssm:DeleteParameter", "arn:{Partition}:ssm:{Region}:{AccountId}:parameter/crmhook/dev/organizations/*/secrets/*"}:    "people remove secrets",

	{"Inbound", "ssm:GetParameters", "arn:{Partition}:ssm:{Region}:{AccountId}:parameter/crmhook/dev/organizations/*/secrets/*"}: "secrets come and go without a deployment",
	{"Inbound", "scheduler:CreateSchedule", "arn:{Partition}:scheduler:{Region}:{AccountId}:schedule/crmhook-dev-triggers/*"}:    "each delayed trigger has a schedule of its own",
	{"Apply", "ses:SendEmail", "arn:{Partition}:ses:{Region}:{AccountId}:identity/*"}:                                            "senders are settings, not parts of the stack",
	{"Apply", "sns:Publish", "all but arn:{Partition}:sns:*:*:*"}:                                                                "a text message goes to a number, which has no ARN",
}

func TestNoWildcardWithoutReason(t *testing.T) {
	unused := map[permission]bool{}
	for p := range wildcards {
		unused[p] = true
	}
	for _, p := range permissions(t, resources(t, synthesize(t, nil))) {
		if strings.Contains(p.action, "*") {
			t.Errorf("%s may do %s: name the actions", p.role, p.action)
		}
		if strings.Contains(p.resource, "*") && wildcards[p] == "" {
			t.Errorf("%s may do %s on %s without a reason given here", p.role, p.action, p.resource)
		}
		delete(unused, p)
	}
	for p := range unused {
		t.Errorf("no role has %v: take it off the list", p)
	}
}

// TestPartiQLPermissions names them apart: an emulator by itself asks for another action than AWS.
func TestPartiQLPermissions(t *testing.T) {
	want := []permission{
		{"Apply", "dynamodb:PartiQLInsert", "Ledger"},
		{"Apply", "dynamodb:PartiQLInsert", "Records"},
		{"Apply", "dynamodb:PartiQLUpdate", "Records"},
		{"Dispatch", "dynamodb:PartiQLDelete", "Backlog"},
		{"Dispatch", "dynamodb:PartiQLInsert", "Backlog"},
		{"Dispatch", "dynamodb:PartiQLInsert", "Ledger"},
		{"Dispatch", "dynamodb:PartiQLUpdate", "Backlog"},
		{"Dispatch", "dynamodb:PartiQLUpdate", "Ledger"},
		{"Inbound", "dynamodb:PartiQLInsert", "Records"},
		{"Inbound", "dynamodb:PartiQLUpdate", "Records"},
		{"Manage", "dynamodb:PartiQLInsert", "Backlog"},
		{"Manage", "dynamodb:PartiQLInsert", "Ledger"},
		{"Manage", "dynamodb:PartiQLUpdate", "Backlog"},
		{"Manage", "dynamodb:PartiQLUpdate", "Ledger"},
		{"Scan", "dynamodb:PartiQLInsert", "Backlog"},
		{"Scan", "dynamodb:PartiQLInsert", "Checkpoints"},
		{"Scan", "dynamodb:PartiQLInsert", "Ledger"},
		{"Scan", "dynamodb:PartiQLUpdate", "Backlog"},
		{"Scan", "dynamodb:PartiQLUpdate", "Checkpoints"},
		{"Send", "dynamodb:PartiQLDelete", "Backlog"},
		{"Send", "dynamodb:PartiQLInsert", "Ledger"},
		{"Send", "dynamodb:PartiQLUpdate", "Backlog"},
		{"Send", "dynamodb:PartiQLUpdate", "Ledger"},
		{"Stop", "dynamodb:PartiQLDelete", "Backlog"},
		{"Stop", "dynamodb:PartiQLInsert", "Ledger"},
		{"Stop", "dynamodb:PartiQLUpdate", "Backlog"},
		{"Stop", "dynamodb:PartiQLUpdate", "Ledger"},
	}
	var got []permission
	for _, p := range permissions(t, resources(t, synthesize(t, nil))) {
		if strings.Contains(p.action, "PartiQL") || strings.Contains(p.action, "Statement") {
			got = append(got, p)
		}
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(permission{})); diff != "" {
		t.Errorf("PartiQL permissions differ (-want +got):\n%s", diff)
	}
}

// TestACustomerKeyMayBeUsed: DynamoDB and SQS ask whoever calls them for the key of the table or queue.
func TestACustomerKeyMayBeUsed(t *testing.T) {
	const key = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000"
	var got []string
	for _, p := range permissions(t, resources(t, synthesize(t, map[string]any{"kmsKeyArn": key}))) {
		if p.action == "kms:GenerateDataKey" && p.resource == key {
			got = append(got, p.role)
		}
	}
	want := []string{"Apply", "Configure", "Delay", "Dispatch", "Inbound", "Manage", "Scan", "Schedule", "Send", "Stop"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("roles that may use the key differ (-want +got):\n%s", diff)
	}
}
