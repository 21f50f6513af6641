// Command seed writes what a fresh stage needs to be tried: the settings that let it call receivers on this machine and send
// mail from a verified address. What is there already stays. It must not be used on a stage that people rely on.
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
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	mail "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	parameter "github.com/aws/aws-sdk-go-v2/service/ssm/types"
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
	return putSettings(ctx, ssm.NewFromConfig(cfg), *stage)
}

func putSettings(ctx context.Context, client *ssm.Client, stage string) error {
	for _, setting := range []struct{ name, value string }{
		{"allowedNetworks", "127.0.0.0/8"},
		{"mailFrom", sender},
	} {
		_, err := client.PutParameter(ctx, &ssm.PutParameterInput{
			Name:  aws.String("/crmhook/" + stage + "/settings/" + setting.name),
			Value: aws.String(setting.value),
			Type:  parameter.ParameterTypeString,
		})
		var exists *parameter.ParameterAlreadyExists
		if err != nil && !errors.As(err, &exists) {
			return fmt.Errorf("put setting %s: %w", setting.name, err)
		}
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
