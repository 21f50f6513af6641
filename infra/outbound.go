package main

import "crmhook/shared/environment"

// outbound are the functions that carry a change to the systems that want to know.
func outbound(built *functions, settings settings, on ground) []part {
	t, q, g := on.tables, on.queues, on.grants
	common := environment.Common{Stage: settings.stage}
	return []part{
		{&built.configure, function{
			id: "Configure", name: "configure", does: "reads changed parameters into the configuration table",
			timeout: minuteTimeout, memory: minuteMemory, eachMinute: true, grants: g.configure,
			environment: environment.Configure{Common: common, ConfigurationTable: *t.configuration.TableName(), BacklogTable: *t.backlog.TableName()},
		}},
		{&built.scan, function{
			id: "Scan", name: "scan", does: "reads the records' stream and routes each change",
			timeout: minuteTimeout, memory: minuteMemory, eachMinute: true, grants: g.scan,
			environment: environment.Scan{
				Common: common, RecordsStream: *t.records.TableStreamArn(), RecordsTable: *t.records.TableName(), BacklogTable: *t.backlog.TableName(),
				LedgerTable: *t.ledger.TableName(), ConfigurationTable: *t.configuration.TableName(), CheckpointsTable: *t.checkpoints.TableName(),
				DirectoryTable:  *t.directory.TableName(),
				DeliveriesQueue: *q.deliveries.QueueUrl(),
			},
		}},
		{&built.dispatch, function{
			id: "Dispatch", name: "dispatch", does: "cuts the backlog of the interfaces that are due into deliveries",
			timeout: minuteTimeout, memory: minuteMemory, eachMinute: true, grants: g.dispatch,
			environment: environment.Dispatch{
				Common: common, BacklogTable: *t.backlog.TableName(), LedgerTable: *t.ledger.TableName(), ConfigurationTable: *t.configuration.TableName(),
				RecordsTable:    *t.records.TableName(),
				DeliveriesQueue: *q.deliveries.QueueUrl(), SlowQueue: *q.slow.QueueUrl(), StoppedQueue: *q.stopped.QueueUrl(),
			},
		}},
		{&built.send, function{
			id: "Send", name: "send", does: "sends one request for each delivery",
			timeout: sendTimeout, memory: sendMemory, reserved: settings.sendReservedConcurrency, inCircle: true, grants: g.send,
			environment: environment.Send{
				Common: common, RecordsTable: *t.records.TableName(), BacklogTable: *t.backlog.TableName(), LedgerTable: *t.ledger.TableName(),
				ConfigurationTable: *t.configuration.TableName(), DeliveriesQueue: *q.deliveries.QueueUrl(), SlowQueue: *q.slow.QueueUrl(),
				StoppedQueue: *q.stopped.QueueUrl(), MaxReceives: maxReceives,
			},
		}},
		{&built.stop, function{
			id: "Stop", name: "stop", does: "keeps deliveries that were given up and tells people",
			timeout: stopTimeout, memory: stopMemory, inCircle: true, grants: g.stop,
			environment: environment.Stop{
				Common: common, BacklogTable: *t.backlog.TableName(), LedgerTable: *t.ledger.TableName(), ConfigurationTable: *t.configuration.TableName(),
				DeliveriesQueue: *q.deliveries.QueueUrl(), SlowQueue: *q.slow.QueueUrl(), StoppedQueue: *q.stopped.QueueUrl(),
				UnreadableQueue: *q.unreadable.QueueUrl(), AlarmsTopic: *on.topic.TopicArn(),
			},
		}},
	}
}
