package main

import "crmhook/shared/environment"

// inbound are the functions that take in what other systems tell the CRM.
func inbound(built *functions, settings settings, on ground) []part {
	t, q, g := on.tables, on.queues, on.grants
	common := environment.Common{Stage: settings.stage}
	return []part{
		{&built.inbound, function{
			id: "Inbound", name: "inbound", does: "answers the API: checks triggers and queues them, reads and writes records",
			timeout: inboundTimeout, memory: inboundMemory, grants: g.inbound,
			environment: environment.Inbound{
				Common: common, RecordsTable: *t.records.TableName(), DirectoryTable: *t.directory.TableName(),
				ConfigurationTable: *t.configuration.TableName(), CheckpointsTable: *t.checkpoints.TableName(), LedgerTable: *t.ledger.TableName(),
				TriggersQueue: *q.triggers.QueueUrl(), BulkTriggersQueue: *q.bulkTriggers.QueueUrl(),
				TriggersQueueARN: *q.triggers.QueueArn(), BulkTriggersQueueARN: *q.bulkTriggers.QueueArn(),
				ScheduleGroup: on.delays.group, ScheduleRole: *on.delays.role.RoleArn(),
			},
		}},
		{&built.apply, function{
			id: "Apply", name: "apply", does: "turns each trigger into records written or messages sent",
			timeout: applyTimeout, memory: applyMemory, grants: g.apply,
			environment: environment.Apply{
				Common: common, RecordsTable: *t.records.TableName(), DirectoryTable: *t.directory.TableName(),
				ConfigurationTable: *t.configuration.TableName(), CheckpointsTable: *t.checkpoints.TableName(), LedgerTable: *t.ledger.TableName(),
				TriggersQueue: *q.triggers.QueueUrl(), BulkTriggersQueue: *q.bulkTriggers.QueueUrl(),
				TriggersDeadLetters: *q.triggersDeadLetters.QueueUrl(), BulkTriggersDeadLetters: *q.bulkTriggersDeadLetters.QueueUrl(),
				DeliveriesQueue: *q.deliveries.QueueUrl(), MaxReceives: triggerMaxReceives,
			},
		}},
	}
}
