package tabletest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"crmhook/shared/directory"
)

// mostContacts is how many contacts of a value are found.
const mostContacts = 100

// Directory is a fake of table.Directory.
type Directory struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by name.
	Calls map[string]int

	mu      sync.Mutex
	entries map[directory.Entry]bool
	holders map[directory.Ref]string
}

// NewDirectory is an empty directory.
func NewDirectory(kill *Kill) *Directory {
	return &Directory{Kill: kill, Calls: map[string]int{}, entries: map[directory.Entry]bool{}, holders: map[directory.Ref]string{}}
}

// All lists the entries, in no order.
func (d *Directory) All() []directory.Entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Collect(maps.Keys(d.entries))
}

// Find looks values up; see table.Directory.
func (d *Directory) Find(_ context.Context, refs []directory.Ref) (map[directory.Ref]directory.Found, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Kill.Alive(); err != nil {
		return nil, err
	}
	found := map[directory.Ref]directory.Found{}
	for _, ref := range refs {
		if _, twice := found[ref]; twice {
			continue
		}
		d.Calls["Find"]++
		found[ref] = d.find(ref)
	}
	maps.DeleteFunc(found, func(_ directory.Ref, f directory.Found) bool { return f.Holder == "" && f.Contacts == nil })
	return found, nil
}

func (d *Directory) find(ref directory.Ref) directory.Found {
	var contacts []string
	for entry := range d.entries {
		if entry.Ref == ref {
			contacts = append(contacts, entry.Contact)
		}
	}
	slices.Sort(contacts)
	return directory.Found{Contacts: contacts[:min(len(contacts), mostContacts)], Holder: d.holders[ref]}
}

// Add keeps entries; see table.Directory.
func (d *Directory) Add(_ context.Context, entries []directory.Entry) error {
	return d.each("Add", entries, func(entry directory.Entry) { d.entries[entry] = true })
}

// Retire keeps entries until a time; see table.Directory. The fake, as DynamoDB, is in no hurry to forget them.
func (d *Directory) Retire(_ context.Context, entries []directory.Entry, _ time.Time) error {
	return d.each("Retire", entries, func(entry directory.Entry) { d.entries[entry] = true })
}

// Remove forgets entries; see table.Directory.
func (d *Directory) Remove(_ context.Context, entries []directory.Entry) error {
	return d.each("Remove", entries, func(entry directory.Entry) { delete(d.entries, entry) })
}

func (d *Directory) each(call string, entries []directory.Entry, write func(directory.Entry)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	once := map[directory.Entry]bool{}
	for _, entry := range entries {
		if entry.Contact == "" || strings.HasPrefix(entry.Contact, "#") || once[entry] {
			continue
		}
		once[entry] = true
		if err := d.Kill.Write(func() { write(entry) }); err != nil {
			return err
		}
	}
	d.Calls[call] += calls(len(once), 25)
	return nil
}
