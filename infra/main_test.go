package main

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Setenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
	os.Setenv("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// synthesize builds the stack as cdk.json would, with more context, from programs that stand in for the built ones. The tests
// of one process share one jsii kernel, so none of those that build a stack runs beside another.
func synthesize(t *testing.T, more map[string]any) awscdk.Stack {
	t.Helper()
	context := projectContext(t)
	context["functions"] = programs(t)
	for name, value := range more {
		context[name] = value
	}
	app := awscdk.NewApp(&awscdk.AppProps{Context: &context, Outdir: jsii.String(t.TempDir()), AnalyticsReporting: jsii.Bool(false)})
	settings, err := readSettings(app.Node().TryGetContext)
	if err != nil {
		t.Fatal(err)
	}
	stack, err := newStack(app, settings)
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

func projectContext(t *testing.T) map[string]any {
	t.Helper()
	data, err := os.ReadFile("../cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	var project struct {
		Context map[string]any `json:"context"`
	}
	if err := json.Unmarshal(data, &project); err != nil {
		t.Fatal(err)
	}
	return project.Context
}

func programs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"configure", "scan", "dispatch", "send", "stop", "inbound", "apply", "manage"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "bootstrap"), []byte(name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// resource is one entry of a template's Resources.
type resource struct {
	Type           string
	Properties     map[string]any
	DeletionPolicy string
}

// resources are a template's by logical id, less the eight hex digits that the CDK adds to most.
func resources(t *testing.T, stack awscdk.Stack) map[string]resource {
	t.Helper()
	data, err := json.Marshal(assertions.Template_FromStack(stack, nil).ToJSON())
	if err != nil {
		t.Fatal(err)
	}
	var template struct{ Resources map[string]resource }
	if err := json.Unmarshal(data, &template); err != nil {
		t.Fatal(err)
	}
	named := map[string]resource{}
	for id, found := range template.Resources {
		named[shortName(id)] = found
	}
	return named
}

func shortName(id string) string {
	if cut := len(id) - 8; cut > 0 && strings.Trim(id[cut:], "0123456789ABCDEF") == "" {
		return id[:cut]
	}
	return id
}
