package event_test

import (
	"strings"
	"testing"

	"crmhook/shared/change"
	"crmhook/shared/event"
)

// TestOrder: an event of an ordered interface has the change's place among its record's, one of any other none.
func TestOrder(t *testing.T) {
	t.Parallel()
	of := func(ordered bool, sequence string) event.Event {
		is := told(false)
		is.Hook.Ordered = ordered
		c := changed("order", change.Edit, map[string]any{"a": "1"}, map[string]any{"a": "2"})
		c.Sequence = sequence
		return event.Of(is, c)
	}
	fromTrigger := of(true, "")
	fromTrigger.Source = "trigger-1"
	for _, tt := range []struct {
		name  string
		event event.Event
		want  string
	}{
		{"ordered", of(true, "4711"), strings.Repeat("0", 36) + "4711"},
		{"not ordered", of(false, "4711"), ""},
		{"without a sequence", fromTrigger, ""},
	} {
		m, err := tt.event.Message()
		if err != nil || m.Event.Order != tt.want || m.Ordered() != (tt.want != "") {
			t.Errorf("%s: order %q (%v), want %q", tt.name, m.Event.Order, err, tt.want)
		}
	}
	if of(true, "1").ID() != of(false, "1").ID() {
		t.Error("the same change is another event when it is ordered")
	}
}
