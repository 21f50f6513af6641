package event_test

import (
	"testing"

	"crmhook/shared/change"
	"crmhook/shared/event"
)

// Of a record that was erased nothing is told, though filters are asked about its last state.
func TestAnErasedRecord(t *testing.T) {
	t.Parallel()
	for entity, want := range map[string]string{
		"contact": `{"type":"contact.deleted","timestamp":"2026-12-01T08:00:00.25Z","sequence":"100","record":{"entity":"contact","id":"4711"},"data":{"contactNumber":"4711"}}`,
		"order":   `{"type":"order.deleted","timestamp":"2026-12-01T08:00:00.25Z","sequence":"100","record":{"entity":"order","id":"4711"},"data":{}}`,
	} {
		c := changed(entity, change.Delete, map[string]any{"contactNumber": "old", "name": "x"}, nil)
		c.Erased = true
		if got := body(t, event.Of(told(true), c)); got != want {
			t.Errorf("envelope %s, want %s", got, want)
		}
		if event.Data(c)["name"] != "x" {
			t.Error("a filter cannot be asked about the last state")
		}
	}
}
