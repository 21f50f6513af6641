package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
)

// grants are what each function may do, by action and resource; its own log group comes to it in newFunction.
type grants struct {
	configure, scan, dispatch, send, stop, inbound, apply, manage []grant
}

func newGrants(stack awscdk.Stack, settings settings, t tables, q queues, topic awssns.Topic, d delays, key awskms.IKey) grants {
	parameters := parameterArn(stack, settings.stage)
	readSecrets := allow("ReadSecrets", []string{"ssm:GetParameters"}, parameters+"organizations/*/secrets/*")
	sendMail := allow("SendMail", []string{"ses:SendEmail"}, arn(stack, "ses", "identity", "*"))
	g := grants{
		configure: []grant{
			allow("ListParameters", []string{"ssm:DescribeParameters"}, "*"),
			allow("ReadParameters", []string{"ssm:GetParameters"}, parameters+"*"),
			onTable("Configuration", t.configuration, "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"),
			onTable("Backlog", t.backlog, "BatchWriteItem"),
		},
		scan: []grant{
			allow("ReadStream", []string{"dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"}, *t.records.TableStreamArn()),
			onTable("Backlog", t.backlog, "Query", "BatchWriteItem"),
			onTable("Configuration", t.configuration, "GetItem", "BatchGetItem", "Query"),
			onTable("Records", t.records, "BatchGetItem"),
			onTable("Checkpoints", t.checkpoints, "BatchGetItem", "Query", "UpdateItem"),
			onTable("Ledger", t.ledger, "BatchGetItem", "Query", "BatchWriteItem"),
			onTable("Directory", t.directory, "BatchWriteItem"),
			onContacts(t.directory),
			fill(q.deliveries),
		},
		dispatch: []grant{
			onTable("Backlog", t.backlog, "GetItem", "BatchGetItem", "Query", "PutItem", "BatchWriteItem"),
			onTable("Ledger", t.ledger, "BatchGetItem", "Query", "PutItem", "UpdateItem", "BatchWriteItem"),
			onLists(t.ledger),
			onTable("Configuration", t.configuration, "GetItem", "BatchGetItem"),
			onTable("Records", t.records, "Query"),
			fill(q.deliveries, q.slow, q.stopped),
		},
		send: []grant{
			onTable("Records", t.records, "BatchGetItem"),
			onTable("Backlog", t.backlog, "BatchGetItem", "Query", "BatchWriteItem"),
			onTable("Ledger", t.ledger, "BatchGetItem", "Query", "UpdateItem", "BatchWriteItem"),
			onTable("Configuration", t.configuration, "BatchGetItem"),
			readSecrets,
			drain(q.deliveries, q.slow),
			fill(q.deliveries, q.slow, q.stopped),
		},
		stop: []grant{
			onTable("Backlog", t.backlog, "Query", "BatchWriteItem"),
			onTable("Ledger", t.ledger, "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "BatchWriteItem"),
			onTable("Configuration", t.configuration, "GetItem", "BatchGetItem"),
			drain(q.stopped),
			fill(q.deliveries, q.slow, q.unreadable),
			sendMail,
			allow("Notify", []string{"sns:Publish"}, *topic.TopicArn()),
		},
		inbound: []grant{
			onTable("Records", t.records, "BatchGetItem", "Query", "PutItem", "UpdateItem"),
			onTable("Directory", t.directory, "Query", "PutItem", "BatchWriteItem"),
			onTable("Configuration", t.configuration, "GetItem", "BatchGetItem", "Query"),
			onTable("Checkpoints", t.checkpoints, "GetItem", "PutItem", "UpdateItem"),
			onTable("Ledger", t.ledger, "BatchGetItem", "BatchWriteItem"),
			readSecrets,
			fill(q.triggers, q.bulkTriggers),
			allow("Delay", []string{"scheduler:CreateSchedule"}, arn(stack, "scheduler", "schedule", d.group+"/*")),
			allow("PassDelayRole", []string{"iam:PassRole"}, *d.role.RoleArn()),
		},
		apply: []grant{
			onTable("Records", t.records, "BatchGetItem", "PutItem", "UpdateItem"),
			onTable("Directory", t.directory, "Query", "PutItem", "BatchWriteItem"),
			onTable("Configuration", t.configuration, "GetItem", "BatchGetItem"),
			onTable("Checkpoints", t.checkpoints, "GetItem", "PutItem", "UpdateItem"),
			onTable("Ledger", t.ledger, "GetItem", "BatchGetItem", "Query", "UpdateItem", "BatchWriteItem"),
			drain(q.triggers, q.bulkTriggers),
			fill(q.triggersDeadLetters, q.bulkTriggersDeadLetters, q.deliveries),
			sendMail,
			// A text message goes to a number, which has no ARN: all but topics.
			{sid: "SendTexts", actions: []string{"sns:Publish"}, notResources: []string{"arn:" + *awscdk.Aws_PARTITION() + ":sns:*:*:*"}},
		},
		manage: []grant{
			onTable("Records", t.records, "BatchGetItem", "PutItem"),
			onTable("Directory", t.directory, "DeleteItem", "BatchWriteItem"),
			onContacts(t.directory),
			onTable("Backlog", t.backlog, "BatchGetItem", "PutItem", "BatchWriteItem"),
			onTable("Ledger", t.ledger, "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"),
			onLists(t.ledger),
			onTable("Configuration", t.configuration, "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"),
			onTable("Checkpoints", t.checkpoints, "GetItem", "PutItem", "DeleteItem"),
			allow("ListParameters", []string{"ssm:DescribeParameters"}, "*"),
			allow("ReadParameters", []string{"ssm:GetParameters"}, parameters+"*"),
			allow("WriteParameters", []string{"ssm:PutParameter", "ssm:DeleteParameter"},
				parameters+"organizations/*/interfaces/*", parameters+"organizations/*/rules/*", parameters+"organizations/*/secrets/*"),
			fill(q.deliveries, q.triggers),
			allow("StartDispatch", []string{"lambda:InvokeFunction"}, functionArn(stack, functionName(settings, "dispatch"))),
		},
	}
	g.addPartiQL(t)
	if key != nil {
		g.addToAll(useKey(key))
	}
	return g
}

// addPartiQL grants the conditional statements that go out 25 at a time: AWS asks for the action of each on its table.
func (g *grants) addPartiQL(t tables) {
	for _, of := range []struct {
		function *[]grant
		records  []string
		backlog  []string
		ledger   []string
		counters []string
	}{
		{&g.scan, nil, []string{"PartiQLInsert", "PartiQLUpdate"}, []string{"PartiQLInsert"}, []string{"PartiQLInsert", "PartiQLUpdate"}},
		{&g.dispatch, nil, []string{"PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"}, []string{"PartiQLInsert", "PartiQLUpdate"}, nil},
		{&g.send, nil, []string{"PartiQLUpdate", "PartiQLDelete"}, []string{"PartiQLInsert", "PartiQLUpdate"}, nil},
		{&g.stop, nil, []string{"PartiQLUpdate", "PartiQLDelete"}, []string{"PartiQLInsert", "PartiQLUpdate"}, nil},
		{&g.inbound, []string{"PartiQLInsert", "PartiQLUpdate"}, nil, nil, nil},
		{&g.apply, []string{"PartiQLInsert", "PartiQLUpdate"}, nil, []string{"PartiQLInsert"}, nil},
		{&g.manage, nil, []string{"PartiQLInsert", "PartiQLUpdate"}, []string{"PartiQLInsert", "PartiQLUpdate"}, nil},
	} {
		for _, on := range []struct {
			sid     string
			table   awsdynamodb.Table
			actions []string
		}{{"RecordStatements", t.records, of.records}, {"BacklogStatements", t.backlog, of.backlog}, {"LedgerStatements", t.ledger, of.ledger}, {"CounterStatements", t.checkpoints, of.counters}} {
			if on.actions != nil {
				*of.function = append(*of.function, onTable(on.sid, on.table, on.actions...))
			}
		}
	}
}

func (g *grants) addToAll(added grant) {
	for _, of := range []*[]grant{&g.configure, &g.scan, &g.dispatch, &g.send, &g.stop, &g.inbound, &g.apply, &g.manage} {
		*of = append(*of, added)
	}
}
