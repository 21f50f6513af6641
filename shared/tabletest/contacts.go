package tabletest

import (
	"context"
	"fmt"

	"crmhook/shared/directory"
	"crmhook/shared/record"
)

// mostClaims is how many values a contact can be made with.
const mostClaims = 10

// Contacts is a fake of table.Contacts.
type Contacts struct {
	Kill *Kill
	// Calls counts the calls that AWS would see, by name; the records' lock guards it.
	Calls map[string]int

	records   *Records
	directory *Directory
}

// NewContacts makes contacts in these fakes of the two tables.
func NewContacts(kill *Kill, records *Records, directory *Directory) *Contacts {
	return &Contacts{Kill: kill, Calls: map[string]int{}, records: records, directory: directory}
}

// Create makes a contact with its claims; see table.Contacts.
func (c *Contacts) Create(_ context.Context, contact record.Record, claims []directory.Claim) (bool, error) {
	c.records.mu.Lock()
	defer c.records.mu.Unlock()
	c.directory.mu.Lock()
	defer c.directory.mu.Unlock()
	if len(claims) > mostClaims {
		return false, fmt.Errorf("create %s: %d claims, at most %d are possible", contact.Key, len(claims), mostClaims)
	}
	is, err := keptRecord(contact)
	if err != nil {
		return false, fmt.Errorf("create %s: %w", contact.Key, err)
	}
	c.Calls["Create"]++
	created := false
	err = c.Kill.Write(func() {
		if created = c.free(contact, claims); !created {
			return
		}
		c.records.kept[contact.Key] = recordItem{Record: is}
		for _, claim := range claims {
			c.directory.holders[claim.Ref] = contact.ID
		}
	})
	return created, err
}

// free reports whether nothing is in the way.
func (c *Contacts) free(contact record.Record, claims []directory.Claim) bool {
	if _, there := c.records.kept[contact.Key]; there {
		return false
	}
	for _, claim := range claims {
		holder := c.directory.holders[claim.Ref]
		if holder != "" && holder != claim.Over && holder != contact.ID {
			return false
		}
	}
	return true
}
