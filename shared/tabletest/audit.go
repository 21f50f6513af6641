package tabletest

import (
	"context"
	"time"

	"crmhook/shared/audit"
)

// Record keeps an entry of the audit; see table.Ledger.
func (l *Ledger) Record(_ context.Context, e audit.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["Record"]++
	e.At = kept(e.At)
	return l.write(e, func() {
		if l.audit[e.Organization] == nil {
			l.audit[e.Organization] = map[string]audit.Entry{}
		}
		l.audit[e.Organization][e.ID] = e
	})
}

// Recorded reads a page of the audit; see table.Ledger.
func (l *Ledger) Recorded(_ context.Context, organization, after string, since, until time.Time, limit int) ([]audit.Entry, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return nil, "", err
	}
	l.Calls["Recorded"]++
	var list []audit.Entry
	for _, e := range l.audit[organization] {
		if within(placeAt(e.At)+"#", since, until) {
			list = append(list, e)
		}
	}
	page, next := pageOf(list, func(e audit.Entry) string { return e.ID }, after, limit)
	return page, next, nil
}
