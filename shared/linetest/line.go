// Package linetest puts the outbound line together on fakes: backlog, dispatch, queues, send and stop, with a clock, a
// receiver that does as it is told, and a switch that kills the process at any write. Tests of the use cases run on it.
package linetest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"log/slog"
	"sync"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/dispatch"
	"crmhook/shared/hook"
	"crmhook/shared/mailtest"
	"crmhook/shared/queuetest"
	"crmhook/shared/secret"
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
	for _, q := range []*queuetest.Queue{l.Fast, l.Slow} {
		q.MaxReceives, q.Redrive = MaxReceives, l.Stopped
	}
	return l
}

// Dispatch is a new process of the function dispatch.
func (l *Line) Dispatch() *dispatch.Handler {
	return &dispatch.Handler{
		Agenda: l.Agenda, Rows: l.Backlog, Marks: l.Backlog, States: l.Backlog, Executions: l.Ledger, Deliveries: l.Ledger,
		Configuration: l.Configuration, Fast: l.Fast, Slow: l.Slow, Notices: l.Stopped, Log: l.Log, Now: l.Clock.Now,
		Sleep: func(_ context.Context, d time.Duration) { l.Clock.Advance(d) }, Random: l.random,
	}
}

// Send is a new process of the function send.
func (l *Line) Send() *send.Handler {
	return &send.Handler{
		Deliveries: l.Ledger, Ledger: l.Ledger, Rows: l.Backlog, Records: l.Records, Configuration: l.Configuration, Secrets: l.Secrets,
		Webhook: l.Receiver, Stopped: l.Stopped, Fast: l.Fast, Slow: l.Slow, MaxReceives: MaxReceives, Log: l.Log, Now: l.Clock.Now,
	}
}

// Stop is a new process of the function stop.
func (l *Line) Stop() *stop.Handler {
	return &stop.Handler{
		Deliveries: l.Ledger, Attempts: l.Ledger, Ledger: l.Ledger, Notices: l.Ledger, Agenda: l.Agenda, Rows: l.Backlog,
		Configuration: l.Configuration, Fast: l.Fast, Slow: l.Slow, Unreadable: l.Unreadable, Stopped: l.Stopped, Mailer: l.Mail.Mailer(),
		Log: l.Log, Now: l.Clock.Now,
	}
}

// Change writes a contact and does what scan does with its change: it counts on the row, then the agenda is told.
func (l *Line) Change(ctx context.Context, lane backlog.Lane, id string, data map[string]any) error {
	l.Records.Put(change.Key{Organization: lane.Organization, Entity: "contact", ID: id}, data)
	return l.Scan(ctx, lane, id)
}

// Scan counts a change of a contact, and tells the agenda that the lane is due at the next full minute.
func (l *Line) Scan(ctx context.Context, lane backlog.Lane, id string) error {
	add := []backlog.Addition{{Lane: lane, Record: "contact/" + id, Changes: 1, Since: l.Clock.Now()}}
	if err := l.Backlog.Add(ctx, add); err != nil {
		return err
	}
	due := l.Clock.Now().Truncate(time.Minute).Add(time.Minute)
	token := make([]byte, 8)
	if _, err := l.random.Read(token); err != nil {
		return err
	}
	return l.Agenda.Put(ctx, []backlog.Entry{{Lane: lane, Purpose: backlog.Run, Due: due, Token: string(token)}})
}

// Deliver lets send work once on up to n messages of a deliveries queue, as Lambda would: what is not reported failed is
// deleted, unless the process has died.
func (l *Line) Deliver(ctx context.Context, from *queuetest.Queue, n int) (int, error) {
	received := from.Receive(n)
	if len(received) == 0 {
		return 0, nil
	}
	messages := make([]send.Message, len(received))
	for i, m := range received {
		messages[i] = send.Message{ID: m.ID, Receipt: m.Receipt, Body: m.Body, Receives: m.Receives, Slow: from == l.Slow}
	}
	failed, err := l.Send().Handle(ctx, messages)
	l.acknowledge(from, received, failed)
	return len(received), err
}

