package scan_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/streamtest"
)

// What other programs write and remove can be found, and is not found any more; several states of one batch end in the last.
func TestTheDirectoryFollowsOtherPrograms(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.person("1", map[string]any{"email": "a@example.com", "individualContact": map[string]any{"phoneNumber1": "0600000000", "countryCode": "FR"}})
	w.person("2", map[string]any{"email": "b@example.com"})
	w.person("2", map[string]any{"email": "c@example.com"})
	w.person("2", map[string]any{"email": "b@example.com", "identifiers": []any{map[string]any{"sourceId": "3", "identifier": "77"}}})
	w.stream.Put(streamtest.First, record("acme#order", "1", "x"))
	w.scan(t)
	w.lists(t, "1 email a@example.com", "1 phone +33600000000", "2 email b@example.com", "2 identifier 3:77")
	w.person("1", map[string]any{"email": "A@EXAMPLE.com"})
	w.person("2", map[string]any{"email": "d@example.com"})
	w.scan(t)
	w.lists(t, "1 email a@example.com", "2 email d@example.com")
	w.stream.Remove(streamtest.First, "acme#contact", "1")
	w.scan(t)
	w.lists(t, "1 email a@example.com", "2 email d@example.com") // What is deleted is known for as long as its mark.
}

// Wherever scan dies, its next run leaves the directory in step.
func TestTheDirectoryAfterACrash(t *testing.T) {
	t.Parallel()
	for n, died := 1, true; died; n++ {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			w.person("1", map[string]any{"email": "a@example.com"})
			w.scan(t)
			w.person("1", map[string]any{"email": "b@example.com"})
			w.person("2", map[string]any{"email": "c@example.com"})
			w.kill.At(n)
			_ = w.run(t, w.handler())
			died = w.kill.Dead()
			w.kill.At(0)
			time.Sleep(timeout) // What the dead run held is free when its time is over.
			w.scan(t)
			w.lists(t, "1 email b@example.com", "2 email c@example.com")
		})
	}
}

// person writes a contact as another program does.
func (w *world) person(id string, data map[string]any) {
	w.stream.Put(streamtest.First, map[string]any{"pk": "acme#contact", "sk": id, "data": data})
}

func (w *world) lists(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, e := range w.directory.All() {
		got = append(got, e.Contact+" "+string(e.Kind)+" "+e.Value)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("directory (-want +got):\n%s", diff)
	}
}
