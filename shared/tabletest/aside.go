package tabletest

import (
	"context"
	"strings"
	"time"

	"crmhook/shared/setaside"
)

func asideKey(item setaside.Item) string { return item.Organization + "#setaside#" + item.Key() }

// asidePlace is where what was set aside stands in the list.
func asidePlace(item setaside.Item) string { return placeAt(item.At) + "#" + item.Key() }

// SetAside keeps what nobody could read; see table.Ledger.
func (l *Ledger) SetAside(_ context.Context, items []setaside.Item) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["SetAside"] += calls(len(items), 25)
	for _, item := range items {
		item.At = kept(item.At)
		if err := l.write(item, func() { l.setAside[asideKey(item)] = item }); err != nil {
			return err
		}
	}
	return nil
}

// AsidePage reads a page of what was set aside; see table.Ledger.
func (l *Ledger) AsidePage(_ context.Context, organization, after string, limit int) ([]setaside.Item, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return nil, "", err
	}
	l.Calls["AsidePage"]++
	page, next := pageOf(l.asideOf(organization), setaside.Item.Key, after, limit)
	return page, next, nil
}

// AsideListed reads a page of what was set aside, newest first; see table.Ledger.
func (l *Ledger) AsideListed(_ context.Context, organization, after string, since, until time.Time, limit int) ([]setaside.Item, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return nil, "", err
	}
	var list []setaside.Item
	for _, item := range l.asideOf(organization) {
		if within(asidePlace(item), since, until) {
			list = append(list, item)
		}
	}
	page, next := pageOf(list, asidePlace, after, limit)
	l.Calls["AsideListed"] += 1 + calls(len(page), 25)
	return page, next, nil
}

func (l *Ledger) asideOf(organization string) []setaside.Item {
	var list []setaside.Item
	for key, item := range l.setAside {
		if strings.HasPrefix(key, organization+"#setaside#") {
			list = append(list, item)
		}
	}
	return list
}

// Aside reads one thing set aside; see table.Ledger.
func (l *Ledger) Aside(_ context.Context, organization, id string) (setaside.Item, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return setaside.Item{}, false, err
	}
	l.Calls["Aside"]++
	item, there := l.setAside[organization+"#setaside#"+id]
	return item, there, nil
}

// DropAside removes one thing set aside; see table.Ledger.
func (l *Ledger) DropAside(_ context.Context, organization, id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["DropAside"]++
	return l.write(nil, func() { delete(l.setAside, organization+"#setaside#"+id) })
}
