package table_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/attribute"
	"crmhook/shared/awstest"
	"crmhook/shared/change"
	"crmhook/shared/table"
	"crmhook/shared/tabletest"
)

func TestBacklogOnEmulator(t *testing.T) {
	t.Parallel()
	tabletest.RunBacklog(t, table.NewBacklog(awstest.Table(t, awstest.Config(t))))
}

func TestAskedOnEmulator(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	client, rows := awstest.Table(t, config)
	_, ledger := awstest.Ledger(t, config)
	asked, jobs := table.NewAsked(client, rows, ledger), table.NewBacklog(client, rows)
	tabletest.RunJobs(t, jobs, asked)
	tabletest.RunAsked(t, tabletest.AskedStores{Asked: asked, Jobs: jobs, Ledger: table.NewLedger(client, ledger), Agenda: table.NewAgenda(client, rows)})
}

func TestSessionsOnEmulator(t *testing.T) {
	t.Parallel()
	tabletest.RunSessions(t, table.NewSessions(awstest.Table(t, awstest.Config(t))))
}

func TestAgendaOnEmulator(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	tabletest.RunAgenda(t, func(t *testing.T) tabletest.AgendaAPI { return table.NewAgenda(awstest.Table(t, config)) })
}

func TestRecordsOnEmulator(t *testing.T) {
	t.Parallel()
	records := table.NewRecords(awstest.Table(t, awstest.Config(t)))
	tabletest.RunRecords(t, records, crm(records))
}

// crm writes records as the CRM's programs do.
type crm table.Records

func recordKey(key change.Key) table.Item {
	return table.Item{
		"pk": &types.AttributeValueMemberS{Value: key.Organization + "#" + key.Entity}, "sk": &types.AttributeValueMemberS{Value: key.ID},
	}
}

func (c crm) Write(t *testing.T, key change.Key, data map[string]any) {
	t.Helper()
	values, err := attribute.Values(data)
	if err != nil {
		t.Fatal(err)
	}
	item := recordKey(key)
	item["data"], item["updatedAt"] = &types.AttributeValueMemberM{Value: values}, &types.AttributeValueMemberS{Value: "2026-11-02T03:04:05Z"}
	if _, err := c.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &c.Name, Item: item}); err != nil {
		t.Fatal(err)
	}
}

func (c crm) Remove(t *testing.T, key change.Key) {
	t.Helper()
	if _, err := c.Client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &c.Name, Key: recordKey(key)}); err != nil {
		t.Fatal(err)
	}
}

func (c crm) Bury(t *testing.T, key change.Key) {
	t.Helper()
	_, err := c.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &c.Name, Key: recordKey(key), UpdateExpression: aws.String("SET deleted = :true"),
		ExpressionAttributeValues: table.Item{":true": &types.AttributeValueMemberBOOL{Value: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
}
