package tabletest

import (
	"context"
	"time"

	"crmhook/shared/parameter"
)

// lock is who has a parameter until when.
type lock struct {
	token string
	until time.Time
}

// Lock gives the token's holder a parameter; see table.Configuration.
func (c *Configuration) Lock(_ context.Context, path parameter.Path, token string, now, until time.Time) (held bool, err error) {
	defer c.mu.Unlock()
	if err := c.begin("Lock", 1, 1); err != nil {
		return false, err
	}
	err = c.Kill.Write(func() {
		if other, there := c.locks[path]; there && other.until.After(now) && other.token != token {
			return
		}
		c.locks[path], held = lock{token, until}, true
	})
	return held, err
}

// Unlock lets go of a parameter; see table.Configuration.
func (c *Configuration) Unlock(_ context.Context, path parameter.Path, token string) error {
	defer c.mu.Unlock()
	if err := c.begin("Unlock", 1, 1); err != nil {
		return err
	}
	return c.Kill.Write(func() {
		if c.locks[path].token == token {
			delete(c.locks, path)
		}
	})
}

// Locked lists the parameters that somebody has.
func (c *Configuration) Locked() []parameter.Path {
	c.mu.Lock()
	defer c.mu.Unlock()
	var paths []parameter.Path
	for path := range c.locks {
		paths = append(paths, path)
	}
	return paths
}
