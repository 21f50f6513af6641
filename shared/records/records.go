// Package records is what the API does to the CRM's records: it reads, writes, merges and deletes one, writes up to a
// hundred at once, lists them, and saves and reads contacts as SecuTix's public service does. Everything that is wrong with
// a request is found at once and nothing is done then. It must not know HTTP, nor where records are kept.
//
// Errors are a *refusal.Refusal, or our own trouble. The locations of faults begin with the part of the request that they
// are in: path, query, header, or data and items for a body.
package records

import (
	"context"
	"io"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/crm"
	"crmhook/shared/once"
	"crmhook/shared/record"
)

// Pages reads the records of an entity that are not deleted, in the order of their ids, after the given one; more says
// whether others follow.
type Pages interface {
	Page(ctx context.Context, organization, entity, after string, most int) (page []record.Record, more bool, err error)
}

// Claims holds what is to be done once.
type Claims interface {
	Claim(ctx context.Context, claim once.Claim, limit *once.Limit, now time.Time) (once.Claim, once.Standing, error)
	Done(ctx context.Context, claim once.Claim, now time.Time) error
}

// Handler does what the API is asked for. Every field is required; it is safe for concurrent use.
type Handler struct {
	CRM    *crm.CRM
	Pages  Pages
	Claims Claims
	// Random is where the numbers of new contacts come from.
	Random io.Reader
	Now    func() time.Time
}

// Request is a request about one record.
type Request struct {
	change.Key
	// Origin is whose change it is: the caller's key says so.
	Origin string
	// IfMatch and IfNoneMatch are the headers' values, nil where a header was not sent.
	IfMatch, IfNoneMatch []string
	// Body is JSON: the data of Put, the merge patch of Patch.
	Body []byte
}

// Answer is a record as it is after a request.
type Answer struct {
	record.Record
	ETag string
	// Created: the record was not there before.
	Created bool
	// Known: the caller has this state already, as If-None-Match said.
	Known bool
}

// answer is the record with its ETag.
func answer(is record.Record) (Answer, error) {
	tag, err := is.ETag()
	return Answer{Record: is, ETag: tag}, err
}
