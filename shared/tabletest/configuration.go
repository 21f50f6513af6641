package tabletest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
	"crmhook/shared/rule"
)

// Configuration is a fake of table.Configuration.
type Configuration struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by the method that makes them.
	Calls map[string]int
	// Before is asked before each call, with the method's name, while nothing is locked; nil: nothing is asked. Tests use
	// it to let another run in between.
	Before func(method string)

	mu         sync.Mutex
	interfaces map[hook.Key]hook.Checked
	rules      map[rule.Key]rule.Checked
	facts      map[parameter.Path]parameter.Fact
	access     map[parameter.Path]access.Checked
	stamps     map[string]string
	// organizations are those that were given a stamp.
	organizations map[string]bool
	locks         map[parameter.Path]lock
	seen          map[string]parameter.Seen
	position      parameter.Position
}

// NewConfiguration is an empty configuration.
func NewConfiguration(kill *Kill) *Configuration {
	return &Configuration{
		Kill: kill, Calls: map[string]int{}, interfaces: map[hook.Key]hook.Checked{}, rules: map[rule.Key]rule.Checked{}, facts: map[parameter.Path]parameter.Fact{},
		access: map[parameter.Path]access.Checked{}, stamps: map[string]string{}, seen: map[string]parameter.Seen{},
		organizations: map[string]bool{}, locks: map[parameter.Path]lock{},
	}
}

// begin counts a call of n items in batches and locks; the caller unlocks.
func (c *Configuration) begin(method string, n, batch int) error {
	if c.Before != nil {
		c.Before(method)
	}
	c.mu.Lock()
	if n > 0 {
		c.Calls[method] += (n + batch - 1) / batch
	}
	return c.Kill.Alive()
}

// Reset forgets the calls counted.
func (c *Configuration) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.Calls)
}

// Names lists the parameters seen, sorted.
func (c *Configuration) Names() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.seen))
}

// Position is where the sweep goes on.
func (c *Configuration) Position() parameter.Position {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.position
}

// Stamps reads stamps; see table.Configuration.
func (c *Configuration) Stamps(_ context.Context, organizations []string) (map[string]string, error) {
	defer c.mu.Unlock()
	if err := c.begin("Stamps", len(organizations), 100); err != nil {
		return nil, err
	}
	stamps := map[string]string{}
	for _, organization := range organizations {
		if stamp, there := c.stamps[organization]; there {
			stamps[organization] = stamp
		}
	}
	return stamps, nil
}

// Organization reads an organization's interfaces; see table.Configuration.
func (c *Configuration) Organization(_ context.Context, organization string) ([]hook.Interface, error) {
	defer c.mu.Unlock()
	if err := c.begin("Organization", 1, 1); err != nil {
		return nil, err
	}
	return c.interfacesOf(organization), nil
}

func (c *Configuration) interfacesOf(organization string) []hook.Interface {
	var interfaces []hook.Interface
	for key, checked := range c.interfaces {
		if key.Organization == organization {
			interfaces = append(interfaces, checked.Interface)
		}
	}
	slices.SortFunc(interfaces, func(a, b hook.Interface) int { return strings.Compare(a.Name, b.Name) })
	return interfaces
}

// Interfaces reads interfaces by key; see table.Configuration.
func (c *Configuration) Interfaces(_ context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error) {
	defer c.mu.Unlock()
	if err := c.begin("Interfaces", len(keys), 100); err != nil {
		return nil, err
	}
	interfaces := map[hook.Key]hook.Interface{}
	for _, key := range keys {
		if checked, there := c.interfaces[key]; there {
			interfaces[key] = checked.Interface
		}
	}
	return interfaces, nil
}

// Setting reads a setting of the stage; see table.Configuration.
func (c *Configuration) Setting(_ context.Context, name string) (string, error) {
	defer c.mu.Unlock()
	if err := c.begin("Setting", 1, 1); err != nil {
		return "", err
	}
	if fact := c.facts[parameter.Path{Kind: parameter.Setting, Name: name}]; fact.Usable() {
		return fact.Value, nil
	}
	return "", nil
}

func newerVersion(version int64, modified time.Time, thanVersion int64, than time.Time) bool {
	return modified.After(than) || modified.Equal(than) && version > thanVersion
}

