// Package crm keeps the CRM's records for those who write them from outside: it changes them on the condition that nobody
// wrote in between, finds contacts through the directory, and makes new ones once. The API and the triggers of platforms
// both go through it. It must not know where records are kept, nor who asks.
package crm

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/directory"
	"crmhook/shared/record"
)

// Records keeps records. Deleted ones are read with their mark; those that were never there are left out. Of records that
// cannot be read the error names the keys (Unreadable), and the others are read.
type Records interface {
	Records(ctx context.Context, keys []change.Key) (map[change.Key]record.Record, error)
	// Write writes each record if it still is what Was was read as, and answers for each whether it did.
	Write(ctx context.Context, writes []record.Write) ([]bool, error)
}

// Contacts makes a contact that is not there, together with its claims: all or nothing. False: it is there, or somebody
// holds one of the claims.
type Contacts interface {
	Create(ctx context.Context, contact record.Record, claims []directory.Claim) (bool, error)
}

// Directory finds contacts, and is told of what they can be found by.
type Directory interface {
	Find(ctx context.Context, refs []directory.Ref) (map[directory.Ref]directory.Found, error)
	Add(ctx context.Context, entries []directory.Entry) error
	Remove(ctx context.Context, entries []directory.Entry) error
}

// CRM changes records. Every field is required; it is safe for concurrent use.
type CRM struct {
	Records   Records
	Contacts  Contacts
	Directory Directory
	Now       func() time.Time
	// Pause waits before try n (1 …) of what another writer was faster in; Jittered is what functions use.
	Pause func(ctx context.Context, n int) error
}

// Jittered waits 20 ms before the first try, then twice as long, a second at most, less a random part of up to a half.
func Jittered(ctx context.Context, n int) error {
	d := min(10*time.Millisecond<<n, time.Second)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d - rand.N(d/2)):
		return nil
	}
}

// tries is how often a change is begun anew because somebody else wrote the record meanwhile.
const tries = 10

// What a change fails with.
var (
	// ErrBusy: others wrote the record again and again. It is worth trying later.
	ErrBusy = errors.New("others write the record all the time")
	// ErrUnreadable: the record is kept in a form that cannot be read, as another program wrote it.
	ErrUnreadable = errors.New("the record cannot be read: another program wrote it in a form that is no record's")
)
