package table_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/awstest"
	"crmhook/shared/hook"
	"crmhook/shared/rule"
	"crmhook/shared/table"
	"crmhook/shared/tabletest"
)

func TestLimitsOnEmulator(t *testing.T) {
	t.Parallel()
	tabletest.RunLimits(t, table.NewLimits(awstest.Table(t, awstest.Config(t))))
}

// TestCallsOfLimits: a batch wherever DynamoDB has one.
func TestCallsOfLimits(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	calls := awstest.Count(&config)
	limits := table.NewLimits(awstest.Table(t, config))
	var keys []rule.CounterKey
	var counters []rule.Counter
	for i := range 101 {
		key := rule.CounterKey{Key: rule.Key{Organization: "demo", ID: "r"}, Generation: "g1", Contact: fmt.Sprint(i)}
		keys, counters = append(keys, key), append(counters, rule.Counter{CounterKey: key, Firings: 1})
	}
	calls.Take()
	for name, step := range map[string]struct {
		do   func() error
		want map[string]int
	}{
		"read":  {func() error { _, err := limits.Counters(t.Context(), keys); return err }, map[string]int{"BatchGetItem": 2}},
		"write": {func() error { _, err := limits.SaveCounters(t.Context(), counters); return err }, map[string]int{"BatchExecuteStatement": 5}},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, calls.Take()); diff != "" {
			t.Errorf("%s 101 counters: calls differ (-want +got):\n%s", name, diff)
		}
	}
}

func TestRuleOfAnotherFormIsInvalid(t *testing.T) {
	t.Parallel()
	c := configurationTable(t)
	_, err := c.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &c.Name, Item: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "demo"}, "sk": &types.AttributeValueMemberS{Value: "rule#a"},
		"state": &types.AttributeValueMemberS{Value: "active"}, "rule": &types.AttributeValueMemberS{Value: `{"v":0}`},
	}})
	if err != nil {
		t.Fatal(err)
	}
	_, got, err := c.Routes(t.Context(), "demo")
	if err != nil || len(got) != 1 {
		t.Fatalf("rules: %v, error %v; want one", got, err)
	}
	if got[0].State != hook.Invalid || got[0].Working() || !strings.Contains(got[0].Faults.Error(), "write the parameter again") {
		t.Errorf("rule = %+v, want an invalid one that says what to do", got[0])
	}
}
