package crm_test

import (
	"context"
	"testing"

	"crmhook/shared/crm"
	"crmhook/shared/directory"
	"crmhook/shared/record"
)

// erase erases a contact as package erase does, its directory too.
func (w *world) erase(t *testing.T, id string) {
	t.Helper()
	if _, _, err := w.records.Erase(t.Context(), record.Record{Key: contactKey(id)}.Erase("api", start)); err != nil {
		t.Fatal(err)
	}
	entries, _, err := w.directory.Of(t.Context(), contactKey(id))
	if err == nil {
		err = w.directory.Remove(t.Context(), entries)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// announcing erases the contact between the announcement of a write and the write, once.
type announcing struct {
	crm.Directory
	after func()
}

func (a *announcing) Add(ctx context.Context, entries []directory.Entry) error {
	after := a.after
	a.after = func() {}
	after()
	return a.Directory.Add(ctx, entries)
}

// A write that an erasure overtakes leaves nothing in the directory, unless it makes the contact anew.
func TestAnErasureOvertakesAWrite(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		apply func(now record.Record) (map[string]any, error)
		left  int
	}{
		"an update": {func(now record.Record) (map[string]any, error) {
			if !now.Exists() {
				return nil, nil
			}
			return map[string]any{"email": "new@example.com"}, nil
		}, 0},
		"a put": {func(record.Record) (map[string]any, error) { return map[string]any{"email": "new@example.com"}, nil }, 1},
	} {
		w := newWorld()
		w.one(t, set(contactKey("C1"), map[string]any{"email": "old@example.com"}))
		w.CRM.Directory = &announcing{w.directory, func() { w.erase(t, "C1") }}
		w.one(t, crm.Change{Key: contactKey("C1"), Origin: "api", Apply: tt.apply})
		if left := w.directory.All(); len(left) != tt.left {
			t.Errorf("%s: the directory has %v", name, left)
		}
		if is := w.records.All()[contactKey("C1")]; is.Exists() != (tt.left > 0) || is.Erased == (tt.left > 0) {
			t.Errorf("%s: record %+v", name, is)
		}
	}
}

// A number that was erased is not made again, nor found.
func TestAnErasedNumberIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.erase(t, "C1")
	n := crm.NewContact{Organization: "demo", Number: "C1", Data: map[string]any{"email": "new@example.com"}, Origin: "api"}
	if _, created, err := w.Create(t.Context(), n); created || err != nil {
		t.Errorf("created %v, error %v", created, err)
	}
	if left := w.directory.All(); len(left) != 0 {
		t.Errorf("the directory has %v", left)
	}
	n.Number = "C2"
	if _, created, err := w.Create(t.Context(), n); !created || err != nil {
		t.Errorf("created %v, error %v", created, err)
	}
	if _, created, err := w.Create(t.Context(), n); created || err != nil || len(w.directory.All()) != 1 {
		t.Errorf("created %v, error %v, the directory has %v", created, err, w.directory.All())
	}
}
