package erase

import (
	"context"
	"fmt"

	"crmhook/shared/change"
)

// removeRecord puts a mark without data in the record's place, also where there is none: scan, which reads the mark after
// all that was written of the contact before, then looks through the directory once more. What others wrote since the
// record was read goes too.
func (j *job) removeRecord(ctx context.Context, p *person) error {
	if err := j.late(ctx); err != nil {
		return err
	}
	was, there, err := j.Records.Erase(ctx, p.is.Erase(change.OriginAPI, j.Now()))
	if err != nil {
		return fmt.Errorf("erase the contact: %w", err)
	}
	p.learn(was)
	j.found.Record = there && !was.Erased
	return nil
}

// removeDirectory removes all that the contact is found by, as the directory has it now.
func (j *job) removeDirectory(ctx context.Context, p *person) error {
	entries, claims, err := j.Directory.Of(ctx, j.contact)
	if err != nil {
		return fmt.Errorf("read what the contact is found by: %w", err)
	}
	p.found(entries, claims)
	if len(p.refs) == 0 {
		return nil
	}
	if err := j.Directory.Remove(ctx, p.entries()); err != nil {
		return fmt.Errorf("erase from directory: %w", err)
	}
	if err := j.Directory.Unclaim(ctx, p.entries()); err != nil {
		return fmt.Errorf("erase claims: %w", err)
	}
	j.found.Directory = len(p.refs)
	return nil
}
