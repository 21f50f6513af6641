package params

import (
	"context"
	"sync"
	"time"
)

// Interval between the starts of two calls: 8 a second, a fifth of the 40 that SSM allows an account by default.
const Interval = 125 * time.Millisecond

// Pace keeps the starts of calls apart, whoever makes them.
type Pace struct {
	Interval time.Duration
	Now      func() time.Time
	// Sleep waits, or returns the context's error when that ends first.
	Sleep func(ctx context.Context, d time.Duration) error

	mu   sync.Mutex
	next time.Time
}

// Wait returns when the next call may start.
func (p *Pace) Wait(ctx context.Context) error {
	p.mu.Lock()
	now := p.Now()
	start := p.next
	if start.Before(now) {
		start = now
	}
	p.next = start.Add(p.Interval)
	p.mu.Unlock()
	if wait := start.Sub(now); wait > 0 {
		return p.Sleep(ctx, wait)
	}
	return ctx.Err()
}

// Sleep waits for d by the machine's clock, or returns the context's error when that ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
