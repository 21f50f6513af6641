package scan

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/event"
	"crmhook/shared/hook"
	"crmhook/shared/schedule"
	"crmhook/shared/setaside"
)

// step is what one event asks for.
type step struct {
	sequence string
	change   change.Change
	// changed says that there is a change; from are its organization's interfaces then.
	changed bool
	from    *interfaces
	// source is the sequence number, or what stands for it in an event that has none.
	source string
	// aside is set when the event could not be understood.
	aside *setaside.Item
}

// batch is what is written before a checkpoint moves to its position.
type batch struct {
	steps     int
	position  string
	aside     []setaside.Item
	additions []backlog.Addition
	events    []event.Event
	// begun are events that are not made, of which a run that died may have left the beginning.
	begun     []event.Event
	firings   []firing
	directory listing
	// erased are the contacts of which the directory must keep nothing from before.
	erased  []change.Key
	touched map[backlog.Lane]hook.Interface
	// calls are the events that firings make at most.
	calls int
}

// full is the number of additions after which a batch is written, so that a page of changes that many interfaces want
// still moves the checkpoint before time is out. An event takes as many calls as eventWeight additions.
const (
	full        = 10_000
	eventWeight = 5
)

func (b batch) full() bool {
	return len(b.additions)+eventWeight*(len(b.events)+len(b.begun)+b.calls) >= full
}

// steps decodes events and finds the interfaces that the changes among them may concern.
func (r *run) steps(ctx context.Context, position string, events []change.Event) ([]step, error) {
	steps := make([]step, 0, len(events))
	var organizations []string
	changes := 0
	for i, e := range events {
		c, changed, err := change.Decode(e)
		s := step{sequence: e.Sequence, source: cmp.Or(e.Sequence, fmt.Sprintf("after-%s-%d", position, i))}
		switch {
		case err != nil:
			s.aside = setAside(e, c.Key, err, s.source)
		case changed:
			changes++
			s.change, s.changed = c, true
			organizations = append(organizations, c.Organization)
		case c.Erased:
			s.change = c // Nobody is told, but the directory must forget it.
		}
		steps = append(steps, s)
	}
	r.count(func(n *counts) { n.changes += changes })
	found, err := r.routes.of(ctx, r.Configuration, organizations)
	if err != nil {
		return nil, err
	}
	for i := range steps {
		steps[i].from = found[steps[i].change.Organization]
	}
	return steps, nil
}

// row is a record of a lane.
type row struct {
	backlog.Lane
	record string
}

// cut takes steps until the batch is full. Where a former run may have begun them, events of interfaces that want others now
// are looked for too.
func (r *run) cut(steps []step, again bool) batch {
	b := batch{touched: map[backlog.Lane]hook.Interface{}, directory: listing{}}
	at := map[row]int{}
	now := r.Now()
	for _, s := range steps {
		if b.full() {
			break
		}
		b.steps++
		b.position = cmp.Or(s.sequence, b.position)
		if s.aside != nil {
			b.aside = append(b.aside, *s.aside)
		}
		if s.changed {
			b.add(s, at, now)
			b.events = append(b.events, s.from.events(s.change, s.source)...)
			if again {
				b.begun = append(b.begun, s.from.begun(s.change, s.source)...)
			}
			b.concern(s.from.firings(s.change, s.source))
		}
		if s.changed || s.change.Erased {
			b.list(s.change)
		}
	}
	return b
}

// list notes what a change makes of the directory.
func (b *batch) list(c change.Change) {
	b.directory.change(c)
	if c.Erased && c.Entity == change.Contact {
		b.erased = append(b.erased, c.Key)
	}
}

// add counts a change for the contact webhooks that want it, changes of one record together.
func (b *batch) add(s step, at map[row]int, now time.Time) {
	for _, i := range s.from.waiting(s.change) {
		lane := i.Lane()
		b.touched[lane] = i
		this := row{lane, s.change.Key.String()}
		if n, twice := at[this]; twice {
			b.additions[n].Changes++
			continue
		}
		at[this] = len(b.additions)
		b.additions = append(b.additions, backlog.Addition{Lane: lane, Record: this.record, Changes: 1, Since: now})
	}
}

