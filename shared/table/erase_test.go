package table_test

import (
	"testing"
	"time"

	"crmhook/shared/awstest"
	"crmhook/shared/table"
	"crmhook/shared/tabletest"
)

func TestEraseOnEmulator(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	client, kept := awstest.Table(t, config)
	_, entries := awstest.Directory(t, config)
	_, ledger := awstest.Ledger(t, config)
	records := table.NewRecords(client, kept)
	tabletest.RunErase(t, tabletest.Erasing{
		Records: records, CRM: crm(records), Directory: table.NewDirectory(client, entries), Contacts: table.NewContacts(client, kept, entries),
		Ledger: table.NewLedger(client, ledger), Content: content(table.NewLedger(client, ledger)), Triggers: table.NewTriggers(client, ledger, time.Now),
	})
}
