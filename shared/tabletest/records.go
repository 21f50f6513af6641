package tabletest

import (
	"context"
	"sync"

	"crmhook/shared/change"
)

// Records is a fake of table.Records.
type Records struct {
	Kill  *Kill
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

// Data reads records; see table.Records.
func (r *Records) Data(_ context.Context, records []change.Key) (map[change.Key]map[string]any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.Kill.Alive(); err != nil {
		return nil, err
	}
	r.Calls["Data"] += (len(records) + 99) / 100
	found := map[change.Key]map[string]any{}
	for _, key := range records {
		if data, ok := r.data[key]; ok {
			found[key] = data
		}
	}
	return found, nil
}