// write keeps the order that a crash asks for: nothing is forgotten that the checkpoint, which moves after all of it,
// has passed; and an agenda's entry is newer than the rows it announces, so that dispatch cannot take it away without
// having seen them.
func (r *run) write(ctx context.Context, b batch) error {
	if len(b.aside) > 0 {
		if err := r.Ledger.SetAside(ctx, b.aside); err != nil {
			return fmt.Errorf("set aside: %w", err)
		}
	}
	if err := r.sweep(ctx, b.erased, b.directory); err != nil {
		return err
	}
	if err := r.list(ctx, b.directory); err != nil {
		return err
	}
	if len(b.additions) > 0 {
		if err := r.Backlog.Add(ctx, b.additions); err != nil {
			return fmt.Errorf("add to backlog: %w", err)
		}
	}
	if entries := r.entries(b); len(entries) > 0 {
		if err := r.Agenda.Put(ctx, entries); err != nil {
			return fmt.Errorf("put on agenda: %w", err)
		}
	}
	r.count(func(n *counts) { n.added += len(b.additions); n.setAside += len(b.aside) })
	called, err := r.fire(ctx, b.firings)
	if err != nil {
		return err
	}
	return r.tell(ctx, append(b.events, called...), b.begun)
}

// tell makes events, and finishes those that were begun.
func (r *run) tell(ctx context.Context, events, begun []event.Event) error {
	if begun = except(begun, events); len(begun) > 0 {
		if err := r.Events.Finish(ctx, begun); err != nil {
			return err
		}
	}
	if len(events) == 0 {
		return nil
	}
	aside, err := r.Events.Make(ctx, events)
	if err != nil {
		return err
	}
	r.count(func(n *counts) { n.events += len(events) - len(aside); n.setAside += len(aside) })
	return nil
}

// except are the events of a list that are not among others.
func except(list, others []event.Event) []event.Event {
	if len(list) == 0 {
		return nil
	}
	among := make(map[string]bool, len(others))
	for _, e := range others {
		among[e.ID()] = true
	}
	return slices.DeleteFunc(list, func(e event.Event) bool { return among[e.ID()] })
}

// entries announces each touched lane once, at the next time of its schedules. What is not working waits without an
// entry: configure makes one when it works again. What has no automatic schedule waits until somebody asks.
func (r *run) entries(b batch) []backlog.Entry {
	now := r.Now()
	entries := make([]backlog.Entry, 0, len(b.touched))
	for lane, i := range b.touched {
		if !i.Working() {
			continue
		}
		if due, ok := schedule.Earliest(i.Hook.Schedules, now); ok {
			entries = append(entries, backlog.Entry{Lane: lane, Purpose: backlog.Run, Due: due, Token: r.Token()})
		}
	}
	return entries
}

// setAside keeps an event with its cause under its sequence number, so that reading it again keeps one.
func setAside(e change.Event, key change.Key, cause error, id string) *setaside.Item {
	item := &setaside.Item{
		Organization: cmp.Or(key.Organization, setaside.Unknown), Source: setaside.Stream,
		ID: id, At: e.At, Cause: cause.Error(), Body: body(e),
	}
	if key.Entity != "" {
		item.Subject = key.String()
	}
	return item
}

func body(e change.Event) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(struct {
		Keys any `json:"keys"`
		New  any `json:"new"`
		Old  any `json:"old"`
	}{e.Keys, e.New, e.Old})
	if err != nil {
		return fmt.Sprintf("%v", e.Keys)
	}
	kept := text.Bytes()[:min(text.Len()-1, setaside.BodyKept)]
	return strings.ToValidUTF8(string(kept), "")
}
