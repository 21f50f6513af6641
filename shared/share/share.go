// Package share keeps each caller to its share of requests, with token buckets in memory. It must not know who the callers
// are, nor what they ask for.
package share

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"crmhook/shared/recent"
)

// callers is how many are known at once; of more, those that were seen last.
const callers = 10_000

// kept is how long a bucket is kept; a caller then begins with a full one.
const kept = time.Hour

// Shares are token buckets, one a caller, of one process: a caller whom several processes serve has as many shares. The
// zero value is not usable; make it with New.
type Shares struct {
	perSecond rate.Limit
	burst     int
	now       func() time.Time
	buckets   *recent.Cache[string, *rate.Limiter]
}

// New gives each caller perSecond requests a second in the long run, and burst at once.
func New(perSecond float64, burst int, now func() time.Time) *Shares {
	return &Shares{rate.Limit(perSecond), burst, now, recent.New[string, *rate.Limiter](callers, kept, now)}
}

// Take takes one request from the caller's share; where there is none it says when there will be.
func (s *Shares) Take(caller string) (wait time.Duration, ok bool) {
	bucket, err := s.buckets.Get(context.Background(), caller, func(context.Context) (*rate.Limiter, error) {
		return rate.NewLimiter(s.perSecond, s.burst), nil
	})
	if err != nil {
		return time.Second, false
	}
	now := s.now()
	reservation := bucket.ReserveN(now, 1)
	if wait = reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
		return wait, false
	}
	return 0, true
}
