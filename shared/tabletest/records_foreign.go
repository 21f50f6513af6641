package tabletest

import (
	"testing"

	"crmhook/shared/change"
	"crmhook/shared/record"
)

// Put writes a record, as another program would; nil removes it.
func (r *Records) Put(key change.Key, data map[string]any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if data == nil {
		delete(r.kept, key)
		return
	}
	r.kept[key] = recordItem{Record: record.Record{Key: key, Data: data}}
}

// CRM is another program that writes the fake's records, as the suites want it.
func (r *Records) CRM() CRM { return foreign{r} }

type foreign struct{ *Records }

func (f foreign) Write(t *testing.T, key change.Key, data map[string]any) {
	t.Helper()
	f.Put(key, data)
}

func (f foreign) Remove(t *testing.T, key change.Key) {
	t.Helper()
	f.Put(key, nil)
}

func (f foreign) Bury(t *testing.T, key change.Key) {
	t.Helper()
	f.change(key, func(item *recordItem) { item.Deleted = true })
}

func (f foreign) Edit(t *testing.T, key change.Key, data map[string]any) {
	t.Helper()
	f.change(key, func(item *recordItem) { item.Data = data })
}

func (f foreign) Spoil(t *testing.T, key change.Key) {
	t.Helper()
	f.change(key, func(item *recordItem) { item.Data, item.spoilt = nil, true })
}

func (f foreign) Note(t *testing.T, key change.Key, name, value string) {
	t.Helper()
	f.change(key, func(item *recordItem) {
		notes := map[string]string{name: value}
		for other, kept := range item.notes {
			if other != name {
				notes[other] = kept
			}
		}
		item.notes = notes
	})
}

func (f foreign) Noted(t *testing.T, key change.Key, name string) string {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.kept[key].notes[name]
}

func (f foreign) change(key change.Key, how func(*recordItem)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	item := f.kept[key]
	item.Key = key
	how(&item)
	f.kept[key] = item
}
