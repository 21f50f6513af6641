package tabletest_test

import (
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/setaside"
	"crmhook/shared/tabletest"
)

func TestBacklog(t *testing.T) {
	t.Parallel()
	tabletest.RunBacklog(t, tabletest.NewBacklog(nil))
}

func TestAsked(t *testing.T) {
	t.Parallel()
	rows, ledger, agenda := tabletest.NewBacklog(nil), tabletest.NewLedger(nil), tabletest.NewAgenda(nil)
	asked := tabletest.NewAsked(nil, rows, ledger, agenda)
	tabletest.RunJobs(t, rows, asked)
	tabletest.RunAsked(t, tabletest.AskedStores{Asked: asked, Jobs: rows, Ledger: ledger, Agenda: agenda})
}

func TestSessions(t *testing.T) {
	t.Parallel()
	tabletest.RunSessions(t, tabletest.NewSessions(nil))
}

func TestAgenda(t *testing.T) {
	t.Parallel()
	tabletest.RunAgenda(t, func(*testing.T) tabletest.AgendaAPI { return tabletest.NewAgenda(nil) })
}

func TestRecords(t *testing.T) {
	t.Parallel()
	records := tabletest.NewRecords(nil)
	tabletest.RunRecords(t, records, records.CRM())
}

func TestLedger(t *testing.T) {
	t.Parallel()
	ledger := tabletest.NewLedger(nil)
	tabletest.RunLedger(t, ledger, content{ledger})
	tabletest.RunLists(t, ledger, content{ledger})
	tabletest.RunRuns(t, ledger)
	tabletest.RunShown(t, ledger)
}

type content struct{ *tabletest.Ledger }

func (c content) Expiry(_ *testing.T, ref delivery.Ref, attempt int) time.Time {
	return c.Expires(ref, attempt)
}

func (c content) Beside(_ *testing.T, ref delivery.Ref) map[string]time.Time {
	return c.Ledger.Beside(ref)
}

func (c content) SetAsideOf(_ *testing.T, organization string) []setaside.Item {
	var items []setaside.Item
	for _, item := range c.AllAside() {
		if item.Organization == organization {
			items = append(items, item)
		}
	}
	return items
}
