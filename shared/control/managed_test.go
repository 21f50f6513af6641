package control_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"crmhook/shared/configure"
	"crmhook/shared/delivery"
	"crmhook/shared/event"
	"crmhook/shared/manage"
	"crmhook/shared/params"
	"crmhook/shared/paramstest"
	"crmhook/shared/setaside"
	"crmhook/shared/tabletest"
)

// managed is what is managed, on fakes of tables and Parameter Store: organization demo with the contact webhook crm and its
// schedule.
type managed struct {
	*testing.T
	store    *paramstest.SSM
	table    *tabletest.Configuration
	agenda   *tabletest.Agenda
	backlog  *tabletest.Backlog
	ledger   *tabletest.Ledger
	triggers *tabletest.Triggers
	records  *tabletest.Records
	sent     *sent
	ticks    atomic.Int64
}

// now moves on by itself, so that whatever happens later is later.
func (m *managed) now() time.Time {
	return time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC).Add(time.Duration(m.ticks.Add(1)) * time.Millisecond)
}

func openManaged(t *testing.T) (*managed, *world) {
	t.Helper()
	kill := &tabletest.Kill{}
	m := &managed{
		T: t, table: tabletest.NewConfiguration(kill), agenda: tabletest.NewAgenda(kill), backlog: tabletest.NewBacklog(kill),
		ledger: tabletest.NewLedger(kill), records: tabletest.NewRecords(kill), sent: &sent{},
	}
	m.triggers, m.store = tabletest.NewTriggers(kill, m.now), paramstest.New(m.now)
	log := slog.New(slog.DiscardHandler)
	parameters := params.Parameters{Client: m.store, Stage: "dev", Pace: &params.Pace{Now: time.Now, Sleep: params.Sleep}}
	configured := configure.Handler{
		Stage: "dev", Parameters: parameters, Memory: m.table, Recorder: m.table, Facts: m.table, Interfaces: m.table, Rules: m.table,
		Access: m.table, Agenda: m.agenda, Now: m.now, Fingerprint: func(string) (string, error) { return "print", nil }, Token: rand.Text, Log: log,
	}
	m.parameter("interfaces/crm", `{"type":"contact-webhook-v2","url":"https://crm.example.com/c","details":["GENERAL"],"schedules":[{"name":"each minute"}]}`)
	if err := configured.Run(t.Context(), configure.Event{}); err != nil {
		t.Fatal(err)
	}
	return m, open(t, &manage.Handler{
		Configuration: manage.Configuration{
			Stage: "dev", Parameters: parameters, Writer: params.Writer{Client: m.store}, Locks: m.table, Pages: m.table, Kept: m.table,
			States: m.backlog, Hours: m.ledger, Configure: configured,
		},
		Runs: manage.Runs{
			Current: m.table, Jobs: m.backlog, Agenda: m.agenda, Records: m.records, Changes: m.backlog, Events: m.sent, Replayer: m.sent,
			Outbox: m.sent, Inbox: m.sent, Token: rand.Text,
		},
		Ledger: manage.Ledger{Executed: m.ledger, Refused: m.ledger, Delivered: m.ledger, Tests: m.ledger, Aside: m.ledger, Triggered: m.triggers},
		Audit:  m.ledger, Dispatch: m.sent, Random: rand.Reader, Log: log, Now: m.now,
	})
}

// parameter writes a parameter of demo.
func (m *managed) parameter(name, text string) {
	m.Helper()
	_, err := m.store.PutParameter(m.Context(), &ssm.PutParameterInput{
		Name: aws.String("/crmhook/dev/organizations/demo/" + name), Value: &text, Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
	})
	if err != nil {
		m.Fatal(err)
	}
}

// effects is what a request could have changed.
func (m *managed) effects() string {
	m.Helper()
	calls := m.store.Calls()
	audit, _, err := m.ledger.Recorded(m.Context(), "demo", "", time.Time{}, time.Time{}, 200)
	if err != nil {
		m.Fatal(err)
	}
	list, _, err := m.ledger.ExecutionPage(m.Context(), "demo", "crm", "", time.Time{}, time.Time{}, 200)
	if err != nil {
		m.Fatal(err)
	}
	return fmt.Sprint(calls["PutParameter"], calls["DeleteParameter"], m.sent.count.Load(), audit, list)
}

// sent counts what goes out, and is whatever does it.
type sent struct{ count atomic.Int64 }

func (s *sent) Start(context.Context) error {
	s.count.Add(1)
	return nil
}

func (s *sent) Make(_ context.Context, list []event.Event) ([]setaside.Item, error) {
	s.count.Add(int64(len(list)))
	return nil, nil
}

func (s *sent) Replay(_ context.Context, list []delivery.Delivery) ([]bool, error) {
	return s.all(len(list)), nil
}

func (s *sent) Dismiss(_ context.Context, list []delivery.Delivery) ([]bool, error) {
	return s.all(len(list)), nil
}

func (s *sent) SendText(_ context.Context, _ string, bodies []string) ([]bool, error) {
	return s.all(len(bodies)), nil
}

func (s *sent) all(n int) []bool {
	s.count.Add(int64(n))
	done := make([]bool, n)
	for i := range done {
		done[i] = true
	}
	return done
}
