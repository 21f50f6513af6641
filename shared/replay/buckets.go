package replay

import (
	"context"
	"fmt"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
)

// raise counts a change of each record, as scan does, and then has dispatch look at the lanes.
func (r *Replayer) raise(ctx context.Context, buckets []candidate) error {
	if len(buckets) == 0 {
		return nil
	}
	now := r.Now()
	var additions []backlog.Addition
	var entries []backlog.Entry
	rows, lanes := map[backlog.Ref]bool{}, map[backlog.Lane]bool{}
	for _, c := range buckets {
		lane := backlog.Lane{Organization: c.is.Organization, Interface: c.is.Name, Generation: c.is.Generation}
		for _, record := range c.was.Records {
			ref := backlog.Ref{Lane: lane, Record: record}
			if !rows[ref] {
				rows[ref] = true
				additions = append(additions, backlog.Addition{Lane: lane, Record: record, Changes: 1, Since: now})
			}
		}
		if lanes[lane] {
			continue
		}
		lanes[lane] = true
		token, err := delivery.NewExecution(now, r.Random)
		if err != nil {
			return err
		}
		entries = append(entries, backlog.Entry{Lane: lane, Purpose: backlog.Run, Due: now.Truncate(time.Second), Token: token})
	}
	if err := r.Rows.Add(ctx, additions); err != nil {
		return err
	}
	if err := r.Agenda.Put(ctx, entries); err != nil {
		return fmt.Errorf("tell the agenda: %w", err)
	}
	return nil
}
