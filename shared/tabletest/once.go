package tabletest

import (
	"context"
	"sync"
	"time"

	"crmhook/shared/once"
)

// Once is a fake of table.Once.
type Once struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by name.
	Calls map[string]int

	mu     sync.Mutex
	claims map[claimKey]claimed
	counts map[countKey]int
}

type claimKey struct{ organization, key string }

type countKey struct{ organization, name, day string }

type claimed struct {
	once.Claim
	expires time.Time
}

// NewOnce holds no claims.
func NewOnce(kill *Kill) *Once {
	return &Once{Kill: kill, Calls: map[string]int{}, claims: map[claimKey]claimed{}, counts: map[countKey]int{}}
}

// All are the claims, in no order.
func (o *Once) All() []once.Claim {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := make([]once.Claim, 0, len(o.claims))
	for _, is := range o.claims {
		all = append(all, is.Claim)
	}
	return all
}

// Claim claims what is to be done once; see table.Once.
func (o *Once) Claim(_ context.Context, c once.Claim, limit *once.Limit, now time.Time) (kept once.Claim, standing once.Standing, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Calls["Claim"]++
	err = o.Kill.Write(func() { kept, standing = o.claim(c, limit, now) })
	return kept, standing, err
}

func (o *Once) claim(c once.Claim, limit *once.Limit, now time.Time) (once.Claim, once.Standing) {
	key := claimKey{c.Organization, c.Key}
	is, there := o.claims[key]
	there = there && is.expires.Unix() > now.Unix()
	switch {
	case there && is.Done:
		return is.Claim, once.Done
	case there && is.Lease.After(kept(now)):
		return is.Claim, once.Busy
	case there:
		o.Calls["Claim"]++
		c.Result = is.Result
	case limit != nil:
		count := countKey{c.Organization, limit.Name, limit.Day}
		if o.counts[count] >= limit.Most {
			return c, once.Full
		}
		o.counts[count]++
	}
	if c.Lease.IsZero() {
		c.Lease = now.Add(once.Lease)
	}
	c.Lease, c.Done = kept(c.Lease), false
	o.claims[key] = claimed{c, now.Add(once.Kept)}
	return c, once.Mine
}

// Done says that it is done; see table.Once.
func (o *Once) Done(_ context.Context, c once.Claim, now time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Calls["Done"]++
	return o.Kill.Write(func() {
		key := claimKey{c.Organization, c.Key}
		is := claimed{o.claims[key].Claim, now.Add(once.Kept)}
		is.Organization, is.Key, is.Result, is.Done = c.Organization, c.Key, c.Result, true
		o.claims[key] = is
	})
}

// Release gives a claim up; see table.Once.
func (o *Once) Release(_ context.Context, c once.Claim) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Calls["Release"]++
	return o.Kill.Write(func() {
		key := claimKey{c.Organization, c.Key}
		is, there := o.claims[key]
		if there && !is.Claim.Done && is.Lease.Equal(kept(c.Lease)) {
			is.Lease = time.Time{}
			o.claims[key] = is
		}
	})
}

// Count is how much was claimed in a day; see table.Once.
func (o *Once) Count(_ context.Context, organization, name, day string) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.Kill.Alive(); err != nil {
		return 0, err
	}
	o.Calls["Count"]++
	return o.counts[countKey{organization, name, day}], nil
}
