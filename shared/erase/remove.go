package erase

import (
	"context"
	"fmt"

	"crmhook/shared/change"
)

// removeRecord puts a mark without data in the record's place, also where there is none: scan, which reads the mark after
// all that was written of the contact before, then looks through the directory once more. What others wrote since the
// record was read goes too.
func (e *erasure) removeRecord(ctx context.Context, p *person) error {
	if err := e.late(ctx); err != nil {
		return err
	}
	was, there, err := e.Records.Erase(ctx, p.is.Erase(change.OriginAPI, e.Now()))
	if err != nil {
		return fmt.Errorf("erase the contact: %w", err)
	}
	p.learn(was)
	e.found.Record = there && !was.Erased
	return nil
}

// removeDirectory removes all that the contact is found by, as the directory has it now.
func (e *erasure) removeDirectory(ctx context.Context, p *person) error {
	entries, claims, err := e.Directory.Of(ctx, e.contact)
	if err != nil {
		return fmt.Errorf("read what the contact is found by: %w", err)
	}
	p.found(entries, claims)
	if len(p.refs) == 0 {
		return nil
	}
	if err := e.Directory.Remove(ctx, p.entries()); err != nil {
		return fmt.Errorf("erase from directory: %w", err)
	}
	if err := e.Directory.Unclaim(ctx, p.entries()); err != nil {
		return fmt.Errorf("erase claims: %w", err)
	}
	e.found.Directory = len(p.refs)
	return nil
}
