package configure_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"crmhook/shared/access"
	"crmhook/shared/backlog"
	"crmhook/shared/configure"
	"crmhook/shared/hook"
	"crmhook/shared/params"
	"crmhook/shared/table"
)

// stage is a stage of its own on the emulator: one table for configuration and agenda, and parameters under its path.
type stage struct {
	*testing.T
	name    string
	ssm     *ssm.Client
	dynamo  *dynamodb.Client
	handler configure.Handler
}

func newStage(t *testing.T) stage {
	endpoint := os.Getenv("CRMHOOK_TEST_ENDPOINT")
	if endpoint == "" {
		t.Skip("CRMHOOK_TEST_ENDPOINT is not set: the test on the emulator is left out")
	}
	dummy := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
	})
	s := stage{
		T: t, name: fmt.Sprintf("configure%d", time.Now().UnixNano()),
		ssm:    ssm.New(ssm.Options{BaseEndpoint: &endpoint, Region: "us-east-1", Credentials: dummy}),
		dynamo: dynamodb.New(dynamodb.Options{BaseEndpoint: &endpoint, Region: "us-east-1", Credentials: dummy}),
	}
	s.createTable()
	configuration := table.NewConfiguration(s.dynamo, s.name)
	s.handler = configure.Handler{
		Stage:      s.name,
		Parameters: params.Parameters{Client: s.ssm, Stage: s.name, Pace: &params.Pace{Now: time.Now, Sleep: params.Sleep}},
		Memory:     configuration, Recorder: configuration, Facts: configuration, Interfaces: configuration, Rules: configuration, Access: configuration,
		Fingerprint: access.Fingerprint, Agenda: table.NewAgenda(s.dynamo, s.name), Now: time.Now, Token: rand.Text, Log: slog.New(slog.DiscardHandler),
	}
	return s
}

func (s stage) createTable() {
	s.Helper()
	_, err := s.dynamo.CreateTable(s.Context(), &dynamodb.CreateTableInput{
		TableName: &s.name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		_, _ = s.dynamo.DeleteTable(context.WithoutCancel(s.Context()), &dynamodb.DeleteTableInput{TableName: &s.name})
	})
}

func (s stage) put(name, value string, kind ssmtypes.ParameterType) {
	s.Helper()
	full := "/crmhook/" + s.name + "/" + name
	_, err := s.ssm.PutParameter(s.Context(), &ssm.PutParameterInput{Name: &full, Value: &value, Type: kind, Overwrite: aws.Bool(true)})
	if err != nil {
		s.Fatal(err)
	}
}

func (s stage) remove(name string) {
	s.Helper()
	if _, err := s.ssm.DeleteParameter(s.Context(), &ssm.DeleteParameterInput{Name: aws.String("/crmhook/" + s.name + "/" + name)}); err != nil {
		s.Fatal(err)
	}
}

// sweep runs once and returns the interface crm.
func (s stage) sweep() hook.Interface {
	s.Helper()
	if err := s.handler.Run(s.Context(), configure.Event{}); err != nil {
		s.Fatal(err)
	}
	key := hook.Key{Organization: "demo", Name: "crm"}
	found, err := s.handler.Interfaces.Interfaces(s.Context(), []hook.Key{key})
	if err != nil {
		s.Fatal(err)
	}
	return found[key]
}

