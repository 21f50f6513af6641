// Package erase removes a person's data from all that crmhook keeps beside the configuration, and says what it found. It
// must not know where anything is kept, nor whether a caller may ask.
//
// What is removed of a contact:
//
//   - its record, or the mark of its deletion, with all that other programs kept there. The mark that takes its place holds
//     the contactNumber, and goes after record.MarkKept. Event webhooks and rules that were concerned by the contact as it
//     was are told that it was deleted, with its contactNumber alone; contact webhooks and crm-triggers are told nothing.
//   - what the directory finds it by, and the claims to it; once more by scan when it reads the erasure, as somebody may have
//     been about to write the contact then.
//   - of the deliveries that concern it: the bodies of its events, and answers and details of all attempts, as receivers
//     repeat what they were sent, also of buckets with other contacts. Its events that are pending end as cancelled, what is
//     stopped and concerns it alone as dismissed. Buckets go on: they hold no data, and when one is sent the contact is gone;
//     so do events that tell of the erasure.
//   - the notices that wait for a digest, as they quote answers.
//   - messages of triggers that failed or wait and name the person by number, e-mail address, phone number or outside id;
//     the entry stays, as one that failed, and says so.
//   - changes and messages that were set aside, likewise.
//
// What is not:
//
//   - records of other entities that name the person, such as orders and messages, with their events: they are the
//     organization's business records, which it deletes as it must. They are not counted: nothing lists them by contact.
//     So it is with other contacts, also those that were merged into this one.
//   - the contactNumber in deliveries, executions, rows of the backlog, rules' counters, results of Idempotency-Key (7 days,
//     with a hash of the content), the audit, and configuration. Keys of what is done once name the platform's event, not the
//     person.
//   - what was set aside of no known organization, and lines of an uploaded file that name no contact, which stay as long as
//     their execution: whose they are is not known.
//   - triggers that fail later, and events of changes that scan has not read yet, about a minute's: a call after that finds
//     what they leave. A platform that still knows the person may tell of them again, which makes a new contact.
//   - what leaves by itself: the stream within 24 hours, messages in queues within 10 days (no event that was cancelled is
//     sent: its delivery has ended), stopped ones, notices on their way to people, and dead letters within 14, and backups
//     for point-in-time recovery within 35.
//
// The work grows with what concerns the contact, and with the organization's triggers that failed or wait and what it set
// aside, which have to be read to be judged.
package erase

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"crmhook/shared/audit"
	"crmhook/shared/change"
	"crmhook/shared/directory"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/record"
	"crmhook/shared/refusal"
	"crmhook/shared/trigger"
)

// Found is what was found of a person and removed.
type Found struct {
	// Record says that there was a record, or the mark of one that was deleted.
	Record bool `json:"record"`
	// Directory counts the e-mail addresses, phone numbers and outside ids by which the contact was found.
	Directory int `json:"directory"`
	// Deliveries counts those that concerned the contact; Bodies the events' bodies that were removed of them, Answers the
	// attempts whose answers were, Cancelled the deliveries that were still to be sent and are not.
	Deliveries int `json:"deliveries"`
	Bodies     int `json:"bodies"`
	Answers    int `json:"answers"`
	Cancelled  int `json:"cancelled"`
	// Triggers counts the kept triggers that named the person, which are removed; SetAside the changes and messages.
	Triggers int `json:"triggers"`
	SetAside int `json:"setAside"`
}

// Records keeps records; see package crm. Erase puts a mark in the place of whatever is there and returns it.
type Records interface {
	Records(ctx context.Context, keys []change.Key) (map[change.Key]record.Record, error)
	Erase(ctx context.Context, mark record.Record) (was record.Record, there bool, err error)
}

// Directory says by what a contact is found, and forgets it.
type Directory interface {
	Of(ctx context.Context, contact change.Key) (entries, claims []directory.Entry, err error)
	Remove(ctx context.Context, entries []directory.Entry) error
	Unclaim(ctx context.Context, claims []directory.Entry) error
}

// Configuration is what configure has written.
type Configuration interface {
	Interfaces(ctx context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error)
}

// Audit keeps who asked.
type Audit interface {
	Record(ctx context.Context, e audit.Entry) error
}

// Handler is the use case. Every field is required.
type Handler struct {
	Records   Records
	Directory Directory
	Ledger    Ledger
	Triggers  Triggers
	// Configuration has the interfaces for which stopped events may be replayed at this moment.
	Configuration Configuration
	Audit         Audit

	Random io.Reader
	Log    *slog.Logger
	Now    func() time.Time
}

// Erase removes a contact's data. by is who asks, as access.Key.By gives it. It may be repeated: whoever died, ran out of time
// or came while a request was under way left what a second call finds. Where not all could be done it is a refusal with 503
// that says what was, and asks to call again; Found holds what this call did.
func (h *Handler) Erase(ctx context.Context, organization, contact, by string) (Found, error) {
	if err := change.CheckID(change.Contact, contact); err != nil {
		return Found{}, refusal.Faulty(http.StatusUnprocessableEntity, fault.List{{Location: "id", Message: err.Error()}})
	}
	e := h.erasure(ctx, change.Key{Organization: organization, Entity: change.Contact, ID: contact})
	if err := h.record(ctx, e.contact, by); err != nil {
		return Found{}, err
	}
	err := e.run(ctx)
	h.Log.Info("erased", "organization", organization, "contact", contact, "by", by, "record", e.found.Record, "directory", e.found.Directory,
		"deliveries", e.found.Deliveries, "bodies", e.found.Bodies, "answers", e.found.Answers, "cancelled", e.found.Cancelled,
		"triggers", e.found.Triggers, "set_aside", e.found.SetAside, "busy", e.busy, "done", err == nil, "duration_ms", h.Now().Sub(e.start).Milliseconds())
	return e.found, err
}

// record says who asked for it, with nothing of the person but the id.
func (h *Handler) record(ctx context.Context, contact change.Key, by string) error {
	id, err := trigger.NewID(h.Now(), h.Random)
	if err == nil {
		err = h.Audit.Record(ctx, audit.Entry{
			ID: id, Organization: contact.Organization, At: h.Now(), By: by, Action: audit.Erase, Subject: "contact " + contact.ID,
		})
	}
	if err != nil {
		return fmt.Errorf("record an erasure: %w", err)
	}
	return nil
}

// Ledger keeps deliveries with all that lies beside them, notices, and what was set aside.
type Ledger interface {
	Deliveries
	Attempts
	Bodies
	Notices
	Aside
}
