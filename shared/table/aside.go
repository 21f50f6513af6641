package table

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/setaside"
)

// What was set aside lies under pk organization#setaside, sk source#id.
func asidePK(organization string) string { return organization + "#setaside" }

// SetAside keeps what nobody could read, without expiry; the same thing twice is kept once.
func (l Ledger) SetAside(ctx context.Context, items []setaside.Item) error {
	writes := map[string]types.WriteRequest{}
	for _, it := range items {
		item := key(asidePK(it.Organization), string(it.Source)+"#"+it.ID)
		item["at"], item["subject"], item["cause"], item["body"] = instant(it.At), text(it.Subject), text(it.Cause), text(it.Body)
		writes[it.Organization+" "+string(it.Source)+" "+it.ID] = put(item)
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
