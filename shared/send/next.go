package send

import (
	"context"
	"errors"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/emit"
	"crmhook/shared/hook"
)

// next lets the next event of each record go whose ordered event has ended. Where that fails the ended one's message stays:
// whoever receives it finds it ended and tries again.
func (r *round) next(ctx context.Context, ended []*job) error {
	ordered, _ := split(ended, func(j *job) bool { return j.delivery.Ordered() })
	if len(ordered) == 0 {
		return nil
	}
	next, err := r.handler.Line.Next(ctx, events(ordered))
	if err == nil {
		err = r.put(ctx, next)
	}
	if err != nil {
		r.see(ctx, ordered, func(*job) time.Duration { return ownDelay })
	}
	return err
}

// put puts messages on the queue that their interface takes.
func (r *round) put(ctx context.Context, messages []delivery.Message) error {
	bySource := map[bool][]delivery.Message{}
	for _, m := range messages {
		slow := r.handler.failing.is(hook.KeyOf(m), r.handler.Now())
		bySource[slow] = append(bySource[slow], m)
	}
	var failed error
	for slow, list := range bySource {
		failed = errors.Join(failed, emit.Send(ctx, r.handler.source(slow), list))
	}
	return failed
}

func (h *Handler) source(slow bool) Source {
	if slow {
		return h.Slow
	}
	return h.Fast
}
