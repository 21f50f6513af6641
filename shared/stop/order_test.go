package stop_test

import (
	"encoding/json"
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
)

// TestAStoppedEventLetsTheNextGo, also where its stopper died before, and where the interface is paused meanwhile.
func TestAStoppedEventLetsTheNextGo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		paused bool
		refuse int
		timed  bool
	}{
		"given up": {}, "given up, its next refused": {refuse: 1}, "paused": {paused: true}, "paused, its next refused": {paused: true, refuse: 1},
		"given up after a timeout": {timed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			w := linetest.NewWorld(t, linetest.EventWebhook(`,"ordered":true,"retriesBeforeStop":0,"retriesBeforeWarning":0`))
			w.Receiver.Answer = func(linetest.Request) delivery.Attempt {
				if tt.timed {
					return delivery.Attempt{Error: delivery.Timeout}
				}
				return linetest.Status(500)
			}
			must(t, w.Tell(ctx, linetest.Edit(1, 1, "a"), linetest.Edit(1, 2, "b")))
			second := w.Backlog.Places()[1].Delivery
			_, err := w.Deliver(ctx, w.Fast, 1)
			must(t, err)
			if tt.paused {
				w.Pause()
			}
			w.Fast.Refuse(tt.refuse)
			for range 4 {
				if _, err := w.End(ctx, 10); err != nil && tt.refuse == 0 {
					t.Fatal(err)
				}
				w.Clock.Advance(time.Minute)
			}
			queue := w.Fast
			if tt.timed {
				queue = w.Slow
			}
			received := queue.Receive(10)
			var m delivery.Message
			if len(received) != 1 || json.Unmarshal([]byte(received[0].Body), &m) != nil || m.ID != second || !m.Ordered() {
				t.Fatalf("messages %v, want the second's", received)
			}
			if places := w.Backlog.Places(); len(places) != 1 || places[0].Delivery != second || w.Stopped.Len() != 0 {
				t.Errorf("places %v, want the second's; %d messages to stop", places, w.Stopped.Len())
			}
		})
	}
}
