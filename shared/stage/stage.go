// Package stage works a deployed stage from outside, as its users and operators do: it writes parameters and records and
// reads what became of them. The demo and the end-to-end tests use it; no function does.
package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"crmhook/shared/attribute"
)

// Outputs are what scripts/up writes to .crmhook/outputs.json.
type Outputs struct {
	Stage, Endpoint                                                                               string
	RecordsTable, BacklogTable, LedgerTable, ConfigurationTable, CheckpointsTable, DirectoryTable string
	DeliveriesQueue, SlowQueue, StoppedQueue, UnreadableQueue                                     string
	TriggersQueue, BulkTriggersQueue, TriggersDeadLettersQueue, BulkTriggersDeadLettersQueue      string
	// ApiURL is the HTTP API's, ConsoleURL the console's, without a slash at their ends; DemoToken is that of a key of
	// organization demo with all scopes, AgentToken of one whose changes are an agent's, OperatorToken of an operator's key.
	ApiURL                               string `json:"ApiUrl"`
	ConsoleURL                           string `json:"ConsoleUrl"`
	DemoToken, AgentToken, OperatorToken string
}

// Stage is one deployed stage.
type Stage struct {
	Outputs
	DB  *dynamodb.Client
	SQS *sqs.Client
	SSM *ssm.Client
}

// The emulator's region and dummy key.
const (
	region    = "us-east-1"
	accessKey = "test"
)

// Load reads an outputs file; clients use its endpoint with the emulator's dummy keys.
func Load(path string) (*Stage, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the stack's outputs (scripts/up writes them): %w", err)
	}
	s := new(Stage)
	if err := json.Unmarshal(text, &s.Outputs); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	cfg := aws.Config{
		Region: region, BaseEndpoint: &s.Endpoint, Credentials: credentials.NewStaticCredentialsProvider(accessKey, accessKey, ""),
	}
	s.DB, s.SQS, s.SSM = dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg), ssm.NewFromConfig(cfg)
	return s, nil
}

// Parameter is the name of an organization's parameter of a kind: interfaces, secrets, settings, keys or sources.
func (s *Stage) Parameter(organization, kind, name string) string {
	return "/crmhook/" + s.Stage + "/organizations/" + organization + "/" + kind + "/" + name
}

// PutInterface writes an interface's parameter.
func (s *Stage) PutInterface(ctx context.Context, organization, name, text string) error {
	return s.put(ctx, s.Parameter(organization, "interfaces", name), text, ssmtypes.ParameterTypeString)
}

// PutSecret writes a secret that may be sent to the hosts.
func (s *Stage) PutSecret(ctx context.Context, organization, name, value string, hosts ...string) error {
	text, err := json.Marshal(map[string]any{"value": value, "hosts": hosts})
	if err != nil {
		return err
	}
	return s.put(ctx, s.Parameter(organization, "secrets", name), string(text), ssmtypes.ParameterTypeSecureString)
}

// PutSetting writes a setting of the stage.
func (s *Stage) PutSetting(ctx context.Context, name, value string) error {
	return s.put(ctx, "/crmhook/"+s.Stage+"/settings/"+name, value, ssmtypes.ParameterTypeString)
}

// PutString writes any parameter that is no secret; its name is below /crmhook/{stage}/.
func (s *Stage) PutString(ctx context.Context, name, value string) error {
	return s.put(ctx, "/crmhook/"+s.Stage+"/"+name, value, ssmtypes.ParameterTypeString)
}

func (s *Stage) put(ctx context.Context, name, value string, kind ssmtypes.ParameterType) error {
	_, err := s.SSM.PutParameter(ctx, &ssm.PutParameterInput{Name: &name, Value: &value, Type: kind, Overwrite: aws.Bool(true)})
	if err != nil {
		return fmt.Errorf("write parameter %s: %w", name, err)
	}
	return nil
}

// DeleteParameter removes a parameter; one that is not there is no error.
func (s *Stage) DeleteParameter(ctx context.Context, name string) error {
	_, err := s.SSM.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: &name})
	if missing := (*ssmtypes.ParameterNotFound)(nil); errors.As(err, &missing) {
		return nil
	}
	return err
}

// State is an interface's state and faults as the configuration table shows them; empty before configure has seen it.
func (s *Stage) State(ctx context.Context, organization, name string) (state, faults string, err error) {
	out, err := s.DB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.ConfigurationTable, ConsistentRead: aws.Bool(true), Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: organization}, "sk": &types.AttributeValueMemberS{Value: "interface#" + name},
		},
	})
	if err != nil {
		return "", "", fmt.Errorf("read interface: %w", err)
	}
	item, err := attribute.Data(out.Item)
	if err != nil {
		return "", "", err
	}
	state, _ = item["state"].(string)
	faults, _ = item["faults"].(string)
	return state, faults, nil
}

// Contact is one contact to write.
type Contact struct {
	ID   string
	Data map[string]any
}

// PutContacts writes contacts as another program would: pk, sk and data. They may be more than 25, and are written in
// batches, each once.
func (s *Stage) PutContacts(ctx context.Context, organization string, contacts []Contact) error {
	for len(contacts) > 0 {
		n := min(25, len(contacts))
		writes := make([]types.WriteRequest, n)
		for i, c := range contacts[:n] {
			data, err := attribute.Values(c.Data)
			if err != nil {
				return fmt.Errorf("contact %s: %w", c.ID, err)
			}
			writes[i].PutRequest = &types.PutRequest{Item: map[string]types.AttributeValue{
				"pk":   &types.AttributeValueMemberS{Value: organization + "#contact"},
				"sk":   &types.AttributeValueMemberS{Value: c.ID},
				"data": &types.AttributeValueMemberM{Value: data},
			}}
		}
		request := map[string][]types.WriteRequest{s.RecordsTable: writes}
		for len(request) > 0 {
			out, err := s.DB.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: request})
			if err != nil {
				return fmt.Errorf("write contacts: %w", err)
			}
			request = out.UnprocessedItems
		}
		contacts = contacts[n:]
	}
	return nil
}

// Wait asks again and again until done says true; the error says what was waited for.
func Wait(ctx context.Context, what string, done func() (bool, error)) error {
	for {
		ok, err := done()
		if err != nil || ok {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not happen in time: %w", what, ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}
