package send_test

import (
	"context"
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
	"crmhook/shared/send"
)

// given is the stopped queue; before it takes a delivery it looks whether the executions say how their attempts ended.
type given struct {
	send.Queue
	look func()
}

func (q given) Send(ctx context.Context, group string, bodies []any) ([]bool, error) {
	if _, ok := bodies[0].(delivery.Message); ok {
		q.look()
	}
	return q.Queue.Send(ctx, group, bodies)
}

// TestAnExecutionSaysHowItEndedBeforeItEnds: stop ends a delivery that send gives up at once, while send may still wait for
// other receivers. dispatch must not close an execution of which it does not know that it timed out.
func TestAnExecutionSaysHowItEndedBeforeItEnds(t *testing.T) {
	t.Parallel()
	w := linetest.NewWorld(t, v2(1, `,"retriesBeforeStop":0,"retriesBeforeWarning":0`))
	must(t, w.Write(t.Context(), "C1"))
	w.Receiver.Answer = linetest.Always(500)
	looked := 0
	w.OnSend = func(h *send.Handler) {
		h.Stopped = given{h.Stopped, func() {
			for _, e := range w.Ledger.AllExecutions() {
				if looked++; e.Tally.Failed != 1 || e.Streak != 1 {
					t.Errorf("the execution is %+v as its delivery is given up, want the failure counted", e)
				}
			}
		}}
	}
	w.Clock.Advance(time.Minute)
	must(t, w.Step(t.Context()))
	if looked == 0 {
		t.Error("nothing was given up")
	}
}
