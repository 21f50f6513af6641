package tabletest

import (
	"context"
	"slices"
	"strings"

	"crmhook/shared/access"
	"crmhook/shared/parameter"
)

// Access reads keys, sources and customers; see table.Configuration.
func (c *Configuration) Access(_ context.Context, paths []parameter.Path) (map[parameter.Path]access.Checked, error) {
	defer c.mu.Unlock()
	if err := c.begin("Access", len(paths), 100); err != nil {
		return nil, err
	}
	if err := distinct(paths, same); err != nil {
		return nil, err
	}
	found := map[parameter.Path]access.Checked{}
	for _, path := range paths {
		if checked, there := c.access[path]; there {
			found[path] = checked
		}
	}
	return found, nil
}

// ChangeAccess makes changes, each as one write of all that it touches; see table.Configuration.
func (c *Configuration) ChangeAccess(_ context.Context, changes []access.Change) ([]bool, error) {
	defer c.mu.Unlock()
	if err := c.begin("ChangeAccess", len(changes), 1); err != nil {
		return nil, err
	}
	done := make([]bool, len(changes))
	for i, change := range changes {
		if err := c.Kill.Write(func() { done[i] = c.change(change) }); err != nil {
			return nil, err
		}
	}
	return done, nil
}

func (c *Configuration) change(change access.Change) bool {
	if c.access[change.Path].Revision != change.Was.Revision || c.seen[change.Seen.Name].Revision != change.Before {
		return false
	}
	for _, fingerprint := range slices.Concat(change.Taken(), change.Released()) {
		if holder := c.holder(fingerprint); holder != "" && holder != change.Organization {
			return false
		}
	}
	c.seen[change.Seen.Name] = change.Seen
	if change.Now.Revision == "" {
		delete(c.access, change.Path)
		return true
	}
	change.Now.Modified = kept(change.Now.Modified)
	c.access[change.Path] = change.Now
	return true
}

// holder is the organization that holds a claim, "" for none.
func (c *Configuration) holder(fingerprint string) string {
	for path, checked := range c.access {
		if slices.Contains(checked.Claims(), fingerprint) {
			return path.Organization
		}
	}
	return ""
}

// Holders reads which organizations hold claims; see table.Configuration.
func (c *Configuration) Holders(_ context.Context, fingerprints []string) (map[string]string, error) {
	defer c.mu.Unlock()
	if err := c.begin("Holders", len(fingerprints), 100); err != nil {
		return nil, err
	}
	if err := distinct(fingerprints, same); err != nil {
		return nil, err
	}
	holders := map[string]string{}
	for _, fingerprint := range fingerprints {
		if holder := c.holder(fingerprint); holder != "" {
			holders[fingerprint] = holder
		}
	}
	return holders, nil
}

// KeysByHash finds keys; see table.Configuration.
func (c *Configuration) KeysByHash(_ context.Context, hash string) ([]access.Key, error) {
	defer c.mu.Unlock()
	if err := c.begin("KeysByHash", 1, 1); err != nil {
		return nil, err
	}
	var keys []access.Key
	for _, checked := range c.access {
		if checked.Hash() != "" && checked.Hash() == hash {
			keys = append(keys, checked.Key)
		}
	}
	slices.SortFunc(keys, func(a, b access.Key) int {
		return strings.Compare(a.Organization+"#"+a.Name, b.Organization+"#"+b.Name)
	})
	return keys, nil
}

// Sources reads sources that can be used; see table.Configuration.
func (c *Configuration) Sources(_ context.Context, organization string, names []string) (map[string]access.Source, error) {
	defer c.mu.Unlock()
	if err := c.begin("Sources", len(names), 100); err != nil {
		return nil, err
	}
	sources := map[string]access.Source{}
	for _, name := range names {
		path := parameter.Path{Organization: organization, Kind: parameter.Source, Name: name}
		if checked := c.access[path]; checked.Usable() {
			sources[name] = checked.Source
		}
	}
	return sources, nil
}

// Customer finds a customer's organization; see table.Configuration.
func (c *Configuration) Customer(_ context.Context, customer, alias string) (string, error) {
	defer c.mu.Unlock()
	if err := c.begin("Customer", 1, 1); err != nil {
		return "", err
	}
	path := parameter.Path{Kind: parameter.Customer, Name: access.CustomerName(customer, alias)}
	if checked := c.access[path]; checked.Usable() {
		return checked.Means, nil
	}
	return "", nil
}

// OrganizationSettings reads an organization's settings; see table.Configuration.
func (c *Configuration) OrganizationSettings(_ context.Context, organization string, names []string) (map[string]string, error) {
	defer c.mu.Unlock()
	if err := c.begin("OrganizationSettings", len(names), 100); err != nil {
		return nil, err
	}
	settings := map[string]string{}
	for _, name := range names {
		path := parameter.Path{Organization: organization, Kind: parameter.Setting, Name: name}
		if fact, there := c.facts[path]; there && fact.Usable() {
			settings[name] = fact.Value
		}
	}
	return settings, nil
}
