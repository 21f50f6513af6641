// Command scan is the function scan.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"time"
	_ "time/tzdata"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"crmhook/shared/emit"
	"crmhook/shared/environment"
	"crmhook/shared/queue"
	"crmhook/shared/scan"
	"crmhook/shared/stream"
	"crmhook/shared/table"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	settings, err := environment.Load[environment.Scan]()
	if err != nil {
		return err
	}
	clients, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("load AWS configuration: %w", err)
	}
	db := dynamodb.NewFromConfig(clients)
	records := stream.Stream{Client: dynamodbstreams.NewFromConfig(clients), ARN: settings.RecordsStream}
	checkpoints := table.NewCheckpoints(db, settings.CheckpointsTable)
	configuration := table.NewConfiguration(db, settings.ConfigurationTable)
	waiting := table.NewBacklog(db, settings.BacklogTable)
	ledger := table.NewLedger(db, settings.LedgerTable)
	handler := &scan.Handler{
		Stream:        records.Label(),
		Shards:        records,
		Pages:         records,
		Checkpoints:   checkpoints,
		Leases:        checkpoints,
		Configuration: configuration,
		Settings:      configuration,
		Backlog:       waiting,
		Agenda:        table.NewAgenda(db, settings.BacklogTable),
		Events: &emit.Maker{
			Deliveries: ledger, Ledger: ledger, Queue: queue.New(sqs.NewFromConfig(clients), settings.DeliveriesQueue),
			Line: &emit.Line{Places: waiting, Bodies: ledger, Now: time.Now}, Now: time.Now,
		},
		Directory: table.NewDirectory(db, settings.DirectoryTable),
		Records:   table.NewRecords(db, settings.RecordsTable),
		Limits:    table.NewLimits(db, settings.CheckpointsTable),
		Ledger:    ledger,
		Now:       time.Now,
		Token:     rand.Text,
		Log:       slog.New(slog.NewJSONHandler(os.Stdout, nil)),
	}
	lambda.Start(handler.Run)
	return nil
}
