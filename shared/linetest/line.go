// Package linetest puts the outbound line together on fakes: backlog, dispatch, events, queues, send and stop, with a clock, a
// receiver that does as it is told, and a switch that kills the process at any write. Tests of the use cases run on it.
package linetest

import (
	"context"
	"io"
	"log/slog"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/dispatch"
	"crmhook/shared/hook"
	"crmhook/shared/mailtest"
	"crmhook/shared/queuetest"
	"crmhook/shared/replay"
	"crmhook/shared/schedule"
	"crmhook/shared/send"
	"crmhook/shared/stop"
	"crmhook/shared/tabletest"
)

// Start is when a line's clock begins.
var Start = time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)

// MaxReceives is the queues' maxReceiveCount.
const MaxReceives = 13

// Line is everything between the backlog and the receiver.
type Line struct {
	Kill          *tabletest.Kill
	Clock         *Clock
	Backlog       *tabletest.Backlog
	Agenda        *tabletest.Agenda
	Asked         *tabletest.Asked
	Ledger        *tabletest.Ledger
	Records       *tabletest.Records
	Configuration *Configuration
	Secrets       *Secrets
	Fast, Slow    *queuetest.Queue
	Stopped       *queuetest.Queue
	Unreadable    *queuetest.Queue
	Receiver      *Receiver
	Mail          *mailtest.Box
	Log           *slog.Logger
	// OnDispatch, OnSend and OnStop change each new process, for tests that put something of their own into one.
	OnDispatch func(*dispatch.Handler)
	OnSend     func(*send.Handler)
	OnStop     func(*stop.Handler)

	random *random
}

// New is an empty line.
func New() *Line {
	kill, clock := new(tabletest.Kill), &Clock{now: Start}
	l := &Line{
		Kill: kill, Clock: clock, Backlog: tabletest.NewBacklog(kill), Agenda: tabletest.NewAgenda(kill), Ledger: tabletest.NewLedger(kill),
		Records: tabletest.NewRecords(kill), Configuration: NewConfiguration(), Secrets: &Secrets{},
		Fast: queuetest.New(kill, clock.Now), Slow: queuetest.New(kill, clock.Now), Stopped: queuetest.New(kill, clock.Now),
		Unreadable: queuetest.New(kill, clock.Now), Receiver: NewReceiver(kill, clock.Now), Mail: mailtest.New("crmhook@example.com"),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), random: new(random),
	}
	l.Asked = tabletest.NewAsked(kill, l.Backlog, l.Ledger, l.Agenda)
	for _, q := range []*queuetest.Queue{l.Fast, l.Slow} {
		q.MaxReceives, q.Redrive = MaxReceives, l.Stopped
	}
	return l
}

// Dispatch is a new process of the function dispatch.
func (l *Line) Dispatch() *dispatch.Handler {
	h := &dispatch.Handler{
		Agenda: l.Agenda, Rows: l.Backlog, Marks: l.Backlog, States: l.Backlog, Executions: l.Ledger, Deliveries: l.Ledger,
		Configuration: l.Configuration, Jobs: l.Backlog, Open: l.Ledger, Contacts: l.Records, Stopped: l.Ledger, Replayer: l.Replayer(),
		Fast: l.Fast, Slow: l.Slow, Notices: l.Stopped, Log: l.Log, Now: l.Clock.Now,
		Sleep: func(_ context.Context, d time.Duration) { l.Clock.Advance(d) }, Random: l.random,
	}
	if l.OnDispatch != nil {
		l.OnDispatch(h)
	}
	return h
}

// Send is a new process of the function send.
func (l *Line) Send() *send.Handler {
	h := &send.Handler{
		Deliveries: l.Ledger, Ledger: l.Ledger, Rows: l.Backlog, Records: l.Records, Configuration: l.Configuration, Secrets: l.Secrets,
		Webhook: l.Receiver, Stopped: l.Stopped, Fast: l.Fast, Slow: l.Slow, Line: l.Order(), MaxReceives: MaxReceives, Log: l.Log,
		Now: l.Clock.Now,
	}
	if l.OnSend != nil {
		l.OnSend(h)
	}
	return h
}

// Stop is a new process of the function stop.
func (l *Line) Stop() *stop.Handler {
	h := &stop.Handler{
		Deliveries: l.Ledger, Attempts: l.Ledger, Ledger: l.Ledger, Notices: l.Ledger, Agenda: l.Agenda, Rows: l.Backlog,
		Configuration: l.Configuration, Fast: l.Fast, Slow: l.Slow, Unreadable: l.Unreadable, Line: l.Order(), Stopped: l.Stopped,
		Mailer: l.Mail.Mailer(), Log: l.Log, Now: l.Clock.Now,
	}
	if l.OnStop != nil {
		l.OnStop(h)
	}
	return h
}

