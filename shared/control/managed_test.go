package control_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/managetest"
)

// managed is what is managed: organization demo with the contact webhook crm and its schedule.
type managed struct {
	*managetest.World
	crm hook.Interface
}

// openManaged opens the API over it. Each request comes a millisecond after the one before.
func openManaged(t *testing.T) (*managed, *world) {
	t.Helper()
	m := &managed{World: managetest.New(t)}
	m.crm = m.Interface("crm", managetest.Contacts)
	w := open(t, m.Handler)
	handler := w.Handler
	w.Handler = http.HandlerFunc(func(response http.ResponseWriter, r *http.Request) {
		m.Clock.Pass(time.Millisecond)
		handler.ServeHTTP(response, r)
	})
	return m, w
}

// failed keeps a delivery of a contact to crm of which one attempt failed.
func (m *managed) failed(contact string) delivery.Delivery {
	m.T.Helper()
	return m.Fail(m.Delivery(m.crm, "contact/"+contact), http.StatusServiceUnavailable, "<script>")
}

// effects is what a request could have changed.
func (m *managed) effects() string {
	m.T.Helper()
	calls := m.Store.Calls()
	audit, _, err := m.Ledger.Recorded(m.T.Context(), managetest.Organization, "", time.Time{}, time.Time{}, 200)
	if err != nil {
		m.T.Fatal(err)
	}
	return fmt.Sprint(
		calls["PutParameter"], calls["DeleteParameter"], m.Dispatch.Starts(), m.Outbox.Len(), m.Inbox.Len(), audit,
		m.Ledger.AllExecutions(), len(m.Ledger.All()), m.Backlog.AllJobs(), len(m.Backlog.All()),
	)
}
