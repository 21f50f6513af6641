// Command stop is the function stop: it ends what send could not deliver, and tells people.
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
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"crmhook/shared/emit"
	"crmhook/shared/environment"
	"crmhook/shared/mail"
	"crmhook/shared/queue"
	"crmhook/shared/stop"
	"crmhook/shared/table"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	settings, err := environment.Load[environment.Stop]()
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("load aws configuration: %w", err)
	}
	db, queues := dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg)
	ledger := table.NewLedger(db, settings.LedgerTable)
	handler := &stop.Handler{
		Deliveries:    ledger,
		Attempts:      ledger,
		Ledger:        ledger,
		Notices:       ledger,
		Agenda:        table.NewAgenda(db, settings.BacklogTable),
		Rows:          table.NewBacklog(db, settings.BacklogTable),
		Line:          &emit.Line{Places: table.NewBacklog(db, settings.BacklogTable), Bodies: ledger, Now: time.Now},
		Configuration: table.NewConfiguration(db, settings.ConfigurationTable),
		Fast:          queue.New(queues, settings.DeliveriesQueue),
		Slow:          queue.New(queues, settings.SlowQueue),
		Unreadable:    queue.New(queues, settings.UnreadableQueue),
		Stopped:       queue.New(queues, settings.StoppedQueue),
		Mailer:        mail.Mailer{SES: sesv2.NewFromConfig(cfg), SNS: sns.NewFromConfig(cfg), Topic: settings.AlarmsTopic},
		Log:           slog.New(slog.NewJSONHandler(os.Stdout, nil)),
		Now:           time.Now,
	}
	lambda.Start(func(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
		failed, err := handler.Handle(ctx, messages(event))
		if err != nil {
			handler.Log.Error("batch not finished", "messages", len(event.Records), "failed", len(failed), "error", err.Error())
		}
		return queue.Answer(failed), nil
	})
	return nil
}

func messages(event events.SQSEvent) []stop.Message {
	received := queue.Messages(event)
	list := make([]stop.Message, len(received))
	for i, m := range received {
		list[i] = stop.Message{ID: m.ID, Receipt: m.Receipt, Body: m.Body, Receives: m.Receives}
	}
	return list
}
