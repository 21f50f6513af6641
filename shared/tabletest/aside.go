package tabletest

import (
	"context"
	"strings"

	"crmhook/shared/setaside"
)

func asideKey(item setaside.Item) string {
	return item.Organization + "#setaside#" + asideID(item)
}

func asideID(item setaside.Item) string { return string(item.Source) + "#" + item.ID }

// SetAside keeps what nobody could read; see table.Ledger.
func (l *Ledger) SetAside(_ context.Context, items []setaside.Item) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["SetAside"] += calls(len(items), 25)
	for _, item := range items {
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
	var list []setaside.Item
	for key, item := range l.setAside {
		if strings.HasPrefix(key, organization+"#setaside#") {
			list = append(list, item)
		}
	}
	page, next := pageOf(list, asideID, after, limit)
	return page, next, nil
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
