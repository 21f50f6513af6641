package crm

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"crmhook/shared/change"
	"crmhook/shared/directory"
	"crmhook/shared/reach"
	"crmhook/shared/record"
)

// NewContact is a contact to be made.
type NewContact struct {
	Organization string
	// Number is its contactNumber: the same each time that the same contact is to be made.
	Number string
	Data   map[string]any
	Origin string
	// Source and State are those of the platform's state, where it has one.
	Source string
	State  record.State
	// Claims are the values that it was looked for by and not found, each with the stale holder that Find told of.
	Claims []directory.Claim
}

// Create makes a contact; false: a contact of that number is there, or another one was made for one of the claims
// meanwhile. It is in the directory before it is there.
func (c *CRM) Create(ctx context.Context, n NewContact) (record.Record, bool, error) {
	if err := record.Fits(n.Data); err != nil {
		return record.Record{}, false, err
	}
	is := record.Record{Key: change.Key{Organization: n.Organization, Entity: change.Contact, ID: n.Number}}
	is, _ = is.With(n.Data, n.Origin, c.Now())
	if n.Source != "" {
		is = is.Took(n.Source, n.State)
	}
	entries, _ := reach.Diff(n.Organization, n.Number, nil, n.Data)
	if err := c.announce(ctx, entries); err != nil {
		return is, false, err
	}
	created, err := c.Contacts.Create(ctx, is, n.Claims)
	if err != nil {
		return is, false, fmt.Errorf("create contact: %w", err)
	}
	if !created {
		return is, false, c.taken(ctx, is.Key, entries)
	}
	return is, true, nil
}

// taken looks whether the number is one of a contact that was erased, which must not be found by what was announced.
func (c *CRM) taken(ctx context.Context, key change.Key, announced []directory.Entry) error {
	found, err := c.Read(ctx, []change.Key{key})
	if err != nil || !found[key].Erased {
		return err
	}
	return c.withdraw(ctx, announced)
}

// NumberFrom is a contactNumber of 20 letters and digits that is made from parts, the same each time.
func NumberFrom(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return numbers.EncodeToString(sum[:13])[:change.MaxContactNumber]
}

// numbers are written in Crockford's base 32: nothing in them is mistaken for something else.
var numbers = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)