// Replayer is a new process of those that replay and dismiss.
func (l *Line) Replayer() *replay.Replayer {
	return &replay.Replayer{
		Deliveries: l.Ledger, Ledger: l.Ledger, Rows: l.Backlog, Agenda: l.Agenda, Numbers: l.Backlog, Asked: l.Asked,
		Configuration: l.Configuration, Queue: l.Fast, Random: l.random, Now: l.Clock.Now,
	}
}

// Change writes a contact and does what scan does with its change: it counts on the row, then the agenda is told.
func (l *Line) Change(ctx context.Context, lane backlog.Lane, id string, data map[string]any) error {
	l.Records.Put(change.Key{Organization: lane.Organization, Entity: "contact", ID: id}, data)
	return l.Scan(ctx, lane, id)
}

// Scan counts a change of a contact, and tells the agenda when the lane is due next, if ever.
func (l *Line) Scan(ctx context.Context, lane backlog.Lane, id string) error {
	add := []backlog.Addition{{Lane: lane, Record: "contact/" + id, Changes: 1, Since: l.Clock.Now()}}
	if err := l.Backlog.Add(ctx, add); err != nil {
		return err
	}
	k := hook.Key{Organization: lane.Organization, Name: lane.Interface}
	found, err := l.Configuration.Interfaces(ctx, []hook.Key{k})
	if err != nil || !found[k].Working() {
		return err
	}
	due, ok := schedule.Earliest(found[k].Hook.Schedules, l.Clock.Now())
	if !ok {
		return nil
	}
	return l.Agenda.Put(ctx, []backlog.Entry{{Lane: lane, Purpose: backlog.Run, Due: due, Token: l.token()}})
}

// Deliver lets send work once on up to n messages of a deliveries queue, as Lambda would: what is not reported failed is
// deleted, unless the process has died.
func (l *Line) Deliver(ctx context.Context, from *queuetest.Queue, n int) (int, error) {
	received := from.Receive(n)
	return len(received), l.Work(ctx, from, received)
}

// Work lets send work once on messages that a deliveries queue has handed out.
func (l *Line) Work(ctx context.Context, from *queuetest.Queue, received []queuetest.Received) error {
	if len(received) == 0 {
		return nil
	}
	messages := make([]send.Message, len(received))
	for i, m := range received {
		messages[i] = send.Message{ID: m.ID, Receipt: m.Receipt, Body: m.Body, Receives: m.Receives, Slow: from == l.Slow}
	}
	failed, err := l.Send().Handle(ctx, messages)
	l.acknowledge(from, received, failed)
	return err
}

// End lets stop work once on up to n messages.
func (l *Line) End(ctx context.Context, n int) (int, error) {
	received := l.Stopped.Receive(n)
	return len(received), l.WorkStopped(ctx, received)
}

// WorkStopped lets stop work once on messages that its queue has handed out.
func (l *Line) WorkStopped(ctx context.Context, received []queuetest.Received) error {
	if len(received) == 0 {
		return nil
	}
	messages := make([]stop.Message, len(received))
	for i, m := range received {
		messages[i] = stop.Message{ID: m.ID, Receipt: m.Receipt, Body: m.Body, Receives: m.Receives}
	}
	failed, err := l.Stop().Handle(ctx, messages)
	l.acknowledge(l.Stopped, received, failed)
	return err
}

func (l *Line) acknowledge(q *queuetest.Queue, received []queuetest.Received, failed []string) {
	if l.Kill.Dead() {
		return
	}
	kept := map[string]bool{}
	for _, id := range failed {
		kept[id] = true
	}
	var done []string
	for _, m := range received {
		if !kept[m.ID] {
			done = append(done, m.Receipt)
		}
	}
	q.Delete(done...)
}

// Minute runs one minute of the stack: dispatch, then send and stop until nothing is visible, a few seconds apart, so
// that the clock ends at the next full minute.
func (l *Line) Minute(ctx context.Context) error {
	end := l.Clock.Now().Truncate(time.Minute).Add(time.Minute)
	if err := l.Dispatch().Run(ctx); err != nil {
		return err
	}
	for l.Clock.Now().Before(end) {
		for _, q := range []*queuetest.Queue{l.Fast, l.Slow} {
			if _, err := l.Deliver(ctx, q, 10); err != nil {
				return err
			}
		}
		if _, err := l.End(ctx, 10); err != nil {
			return err
		}
		l.Clock.Advance(2 * time.Second)
	}
	return nil
}
