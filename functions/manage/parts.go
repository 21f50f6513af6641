package main

import (
	"crypto/rand"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"crmhook/shared/access"
	"crmhook/shared/configure"
	"crmhook/shared/emit"
	"crmhook/shared/environment"
	"crmhook/shared/erase"
	"crmhook/shared/invoke"
	"crmhook/shared/manage"
	"crmhook/shared/params"
	"crmhook/shared/queue"
	"crmhook/shared/replay"
	"crmhook/shared/share"
	"crmhook/shared/table"
)

// parts are what the function is made of.
type parts struct {
	stage         string
	configuration table.Configuration
	backlog       table.Backlog
	agenda        table.Agenda
	asked         table.Asked
	ledger        table.Ledger
	triggers      table.Triggers
	records       table.Records
	directory     table.Directory
	sessions      table.Sessions
	parameters    params.Parameters
	writer        params.Writer
	deliveries    queue.Queue
	live          queue.Queue
	dispatch      invoke.Function
	random        io.Reader
	log           *slog.Logger
}

func newParts(settings environment.Manage, cfg aws.Config, log *slog.Logger) parts {
	db, queues, store := dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg), ssm.NewFromConfig(cfg)
	return parts{
		stage:         settings.Stage,
		configuration: table.NewConfiguration(db, settings.ConfigurationTable),
		backlog:       table.NewBacklog(db, settings.BacklogTable),
		agenda:        table.NewAgenda(db, settings.BacklogTable),
		asked:         table.NewAsked(db, settings.BacklogTable, settings.LedgerTable),
		ledger:        table.NewLedger(db, settings.LedgerTable),
		triggers:      table.NewTriggers(db, settings.LedgerTable, time.Now),
		records:       table.NewRecords(db, settings.RecordsTable),
		directory:     table.NewDirectory(db, settings.DirectoryTable),
		sessions:      table.NewSessions(db, settings.CheckpointsTable),
		parameters: params.Parameters{
			Client: store, Stage: settings.Stage, Pace: &params.Pace{Interval: params.Interval, Now: time.Now, Sleep: params.Sleep},
		},
		writer:     params.Writer{Client: store},
		deliveries: queue.New(queues, settings.DeliveriesQueue),
		live:       queue.New(queues, settings.TriggersQueue),
		dispatch:   invoke.Function{Client: lambda.NewFromConfig(cfg), Name: settings.DispatchFunction},
		random:     rand.Reader,
		log:        log,
	}
}

func (p parts) manage() *manage.Handler {
	return &manage.Handler{
		Configuration: manage.Configuration{
			Stage: p.stage, Parameters: p.parameters, Writer: p.writer, Locks: p.configuration,
			Shares: share.New(writesPerSecond, writesBurst, time.Now), Pages: p.configuration, Kept: p.configuration,
			States: p.backlog, Hours: p.ledger, Configure: p.configure(),
		},
		Runs: manage.Runs{
			Current: p.configuration, Asked: p.asked, Numbers: p.backlog, Agenda: p.agenda, Records: p.records, Changes: p.backlog,
			Events: &emit.Maker{
				Deliveries: p.ledger, Ledger: p.ledger, Queue: p.deliveries,
				Line: &emit.Line{Places: p.backlog, Bodies: p.ledger, Now: time.Now}, Now: time.Now,
			},
			Replayer: &replay.Replayer{
				Deliveries: p.ledger, Ledger: p.ledger, Rows: p.backlog, Agenda: p.agenda, Numbers: p.backlog, Asked: p.asked,
				Configuration: p.configuration, Queue: p.deliveries, Random: p.random, Now: time.Now,
			},
			Outbox: p.deliveries, Inbox: p.live, Token: rand.Text,
		},
		Ledger: manage.Ledger{
			Executed: p.ledger, Refused: p.ledger, Delivered: p.ledger, Tests: p.ledger, Aside: p.ledger, Triggered: p.triggers,
		},
		Audit: p.ledger, Dispatch: p.dispatch, Random: p.random, Log: p.log, Now: time.Now,
	}
}

// configure is the code by which the function configure reads parameters, so that what is saved here is checked alike and
// live at once.
func (p parts) configure() configure.Handler {
	return configure.Handler{
		Stage: p.stage, Parameters: p.parameters, Memory: p.configuration, Recorder: p.configuration, Facts: p.configuration,
		Interfaces: p.configuration, Rules: p.configuration, Access: p.configuration, Agenda: p.agenda,
		Now: time.Now, Fingerprint: access.Fingerprint, Token: rand.Text, Log: p.log,
	}
}

func (p parts) eraser() *erase.Handler {
	return &erase.Handler{
		Records: p.records, Directory: p.directory, Ledger: p.ledger, Triggers: p.triggers, Configuration: p.configuration, Audit: p.ledger,
		Random: p.random, Log: p.log, Now: time.Now,
	}
}
