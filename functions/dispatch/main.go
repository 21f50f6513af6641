// Command dispatch is the function dispatch: once a minute it makes the executions that are due.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"time"
	_ "time/tzdata" // Schedules name zones, and the runtime has no zone files.

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"crmhook/shared/dispatch"
	"crmhook/shared/environment"
	"crmhook/shared/queue"
	"crmhook/shared/replay"
	"crmhook/shared/table"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	settings, err := environment.Load[environment.Dispatch]()
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("load aws configuration: %w", err)
	}
	db, queues := dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg)
	rows, ledger := table.NewBacklog(db, settings.BacklogTable), table.NewLedger(db, settings.LedgerTable)
	agenda, configuration := table.NewAgenda(db, settings.BacklogTable), table.NewConfiguration(db, settings.ConfigurationTable)
	fast := queue.New(queues, settings.DeliveriesQueue)
	handler := &dispatch.Handler{
		Agenda:        agenda,
		Rows:          rows,
		Marks:         rows,
		States:        rows,
		Executions:    ledger,
		Deliveries:    ledger,
		Configuration: configuration,
		Jobs:          rows,
		Open:          ledger,
		Contacts:      table.NewRecords(db, settings.RecordsTable),
		Stopped:       ledger,
		Replayer: &replay.Replayer{
			Deliveries: ledger, Ledger: ledger, Rows: rows, Agenda: agenda, Numbers: rows,
			Asked:         table.NewAsked(db, settings.BacklogTable, settings.LedgerTable),
			Configuration: configuration, Queue: fast, Random: rand.Reader, Now: time.Now,
		},
		Fast:    fast,
		Slow:    queue.New(queues, settings.SlowQueue),
		Notices: queue.New(queues, settings.StoppedQueue),
		Log:     slog.New(slog.NewJSONHandler(os.Stdout, nil)),
		Now:     time.Now,
		Sleep:   sleep,
		Random:  rand.Reader,
	}
	lambda.Start(handler.Run)
	return nil
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
