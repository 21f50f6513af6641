// Command seed writes what a fresh stage needs to be tried: the settings that let it call receivers on this machine and send
// mail from a verified address, and an organization demo with keys for the API and a shop that sends triggers, and an operator's key. What is there
// already stays, but for keys whose tokens are others now. It must not be used on a stage that people rely on.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	mail "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

const sender = "crmhook@example.com"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "seed:", err)
		os.Exit(1)
	}
}

func run() error {
	stage := flag.String("stage", "local", "stage to seed")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("load configuration: %w", err)
	}
	if err := verifySender(ctx, sesv2.NewFromConfig(cfg)); err != nil {
		return err
	}
	store := store{client: ssm.NewFromConfig(cfg), stage: *stage}
	if err := store.putOnce(ctx, parameters()); err != nil {
		return err
	}
	err = store.putKeys(ctx, []key{
		{name: "organizations/demo/keys/demo", token: os.Getenv("CRMHOOK_DEMO_TOKEN"), Scopes: []string{"records:read", "records:write", "triggers", "messages", "manage"}, Origin: "api"},
		{name: "organizations/demo/keys/agent", token: os.Getenv("CRMHOOK_AGENT_TOKEN"), Scopes: []string{"records:read", "records:write"}, Origin: "agent-console"},
		{name: "keys/operator", token: os.Getenv("CRMHOOK_OPERATOR_TOKEN"), Scopes: []string{"operate:read", "operate:replay"}},
	})
	if err != nil {
		return err
	}
	return readThem(ctx, lambda.NewFromConfig(cfg), *stage)
}

// readThem has configure read the parameters now, so that what is tried first does not have to wait for its minute.
func readThem(ctx context.Context, client *lambda.Client, stage string) error {
	out, err := client.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String("crmhook-" + stage + "-configure"), Payload: []byte("{}")})
	if err != nil {
		return fmt.Errorf("run configure: %w", err)
	}
	if out.FunctionError != nil {
		return fmt.Errorf("run configure: %.500s", out.Payload)
	}
	return nil
}

func verifySender(ctx context.Context, client *sesv2.Client) error {
	_, err := client.CreateEmailIdentity(ctx, &sesv2.CreateEmailIdentityInput{EmailIdentity: aws.String(sender)})
	var exists *mail.AlreadyExistsException
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("verify sender %s: %w", sender, err)
	}
	return nil
}
