package main

import "crmhook/shared/environment"

// control are the functions by which people and their tools see and steer all others.
func control(built *functions, settings settings, on ground) []part {
	t, q := on.tables, on.queues
	return []part{
		{&built.manage, function{
			id: "Manage", name: "manage", does: "answers the API of operators and their tools, and shows the console",
			timeout: inboundTimeout, memory: manageMemory, grants: on.grants.manage,
			environment: environment.Manage{
				Common:       environment.Common{Stage: settings.stage},
				RecordsTable: *t.records.TableName(), DirectoryTable: *t.directory.TableName(), BacklogTable: *t.backlog.TableName(),
				LedgerTable: *t.ledger.TableName(), ConfigurationTable: *t.configuration.TableName(), CheckpointsTable: *t.checkpoints.TableName(),
				DeliveriesQueue: *q.deliveries.QueueUrl(), TriggersQueue: *q.triggers.QueueUrl(),
				DispatchFunction: functionName(settings, "dispatch"),
			},
		}},
	}
}
