package tabletest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"crmhook/shared/attribute"
	"crmhook/shared/change"
	"crmhook/shared/document"
	"crmhook/shared/record"
)

// Records is a fake of table.Records.
type Records struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by name.
	Calls map[string]int

	mu   sync.Mutex
	kept map[change.Key]recordItem
}

// recordItem is one item of the table; what others keep in it stays.
type recordItem struct {
	record.Record
	// spoilt data is no map.
	spoilt bool
	notes  map[string]string
}

// NewRecords is an empty table of records.
func NewRecords(kill *Kill) *Records {
	return &Records{Kill: kill, Calls: map[string]int{}, kept: map[change.Key]recordItem{}}
}

// All is every record by its key, the deleted ones with their mark.
func (r *Records) All() map[change.Key]record.Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make(map[change.Key]record.Record, len(r.kept))
	for key, item := range r.kept {
		all[key] = item.Record
	}
	return all
}

// Data reads records; see table.Records.
func (r *Records) Data(_ context.Context, records []change.Key) (map[change.Key]map[string]any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.Kill.Alive(); err != nil {
		return nil, err
	}
	if err := distinct(records, same); err != nil {
		return nil, err
	}
	r.Calls["Data"] += calls(len(records), 100)
	found := map[change.Key]map[string]any{}
	for _, key := range records {
		if item, ok := r.kept[key]; ok && item.Exists() {
			found[key] = item.Data
		}
	}
	return found, nil
}

// Records reads records with what is kept beside their data; see table.Records.
func (r *Records) Records(_ context.Context, keys []change.Key) (map[change.Key]record.Record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.Kill.Alive(); err != nil {
		return nil, err
	}
	if err := distinct(keys, same); err != nil {
		return nil, err
	}
	r.Calls["Records"] += calls(len(keys), 100)
	found := map[change.Key]record.Record{}
	var spoilt unreadable
	for _, key := range keys {
		switch item, ok := r.kept[key]; {
		case ok && item.spoilt:
			spoilt = append(spoilt, key)
		case ok:
			found[key] = item.read()
		}
	}
	if spoilt != nil {
		return found, spoilt
	}
	return found, nil
}

// unreadable is the error of records whose data is no map.
type unreadable []change.Key

func (u unreadable) Error() string {
	return fmt.Sprintf("read records: %s: data must be a map with the record", u[0])
}

func (u unreadable) Unreadable() []change.Key { return u }

// read is the record as a reader gets it: its own copy, which remembers what it was.
func (i recordItem) read() record.Record {
	is := i.Record
	is.Data, _ = document.Clone(is.Data).(map[string]any)
	is.States, is.Read = maps.Clone(is.States), i.Record
	return is
}

// Write writes records on the condition that they are as they were read; see table.Records.
func (r *Records) Write(_ context.Context, writes []record.Write) ([]bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := distinct(writes, func(w record.Write) change.Key { return w.Now.Key }); err != nil {
		return nil, err
	}
	next := make([]record.Record, len(writes))
	for i, w := range writes {
		is, err := keptRecord(w.Now)
		if err != nil {
			return nil, fmt.Errorf("write records: %s: %w", w.Now.Key, err)
		}
		next[i] = is
	}
	r.Calls["Write"] += calls(len(writes), 25)
	done := make([]bool, len(writes))
	for i, w := range writes {
		if err := r.Kill.Write(func() {
			if done[i] = r.unchanged(w.Was); done[i] {
				r.kept[w.Now.Key] = recordItem{Record: next[i], notes: r.kept[w.Now.Key].notes}
			}
		}); err != nil {
			return done, err
		}
	}
	return done, nil
}

// unchanged reports whether a record still is what was read.
func (r *Records) unchanged(was record.Record) bool {
	is, there := r.kept[was.Key]
	read, known := was.Read.(record.Record)
	if !known || !there {
		return known == there
	}
	return !is.spoilt && is.Version == read.Version && (is.Data == nil) == (read.Data == nil) && document.Same(is.Data, read.Data)
}

// keptRecord is a record as the table keeps it; the error says what it cannot keep.
func keptRecord(is record.Record) (record.Record, error) {
	data, err := keptData(is.Data)
	if err != nil {
		return is, err
	}
	is.Data, is.UpdatedAt, is.Expires, is.Read = data, kept(is.UpdatedAt), keptExpiry(is.Expires), nil
	states := make(map[string]record.State, len(is.States))
	for source, state := range is.States {
		states[source] = record.State{At: kept(state.At), Door: kept(state.Door)}
	}
	if is.States = states; len(states) == 0 {
		is.States = nil
	}
	return is, nil
}

// keptData is data after its way through DynamoDB's types.
func keptData(data map[string]any) (map[string]any, error) {
	if data == nil {
		return nil, nil
	}
	values, err := attribute.Values(data)
	if err != nil {
		return nil, err
	}
	return attribute.Data(values)
}

// Page reads records in order of their ids; see table.Records.
func (r *Records) Page(_ context.Context, organization, entity, after string, limit int) ([]record.Record, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.Kill.Alive(); err != nil {
		return nil, false, err
	}
	r.Calls["Page"]++
	var page []record.Record
	for key, item := range r.kept {
		if key.Organization == organization && key.Entity == entity && key.ID > after && item.Exists() && !item.spoilt {
			page = append(page, item.read())
		}
	}
	slices.SortFunc(page, func(a, b record.Record) int { return strings.Compare(a.ID, b.ID) })
	if len(page) > limit {
		return page[:limit], true, nil
	}
	return page, false, nil
}
