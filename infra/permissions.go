package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// grant is one statement of a role: these actions on these resources. sid is unique within the role.
type grant struct {
	sid       string
	actions   []string
	resources []string
}

// grants are what each function may do, by action and resource; its own log group comes to it in newFunction.
type grants struct {
	configure, scan, dispatch, send, stop []grant
}

func newGrants(stack awscdk.Stack, settings settings, t tables, q queues, topic awssns.Topic, key awskms.IKey) grants {
	parameters := parameterArn(stack, settings.stage)
	g := grants{
		configure: []grant{
			{"ListParameters", []string{"ssm:DescribeParameters"}, []string{"*"}},
			{"ReadParameters", []string{"ssm:GetParameters"}, []string{parameters + "*"}},
			onTable("Configuration", t.configuration, "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"),
			onTable("Backlog", t.backlog, "BatchWriteItem"),
		},
		scan: []grant{
			{"ReadStream", []string{"dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"}, []string{*t.records.TableStreamArn()}},
			onTable("Backlog", t.backlog, "BatchWriteItem"),
			onTable("Configuration", t.configuration, "GetItem", "BatchGetItem", "Query"),
			onTable("Checkpoints", t.checkpoints, "Query", "UpdateItem"),
			onTable("Ledger", t.ledger, "BatchWriteItem"),
		},
		dispatch: []grant{
			onTable("Backlog", t.backlog, "Query", "BatchGetItem", "PutItem", "BatchWriteItem"),
			onTable("Ledger", t.ledger, "BatchGetItem", "PutItem", "UpdateItem"),
			onTable("Configuration", t.configuration, "GetItem", "BatchGetItem"),
			fill(q.deliveries, q.slow, q.stopped),
		},
		send: []grant{
			onTable("Records", t.records, "BatchGetItem"),
			onTable("Backlog", t.backlog, "BatchGetItem"),
			onTable("Ledger", t.ledger, "BatchGetItem", "UpdateItem", "BatchWriteItem"),
			onTable("Configuration", t.configuration, "BatchGetItem"),
			{"ReadSecrets", []string{"ssm:GetParameters"}, []string{parameters + "organizations/*/secrets/*"}},
			drain(q.deliveries, q.slow),
			fill(q.stopped),
		},
		stop: []grant{
			onTable("Backlog", t.backlog, "BatchWriteItem"),
			onTable("Ledger", t.ledger, "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "BatchWriteItem"),
			onTable("Configuration", t.configuration, "GetItem", "BatchGetItem"),
			drain(q.stopped),
			fill(q.deliveries, q.slow, q.unreadable),
			{"SendMail", []string{"ses:SendEmail"}, []string{arn(stack, "ses", "identity", "*")}},
			{"Notify", []string{"sns:Publish"}, []string{*topic.TopicArn()}},
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
		backlog  []string
		ledger   []string
	}{
		{&g.scan, []string{"PartiQLInsert", "PartiQLUpdate"}, nil},
		{&g.dispatch, []string{"PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"}, []string{"PartiQLInsert", "PartiQLUpdate"}},
		{&g.send, []string{"PartiQLUpdate", "PartiQLDelete"}, []string{"PartiQLInsert", "PartiQLUpdate"}},
		{&g.stop, []string{"PartiQLUpdate", "PartiQLDelete"}, []string{"PartiQLInsert", "PartiQLUpdate"}},
	} {
		*of.function = append(*of.function, onTable("BacklogStatements", t.backlog, of.backlog...))
		if of.ledger != nil {
			*of.function = append(*of.function, onTable("LedgerStatements", t.ledger, of.ledger...))
		}
	}
}

func (g *grants) addToAll(added grant) {
	for _, of := range []*[]grant{&g.configure, &g.scan, &g.dispatch, &g.send, &g.stop} {
		*of = append(*of, added)
	}
}

func onTable(sid string, table awsdynamodb.Table, operations ...string) grant {
	return grant{sid, prefixed("dynamodb:", operations), []string{*table.TableArn()}}
}

// drain is what an event source needs, and the next visibility that a function sets itself.
func drain(queues ...awssqs.Queue) grant {
	return grant{"Receive", prefixed("sqs:", []string{"ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility"}), queueArns(queues)}
}

func fill(queues ...awssqs.Queue) grant {
	return grant{"Enqueue", []string{"sqs:SendMessage"}, queueArns(queues)}
}

// useKey is what DynamoDB and SQS ask of a caller whose table or queue has a customer key.
func useKey(key awskms.IKey) grant {
	return grant{"UseKey", prefixed("kms:", []string{"Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo"}), []string{*key.KeyArn()}}
}

func queueArns(queues []awssqs.Queue) []string {
	arns := make([]string, len(queues))
	for i, queue := range queues {
		arns[i] = *queue.QueueArn()
	}
	return arns
}

func prefixed(prefix string, operations []string) []string {
	actions := make([]string, len(operations))
	for i, operation := range operations {
		actions[i] = prefix + operation
	}
	return actions
}

// parameterArn ends in a slash: what is appended names parameters below /crmhook/{stage}/.
func parameterArn(stack awscdk.Stack, stage string) string {
	return arn(stack, "ssm", "parameter", "crmhook/"+stage+"/")
}

func arn(stack awscdk.Stack, service, resource, name string) string {
	return *stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String(service), Resource: jsii.String(resource), ResourceName: jsii.String(name),
	})
}

func document(grants []grant) awsiam.PolicyDocument {
	statements := make([]awsiam.PolicyStatement, len(grants))
	for i, g := range grants {
		statements[i] = awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String(g.sid), Actions: jsii.Strings(g.actions...), Resources: jsii.Strings(g.resources...),
		})
	}
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements})
}
