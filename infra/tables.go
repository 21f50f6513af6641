package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
)

// tables are on demand, recoverable to any point in time, encrypted, and stay when the stack goes.
type tables struct {
	records, backlog, ledger, configuration, checkpoints, directory awsdynamodb.Table
}

// expiry is the attribute that holds an item's end in unix seconds.
const expiry = "expires"

// contactList is the directory's index by contact.
const contactList = "byContact"

// ledgerLists are the indexes that the ledger's deliveries are listed by, each on an attribute that only what belongs in the
// list has, newest first by created. They hold keys only: what a list shows is read from the table.
var ledgerLists = []struct{ name, of string }{
	{"byInterface", "ofInterface"},
	{"byRecord", "ofRecord"},
	{"byOpen", "open"},
	{"byOpenInterface", "openInterface"},
}

func newTables(stack awscdk.Stack, key awskms.IKey) tables {
	table := func(id, expiry string, stream awsdynamodb.StreamViewType) awsdynamodb.Table {
		props := &awsdynamodb.TableProps{
			PartitionKey:                     &awsdynamodb.Attribute{Name: jsii.String("pk"), Type: awsdynamodb.AttributeType_STRING},
			SortKey:                          &awsdynamodb.Attribute{Name: jsii.String("sk"), Type: awsdynamodb.AttributeType_STRING},
			BillingMode:                      awsdynamodb.BillingMode_PAY_PER_REQUEST,
			PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: jsii.Bool(true)},
			Encryption:                       awsdynamodb.TableEncryption_DEFAULT,
			RemovalPolicy:                    awscdk.RemovalPolicy_RETAIN,
			Stream:                           stream,
		}
		if expiry != "" {
			props.TimeToLiveAttribute = jsii.String(expiry)
		}
		if key != nil {
			props.Encryption, props.EncryptionKey = awsdynamodb.TableEncryption_CUSTOMER_MANAGED, key
		}
		return awsdynamodb.NewTable(stack, jsii.String(id), props)
	}
	all := tables{
		records:       table("Records", expiry, awsdynamodb.StreamViewType_NEW_AND_OLD_IMAGES),
		backlog:       table("Backlog", expiry, ""),
		ledger:        table("Ledger", expiry, ""),
		configuration: table("Configuration", "", ""),
		checkpoints:   table("Checkpoints", expiry, ""),
		directory:     table("Directory", expiry, ""),
	}
	for _, list := range ledgerLists {
		all.ledger.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
			IndexName:      jsii.String(list.name),
			PartitionKey:   &awsdynamodb.Attribute{Name: jsii.String(list.of), Type: awsdynamodb.AttributeType_STRING},
			SortKey:        &awsdynamodb.Attribute{Name: jsii.String("created"), Type: awsdynamodb.AttributeType_STRING},
			ProjectionType: awsdynamodb.ProjectionType_KEYS_ONLY,
		})
	}
	// What a contact is found by, so that an erasure removes all of it.
	all.directory.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
		IndexName:      jsii.String(contactList),
		PartitionKey:   &awsdynamodb.Attribute{Name: jsii.String("contact"), Type: awsdynamodb.AttributeType_STRING},
		SortKey:        &awsdynamodb.Attribute{Name: jsii.String("pk"), Type: awsdynamodb.AttributeType_STRING},
		ProjectionType: awsdynamodb.ProjectionType_KEYS_ONLY,
	})
	return all
}
