package crm

import (
	"context"
	"fmt"
	"slices"

	"crmhook/shared/change"
	"crmhook/shared/directory"
	"crmhook/shared/reach"
	"crmhook/shared/record"
)

// Match is what a value was found to mean.
type Match struct {
	// Contacts have the value now. One that was merged into another stands for that one.
	Contacts []record.Record
	// Gone are contacts that had the value when they were deleted.
	Gone []record.Record
	// Stale is the holder of the claim to the value, where it does not have the value any more.
	Stale string
}

// Find looks values up. Each hit is checked against the contact, since the directory may be older.
func (c *CRM) Find(ctx context.Context, refs []directory.Ref) (map[directory.Ref]Match, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	found, err := c.Directory.Find(ctx, refs)
	if err != nil {
		return nil, fmt.Errorf("look up contacts: %w", err)
	}
	hits := map[directory.Ref][]change.Key{}
	var keys []change.Key
	for ref, f := range found {
		for _, number := range f.Contacts {
			key := change.Key{Organization: ref.Organization, Entity: change.Contact, ID: number}
			hits[ref], keys = append(hits[ref], key), append(keys, key)
		}
	}
	contacts, err := c.Read(ctx, keys)
	if err != nil {
		return nil, err
	}
	matches := make(map[directory.Ref]Match, len(refs))
	for _, ref := range refs {
		match := Match{Stale: found[ref].Holder}
		for _, key := range hits[ref] {
			is, there := contacts[key]
			if !there || !reach.Has(is.Data, ref) {
				continue
			}
			if is.Deleted {
				match.Gone = append(match.Gone, is)
				continue
			}
			if key.ID == match.Stale {
				match.Stale = ""
			}
			match.Contacts = append(match.Contacts, is)
		}
		if match.Contacts, err = c.survivors(ctx, match.Contacts); err != nil {
			return nil, err
		}
		matches[ref] = match
	}
	return matches, nil
}

// Read reads records as they are, each once; those that cannot be read are left out.
func (c *CRM) Read(ctx context.Context, keys []change.Key) (map[change.Key]record.Record, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	unique := make([]change.Key, 0, len(keys))
	for _, key := range keys {
		if !slices.Contains(unique, key) {
			unique = append(unique, key)
		}
	}
	found, err := c.Records.Records(ctx, unique)
	if err != nil && len(unreadable(err)) == 0 {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return found, nil
}

// hops bounds how far merges are followed.
const hops = 5

// survivors puts the contact that one was merged into in its place, and names each once.
func (c *CRM) survivors(ctx context.Context, contacts []record.Record) ([]record.Record, error) {
	for range hops {
		var next []change.Key
		for _, is := range contacts {
			if into := mergedInto(is); into != "" {
				next = append(next, change.Key{Organization: is.Organization, Entity: change.Contact, ID: into})
			}
		}
		if len(next) == 0 {
			break
		}
		found, err := c.Read(ctx, next)
		if err != nil {
			return nil, err
		}
		for i, is := range contacts {
			into := change.Key{Organization: is.Organization, Entity: change.Contact, ID: mergedInto(is)}
			if survivor, ok := found[into]; ok && survivor.Exists() {
				contacts[i] = survivor
			}
		}
		if len(found) == 0 {
			break
		}
	}
	var distinct []record.Record
	for _, is := range contacts {
		if !slices.ContainsFunc(distinct, func(d record.Record) bool { return d.Key == is.Key }) {
			distinct = append(distinct, is)
		}
	}
	return distinct, nil
}

func mergedInto(contact record.Record) string {
	into, _ := contact.Data["mergedInto"].(string)
	return into
}
