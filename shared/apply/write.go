package apply

import (
	"cmp"
	"context"
	"fmt"

	"crmhook/shared/change"
	"crmhook/shared/crm"
	"crmhook/shared/platform"
	"crmhook/shared/record"
)

// clock is where the trigger's state stands among those of its source.
func (j *job) clock() (source string, state record.State) {
	at := j.plan.At
	if at.IsZero() {
		at = j.trigger.SignedAt
	}
	if at.IsZero() {
		at = j.trigger.At
	}
	return record.Source(j.trigger.Platform, j.trigger.SourceID), record.State{At: at, Door: j.trigger.At}
}

// writes are the changes to records, told the number of the contact that they concern.
func (j *job) writes(list []platform.Write, contact string) []crm.Change {
	changes := make([]crm.Change, len(list))
	for i, w := range list {
		c := crm.Change{
			Key:    change.Key{Organization: j.trigger.Organization, Entity: w.Entity, ID: w.ID},
			Origin: j.trigger.Origin(),
		}
		if w.Ordered {
			c.Source, c.State = j.clock()
		}
		c.Apply = func(now record.Record) (map[string]any, error) {
			data := w.Change(now.Data, contact)
			platform.Place(j.trigger, data, w.Entity == change.Contact && now.Exists())
			return data, nil
		}
		changes[i] = c
	}
	return changes
}

// change makes the changes and notes what they did. Those that fail fail the trigger; the others are done.
func (j *job) change(ctx context.Context, changes []crm.Change) error {
	if len(changes) == 0 {
		return nil
	}
	results, err := j.handler.CRM.Change(ctx, changes)
	if err != nil {
		return err
	}
	var failed error
	for i, r := range results {
		j.concerned(changes[i].Key.String())
		j.wrote = j.wrote || r.Outcome != crm.Unchanged && r.Outcome != crm.Older
		if r.Err != nil {
			failed = cmp.Or(failed, fmt.Errorf("change %s: %w", changes[i].Key.Entity, r.Err))
		}
	}
	return failed
}
