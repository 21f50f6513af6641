package send

import (
	"context"
	"time"
)

// see makes a message fail: it is seen again after the delay.
func (r *round) see(ctx context.Context, jobs []*job, delay func(*job) time.Duration) {
	hidden := map[bool]map[string]time.Duration{}
	r.mu.Lock()
	for _, j := range jobs {
		r.again[j.message.ID] = delay(j)
		addHidden(hidden, j.message, delay(j))
	}
	r.mu.Unlock()
	r.hide(ctx, hidden)
}

func addHidden(hidden map[bool]map[string]time.Duration, m Message, d time.Duration) {
	if hidden[m.Slow] == nil {
		hidden[m.Slow] = map[string]time.Duration{}
	}
	hidden[m.Slow][m.Receipt] = d
}

// hide sets when messages are seen again. A failure costs only the queue's own visibility timeout instead.
func (r *round) hide(ctx context.Context, hidden map[bool]map[string]time.Duration) {
	for slow, after := range hidden {
		if err := r.handler.source(slow).Hide(ctx, after); err != nil {
			r.handler.Log.Warn("visibility unchanged", "messages", len(after), "error", err.Error())
		}
	}
}

func (r *round) failed() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	failed := make([]string, 0, len(r.again))
	for id := range r.again {
		failed = append(failed, id)
	}
	return failed
}
