// Command send is the function send: it makes the requests of the deliveries that SQS hands it.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // Configurations name zones, and the runtime has no zone files.

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

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
	slow := queueName(settings.SlowQueue, "/")
	lambda.Start(func(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
		failed, err := handler.Handle(ctx, messages(event, slow))
		if err != nil {
			handler.Log.Error("batch not finished", "messages", len(event.Records), "failed", len(failed), "error", err.Error())
		}
		return answer(failed), nil
	})
	return nil
}

func messages(event events.SQSEvent, slow string) []send.Message {
	list := make([]send.Message, len(event.Records))
	for i, r := range event.Records {
		receives, err := strconv.Atoi(r.Attributes["ApproximateReceiveCount"])
		if err != nil {
			receives = 2 // Not known to be the first: the ledger is read before it is written.
		}
		list[i] = send.Message{ID: r.MessageId, Receipt: r.ReceiptHandle, Body: r.Body, Receives: receives, Slow: queueName(r.EventSourceARN, ":") == slow}
	}
	return list
}

// queueName is the last part of a queue's ARN or URL.
func queueName(id, separator string) string { return id[strings.LastIndex(id, separator)+1:] }

// answer is never without a list: a null one reads as a batch that failed whole.
func answer(failed []string) events.SQSEventResponse {
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, id := range failed {
		response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: id})
	}
	return response
}
