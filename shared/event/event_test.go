package event_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/event"
	"crmhook/shared/hook"
)

func told(previous bool) hook.Interface {
	return hook.Interface{
		Organization: "demo", Name: "crm", Generation: "g1", State: hook.Active,
		Hook: &hook.Hook{Type: hook.EventWebhook, IncludePrevious: previous},
	}
}

func changed(entity string, kind change.Kind, before, after map[string]any) change.Change {
	return change.Change{
		Key: change.Key{Organization: "demo", Entity: entity, ID: "4711"}, Kind: kind, Sequence: "100", Old: before, New: after,
		At: time.Date(2026, 12, 1, 9, 0, 0, 250_000_000, time.FixedZone("", 3600)),
	}
}

func body(t *testing.T, e event.Event) string {
	t.Helper()
	m, err := e.Message()
	if err != nil {
		t.Fatal(err)
	}
	if !m.Valid() || m.ID != e.ID() || m.Records[0] != e.Record.String() {
		t.Errorf("message %+v of %+v", m, e)
	}
	return m.Event.Body
}

func TestEnvelopes(t *testing.T) {
	t.Parallel()
	type data = map[string]any
	const head = `","timestamp":"2026-12-01T08:00:00.25Z","sequence":"100","record":{"entity":"`
	long := json.Number("123456789012345678901234567890.50")
	for name, tt := range map[string]struct {
		previous bool
		change   change.Change
		want     string
	}{
		"created": {
			true, changed("order", change.Create, nil, data{"b": long, "a": "é<&"}),
			`{"type":"order.created` + head + `order","id":"4711"},"data":{"a":"é<&","b":123456789012345678901234567890.50}}`,
		},
		"updated": {
			false, changed("order", change.Edit, data{"a": "1"}, data{"a": "2"}),
			`{"type":"order.updated` + head + `order","id":"4711"},"data":{"a":"2"}}`,
		},
		"updated, with what was before": {
			true,
			changed("order", change.Edit, data{"same": data{"x": []any{"1"}}, "other": data{"x": "1", "y": "2"}, "gone": nil, "list": []any{"1"}},
				data{"same": data{"x": []any{"1"}}, "other": data{"x": "1", "y": "3"}, "list": []any{}, "new": "n"}),
			`{"type":"order.updated` + head + `order","id":"4711"},"data":{"list":[],"new":"n","other":{"x":"1","y":"3"},"same":{"x":["1"]}},` +
				`"previous":{"gone":null,"list":["1"],"new":null,"other":{"x":"1","y":"2"}}}`,
		},
		"deleted": {
			true, changed("order", change.Delete, data{"a": "last"}, nil),
			`{"type":"order.deleted` + head + `order","id":"4711"},"data":{"a":"last"}}`,
		},
		"a contact without a number": {
			false, changed("contact", change.Delete, data{}, nil),
			`{"type":"contact.deleted` + head + `contact","id":"4711"},"data":{"contactNumber":"4711"}}`,
		},
		"nothing in it": {
			false, changed("order", change.Create, nil, data{}), `{"type":"order.created` + head + `order","id":"4711"},"data":{}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := body(t, event.Of(told(tt.previous), tt.change))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("envelope (-want +got):\n%s", diff)
			}
			if again := body(t, event.Of(told(tt.previous), tt.change)); again != got {
				t.Error("the same event is not the same bytes")
			}
		})
	}
}

// TestWithoutAChange: a caller's own text stands for the sequence in the id, and the envelope has none.
func TestWithoutAChange(t *testing.T) {
	t.Parallel()
	e := event.Event{
		Interface: "wallet", Generation: "g1", Type: "loyaltycard.updated", Record: change.Key{Organization: "demo", Entity: "loyaltycard", ID: "c/1"},
		At: time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC), Source: "trigger-1", Data: map[string]any{"points": json.Number("3")},
	}
	const want = `{"type":"loyaltycard.updated","timestamp":"2026-12-01T08:00:00Z","record":{"entity":"loyaltycard","id":"c/1"},"data":{"points":3}}`
	if got := body(t, e); got != want {
		t.Errorf("envelope %s, want %s", got, want)
	}
	other := e
	other.Source = "trigger-2"
	if e.ID() == other.ID() {
		t.Error("two triggers' events have one id")
	}
}

// noise is text that does not compress.
func noise(n int) string {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	random := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, n)
	for i := range text {
		text[i] = letters[random.IntN(len(letters))]
	}
	return string(text)
}

func TestLargeEvents(t *testing.T) {
	t.Parallel()
	of := func(before, after string) event.Event {
		return event.Of(told(true), changed("order", change.Edit, map[string]any{"a": before}, map[string]any{"a": after}))
	}
	if got := body(t, of(noise(400_000), noise(390_000))); !strings.HasSuffix(got, `"}}`) || strings.Contains(got, "previousOmitted") {
		t.Errorf("what fits is not whole: %d bytes, ending in %s", len(got), got[len(got)-30:])
	}
	if got := body(t, of(noise(800_000), noise(400_000))); !strings.HasSuffix(got, `"},"previousOmitted":true}`) || len(got) < 400_000 {
		t.Errorf("what does not fit is not left out: %d bytes, ending in %s", len(got), got[len(got)-30:])
	}
	if got := body(t, of(strings.Repeat("ab", 1_000_000), strings.Repeat("ba", 1_000_000))); !strings.Contains(got, `,"previous":{"a":"abab`) {
		t.Errorf("what fits when compressed is left out: %d bytes", len(got))
	}
	for name, e := range map[string]event.Event{"noise": of("", noise(1_300_000)), "beyond a request": of("", strings.Repeat("a", delivery.LargestBody))} {
		if m, err := e.Message(); err == nil {
			t.Errorf("%s: a message of %d bytes", name, len(m.Event.Body))
		} else if m.ID == "" || m.Event.Body == "" {
			t.Errorf("%s: nothing to set aside by: %v", name, err)
		}
	}
}

func TestWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	_, err := event.Of(told(false), changed("order", change.Create, nil, map[string]any{"a": []any{"\xff"}})).Message()
	if err == nil || !strings.Contains(err.Error(), "data.a[0]: text is not valid UTF-8") {
		t.Errorf("error %v, want the path and what is wrong", err)
	}
}
