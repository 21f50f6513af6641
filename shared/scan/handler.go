// Package scan is what the function scan does: it reads the records' stream from its checkpoints, puts each changed
// contact on the backlog of the interfaces that want it, makes the events that others are told, fires rules, and moves a
// checkpoint only after every write was accepted. So a crash at any point loses nothing; what is read twice costs at most
// one more delivery, makes no event a second one and counts for no limit twice. It must not know where any of it is kept.
package scan

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/event"
	"crmhook/shared/hook"
	"crmhook/shared/rule"
	"crmhook/shared/setaside"
	"crmhook/shared/shard"
)

// Shards lists the shards of the stream.
type Shards interface {
	Shards(ctx context.Context) ([]shard.Shard, error)
}

// Pages reads a shard: an iterator at the oldest event or after a position, then page by page. A position that has left
// the stream is shard.ErrTrimmed, an iterator that is too old shard.ErrExpired.
type Pages interface {
	Iterator(ctx context.Context, id, after string) (string, error)
	Read(ctx context.Context, iterator string) (shard.Page, error)
}

// Checkpoints keeps how far each shard has been read. Save is shard.ErrLost when the checkpoint's owner no longer holds
// the lease.
type Checkpoints interface {
	Checkpoints(ctx context.Context, stream string) (map[string]shard.Checkpoint, error)
	Save(ctx context.Context, stream string, checkpoint shard.Checkpoint, now time.Time) error
}

// Leases sees to it that one run at a time works on a shard. Acquire is shard.ErrHeld when another does, or has since the
// checkpoint was read.
type Leases interface {
	Acquire(ctx context.Context, stream string, known shard.Checkpoint, now time.Time) error
	Release(ctx context.Context, stream string, checkpoint shard.Checkpoint) error
}

// Configuration gives the interfaces and rules of an organization, and a stamp that is another whenever one of them has
// changed; an organization that has neither has none.
type Configuration interface {
	Stamps(ctx context.Context, organizations []string) (map[string]string, error)
	Routes(ctx context.Context, organization string) ([]hook.Interface, []rule.Rule, error)
}

// Settings gives a setting of the stage, "" when it is not set.
type Settings interface {
	Setting(ctx context.Context, name string) (string, error)
}

// Backlog counts changes of records for lanes.
type Backlog interface {
	Add(ctx context.Context, additions []backlog.Addition) error
}

// Agenda keeps what is due when.
type Agenda interface {
	Put(ctx context.Context, entries []backlog.Entry) error
}

// Ledger keeps what could not be understood; setting the same item aside twice keeps one.
type Ledger interface {
	SetAside(ctx context.Context, items []setaside.Item) error
}

// Events makes the deliveries of events, the same ones when it is asked again. What no delivery can carry it sets aside and
// returns.
type Events interface {
	Make(ctx context.Context, events []event.Event) ([]setaside.Item, error)
	// Finish sends on those that were begun and never sent, and makes none.
	Finish(ctx context.Context, events []event.Event) error
}

// Handler runs each minute. What it keeps between runs of a warm process is only what saves calls.
type Handler struct {
	// Stream is the stream's label, the name of its checkpoints.
	Stream        string
	Shards        Shards
	Pages         Pages
	Checkpoints   Checkpoints
	Leases        Leases
	Configuration Configuration
	Settings      Settings
	Backlog       Backlog
	Agenda        Agenda
	Events        Events
	Records       Records
	Limits        Limits
	Directory     Directory
	Ledger        Ledger

	Now func() time.Time
	// Token makes a text that was never made before: the name of a run, and of each writing of the agenda.
	Token func() string
	Log   *slog.Logger

	routes routes
	places places
}

// margin is how long before its deadline a run begins no new page: time enough to write one that has begun.
const margin = 5 * time.Second

// longest is how long a run without a deadline may take.
const longest = time.Minute

// readAtOnce bounds the shards, and the organizations, that are read at once.
const readAtOnce = 8

// Run reads all shards until it has caught up, and looks on where the setting lingerSeconds asks for it. A shard that
// fails does not hold up the others and is read again by the next run; the error names every failure.
func (h *Handler) Run(ctx context.Context) error {
	start := h.Now()
	left := longest
	if deadline, ok := ctx.Deadline(); ok {
		left = time.Until(deadline)
	}
	r := &run{
		Handler: h, owner: h.Token(), start: start, end: start.Add(left - margin), leased: start.Add(left),
		checkpoints: map[string]shard.Checkpoint{}, idle: map[string]reason{}, slots: make(chan struct{}, readAtOnce),
	}
	err := r.load(ctx)
	if err == nil {
		err = r.catchUp(ctx, patience)
		err = errors.Join(err, r.linger(ctx))
		err = errors.Join(err, r.release(ctx))
	}
	r.report(ctx)
	return err
}

// run is one run's state.
type run struct {
	*Handler
	owner              string
	start, end, leased time.Time
	slots              chan struct{}

	mu          sync.Mutex
	shards      []shard.Shard
	checkpoints map[string]shard.Checkpoint
	// idle are the shards that this run leaves alone.
	idle map[string]reason
	// ended is set when a shard was finished whose children are not listed yet.
	ended  bool
	counts counts
}

// reason is why a run leaves a shard alone.
type reason int

const (
	held reason = iota + 1
	failed
)

// counts is what the run's one log line tells.
type counts struct {
	pages, records, changes, added, events, fired, setAside, held, trimmed int
}

func (r *run) count(add func(*counts)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	add(&r.counts)
}

// report warns where something needs people: what was set aside waits in the ledger, what was trimmed is gone.
func (r *run) report(ctx context.Context) {
	level := slog.LevelInfo
	if r.counts.setAside > 0 || r.counts.trimmed > 0 {
		level = slog.LevelWarn
	}
	r.Log.Log(ctx, level, "scanned",
		"shards", len(r.shards), "pages", r.counts.pages, "records", r.counts.records, "changes", r.counts.changes,
		"added", r.counts.added, "events", r.counts.events, "fired", r.counts.fired, "set_aside", r.counts.setAside, "held", r.counts.held, "trimmed", r.counts.trimmed,
		"duration_ms", r.Now().Sub(r.start).Milliseconds())
}

func (r *run) outOfTime() bool { return !r.Now().Before(r.end) }
