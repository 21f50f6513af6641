// Command send is the function send: it makes the requests of the deliveries that SQS hands it.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"
	_ "time/tzdata" // Configurations name zones, and the runtime has no zone files.

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"crmhook/shared/emit"
	"crmhook/shared/environment"
	"crmhook/shared/params"
	"crmhook/shared/queue"
	"crmhook/shared/send"
	"crmhook/shared/table"
	"crmhook/shared/webhook"
)

// version is the <version> of the User-Agent crmhook/<version>.
const version = "0.1"

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	settings, err := environment.Load[environment.Send]()
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("load aws configuration: %w", err)
	}
	db, queues := dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg)
	ledger := table.NewLedger(db, settings.LedgerTable)
	handler := &send.Handler{
		Deliveries:    ledger,
		Ledger:        ledger,
		Line:          &emit.Line{Places: table.NewBacklog(db, settings.BacklogTable), Bodies: ledger, Now: time.Now},
		Rows:          table.NewBacklog(db, settings.BacklogTable),
		Records:       table.NewRecords(db, settings.RecordsTable),
		Configuration: table.NewConfiguration(db, settings.ConfigurationTable),
		Secrets:       params.NewSecrets(ssm.NewFromConfig(cfg), settings.Stage, time.Now),
		Webhook:       webhook.New(webhook.Config{Version: version, Now: time.Now}),
		Stopped:       queue.New(queues, settings.StoppedQueue),
		Fast:          queue.New(queues, settings.DeliveriesQueue),
		Slow:          queue.New(queues, settings.SlowQueue),
		MaxReceives:   settings.MaxReceives,
		Log:           slog.New(slog.NewJSONHandler(os.Stdout, nil)),
		Now:           time.Now,
	}
	slow := queue.New(queues, settings.SlowQueue).Name()
	lambda.Start(func(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
		failed, err := handler.Handle(ctx, messages(event, slow))
		if err != nil {
			handler.Log.Error("batch not finished", "messages", len(event.Records), "failed", len(failed), "error", err.Error())
		}
		return queue.Answer(failed), nil
	})
	return nil
}

func messages(event events.SQSEvent, slow string) []send.Message {
	received := queue.Messages(event)
	list := make([]send.Message, len(received))
	for i, m := range received {
		list[i] = send.Message{ID: m.ID, Receipt: m.Receipt, Body: m.Body, Receives: m.Receives, Slow: m.From == slow}
	}
	return list
}
