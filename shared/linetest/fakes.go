package linetest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"crmhook/shared/hook"
	"crmhook/shared/secret"
)

// Clock is a clock that stands until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// random is a reproducible sequence that never repeats.
type random struct {
	mu sync.Mutex
	n  uint64
}

func (r *random) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	var seed [8]byte
	binary.BigEndian.PutUint64(seed[:], r.n)
	sum := sha256.Sum256(seed[:])
	return copy(p, sum[:]), nil
}

// Configuration is what configure would have written.
type Configuration struct {
	mu         sync.Mutex
	interfaces map[hook.Key]hook.Interface
	settings   map[string]string
	Calls      int
}

// NewConfiguration is empty.
func NewConfiguration() *Configuration {
	return &Configuration{interfaces: map[hook.Key]hook.Interface{}, settings: map[string]string{}}
}

// Set writes an interface; Remove takes it away.
func (c *Configuration) Set(i hook.Interface) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.interfaces[i.Key()] = i
}

// Remove takes an interface away.
func (c *Configuration) Remove(k hook.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.interfaces, k)
}

// SetSetting writes a setting of the stage.
func (c *Configuration) SetSetting(name, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settings[name] = value
}

// Interfaces reads interfaces; see table.Configuration.
func (c *Configuration) Interfaces(_ context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Calls += (len(keys) + 99) / 100
	found := map[hook.Key]hook.Interface{}
	for _, k := range keys {
		if i, ok := c.interfaces[k]; ok {
			found[k] = i
		}
	}
	return found, nil
}

// Setting reads a setting; see table.Configuration.
func (c *Configuration) Setting(_ context.Context, name string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.settings[name], nil
}

// Secrets are what SSM would answer; Fault is why it does not.
type Secrets struct {
	Values map[secret.Name]secret.Secret
	Fault  error
}

// Get reads secrets; see params.Secrets.
func (s *Secrets) Get(_ context.Context, names []secret.Name) (map[secret.Name]secret.Secret, error) {
	found := map[secret.Name]secret.Secret{}
	for _, n := range names {
		v, ok := s.Values[n]
		switch {
		case s.Fault != nil:
			return nil, s.Fault
		case !ok:
			return nil, fmt.Errorf("%s: %w", n, secret.ErrNone)
		}
		found[n] = v
	}
	return found, nil
}
