// Package environment names the variables that the stack sets and the functions read, so that each is written and read
// under one name. A function's main reads its struct once with Load; infra writes the same struct with Variables.
// It must not know what the values are for.
package environment

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/caarlos0/env/v11"
)

// Common is what every function is told.
type Common struct {
	// Stage is the deployment's name: the {stage} of function names and of /crmhook/{stage}/ parameters.
	Stage string `env:"CRMHOOK_STAGE,notEmpty"`
}

// Configure is what the function configure is told.
type Configure struct {
	Common
	ConfigurationTable string `env:"CONFIGURATION_TABLE,notEmpty"`
	BacklogTable       string `env:"BACKLOG_TABLE,notEmpty"`
}

// Scan is what the function scan is told.
type Scan struct {
	Common
	// RecordsStream is the ARN of the records table's stream.
	RecordsStream      string `env:"RECORDS_STREAM,notEmpty"`
	RecordsTable       string `env:"RECORDS_TABLE,notEmpty"`
	BacklogTable       string `env:"BACKLOG_TABLE,notEmpty"`
	LedgerTable        string `env:"LEDGER_TABLE,notEmpty"`
	ConfigurationTable string `env:"CONFIGURATION_TABLE,notEmpty"`
	CheckpointsTable   string `env:"CHECKPOINTS_TABLE,notEmpty"`
	DirectoryTable     string `env:"DIRECTORY_TABLE,notEmpty"`
	// DeliveriesQueue is a queue's URL.
	DeliveriesQueue string `env:"DELIVERIES_QUEUE,notEmpty"`
}

// Dispatch is what the function dispatch is told.
type Dispatch struct {
	Common
	BacklogTable       string `env:"BACKLOG_TABLE,notEmpty"`
	LedgerTable        string `env:"LEDGER_TABLE,notEmpty"`
	ConfigurationTable string `env:"CONFIGURATION_TABLE,notEmpty"`
	RecordsTable       string `env:"RECORDS_TABLE,notEmpty"`
	// DeliveriesQueue, SlowQueue and StoppedQueue are queue URLs.
	DeliveriesQueue string `env:"DELIVERIES_QUEUE,notEmpty"`
	SlowQueue       string `env:"SLOW_QUEUE,notEmpty"`
	StoppedQueue    string `env:"STOPPED_QUEUE,notEmpty"`
}

// Send is what the function send is told.
type Send struct {
	Common
	RecordsTable       string `env:"RECORDS_TABLE,notEmpty"`
	BacklogTable       string `env:"BACKLOG_TABLE,notEmpty"`
	LedgerTable        string `env:"LEDGER_TABLE,notEmpty"`
	ConfigurationTable string `env:"CONFIGURATION_TABLE,notEmpty"`
	// DeliveriesQueue, SlowQueue and StoppedQueue are queue URLs.
	DeliveriesQueue string `env:"DELIVERIES_QUEUE,notEmpty"`
	SlowQueue       string `env:"SLOW_QUEUE,notEmpty"`
	StoppedQueue    string `env:"STOPPED_QUEUE,notEmpty"`
	// MaxReceives is the queues' maxReceiveCount: after so many receives SQS moves a message to the stopped queue.
	MaxReceives int `env:"MAX_RECEIVES,notEmpty"`
}

// Stop is what the function stop is told.
type Stop struct {
	Common
	BacklogTable       string `env:"BACKLOG_TABLE,notEmpty"`
	LedgerTable        string `env:"LEDGER_TABLE,notEmpty"`
	ConfigurationTable string `env:"CONFIGURATION_TABLE,notEmpty"`
	// DeliveriesQueue, SlowQueue, StoppedQueue and UnreadableQueue are queue URLs.
	DeliveriesQueue string `env:"DELIVERIES_QUEUE,notEmpty"`
	SlowQueue       string `env:"SLOW_QUEUE,notEmpty"`
	StoppedQueue    string `env:"STOPPED_QUEUE,notEmpty"`
	UnreadableQueue string `env:"UNREADABLE_QUEUE,notEmpty"`
	// AlarmsTopic is the ARN of the SNS topic that alarms and notices without a sender address go to.
	AlarmsTopic string `env:"ALARMS_TOPIC,notEmpty"`
}

