package table

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/setaside"
)

// What was set aside lies under pk organization#setaside, sk source#id. The ledger's index byOpen has it too: its `open` is the
// pk, which no status is called, its `created` the time in milliseconds, 13 digits, and source#id.
func asidePK(organization string) string { return organization + "#setaside" }

// SetAside keeps what nobody could read, without expiry; the same thing twice is kept once.
func (l Ledger) SetAside(ctx context.Context, items []setaside.Item) error {
	writes := map[string]types.WriteRequest{}
	for _, it := range items {
		item := key(asidePK(it.Organization), it.Key())
		item["at"], item["subject"], item["cause"], item["body"] = instant(it.At), text(it.Subject), text(it.Cause), text(it.Body)
		item[openAttribute], item[createdAttribute] = text(asidePK(it.Organization)), text(digits(it.At)+"#"+it.Key())
		writes[it.Organization+" "+it.Key()] = put(item)
	}
	list := make([]types.WriteRequest, 0, len(writes))
	for _, write := range writes {
		list = append(list, write)
	}
	if err := l.writeAll(ctx, list); err != nil {
		return fmt.Errorf("set aside: %w", err)
	}
	return nil
}

// AsidePage reads what was set aside, of source#id downwards and strongly consistent: at most limit items after an id, fewer
// where their bodies pass a mebibyte, and the id to go on after; empty: there are no more.
func (l Ledger) AsidePage(ctx context.Context, organization, after string, limit int) (list []setaside.Item, next string, err error) {
	d := l.partition(asidePK(organization), stretch{}.onward(after))
	items, err := d.once(ctx, limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("list what was set aside: %w", err)
	}
	if more := len(items) > limit; more || !d.done && len(items) > 0 {
		items = items[:min(len(items), limit)]
		next = textOf(items[len(items)-1], "sk")
	}
	for _, item := range items {
		list = append(list, asideOf(organization, item))
	}
	return list, next, nil
}

// Bounds of a page of what was set aside: how many are read at once, and the bytes of bodies after which it ends.
const (
	asideAtOnce = 25
	asideShown  = 1 << 20
)

// AsideListed reads what was set aside, newest first: at most limit items after a place that an earlier page named, set aside
// from since on and before until, where these are given; fewer where their bodies pass a mebibyte. Next is the place to go on
// after; empty: there are no more. It shows a write a moment later. A page costs a query, and a batch of reads for each 25.
func (l Ledger) AsideListed(ctx context.Context, organization, after string, since, until time.Time, limit int) (list []setaside.Item, next string, err error) {
	var between stretch
	if !since.IsZero() {
		between.from = digits(ceiling(since))
	}
	if !until.IsZero() {
		between.to = digits(ceiling(until))
	}
	w, size := walkOf(l.index(byOpen, openAttribute, asidePK(organization), between.onward(after))), 0
	for range mostRounds {
		keys, more, err := w.take(ctx, min(limit-len(list), asideAtOnce))
		if err != nil {
			return nil, "", fmt.Errorf("list what was set aside: %w", err)
		}
		found, err := l.asideAt(ctx, organization, keys)
		if err != nil {
			return nil, "", fmt.Errorf("list what was set aside: %w", err)
		}
		for i, key := range keys {
			next = textOf(key, createdAttribute)
			item, there := found[next]
			if !there {
				continue
			}
			list, size = append(list, item), size+len(item.Body)
			if full := len(list) == limit || size > asideShown; full && (more || i+1 < len(keys)) {
				return list, next, nil
			}
		}
		if !more {
			return list, "", nil
		}
	}
	return list, next, nil
}

// asideAt reads what keys of the index stand for, by its place: what is gone, or was set aside again since, is left out.
func (l Ledger) asideAt(ctx context.Context, organization string, keys []Item) (map[string]setaside.Item, error) {
	places := map[string]Item{}
	for _, k := range keys {
		places[textOf(k, "sk")] = key(textOf(k, "pk"), textOf(k, "sk"))
	}
	items, err := l.getAll(ctx, slices.Collect(maps.Values(places)))
	if err != nil {
		return nil, err
	}
	found := make(map[string]setaside.Item, len(items))
	for _, item := range items {
		found[textOf(item, createdAttribute)] = asideOf(organization, item)
	}
	return found, nil
}

func asideOf(organization string, item Item) setaside.Item {
	source, id, _ := strings.Cut(textOf(item, "sk"), "#")
	return setaside.Item{
		Organization: organization, Source: setaside.Source(source), ID: id, At: instantOf(item, "at"), Subject: textOf(item, "subject"),
		Cause: textOf(item, "cause"), Body: textOf(item, "body"),
	}
}

// Aside reads one thing that was set aside by its source#id, strongly consistent; false if there is none.
func (l Ledger) Aside(ctx context.Context, organization, id string) (setaside.Item, bool, error) {
	item, err := l.get(ctx, asidePK(organization), id)
	if err != nil || item == nil {
		return setaside.Item{}, false, err
	}
	return asideOf(organization, item), true, nil
}

// DropAside removes what was set aside by its source#id, also where it is gone already.
func (l Ledger) DropAside(ctx context.Context, organization, id string) error {
	if _, err := l.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &l.Name, Key: key(asidePK(organization), id)}); err != nil {
		return fmt.Errorf("drop what was set aside: %w", err)
	}
	return nil
}
