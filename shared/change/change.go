// Package change says what happened to one record: created, edited or deleted, by whom and when, as the records
// table's stream tells it. It must not know how a stream is read or where a change goes.
package change

import (
	"strings"
	"time"
)

// Kind is what happened to the record.
type Kind string

// The three kinds of change.
const (
	Create Kind = "create"
	Edit   Kind = "edit"
	Delete Kind = "delete"
)

// OriginAPI is the origin of a change whose writer did not say who made it.
const OriginAPI = "api"

// Key names a record of one organization.
type Key struct {
	Organization string
	Entity       string
	ID           string
}

// String is "entity/id", the form in which messages, ledger and API name a record of a known organization.
func (k Key) String() string { return k.Entity + "/" + k.ID }

// ParseKey reads "entity/id"; the id may itself hold slashes.
func ParseKey(organization, text string) (Key, bool) {
	entity, id, ok := strings.Cut(text, "/")
	return Key{Organization: organization, Entity: entity, ID: id}, ok && entity != "" && id != ""
}

// Change is one create, edit or delete of a record.
type Change struct {
	Key
	Kind Kind
	// Origin says who made the change: agent-console, api, bulk, csv-import, auto-log or inbound:<Platform>.
	Origin string
	// Sequence is the stream's sequence number; it rises per record.
	Sequence string
	// At is the write's updatedAt where the writer is one of ours, else the stream's time.
	At time.Time
	// Old and New are the record's data before and after; Old is nil for a create, New for a delete.
	Old, New map[string]any
	// Erased says that a person's data was erased: nothing of Old may be told or kept, but that the record is gone.
	Erased bool
}
