package main

import (
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		context map[string]any
		faults  []string // parts of the error; none: no error
	}{
		{"defaults", nil, nil},
		{"text from the command line", map[string]any{"sendConcurrency": "2", "tracing": "false", "logRetentionDays": "7"}, nil},
		{"JSON from cdk.json", map[string]any{"sendConcurrency": 1000.0, "tracing": true, "logRetentionDays": 365.0}, nil},
		{"stage", map[string]any{"stage": "Prod_1"}, []string{"context stage: expected 1 to 20 of a-z"}},
		{"architecture", map[string]any{"architecture": "amd64"}, []string{"context architecture: expected arm64 or x86_64, got amd64"}},
		{"retention", map[string]any{"logRetentionDays": 31}, []string{"context logRetentionDays: expected a number of days"}},
		{"key", map[string]any{"kmsKeyArn": "alias/mine"}, []string{"context kmsKeyArn: expected the ARN of a KMS key"}},
		{"fraction", map[string]any{"sendConcurrency": 2.5}, []string{"context sendConcurrency: expected a whole number from 2 to 1000, got 2.5"}},
		{"rate", map[string]any{"apiRate": "0", "apiBurst": 6000}, []string{"context apiRate: expected a whole number of requests a second from 1 to 10000, got 0", "context apiBurst"}},
		{"concurrency of triggers", map[string]any{"applyConcurrency": 1, "bulkConcurrency": 1001.0}, []string{"applyConcurrency", "bulkConcurrency"}},
		{
			"every fault at once",
			map[string]any{"stage": 1.0, "alarmEmail": "ops", "slowConcurrency": "1", "tracing": "maybe", "functions": ""},
			[]string{"stage", "alarmEmail", "slowConcurrency", "tracing: expected true or false, got maybe", "functions: expected a folder"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := readSettings(func(name *string) interface{} { return test.context[*name] })
			if test.faults == nil && err != nil {
				t.Fatalf("error %v, want none", err)
			}
			for _, fault := range test.faults {
				if err == nil || !strings.Contains(err.Error(), fault) {
					t.Errorf("error %v, want it to say %q", err, fault)
				}
			}
		})
	}
}

func TestSettingsDefaults(t *testing.T) {
	t.Parallel()
	got, err := readSettings(func(*string) interface{} { return nil })
	want := settings{
		stage: "dev", architecture: "arm64", functions: ".crmhook/build/aws", logRetentionDays: 30, sendConcurrency: 20, slowConcurrency: 5,
		applyConcurrency: 20, bulkConcurrency: 2, apiRate: 200, apiBurst: 400,
	}
	if err != nil || got != want {
		t.Errorf("settings %+v, error %v, want %+v", got, err, want)
	}
}
