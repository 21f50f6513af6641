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
	return tables{
		records:       table("Records", expiry, awsdynamodb.StreamViewType_NEW_AND_OLD_IMAGES),
		backlog:       table("Backlog", "", ""),
		ledger:        table("Ledger", expiry, ""),
		configuration: table("Configuration", "", ""),
		checkpoints:   table("Checkpoints", expiry, ""),
		directory:     table("Directory", expiry, ""),
	}
}
