package trigger

import "time"

// Status is what became of a trigger.
type Status string

// The statuses that the ledger holds.
const (
	// Waiting triggers are those whose sender asked for a delay beyond SQS's.
	Waiting Status = "waiting"
	Applied Status = "applied"
	// Unmatched ones found no contact, or several where one is needed; what does not need one was done.
	Unmatched Status = "unmatched"
	// Duplicate ones had been done before.
	Duplicate Status = "duplicate"
	// Failed ones can be replayed; they have no expiry.
	Failed Status = "failed"
)

// Entry is what the ledger keeps of a trigger.
type Entry struct {
	ID           string
	Organization string
	Platform     string
	Entity       string
	Action       string
	SourceID     int
	// At is the time at the door, EndedAt that of the last try.
	At, EndedAt time.Time
	Status      Status
	// Cause says why a trigger failed or matched nobody; it holds no personal data.
	Cause string
	Tries int
	// Records are the keys (order/Shopify-3-1) that the trigger concerned, at most 100 of them.
	Records []string
	// Message is the trigger as Encode wrote it, kept while it waits or has failed.
	Message []byte
	// Expires is when the ledger forgets it; zero: never.
	Expires time.Time
}

// MostRecords is how many of its records an entry names.
const MostRecords = 100

// Ended is the entry of a trigger after a try.
func (t Trigger) Ended(status Status, cause string, tries int, records []string, now, expires time.Time) Entry {
	return Entry{
		ID: t.ID, Organization: t.Organization, Platform: t.Platform, Entity: t.Entity, Action: t.Action, SourceID: t.SourceID,
		At: t.At, EndedAt: now, Status: status, Cause: cause, Tries: tries, Records: records[:min(len(records), MostRecords)], Expires: expires,
	}
}

// Kept is a message that names a trigger which the ledger keeps, in place of the trigger itself.
type Kept struct {
	Organization string `json:"organization"`
	ID           string `json:"kept"`
}
