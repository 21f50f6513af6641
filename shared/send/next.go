package send

import (
	"context"
	"errors"
	"time"

	"crmhook/shared/delivery"
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
		slow := r.handler.failing.is(keyOf(m), r.handler.Now())
		bySource[slow] = append(bySource[slow], m)
	}
	var failed error
	for slow, list := range bySource {
		failed = errors.Join(failed, r.handler.source(slow).put(ctx, list))
	}
	return failed
}

func (h *Handler) source(slow bool) source {
	if slow {
		return source{h.Slow}
	}
	return source{h.Fast}
}

type source struct{ Source }

func (s source) put(ctx context.Context, messages []delivery.Message) error {
	groups, bodies := make([]string, len(messages)), make([]any, len(messages))
	for i, m := range messages {
		groups[i], bodies[i] = m.Group(), m
	}
	sent, err := s.SendEach(ctx, groups, bodies)
	for i := range messages {
		if err == nil && !sent[i] {
			err = errors.New("the queue did not take every message")
		}
	}
	return err
}
