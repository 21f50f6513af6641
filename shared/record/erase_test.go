package record_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/record"
)

// TestErase: nothing stays but the key, in a version that rises; a write makes the record anew, and another delete changes
// nothing.
func TestErase(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	key := change.Key{Organization: "demo", Entity: change.Contact, ID: "4711"}
	for _, version := range []int64{0, 7, now.UnixMilli() - 1, now.UnixMilli() + 5} {
		is := record.Record{
			Key: key, Data: map[string]any{"name": "x"}, Version: version, States: map[string]record.State{"Shopify-3": {At: now}}, Read: "read",
		}
		got := is.Erase("api", now)
		want := record.Record{
			Key: key, Origin: "api", UpdatedAt: now, Version: max(version+1, now.UnixMilli()), Deleted: true, Erased: true, Expires: now.Add(record.MarkKept),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("version %d (-want +got):\n%s", version, diff)
		}
		if got.Exists() {
			t.Error("it exists")
		}
		if _, changed := got.With(nil, "api", now); changed {
			t.Error("a delete changes it")
		}
		anew, changed := got.With(map[string]any{}, "api", now)
		if !changed || !anew.Exists() || anew.Erased || anew.Version != got.Version+1 {
			t.Errorf("made anew it is %+v", anew)
		}
	}
}
