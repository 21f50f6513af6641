package platform

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func happened(word string, second int) map[string]any {
	return map[string]any{"event": word, "at": instant(time.Unix(1796119200+int64(second), 0))}
}

func TestAppendEvents(t *testing.T) {
	t.Parallel()
	data := map[string]any{}
	for second := range 60 {
		appendEvents(data, []map[string]any{happened("opened", second)})
	}
	want := map[string]any{"status": "opened", "statusAt": happened("", 59)["at"]}
	var events []any
	for second := 10; second < 60; second++ {
		events = append(events, happened("opened", second))
	}
	want["events"] = events
	if diff := cmp.Diff(want, data); diff != "" {
		t.Fatalf("60 events (-want +got):\n%s", diff)
	}
	appendEvents(data, []map[string]any{happened("opened", 0), happened("sent", 9), happened("clicked", 10), happened("opened", 30)})
	if diff := cmp.Diff(want, data); diff != "" {
		t.Errorf("old events change the message (-want +got):\n%s", diff)
	}
}

func TestAppendEventsToWhatOthersWrote(t *testing.T) {
	t.Parallel()
	data := map[string]any{"status": "new", "statusAt": "yesterday", "events": []any{"odd", nil, happened("sent", 5)}}
	appendEvents(data, []map[string]any{happened("opened", 3)})
	want := map[string]any{
		"status": "opened", "statusAt": happened("", 3)["at"], "events": []any{"odd", nil, happened("opened", 3), happened("sent", 5)},
	}
	if diff := cmp.Diff(want, data); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}

// TestAppendEventsAgain reads any earlier trigger again, in any order: nothing changes.
func TestAppendEventsAgain(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		data := map[string]any{}
		var triggers [][]map[string]any
		for range 40 {
			var events []map[string]any
			for range 1 + random.IntN(5) {
				event := happened(fmt.Sprint("e", random.IntN(4)), random.IntN(40))
				event["n"] = fmt.Sprint(random.IntN(3))
				events = append(events, event)
			}
			triggers = append(triggers, events)
			appendEvents(data, events)
		}
		before := copyOf(data)
		for range 40 {
			appendEvents(data, triggers[random.IntN(len(triggers))])
		}
		if diff := cmp.Diff(before, data); diff != "" {
			t.Fatalf("triggers read again (-before +after):\n%s", diff)
		}
		list := data["events"].([]any)
		for i := 1; i < len(list); i++ {
			if eventTime(list[i]).Before(eventTime(list[i-1])) {
				t.Fatalf("event %d is older than the one before it", i)
			}
		}
	}
}
