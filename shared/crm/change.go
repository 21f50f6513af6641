package crm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"crmhook/shared/change"
	"crmhook/shared/directory"
	"crmhook/shared/document"
	"crmhook/shared/reach"
	"crmhook/shared/record"
)

// Change is a change to one record.
type Change struct {
	Key change.Key
	// Origin is whose change it is.
	Origin string
	// Source and State order what a platform says of the record: an older state changes nothing. Without a Source changes
	// are not ordered.
	Source string
	State  record.State
	// Apply gives the data that the record is to have; nil deletes it. It gets the record with a copy of its data (nil where
	// it does not exist), which is its own to change, and is called again where somebody else was faster. Its error ends
	// this change alone.
	Apply func(now record.Record) (map[string]any, error)
}

// Outcome is what a change did.
type Outcome int

// The outcomes. Older and Unchanged have written no new version.
const (
	Unchanged Outcome = iota
	Older
	Created
	Changed
	Deleted
)

// Result is the record after a change.
type Result struct {
	Record  record.Record
	Outcome Outcome
	// Err is why the change was not made: Apply's error, record.Fits's, ErrBusy or ErrUnreadable.
	Err error
}

// Change makes changes side by side, each on the condition that nobody wrote the record in between, and begins those again
// in which somebody was faster. Changes of one record are made one after another. A contact's new entries are in the
// directory before the contact has what they say, so that whoever sees the contact can find it. The error is the store's:
// what was done then is not known, and all may be repeated.
func (c *CRM) Change(ctx context.Context, changes []Change) ([]Result, error) {
	results, announced := make([]Result, len(changes)), announcements{}
	open := make([]int, len(changes))
	for i := range open {
		open[i] = i
	}
	for try := 0; len(open) > 0; {
		turn, later := distinct(changes, open)
		lost, err := c.turn(ctx, changes, turn, results, announced)
		if err != nil {
			return nil, err
		}
		if len(lost) > 0 {
			try++
			if err := c.Pause(ctx, try); err != nil {
				return nil, err
			}
		}
		if try == tries {
			for _, i := range lost {
				results[i].Err = ErrBusy
			}
			lost, try = nil, 0
		}
		open = append(lost, later...)
	}
	return results, nil
}

// distinct takes the first change of each record.
func distinct(changes []Change, open []int) (turn, later []int) {
	seen := map[change.Key]bool{}
	for _, i := range open {
		if seen[changes[i].Key] {
			later = append(later, i)
			continue
		}
		seen[changes[i].Key] = true
		turn = append(turn, i)
	}
	return turn, later
}

// turn makes changes of distinct records, in one read and one write of all, and returns those in which somebody was faster.
func (c *CRM) turn(ctx context.Context, changes []Change, turn []int, results []Result, announced announcements) (lost []int, err error) {
	keys := make([]change.Key, len(turn))
	for n, i := range turn {
		keys[n] = changes[i].Key
	}
	found, err := c.Records.Records(ctx, keys)
	spoilt := unreadable(err)
	if err != nil && len(spoilt) == 0 {
		return nil, fmt.Errorf("read records: %w", err)
	}
	var writes []record.Write
	var written []int
	var stale []directory.Entry
	made := announcements{}
	for _, i := range turn {
		was, there := found[changes[i].Key]
		if slices.Contains(spoilt, changes[i].Key) {
			results[i] = Result{Record: record.Record{Key: changes[i].Key}, Err: ErrUnreadable}
			continue
		}
		if !there {
			was = record.Record{Key: changes[i].Key}
		}
		if was.Erased {
			stale = append(stale, announced[i]...)
		}
		write, needed := c.plan(changes[i], was, &results[i])
		if !needed {
			continue
		}
		writes, written = append(writes, write), append(written, i)
		made[i] = entriesOf(write)
	}
	if err := c.withdraw(ctx, stale); err != nil || len(writes) == 0 {
		return nil, err
	}
	if err := c.announce(ctx, made.all()); err != nil {
		return nil, err
	}
	done, err := c.Records.Write(ctx, writes)
	if err != nil {
		return nil, fmt.Errorf("write records: %w", err)
	}
	for n, i := range written {
		if !done[n] {
			lost = append(lost, i)
			announced[i] = append(announced[i], made[i]...)
		}
	}
	return lost, nil
}

// announcements are the entries that were added for changes, by the changes' numbers.
type announcements map[int][]directory.Entry

func (a announcements) all() []directory.Entry {
	return slices.Concat(slices.Collect(maps.Values(a))...)
}

// unreadable are the records that the store could not read, where that was all that went wrong.
func unreadable(err error) []change.Key {
	var of interface{ Unreadable() []change.Key }
	if errors.As(err, &of) {
		return of.Unreadable()
	}
	return nil
}

// plan says what a change makes of a record, and whether anything is to be written.
func (c *CRM) plan(of Change, was record.Record, result *Result) (record.Write, bool) {
	*result = Result{Record: was}
	if of.Source != "" && was.Older(of.Source, of.State) {
		result.Outcome = Older
		return record.Write{}, false
	}
	given := was
	given.Data = nil
	if was.Exists() {
		given.Data, _ = document.Clone(was.Data).(map[string]any)
	}
	data, err := of.Apply(given)
	if err == nil && data != nil {
		err = record.Fits(data)
	}
	if err != nil {
		result.Err = err
		return record.Write{}, false
	}
	now := c.Now()
	next, changed := was.With(data, of.Origin, now)
	ordered := of.Source != "" && !was.Has(of.Source, of.State)
	if ordered {
		next = next.Took(of.Source, of.State)
	}
	if ordered && !next.Exists() && !next.Deleted {
		next = next.Marked(of.Origin, now)
	}
	result.Record = next
	if changed {
		result.Outcome = outcome(was, next)
	}
	return record.Write{Was: was, Now: next}, changed || ordered
}

func outcome(was, next record.Record) Outcome {
	switch {
	case next.Deleted:
		return Deleted
	case !was.Exists():
		return Created
	}
	return Changed
}

func entriesOf(write record.Write) []directory.Entry {
	if write.Now.Entity != change.Contact || !write.Now.Exists() {
		return nil
	}
	before := write.Was.Data
	if !write.Was.Exists() {
		before = nil
	}
	added, _ := reach.Diff(write.Now.Organization, write.Now.ID, before, write.Now.Data)
	return added
}

func (c *CRM) announce(ctx context.Context, entries []directory.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if err := c.Directory.Add(ctx, entries); err != nil {
		return fmt.Errorf("add to directory: %w", err)
	}
	return nil
}

// withdraw takes back what was announced of contacts that were erased before they could be written: the directory must not
// know them by it.
func (c *CRM) withdraw(ctx context.Context, entries []directory.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if err := c.Directory.Remove(ctx, entries); err != nil {
		return fmt.Errorf("remove from directory: %w", err)
	}
	return nil
}
