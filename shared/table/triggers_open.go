package table

import (
	"context"
	"fmt"

	"crmhook/shared/trigger"
)

// Entries that failed or wait are in the ledger's index byOpen: their `open` is organization#triggers#status, their `created`
// the id. Whatever else becomes of one is kept without these.
func openTriggers(organization string, status trigger.Status) string {
	return organization + "#triggers#" + string(status)
}

func listsOpen(status trigger.Status) bool {
	return status == trigger.Failed || status == trigger.Waiting
}

// Open reads an organization's entries that failed, or wait, without their messages and newest first: at most limit after an
// id, and the id to go on after; empty: there are no more. A page may be short and still go on, where what the index showed
// had changed. No other status has a list. A page is a query and a batch of reads.
func (t Triggers) Open(ctx context.Context, organization string, status trigger.Status, after string, limit int) (list []trigger.Entry, next string, err error) {
	if !listsOpen(status) {
		return nil, "", nil
	}
	keys := walkOf(t.index(byOpen, openAttribute, openTriggers(organization, status), stretch{}.onward(after)))
	list, next, err = gather(ctx, keys, limit, 0, func(keys []Item) ([]*trigger.Entry, error) { return t.still(ctx, organization, status, keys) })
	if err != nil {
		return nil, "", fmt.Errorf("list triggers: %w", err)
	}
	return list, next, nil
}

// still reads the entries that keys of an index stand for; nil: it is gone, or of another status by now.
func (t Triggers) still(ctx context.Context, organization string, status trigger.Status, keys []Item) ([]*trigger.Entry, error) {
	wanted, place := make([]Item, len(keys)), make(map[string]int, len(keys))
	for i, item := range keys {
		wanted[i], place[textOf(item, "sk")] = Item{"pk": item["pk"], "sk": item["sk"]}, i
	}
	items, err := t.getAll(ctx, wanted)
	if err != nil {
		return nil, err
	}
	found := make([]*trigger.Entry, len(keys))
	for _, item := range items {
		if e := entryOfTrigger(organization, item); e.Status == status {
			found[place[e.ID]] = &e
		}
	}
	return found, nil
}
