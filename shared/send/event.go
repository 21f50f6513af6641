package send

import (
	"context"
	"time"

	"crmhook/shared/delivery"
)

// forget removes the bodies of events that were delivered, before that is written down: whoever dies in between leaves a
// pending delivery, whose message still has the body, rather than a body that nobody removes. A test's shows what was sent.
func (r *round) forget(ctx context.Context, jobs []*job) error {
	told, _ := split(jobs, (*job).told)
	if bodies := events(told); len(bodies) > 0 {
		return r.handler.Ledger.ForgetBodies(ctx, bodies)
	}
	return nil
}

// tidy does once more what follows the end of deliveries that ended before this message came. It removes the bodies of
// events that were delivered, as who made one a second time may have kept its body after that, and lets the next of ordered
// ones go, as who ended one may have died before, perhaps also before it counted for a test's execution, which is closed.
func (r *round) tidy(ctx context.Context, jobs []*job) {
	delivered, _ := split(jobs, func(j *job) bool { return j.event() && j.delivery.Status == delivery.Delivered })
	if err := r.forget(ctx, delivered); err != nil {
		r.handler.Log.Warn("bodies not removed", "deliveries", len(delivered), "error", err.Error())
		r.see(ctx, delivered, func(*job) time.Duration { return ownDelay })
	}
	if err := r.next(ctx, jobs); err != nil {
		r.handler.Log.Warn("next events not sent", "deliveries", len(jobs), "error", err.Error())
	}
	for _, j := range jobs {
		if !j.test() {
			continue
		}
		if err := r.handler.Ledger.Close(ctx, j.delivery.Lane(), j.delivery.Execution); err != nil {
			r.handler.Log.Warn("execution not closed", "execution", j.delivery.Execution, "error", err.Error())
			r.see(ctx, []*job{j}, func(*job) time.Duration { return ownDelay })
		}
	}
}

// events are the messages of those that carry what is sent.
func events(jobs []*job) []delivery.Message {
	var list []delivery.Message
	for _, j := range jobs {
		if j.event() {
			list = append(list, j.delivery.Message)
		}
	}
	return list
}
