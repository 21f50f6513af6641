package tabletest_test

import (
	"testing"
	"time"

	"crmhook/shared/tabletest"
)

func TestErase(t *testing.T) {
	t.Parallel()
	records, entries, ledger := tabletest.NewRecords(nil), tabletest.NewDirectory(nil), tabletest.NewLedger(nil)
	tabletest.RunErase(t, tabletest.Erasing{
		Records: records, CRM: records.CRM(), Directory: entries, Contacts: tabletest.NewContacts(nil, records, entries), Ledger: ledger,
		Content: content{ledger}, Triggers: tabletest.NewTriggers(nil, time.Now),
	})
}
