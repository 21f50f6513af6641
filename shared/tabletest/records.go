package tabletest

import (
	"context"
	"sync"
	"testing"

	"crmhook/shared/change"
)

// Records is a fake of table.Records.
type Records struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by name.
	Calls map[string]int

	mu   sync.Mutex
	data map[change.Key]map[string]any
}

// NewRecords is an empty table of records.
func NewRecords(kill *Kill) *Records {
	return &Records{Kill: kill, Calls: map[string]int{}, data: map[change.Key]map[string]any{}}
}

// Put writes a record, as another program would; nil removes it.
func (r *Records) Put(key change.Key, data map[string]any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if data == nil {
		delete(r.data, key)
		return
	}
	r.data[key] = data
}

// Write, Remove and Bury are the program that writes records, as the suite wants it: to the fake, a record that is marked
// deleted is one that is gone.
func (r *Records) Write(t *testing.T, key change.Key, data map[string]any) {
	t.Helper()
	r.Put(key, data)
}

// Remove removes a record.
func (r *Records) Remove(t *testing.T, key change.Key) {
	t.Helper()
	r.Put(key, nil)
}

// Bury marks a record deleted.
func (r *Records) Bury(t *testing.T, key change.Key) {
	t.Helper()
	r.Put(key, nil)
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
		if data, ok := r.data[key]; ok {
			found[key] = data
		}
	}
	return found, nil
}