// SaveInterfaces writes interfaces; see table.Configuration. A test may call it to set up.
func (c *Configuration) SaveInterfaces(_ context.Context, interfaces []hook.Checked) ([]bool, error) {
	defer c.mu.Unlock()
	if err := c.begin("SaveInterfaces", len(interfaces), 1); err != nil {
		return nil, err
	}
	saved := make([]bool, len(interfaces))
	for i, checked := range interfaces {
		err := c.Kill.Write(func() {
			old, there := c.interfaces[checked.Key()]
			if saved[i] = !there || !newerVersion(old.Version, old.Modified, checked.Version, checked.Modified); saved[i] {
				c.interfaces[checked.Key()] = checked
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return saved, nil
}

// RemoveInterfaces deletes interfaces; see table.Configuration.
func (c *Configuration) RemoveInterfaces(_ context.Context, interfaces []hook.Interface) ([]bool, error) {
	defer c.mu.Unlock()
	if err := c.begin("RemoveInterfaces", len(interfaces), 1); err != nil {
		return nil, err
	}
	gone := make([]bool, len(interfaces))
	for i, read := range interfaces {
		err := c.Kill.Write(func() {
			held, there := c.interfaces[read.Key()]
			if gone[i] = !there || held.Modified.Equal(read.Modified); gone[i] {
				delete(c.interfaces, read.Key())
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// SaveStamps gives organizations a new stamp; see table.Configuration.
func (c *Configuration) SaveStamps(_ context.Context, organizations []string, token string) error {
	defer c.mu.Unlock()
	if err := c.begin("SaveStamps", 2*len(organizations), 25); err != nil {
		return err
	}
	for _, organization := range organizations {
		if err := c.Kill.Write(func() { c.organizations[organization] = true }); err != nil {
			return err
		}
		if err := c.Kill.Write(func() { c.stamps[organization] = token }); err != nil {
			return err
		}
	}
	return nil
}

// Dependencies reads what interfaces, sources or rules depend on; see table.Configuration.
func (c *Configuration) Dependencies(_ context.Context, organization string, kinds ...parameter.Kind) (map[parameter.Path][]string, error) {
	defer c.mu.Unlock()
	if err := c.begin("Dependencies", len(kinds), 1); err != nil {
		return nil, err
	}
	dependencies := map[parameter.Path][]string{}
	keep := func(path parameter.Path, names []string) {
		if path.Organization == organization && slices.Contains(kinds, path.Kind) {
			dependencies[path] = names
		}
	}
	for key, checked := range c.interfaces {
		keep(parameter.Path{Organization: key.Organization, Kind: parameter.Interface, Name: key.Name}, checked.DependsOn)
	}
	for key, checked := range c.rules {
		keep(parameter.Path{Organization: key.Organization, Kind: parameter.Rule, Name: key.ID}, checked.DependsOn)
	}
	for path, checked := range c.access {
		keep(path, checked.DependsOn)
	}
	return dependencies, nil
}

// Facts reads settings and secrets; see table.Configuration.
func (c *Configuration) Facts(_ context.Context, organization string) ([]parameter.Fact, error) {
	defer c.mu.Unlock()
	if err := c.begin("Facts", 1, 1); err != nil {
		return nil, err
	}
	var facts []parameter.Fact
	for path, fact := range c.facts {
		if path.Organization == organization {
			facts = append(facts, fact)
		}
	}
	slices.SortFunc(facts, func(a, b parameter.Fact) int { return strings.Compare(a.String(), b.String()) })
	return facts, nil
}

// KeepFacts writes settings and secrets; see table.Configuration.
func (c *Configuration) KeepFacts(_ context.Context, facts []parameter.Fact) ([]bool, error) {
	defer c.mu.Unlock()
	if err := c.begin("KeepFacts", len(facts), 1); err != nil {
		return nil, err
	}
	kept := make([]bool, len(facts))
	for i, fact := range facts {
		err := c.Kill.Write(func() {
			old, there := c.facts[fact.Path]
			if kept[i] = !there || !newerVersion(old.Version, old.Modified, fact.Version, fact.Modified); kept[i] {
				c.facts[fact.Path] = fact
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return kept, nil
}

// DropFacts deletes settings and secrets; see table.Configuration.
func (c *Configuration) DropFacts(_ context.Context, facts []parameter.Fact) ([]bool, error) {
	defer c.mu.Unlock()
	if err := c.begin("DropFacts", len(facts), 1); err != nil {
		return nil, err
	}
	gone := make([]bool, len(facts))
	for i, read := range facts {
		err := c.Kill.Write(func() {
			held, there := c.facts[read.Path]
			if gone[i] = !there || held.Modified.Equal(read.Modified); gone[i] {
				delete(c.facts, read.Path)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return gone, nil
}
