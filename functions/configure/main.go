// Command configure is the function configure: it checks changed parameters and writes them to the configuration table.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"time"
	_ "time/tzdata" // schedules name time zones, and the runtime has none

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"crmhook/shared/access"
	"crmhook/shared/configure"
	"crmhook/shared/environment"
	"crmhook/shared/params"
	"crmhook/shared/table"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	settings, err := environment.Load[environment.Configure]()
	if err != nil {
		return err
	}
	aws, err := config.LoadDefaultConfig(context.Background(), config.WithRetryMaxAttempts(5))
	if err != nil {
		return fmt.Errorf("load the SDK's configuration: %w", err)
	}
	dynamo := dynamodb.NewFromConfig(aws)
	configuration := table.NewConfiguration(dynamo, settings.ConfigurationTable)
	handler := configure.Handler{
		Stage: settings.Stage,
		Parameters: params.Parameters{
			Client: ssm.NewFromConfig(aws), Stage: settings.Stage,
			Pace: &params.Pace{Interval: params.Interval, Now: time.Now, Sleep: params.Sleep},
		},
		Memory: configuration, Recorder: configuration, Facts: configuration, Interfaces: configuration, Rules: configuration, Access: configuration,
		Fingerprint: access.Fingerprint,
		Agenda:      table.NewAgenda(dynamo, settings.BacklogTable),
		Now:         time.Now, Token: rand.Text,
		Log: slog.New(slog.NewJSONHandler(os.Stderr, nil)).With(slog.String("function", "configure"), slog.String("stage", settings.Stage)),
	}
	lambda.Start(func(ctx context.Context, input json.RawMessage) error {
		return handler.Run(ctx, configure.ParseEvent(input))
	})
	return nil
}
