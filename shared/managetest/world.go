// Package managetest is the use case manage on fakes of all that it stands on, with a clock that only the test moves and a
// switch that kills the process at any write. Tests of manage, and of what answers HTTP for it, run on it.
package managetest

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"crmhook/shared/configure"
	"crmhook/shared/emit"
	"crmhook/shared/manage"
	"crmhook/shared/params"
	"crmhook/shared/paramstest"
	"crmhook/shared/queuetest"
	"crmhook/shared/replay"
	"crmhook/shared/tabletest"
)

// Organization is the one that the helpers write for.
const Organization = "demo"

// Stage is the world's.
const Stage = "dev"

// Start is when the clock begins.
func Start() time.Time { return time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC) }

// World is the use case and what it stands on.
type World struct {
	Handler       *manage.Handler
	T             testing.TB
	Kill          *tabletest.Kill
	Clock         *Clock
	Store         *paramstest.SSM
	Configuration *tabletest.Configuration
	Agenda        *tabletest.Agenda
	Backlog       *tabletest.Backlog
	Asked         *tabletest.Asked
	Ledger        *tabletest.Ledger
	Triggers      *tabletest.Triggers
	Records       *tabletest.Records
	// Outbox is the deliveries queue, Inbox that of live triggers.
	Outbox, Inbox *queuetest.Queue
	Dispatch      *Dispatch
	Log           *slog.Logger
}

// New is an empty world.
func New(t testing.TB) *World {
	t.Helper()
	kill, clock := new(tabletest.Kill), &Clock{now: Start()}
	w := &World{
		T: t, Kill: kill, Clock: clock, Store: paramstest.New(clock.Now), Configuration: tabletest.NewConfiguration(kill),
		Agenda: tabletest.NewAgenda(kill), Backlog: tabletest.NewBacklog(kill), Ledger: tabletest.NewLedger(kill),
		Triggers: tabletest.NewTriggers(kill, clock.Now), Records: tabletest.NewRecords(kill),
		Outbox: queuetest.New(kill, clock.Now), Inbox: queuetest.New(kill, clock.Now), Dispatch: &Dispatch{},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	w.Asked = tabletest.NewAsked(kill, w.Backlog, w.Ledger, w.Agenda)
	w.Handler = &manage.Handler{
		Configuration: w.configuration(), Runs: w.runs(), Ledger: w.ledger(),
		Audit: w.Ledger, Dispatch: w.Dispatch, Random: rand.Reader, Log: w.Log, Now: clock.Now,
	}
	return w
}

func (w *World) configuration() manage.Configuration {
	return manage.Configuration{
		Stage: Stage, Parameters: w.parameters(), Writer: params.Writer{Client: w.Store}, Shares: Unlimited{}, Locks: w.Configuration,
		Pages: w.Configuration, Kept: w.Configuration, States: w.Backlog, Hours: w.Ledger, Configure: Unhurried{w.Configure()},
	}
}

func (w *World) parameters() params.Parameters {
	return params.Parameters{Client: w.Store, Stage: Stage, Pace: &params.Pace{Now: time.Now, Sleep: params.Sleep}}
}

// Configure is a new process of the function configure.
func (w *World) Configure() configure.Handler {
	return configure.Handler{
		Stage: Stage, Parameters: w.parameters(), Memory: w.Configuration, Recorder: w.Configuration, Facts: w.Configuration,
		Interfaces: w.Configuration, Rules: w.Configuration, Access: w.Configuration, Agenda: w.Agenda, Now: w.Clock.Now,
		Fingerprint: func(string) (string, error) { return "fingerprint", nil }, Token: rand.Text, Log: w.Log,
	}
}

// Unhurried is configure that has all the time it needs: a deadline is of the machine's clock, and says nothing by the test's.
type Unhurried struct{ configure.Handler }

// Run works a parameter in, or all.
func (u Unhurried) Run(ctx context.Context, e configure.Event) error {
	return u.Handler.Run(context.WithoutCancel(ctx), e)
}

// Unlimited lets everybody write as often as they like.
type Unlimited struct{}

// Take is of manage.Shares.
func (Unlimited) Take(string) (time.Duration, bool) { return 0, true }

func (w *World) runs() manage.Runs {
	return manage.Runs{
		Current: w.Configuration, Asked: w.Asked, Numbers: w.Backlog, Agenda: w.Agenda, Records: w.Records, Changes: w.Backlog,
		Events: &emit.Maker{
			Deliveries: w.Ledger, Ledger: w.Ledger, Queue: w.Outbox,
			Line: &emit.Line{Places: w.Backlog, Bodies: w.Ledger, Now: w.Clock.Now}, Now: w.Clock.Now,
		},
		Replayer: &replay.Replayer{
			Deliveries: w.Ledger, Ledger: w.Ledger, Rows: w.Backlog, Agenda: w.Agenda, Numbers: w.Backlog, Asked: w.Asked,
			Configuration: w.Configuration, Queue: w.Outbox, Random: rand.Reader, Now: w.Clock.Now,
		},
		Outbox: w.Outbox, Inbox: w.Inbox, Token: rand.Text,
	}
}

func (w *World) ledger() manage.Ledger {
	return manage.Ledger{Executed: w.Ledger, Refused: w.Ledger, Delivered: w.Ledger, Tests: w.Ledger, Aside: w.Ledger, Triggered: w.Triggers}
}

// Clock is a clock that only the test moves.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is its time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pass moves it.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Dispatch counts how often dispatch was started.
type Dispatch struct {
	mu     sync.Mutex
	starts int
	broken bool
}

// Start is one start, which fails after Break.
func (d *Dispatch) Start(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.starts++
	if d.broken {
		return errors.New("the function cannot be invoked")
	}
	return nil
}

// Starts is how often it was started.
func (d *Dispatch) Starts() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.starts
}

// Break lets every further start fail.
func (d *Dispatch) Break() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = true
}