func TestOnTheEmulator(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put(crm, basic, ssmtypes.ParameterTypeString)
	if got := s.sweep(); got.State != hook.Invalid || !strings.Contains(got.Faults.Error(), "secret") {
		t.Fatalf("without its secret: %+v, want it invalid", got)
	}
	s.put(password, hosts, ssmtypes.ParameterTypeSecureString)
	first := s.sweep()
	if !first.Working() {
		t.Fatalf("with its secret: %+v, want it working", first)
	}
	s.remove(crm)
	time.Sleep(2 * time.Millisecond)
	s.put(crm, basic, ssmtypes.ParameterTypeString)
	second := s.sweep()
	if !second.Working() || second.Generation == first.Generation {
		t.Errorf("written anew: %+v, want another generation than %s", second, first.Generation)
	}
	s.remove(crm)
	if got := s.sweep(); got.State != "" {
		t.Errorf("deleted: %+v, want none", got)
	}
	due, err := table.NewAgenda(s.dynamo, s.name).Due(t.Context(), time.Now().Add(time.Hour), 100)
	if err != nil {
		t.Fatal(err)
	}
	swept := map[string]bool{}
	for _, e := range due {
		if e.Purpose == backlog.Sweep {
			swept[e.Generation] = true
		}
	}
	if !swept[first.Generation] || !swept[second.Generation] || len(swept) != 2 {
		t.Errorf("sweeps of generations %v, want %s and %s", swept, first.Generation, second.Generation)
	}
}

func TestWhoMayCallOnTheEmulator(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	configuration := table.NewConfiguration(s.dynamo, s.name)
	found := func(token string) int {
		t.Helper()
		keys, err := configuration.KeysByHash(t.Context(), access.HashToken(token))
		if err != nil {
			t.Fatal(err)
		}
		return len(keys)
	}
	usable := func(organization string) bool {
		t.Helper()
		sources, err := configuration.Sources(t.Context(), organization, access.SourceNames("Zendesk", 0))
		if err != nil {
			t.Fatal(err)
		}
		return len(sources) == 1
	}
	s.put(shopKey, keyOf("a"), ssmtypes.ParameterTypeString)
	s.put("customers/Shop/Main", "demo", ssmtypes.ParameterTypeString)
	s.put(shop, zendesk, ssmtypes.ParameterTypeString)
	s.put(zd, `{"value":"not-a-real-secret"}`, ssmtypes.ParameterTypeSecureString)
	s.sweep()
	if customer, err := configuration.Customer(t.Context(), "Shop", "Main"); err != nil || customer != "demo" || found("a") != 1 || !usable("demo") {
		t.Fatalf("customer %q, error %v, keys %d, source usable %v; want all", customer, err, found("a"), usable("demo"))
	}
	s.put(rival, zendesk, ssmtypes.ParameterTypeString)
	s.put("organizations/rival/secrets/zd", `{"value":"not-a-real-secret"}`, ssmtypes.ParameterTypeSecureString)
	s.put(shopKey, keyOf("b"), ssmtypes.ParameterTypeString)
	s.sweep()
	if usable("rival") || !usable("demo") || found("a") != 0 || found("b") != 1 {
		t.Errorf("rival usable %v, demo %v, old key %d, new key %d; want demo and the new key alone", usable("rival"), usable("demo"), found("a"), found("b"))
	}
	s.remove(shop)
	s.remove(shopKey)
	s.sweep()
	s.sweep()
	if !usable("rival") || usable("demo") || found("b") != 0 {
		t.Errorf("rival usable %v, demo %v, key %d; want rival alone", usable("rival"), usable("demo"), found("b"))
	}
}

func TestRulesOnTheEmulator(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	state := func() hook.State {
		t.Helper()
		s.sweep()
		_, rules, err := table.NewConfiguration(s.dynamo, s.name).Routes(t.Context(), "demo")
		if err != nil {
			t.Fatal(err)
		}
		if len(rules) == 0 {
			return ""
		}
		return rules[0].State
	}
	s.put(members, ruled, ssmtypes.ParameterTypeString)
	if got := state(); got != hook.Invalid {
		t.Errorf("without its interface the rule is %q", got)
	}
	s.put(called, ruleWebhook, ssmtypes.ParameterTypeString)
	if got := state(); got != hook.Active {
		t.Errorf("with its interface the rule is %q", got)
	}
	s.remove(called)
	if got := state(); got != hook.Invalid {
		t.Errorf("after its interface went the rule is %q", got)
	}
	s.remove(members)
	if got := state(); got != "" {
		t.Errorf("deleted, the rule is %q", got)
	}
}
