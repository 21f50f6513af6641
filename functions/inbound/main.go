// Command inbound is the function inbound: it answers the HTTP API.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/api"
	"crmhook/shared/control"
	"crmhook/shared/crm"
	"crmhook/shared/environment"
	"crmhook/shared/gate"
	"crmhook/shared/gateway"
	"crmhook/shared/inbound"
	"crmhook/shared/params"
	"crmhook/shared/queue"
	"crmhook/shared/records"
	clock "crmhook/shared/scheduler"
	"crmhook/shared/share"
	"crmhook/shared/table"
)

// The share of each key in each running function, which answers one request at a time: this many a second in the long run,
// and a burst of so many.
const (
	sharePerSecond = 100
	shareBurst     = 1000
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	settings, err := environment.Load[environment.Inbound]()
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("load aws configuration: %w", err)
	}
	handler := gateway.Handler{HTTP: api.New(parts(settings, cfg)), WithRequestID: api.WithRequestID}
	lambda.Start(handler.Handle)
	return nil
}

// parts are what the API is made of.
func parts(settings environment.Inbound, cfg aws.Config) api.Config {
	db := dynamodb.NewFromConfig(cfg)
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil)).With("stage", settings.Stage)
	once := table.NewOnce(db, settings.CheckpointsTable)
	recent := gate.Recent(table.NewConfiguration(db, settings.ConfigurationTable), time.Now)
	door := &gate.Gate{Keys: recent, Shares: share.New(sharePerSecond, shareBurst, time.Now)}
	kept := table.NewRecords(db, settings.RecordsTable)
	return api.Config{
		Records: &records.Handler{
			CRM: &crm.CRM{
				Records: kept, Contacts: table.NewContacts(db, settings.RecordsTable, settings.DirectoryTable),
				Directory: table.NewDirectory(db, settings.DirectoryTable), Now: time.Now, Pause: crm.Jittered,
			},
			Pages: kept, Claims: once, Random: rand.Reader, Now: time.Now,
		},
		Triggers: triggers(settings, cfg, recent, door, once, log),
		Gate:     door, Log: log, Now: time.Now,
		Describers: []func(*huma.OpenAPI){control.Describe},
	}
}

// triggers takes triggers in.
func triggers(settings environment.Inbound, cfg aws.Config, recent gate.Configuration, door *gate.Gate, once table.Once, log *slog.Logger) *inbound.Handler {
	db, queues := dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg)
	return &inbound.Handler{
		Customers: recent, Sources: recent, Settings: table.NewConfiguration(db, settings.ConfigurationTable),
		Secrets: params.NewSecrets(ssm.NewFromConfig(cfg), settings.Stage, time.Now),
		Counts:  once, Gate: door,
		Live: queue.New(queues, settings.TriggersQueue), Bulk: queue.New(queues, settings.BulkTriggersQueue),
		Ledger: table.NewTriggers(db, settings.LedgerTable, time.Now),
		Clock: clock.Clock{
			Client: scheduler.NewFromConfig(cfg), Group: settings.ScheduleGroup, Role: settings.ScheduleRole,
			Live: settings.TriggersQueueARN, Bulk: settings.BulkTriggersQueueARN,
		},
		Random: rand.Reader, Log: log, Now: time.Now,
	}
}
