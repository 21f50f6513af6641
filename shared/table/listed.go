package table

import (
	"context"
	"fmt"
	"strings"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
)

// Listed reads a page of a list, newest first: at most limit deliveries after a place that an earlier page named, and the
// place to go on after; empty: there are no more. A page may be short, or empty, and still go on, where little of what was
// looked at matched. Deliveries that are gone or no longer of the status are left out. A page costs a query, or four of an
// interface without a status, and a batch of reads.
func (l Ledger) Listed(ctx context.Context, s delivery.Selection, after string, limit int) (list []delivery.Delivery, next string, err error) {
	list, next, err = gather(ctx, l.walk(s, after), limit, atOnce(s), func(keys []Item) ([]*delivery.Delivery, error) {
		return l.matching(ctx, s, keys)
	})
	if err != nil {
		return nil, "", fmt.Errorf("list deliveries: %w", err)
	}
	return list, next, nil
}

// CountListed counts the deliveries of a status that match. Of an interface or organization it reads keys only, of a record
// the deliveries too.
func (l Ledger) CountListed(ctx context.Context, s delivery.Selection) (int, error) {
	count, w := 0, l.walk(s, "")
	if !mixed(s) {
		for _, list := range w.lists {
			n, err := list.count(ctx)
			if err != nil {
				return 0, fmt.Errorf("count deliveries: %w", err)
			}
			count += n
		}
		return count, nil
	}
	for more := true; more; {
		var keys []Item
		var err error
		if keys, more, err = w.take(ctx, batchReads); err != nil {
			return 0, fmt.Errorf("count deliveries: %w", err)
		}
		found, err := l.matching(ctx, s, keys)
		if err != nil {
			return 0, fmt.Errorf("count deliveries: %w", err)
		}
		for _, d := range found {
			if d != nil {
				count++
			}
		}
	}
	return count, nil
}

// mixed reports whether the list that is read holds others than those selected.
func mixed(s delivery.Selection) bool { return s.Record != "" && (s.Interface != "" || s.Status != "") }

// atOnce is how many deliveries are looked at in one go beyond those that a page lacks.
func atOnce(s delivery.Selection) int {
	if mixed(s) {
		return batchReads
	}
	return 0
}

// walk reads the narrowest list that has all that is selected.
func (l Ledger) walk(s delivery.Selection, after string) *walk {
	var between stretch
	if !s.Since.IsZero() {
		between.from = digits(ceiling(s.Since))
	}
	if !s.Until.IsZero() {
		between.to = digits(ceiling(s.Until))
	}
	between = between.onward(after)
	switch {
	case s.Record != "":
		return walkOf(l.index(byRecord, ofRecord, recordList(s.Organization, s.Record), between))
	case s.Status != "" && s.Interface != "":
		return walkOf(l.index(byOpenInterface, openInterface, openInterfaceList(s.Organization, s.Interface, s.Status), between))
	case s.Status != "":
		return walkOf(l.index(byOpen, openAttribute, openList(s.Organization, s.Status), between))
	}
	lists := make([]*downward, backlog.Shards)
	for shard := range lists {
		lists[shard] = l.index(byInterface, ofInterface, interfaceShard(s.Organization, s.Interface, shard), between)
	}
	return walkOf(lists...)
}

// matching reads the deliveries that keys of an index stand for; nil: it is gone, or not selected.
func (l Ledger) matching(ctx context.Context, s delivery.Selection, keys []Item) ([]*delivery.Delivery, error) {
	refs := make([]delivery.Ref, len(keys))
	for i, item := range keys {
		_, id, _ := strings.Cut(textOf(item, "pk"), "#delivery#")
		refs[i] = delivery.Ref{Organization: s.Organization, ID: id}
	}
	there, err := l.Deliveries(ctx, refs)
	if err != nil {
		return nil, err
	}
	found := make([]*delivery.Delivery, len(keys))
	for i, ref := range refs {
		d, ok := there[ref]
		if ok && (s.Interface == "" || d.Interface == s.Interface) && (s.Status == "" || d.Listed() == s.Status) {
			found[i] = &d
		}
	}
	return found, nil
}
