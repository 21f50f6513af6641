package tabletest

import (
	"context"
	"slices"
	"sort"
	"sync"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/job"
)

// Backlog is a fake of table.Backlog.
type Backlog struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by name; Units the write units.
	Calls map[string]int
	Units int

	mu      sync.Mutex
	rows    map[backlog.Ref]backlog.Row
	states  map[backlog.Lane]backlog.State
	places  map[spot]backlog.Place
	jobs    map[task]job.Job
	numbers map[pieceOf][]string
}

// NewBacklog is an empty backlog.
func NewBacklog(kill *Kill) *Backlog {
	return &Backlog{
		Kill: kill, Calls: map[string]int{}, rows: map[backlog.Ref]backlog.Row{}, states: map[backlog.Lane]backlog.State{},
		places: map[spot]backlog.Place{}, jobs: map[task]job.Job{}, numbers: map[pieceOf][]string{},
	}
}

// All lists the rows, by lane and record.
func (b *Backlog) All() []backlog.Row {
	b.mu.Lock()
	defer b.mu.Unlock()
	rows := make([]backlog.Row, 0, len(b.rows))
	for _, row := range b.rows {
		rows = append(rows, row)
	}
	sort.Slice(rows, func(i, j int) bool {
		return rows[i].Lane.String()+rows[i].Record < rows[j].Lane.String()+rows[j].Record
	})
	return rows
}

func (b *Backlog) called(name string, items, batch int) {
	b.Calls[name] += calls(items, batch)
}

func (b *Backlog) write(write func()) error {
	b.Units++
	return b.Kill.Write(write)
}

// Add counts changes; see table.Backlog.
func (b *Backlog) Add(_ context.Context, additions []backlog.Addition) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := distinct(additions, func(a backlog.Addition) backlog.Ref { return backlog.Ref{Lane: a.Lane, Record: a.Record} }); err != nil {
		return err
	}
	b.called("Add", len(additions), 25)
	for _, a := range additions {
		ref := backlog.Ref{Lane: a.Lane, Record: a.Record}
		if err := b.write(func() {
			row, there := b.rows[ref]
			if !there {
				row = backlog.Row{Lane: a.Lane, Record: a.Record, Since: kept(a.Since)}
			}
			row.Changes += a.Changes
			b.rows[ref] = row
		}); err != nil {
			return err
		}
	}
	return nil
}

// Rows reads on from the cursor; see table.Backlog.
func (b *Backlog) Rows(_ context.Context, lane backlog.Lane, from backlog.Cursor, limit int) ([]backlog.Row, backlog.Cursor, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.Kill.Alive(); err != nil {
		return nil, from, false, err
	}
	b.called("Rows", 1, 1)
	var rows []backlog.Row
	for _, row := range b.rows {
		if row.Lane == lane && backlog.Shard(row.Record) == from.Shard && row.Record > from.After {
			rows = append(rows, row)
		}
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i].Record < rows[j].Record })
	// DynamoDB ends a page at its limit without looking whether anything follows.
	if len(rows) >= limit {
		return rows[:limit], backlog.Cursor{Shard: from.Shard, After: rows[limit-1].Record}, false, nil
	}
	if from.Shard+1 < backlog.Shards {
		return rows, backlog.Cursor{Shard: from.Shard + 1}, false, nil
	}
	return rows, backlog.Cursor{}, true, nil
}

// Held reads rows by name; see table.Backlog.
func (b *Backlog) Held(_ context.Context, refs []backlog.Ref) ([]backlog.Row, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.Kill.Alive(); err != nil {
		return nil, err
	}
	if err := distinct(refs, same); err != nil {
		return nil, err
	}
	b.called("Held", len(refs), 100)
	var rows []backlog.Row
	for _, ref := range refs {
		if row, ok := b.rows[ref]; ok {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// Mark gives rows to deliveries; see table.Backlog.
func (b *Backlog) Mark(_ context.Context, marks []backlog.Mark) ([]bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := distinct(marks, func(m backlog.Mark) backlog.Ref { return backlog.Ref{Lane: m.Row.Lane, Record: m.Row.Record} }); err != nil {
		return nil, err
	}
	b.called("Mark", len(marks), 25)
	done := make([]bool, len(marks))
	for i, m := range marks {
		ref := backlog.Ref{Lane: m.Row.Lane, Record: m.Row.Record}
		if err := b.write(func() {
			row, there := b.rows[ref]
			if done[i] = there && row.Delivery == m.Row.Delivery; done[i] {
				row.Delivery, row.Lease = m.Delivery, kept(m.Lease)
				b.rows[ref] = row
			}
		}); err != nil {
			return done, err
		}
	}
	return done, nil
}

// Settle ends what deliveries hold; see table.Backlog.
func (b *Backlog) Settle(_ context.Context, outcomes []backlog.Outcome) ([]bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := distinct(outcomes, func(o backlog.Outcome) backlog.Ref { return backlog.Ref{Lane: o.Lane, Record: o.Record} }); err != nil {
		return nil, err
	}
	b.called("Settle", len(outcomes), 25)
	released := make([]bool, len(outcomes))
	for i, o := range outcomes {
		ref := backlog.Ref{Lane: o.Lane, Record: o.Record}
		if err := b.write(func() {
			row, there := b.rows[ref]
			if !there || row.Delivery != o.Delivery {
				return
			}
			if o.Done && row.Changes == o.Changes {
				delete(b.rows, ref)
				return
			}
			row.Delivery, row.Lease, released[i] = "", time.Time{}, true
			b.rows[ref] = row
		}); err != nil {
			return released, err
		}
	}
	return released, nil
}

// Sweep removes rows of a lane whose interface is gone; see table.Backlog.
func (b *Backlog) Sweep(_ context.Context, lane backlog.Lane, limit int) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.called("Sweep", 1, 1)
	for ref := range b.rows {
		if ref.Lane != lane {
			continue
		}
		if limit--; limit < 0 {
			return true, nil
		}
		if err := b.write(func() { delete(b.rows, ref) }); err != nil {
			return true, err
		}
	}
	for of := range b.numbers {
		if of.Lane != lane {
			continue
		}
		if err := b.write(func() { delete(b.numbers, of) }); err != nil {
			return true, err
		}
	}
	return false, b.write(func() { delete(b.states, lane) })
}

// States reads what dispatch remembers of lanes; see table.Backlog.
func (b *Backlog) States(_ context.Context, lanes []backlog.Lane) (map[backlog.Lane]backlog.State, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.Kill.Alive(); err != nil {
		return nil, err
	}
	if err := distinct(lanes, same); err != nil {
		return nil, err
	}
	b.called("States", len(lanes), 100)
	states := map[backlog.Lane]backlog.State{}
	for _, lane := range lanes {
		state, ok := b.states[lane]
		if !ok {
			state = backlog.State{Lane: lane}
		}
		state.Running = slices.Clone(state.Running)
		states[lane] = state
	}
	return states, nil
}

// Save writes a lane's state; see table.Backlog.
func (b *Backlog) Save(_ context.Context, state backlog.State) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.called("Save", 1, 1)
	saved := false
	err := b.write(func() {
		if b.states[state.Lane].Revision == state.Revision {
			saved = true
			state.Revision++
			state.Running = slices.Clone(state.Running)
			b.states[state.Lane] = state
		}
	})
	return saved, err
}
