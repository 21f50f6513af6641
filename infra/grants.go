package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// grant is one statement of a role: these actions on these resources, or on all but notResources. sid is unique within the
// role.
type grant struct {
	sid          string
	actions      []string
	resources    []string
	notResources []string
}

func allow(sid string, actions []string, resources ...string) grant {
	return grant{sid: sid, actions: actions, resources: resources}
}

func onTable(sid string, table awsdynamodb.Table, operations ...string) grant {
	return allow(sid, prefixed("dynamodb:", operations), *table.TableArn())
}

// onLists is reading the ledger's lists.
func onLists(table awsdynamodb.Table) grant {
	arns := make([]string, len(ledgerLists))
	for i, list := range ledgerLists {
		arns[i] = *table.TableArn() + "/index/" + list.name
	}
	return allow("Lists", []string{"dynamodb:Query"}, arns...)
}

// onContacts is reading by what a contact is found.
func onContacts(table awsdynamodb.Table) grant {
	return allow("Contacts", []string{"dynamodb:Query"}, *table.TableArn()+"/index/"+contactList)
}

// drain is what an event source needs, and the next visibility that a function sets itself.
func drain(queues ...awssqs.Queue) grant {
	return allow("Receive", prefixed("sqs:", []string{"ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility"}), queueArns(queues)...)
}

func fill(queues ...awssqs.Queue) grant {
	return allow("Enqueue", []string{"sqs:SendMessage"}, queueArns(queues)...)
}

// useKey is what DynamoDB and SQS ask of a caller whose table or queue has a customer key.
func useKey(key awskms.IKey) grant {
	return allow("UseKey", prefixed("kms:", []string{"Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo"}), *key.KeyArn())
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

// functionArn is a function's by its name, for one that does not exist yet where it is needed.
func functionArn(stack awscdk.Stack, name string) string {
	return *stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("lambda"), Resource: jsii.String("function"), ResourceName: jsii.String(name), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
}

func document(grants []grant) awsiam.PolicyDocument {
	statements := make([]awsiam.PolicyStatement, len(grants))
	for i, g := range grants {
		props := &awsiam.PolicyStatementProps{Sid: jsii.String(g.sid), Actions: jsii.Strings(g.actions...)}
		if g.notResources != nil {
			props.NotResources = jsii.Strings(g.notResources...)
		} else {
			props.Resources = jsii.Strings(g.resources...)
		}
		statements[i] = awsiam.NewPolicyStatement(props)
	}
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements})
}
