package tabletest

import (
	"context"
	"maps"
	"slices"
	"time"

	"crmhook/shared/parameter"
)

// First reads the first parameters seen and the sweep's position; see table.Configuration.
func (c *Configuration) First(_ context.Context, limit int) ([]parameter.Seen, parameter.Position, bool, error) {
	defer c.mu.Unlock()
	if err := c.begin("First", 1, 1); err != nil {
		return nil, parameter.Position{}, false, err
	}
	all := c.after("")
	return all[:min(limit, len(all))], c.position, len(all) > limit, nil
}

// After reads the parameters seen that follow a name; see table.Configuration.
func (c *Configuration) After(_ context.Context, name string, limit int) ([]parameter.Seen, error) {
	defer c.mu.Unlock()
	if err := c.begin("After", 1, 1); err != nil {
		return nil, err
	}
	all := c.after(name)
	return all[:min(limit, len(all))], nil
}

func (c *Configuration) after(name string) []parameter.Seen {
	seen := []parameter.Seen{}
	for _, known := range slices.Sorted(maps.Keys(c.seen)) {
		if known > name {
			seen = append(seen, c.seen[known])
		}
	}
	return seen
}

// ByName reads the parameters seen of these names; see table.Configuration.
func (c *Configuration) ByName(_ context.Context, names []string) ([]parameter.Seen, error) {
	defer c.mu.Unlock()
	if err := c.begin("ByName", len(names), 100); err != nil {
		return nil, err
	}
	seen := []parameter.Seen{}
	for _, name := range names {
		if known, there := c.seen[name]; there {
			seen = append(seen, known)
		}
	}
	return seen, nil
}

// Record writes what is known of parameters; see table.Configuration.
func (c *Configuration) Record(_ context.Context, seen []parameter.Seen, previous []string) ([]bool, error) {
	return c.conditional("Record", seen, func(i int) bool {
		if c.seen[seen[i].Name].Revision != previous[i] {
			return false
		}
		c.seen[seen[i].Name] = seen[i]
		return true
	})
}

// Forget removes what is known of parameters; see table.Configuration.
func (c *Configuration) Forget(_ context.Context, seen []parameter.Seen) ([]bool, error) {
	return c.conditional("Forget", seen, func(i int) bool {
		if c.seen[seen[i].Name].Revision != seen[i].Revision {
			return false
		}
		delete(c.seen, seen[i].Name)
		return true
	})
}

// Recheck marks parameters to be checked again; see table.Configuration.
func (c *Configuration) Recheck(_ context.Context, names []string, at time.Time, revision string) ([]parameter.Seen, error) {
	marked := make([]parameter.Seen, len(names))
	for i, name := range names {
		marked[i].Name = name
	}
	_, err := c.conditional("Recheck", marked, func(i int) bool {
		known := c.seen[names[i]]
		known.Name, known.Recheck, known.Revision = names[i], at.UTC().Truncate(time.Millisecond), revision
		c.seen[names[i]], marked[i] = known, known
		return true
	})
	return marked, err
}

func (c *Configuration) conditional(method string, seen []parameter.Seen, write func(i int) bool) ([]bool, error) {
	defer c.mu.Unlock()
	if err := c.begin(method, len(seen), 1); err != nil {
		return nil, err
	}
	done := make([]bool, len(seen))
	for i := range seen {
		if err := c.Kill.Write(func() { done[i] = write(i) }); err != nil {
			return nil, err
		}
	}
	return done, nil
}

// SavePosition keeps where the sweep goes on; see table.Configuration.
func (c *Configuration) SavePosition(_ context.Context, position parameter.Position) error {
	defer c.mu.Unlock()
	if err := c.begin("SavePosition", 1, 1); err != nil {
		return err
	}
	return c.Kill.Write(func() { c.position = position })
}
