// Command apply is the function apply: it carries out the triggers that SQS hands it.
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
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"crmhook/shared/apply"
	"crmhook/shared/crm"
	"crmhook/shared/emit"
	"crmhook/shared/environment"
	"crmhook/shared/gate"
	"crmhook/shared/mail"
	"crmhook/shared/queue"
	"crmhook/shared/sms"
	"crmhook/shared/table"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	settings, err := environment.Load[environment.Apply]()
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("load aws configuration: %w", err)
	}
	handler := newHandler(settings, cfg)
	bulk := queue.New(nil, settings.BulkTriggersQueue).Name()
	lambda.Start(func(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
		failed, err := handler.Handle(ctx, messages(event, bulk))
		if err != nil {
			handler.Log.Error("batch not finished", "messages", len(event.Records), "failed", len(failed), "error", err.Error())
		}
		return queue.Answer(failed), nil
	})
	return nil
}

func newHandler(settings environment.Apply, cfg aws.Config) *apply.Handler {
	db, queues := dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg)
	configuration, ledger := table.NewConfiguration(db, settings.ConfigurationTable), table.NewLedger(db, settings.LedgerTable)
	return &apply.Handler{
		CRM: &crm.CRM{
			Records:   table.NewRecords(db, settings.RecordsTable),
			Contacts:  table.NewContacts(db, settings.RecordsTable, settings.DirectoryTable),
			Directory: table.NewDirectory(db, settings.DirectoryTable),
			Now:       time.Now, Pause: crm.Jittered,
		},
		Sources: gate.Recent(configuration, time.Now), Settings: configuration, Interfaces: configuration,
		Claims: table.NewOnce(db, settings.CheckpointsTable),
		Ledger: table.NewTriggers(db, settings.LedgerTable, time.Now),
		Aside:  ledger,
		Mailer: mailer{mail.Mailer{SES: sesv2.NewFromConfig(cfg)}},
		Texter: sms.Sender{SNS: sns.NewFromConfig(cfg)},
		Events: &emit.Maker{
			Deliveries: ledger, Ledger: ledger, Queue: queue.New(queues, settings.DeliveriesQueue), Now: time.Now,
		},
		Live:        queue.New(queues, settings.TriggersQueue),
		Bulk:        queue.New(queues, settings.BulkTriggersQueue),
		LiveDead:    queue.New(queues, settings.TriggersDeadLetters),
		BulkDead:    queue.New(queues, settings.BulkTriggersDeadLetters),
		MaxReceives: settings.MaxReceives,
		Log:         slog.New(slog.NewJSONHandler(os.Stdout, nil)),
		Now:         time.Now,
	}
}

// mailer is the mail adapter in the use case's words.
type mailer struct{ mail.Mailer }

func (m mailer) Post(ctx context.Context, letter apply.Letter) (string, error) {
	return m.Mailer.Post(ctx, mail.Letter(letter))
}

func messages(event events.SQSEvent, bulk string) []apply.Message {
	received := queue.Messages(event)
	list := make([]apply.Message, len(received))
	for i, m := range received {
		list[i] = apply.Message{ID: m.ID, Receipt: m.Receipt, Body: m.Body, Receives: m.Receives, Bulk: m.From == bulk}
	}
	return list
}