// End lets stop work once on up to n messages.
func (l *Line) End(ctx context.Context, n int) (int, error) {
	received := l.Stopped.Receive(n)
	if len(received) == 0 {
		return 0, nil
	}
	messages := make([]stop.Message, len(received))
	for i, m := range received {
		messages[i] = stop.Message{ID: m.ID, Receipt: m.Receipt, Body: m.Body, Receives: m.Receives}
	}
	failed, err := l.Stop().Handle(ctx, messages)
	l.acknowledge(l.Stopped, received, failed)
	return len(received), err
}

func (l *Line) acknowledge(q *queuetest.Queue, received []queuetest.Received, failed []string) {
	if l.Kill.Dead() {
		return
	}
	kept := map[string]bool{}
	for _, id := range failed {
		kept[id] = true
	}
	for _, m := range received {
		if !kept[m.ID] {
			q.Delete(m.Receipt)
		}
	}
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

// Clock is a clock that stands until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// random is a reproducible sequence that never repeats.
type random struct {
	mu sync.Mutex
	n  uint64
}

func (r *random) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	var seed [8]byte
	binary.BigEndian.PutUint64(seed[:], r.n)
	sum := sha256.Sum256(seed[:])
	return copy(p, sum[:]), nil
}

// Configuration is what configure would have written.
type Configuration struct {
	mu         sync.Mutex
	interfaces map[hook.Key]hook.Interface
	settings   map[string]string
	Calls      int
}

// NewConfiguration is empty.
func NewConfiguration() *Configuration {
	return &Configuration{interfaces: map[hook.Key]hook.Interface{}, settings: map[string]string{}}
}

// Set writes an interface; Remove takes it away.
func (c *Configuration) Set(i hook.Interface) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.interfaces[i.Key()] = i
}

// Remove takes an interface away.
func (c *Configuration) Remove(k hook.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.interfaces, k)
}

// SetSetting writes a setting of the stage.
func (c *Configuration) SetSetting(name, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settings[name] = value
}

// Interfaces reads interfaces; see table.Configuration.
func (c *Configuration) Interfaces(_ context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Calls += (len(keys) + 99) / 100
	found := map[hook.Key]hook.Interface{}
	for _, k := range keys {
		if i, ok := c.interfaces[k]; ok {
			found[k] = i
		}
	}
	return found, nil
}

// Setting reads a setting; see table.Configuration.
func (c *Configuration) Setting(_ context.Context, name string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.settings[name], nil
}

// Secrets are what SSM would answer; Fault is why it does not.
type Secrets struct {
	Values map[secret.Name]secret.Secret
	Fault  error
}

// Get reads secrets; see params.Secrets.
func (s *Secrets) Get(_ context.Context, names []secret.Name) (map[secret.Name]secret.Secret, error) {
	found := map[secret.Name]secret.Secret{}
	for _, n := range names {
		if v, ok := s.Values[n]; ok && s.Fault == nil {
			found[n] = v
		}
	}
	return found, s.Fault
}

// Request is one request that the receiver got.
type Request struct {
	At       time.Time
	Delivery string
	delivery.Request
}

// Receiver answers requests as Answer says, and remembers them.
type Receiver struct {
	kill *tabletest.Kill
	now  func() time.Time

	mu       sync.Mutex
	requests []Request
	// Answer says what comes of a request; nil: 200. It may change records, so that a change happens while a request is
	// under way.
	Answer func(r Request) delivery.Attempt
}

// NewReceiver takes everything.
func NewReceiver(kill *tabletest.Kill, now func() time.Time) *Receiver {
	return &Receiver{kill: kill, now: now}
}

// Do makes one request; see webhook.Client. A sender that dies at it has perhaps been heard.
func (r *Receiver) Do(_ context.Context, request delivery.Request, id string) delivery.Attempt {
	got := Request{At: r.now(), Delivery: id, Request: request}
	attempt := delivery.Attempt{At: r.now(), Status: 200, Duration: time.Millisecond}
	if err := r.kill.Write(func() {
		r.mu.Lock()
		r.requests = append(r.requests, got)
		answer := r.Answer
		r.mu.Unlock()
		if answer != nil {
			attempt = answer(got)
			attempt.At = got.At
		}
	}); err != nil {
		attempt = delivery.Attempt{At: r.now(), Error: delivery.Connect}
	}
	return attempt
}

// Requests are all requests so far.
func (r *Receiver) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Request(nil), r.requests...)
}