// Inbound is what the function inbound is told.
type Inbound struct {
	Common
	RecordsTable       string `env:"RECORDS_TABLE,notEmpty"`
	DirectoryTable     string `env:"DIRECTORY_TABLE,notEmpty"`
	ConfigurationTable string `env:"CONFIGURATION_TABLE,notEmpty"`
	CheckpointsTable   string `env:"CHECKPOINTS_TABLE,notEmpty"`
	LedgerTable        string `env:"LEDGER_TABLE,notEmpty"`
	// TriggersQueue and BulkTriggersQueue are queue URLs, TriggersQueueARN and BulkTriggersQueueARN the same queues as a
	// schedule names them.
	TriggersQueue        string `env:"TRIGGERS_QUEUE,notEmpty"`
	BulkTriggersQueue    string `env:"BULK_TRIGGERS_QUEUE,notEmpty"`
	TriggersQueueARN     string `env:"TRIGGERS_QUEUE_ARN,notEmpty"`
	BulkTriggersQueueARN string `env:"BULK_TRIGGERS_QUEUE_ARN,notEmpty"`
	// ScheduleGroup is the name of the group that one-time schedules of triggers are made in, ScheduleRole the ARN of the
	// role that they have.
	ScheduleGroup string `env:"SCHEDULE_GROUP,notEmpty"`
	ScheduleRole  string `env:"SCHEDULE_ROLE,notEmpty"`
}

// Apply is what the function apply is told.
type Apply struct {
	Common
	RecordsTable       string `env:"RECORDS_TABLE,notEmpty"`
	DirectoryTable     string `env:"DIRECTORY_TABLE,notEmpty"`
	ConfigurationTable string `env:"CONFIGURATION_TABLE,notEmpty"`
	CheckpointsTable   string `env:"CHECKPOINTS_TABLE,notEmpty"`
	LedgerTable        string `env:"LEDGER_TABLE,notEmpty"`
	// TriggersQueue and BulkTriggersQueue are queue URLs, TriggersDeadLetters and BulkTriggersDeadLetters those of their
	// dead-letter queues.
	TriggersQueue           string `env:"TRIGGERS_QUEUE,notEmpty"`
	BulkTriggersQueue       string `env:"BULK_TRIGGERS_QUEUE,notEmpty"`
	TriggersDeadLetters     string `env:"TRIGGERS_DEAD_LETTERS,notEmpty"`
	BulkTriggersDeadLetters string `env:"BULK_TRIGGERS_DEAD_LETTERS,notEmpty"`
	// DeliveriesQueue is a queue URL.
	DeliveriesQueue string `env:"DELIVERIES_QUEUE,notEmpty"`
	// MaxReceives is the triggers queues' maxReceiveCount: after so many receives SQS moves a message to the dead letters.
	MaxReceives int `env:"MAX_RECEIVES,notEmpty"`
}

// Manage is what the function manage is told.
type Manage struct {
	Common
	RecordsTable       string `env:"RECORDS_TABLE,notEmpty"`
	DirectoryTable     string `env:"DIRECTORY_TABLE,notEmpty"`
	BacklogTable       string `env:"BACKLOG_TABLE,notEmpty"`
	LedgerTable        string `env:"LEDGER_TABLE,notEmpty"`
	ConfigurationTable string `env:"CONFIGURATION_TABLE,notEmpty"`
	CheckpointsTable   string `env:"CHECKPOINTS_TABLE,notEmpty"`
	// DeliveriesQueue and TriggersQueue are queue URLs.
	DeliveriesQueue string `env:"DELIVERIES_QUEUE,notEmpty"`
	TriggersQueue   string `env:"TRIGGERS_QUEUE,notEmpty"`
	// DispatchFunction is the name of the function dispatch.
	DispatchFunction string `env:"DISPATCH_FUNCTION,notEmpty"`
}

// Load reads T's variables from the process's environment; the error names every variable that is missing.
func Load[T any]() (T, error) {
	settings, err := env.ParseAs[T]()
	var faults env.AggregateError
	if errors.As(err, &faults) {
		return settings, fmt.Errorf("read environment: %w", errors.Join(faults.Errors...))
	}
	return settings, err
}

// Variables are a struct's values under the names that Load reads; infra hands them to the function.
func Variables(settings any) (map[string]string, error) {
	variables := map[string]string{}
	fields, err := env.GetFieldParams(pointerTo(settings))
	if err != nil {
		return nil, fmt.Errorf("list variables: %w", err)
	}
	values := flatten(reflect.ValueOf(settings))
	for i, field := range fields {
		variables[field.Key] = values[i]
	}
	return variables, nil
}

func pointerTo(settings any) any {
	p := reflect.New(reflect.TypeOf(settings))
	p.Elem().Set(reflect.ValueOf(settings))
	return p.Interface()
}

// flatten lists the values in the order in which env lists the fields: embedded structs in place.
func flatten(v reflect.Value) []string {
	var values []string
	for i := range v.NumField() {
		if v.Field(i).Kind() == reflect.Struct {
			values = append(values, flatten(v.Field(i))...)
			continue
		}
		values = append(values, fmt.Sprint(v.Field(i).Interface()))
	}
	return values
}
