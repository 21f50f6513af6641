package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// assetHash changes with the programs, which are not what the golden file is about.
var assetHash = regexp.MustCompile(`[0-9a-f]{64}`)

func TestTemplate(t *testing.T) {
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(assertions.Template_FromStack(synthesize(t, nil), nil).ToJSON()); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/template.json", assetHash.ReplaceAllString(got.String(), "HASH"))
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s differs (-want +got); if that is meant, run the test with -update:\n%s", path, diff)
	}
}

func TestTablesAndQueues(t *testing.T) {
	const key = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000"
	for _, test := range []struct {
		name               string
		context            map[string]any
		tableKey, queueKey any
	}{
		{"keys that AWS owns", nil, nil, nil},
		{"a customer key", map[string]any{"kmsKeyArn": key}, key, key},
	} {
		t.Run(test.name, func(t *testing.T) {
			var tables, queues int
			for id, r := range resources(t, synthesize(t, test.context)) {
				switch r.Type {
				case "AWS::DynamoDB::Table":
					tables++
					encryption, _ := r.Properties["SSESpecification"].(map[string]any)
					if got := encryption["KMSMasterKeyId"]; got != test.tableKey {
						t.Errorf("table %s: key %v, want %v", id, got, test.tableKey)
					}
					if r.DeletionPolicy != "Retain" {
						t.Errorf("table %s: deletion policy %q, want Retain", id, r.DeletionPolicy)
					}
				case "AWS::SQS::Queue":
					queues++
					if got := r.Properties["KmsMasterKeyId"]; got != test.queueKey {
						t.Errorf("queue %s: key %v, want %v", id, got, test.queueKey)
					}
				}
			}
			if tables != 6 || queues != 10 {
				t.Errorf("%d tables and %d queues, want 6 and 10", tables, queues)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	found := resources(t, synthesize(t, map[string]any{
		"stage": "prod", "architecture": "x86_64", "logRetentionDays": "90", "alarmEmail": "ops@example.com",
		"sendConcurrency": "40", "slowConcurrency": 8, "sendReservedConcurrency": "50", "tracing": "true",
		"applyConcurrency": "30", "bulkConcurrency": 3, "apiRate": "50", "apiBurst": 70,
	}))
	for _, test := range []struct {
		id, property string
		want         any
	}{
		{"Send", "FunctionName", "crmhook-prod-send"},
		{"Send", "Architectures", []any{"x86_64"}},
		{"Send", "ReservedConcurrentExecutions", 50.0},
		{"Send", "TracingConfig", map[string]any{"Mode": "Active"}},
		{"SendLog", "RetentionInDays", 90.0},
		{"SendDeliveries", "ScalingConfig", map[string]any{"MaximumConcurrency": 40.0}},
		{"SendSlow", "ScalingConfig", map[string]any{"MaximumConcurrency": 8.0}},
		{"Scan", "ReservedConcurrentExecutions", nil},
		{"ApplyTriggers", "ScalingConfig", map[string]any{"MaximumConcurrency": 30.0}},
		{"ApplyBulkTriggers", "ScalingConfig", map[string]any{"MaximumConcurrency": 3.0}},
		{"ApiStage", "DefaultRouteSettings", map[string]any{"ThrottlingRateLimit": 50.0, "ThrottlingBurstLimit": 70.0}},
		{"ApiLog", "RetentionInDays", 90.0},
		{"Delays", "Name", "crmhook-prod-triggers"},
	} {
		if diff := cmp.Diff(test.want, found[test.id].Properties[test.property]); diff != "" {
			t.Errorf("%s.%s differs (-want +got):\n%s", test.id, test.property, diff)
		}
	}
	subscribed := false
	for _, r := range found {
		subscribed = subscribed || r.Type == "AWS::SNS::Subscription" && r.Properties["Endpoint"] == "ops@example.com"
	}
	if !subscribed {
		t.Error("alarmEmail is not subscribed to the topic")
	}
}

func TestAMissingProgramIsNamed(t *testing.T) {
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir())})
	_, err := newStack(app, settings{stage: "test", architecture: "arm64", functions: t.TempDir(), logRetentionDays: 30, sendConcurrency: 2, slowConcurrency: 2, applyConcurrency: 2, bulkConcurrency: 2})
	if err == nil || !strings.Contains(err.Error(), "function configure") || !strings.Contains(err.Error(), "scripts/build") {
		t.Errorf("error %v, want one that names the function and what builds it", err)
	}
}

// TestTheCDKValidates shows that the project's context makes the CDK refuse a stack that breaks its rules; that ours does not is
// shown by every other test.
func TestTheCDKValidates(t *testing.T) {
	context := projectContext(t)
	app := awscdk.NewApp(&awscdk.AppProps{Context: &context, Outdir: jsii.String(t.TempDir())})
	stack := awscdk.NewStack(app, jsii.String("broken"), nil)
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{VisibilityTimeout: awscdk.Duration_Seconds(jsii.Number(30))})
	awslambda.NewFunction(stack, jsii.String("Function"), &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_PROVIDED_AL2023(), Handler: jsii.String("bootstrap"), Timeout: awscdk.Duration_Seconds(jsii.Number(60)),
		Code: awslambda.Code_FromAsset(jsii.String(programs(t)+"/send"), nil),
	}).AddEventSourceMapping(jsii.String("Source"), &awslambda.EventSourceMappingOptions{EventSourceArn: queue.QueueArn()})
	defer func() {
		if recover() == nil {
			t.Error("a visibility timeout below the function's was accepted")
		}
	}()
	app.Synth(nil)
}
