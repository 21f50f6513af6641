package tabletest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"crmhook/shared/delivery"
)

// listedRecords are what lies beside a delivery of several records so that each of them finds it.
type listedRecords struct {
	records []string
	expires time.Time
}

// placeOf is where a delivery stands in the lists.
func placeOf(d delivery.Delivery) string { return placeAt(d.CreatedAt) + "#" + d.ID }

// placeAt is a time's part of a place; a bound's is the first whole millisecond that is not before it.
func placeAt(at time.Time) string {
	ms := at.UnixMilli()
	if at.After(time.UnixMilli(ms)) {
		ms++
	}
	return fmt.Sprintf("%013d", min(max(ms, 0), 9_999_999_999_999))
}

// Listed reads a page of a list; see table.Ledger.
func (l *Ledger) Listed(_ context.Context, s delivery.Selection, after string, limit int) ([]delivery.Delivery, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return nil, "", err
	}
	list, next := pageOf(l.selected(s), placeOf, after, limit)
	l.Calls["Listed"] += 1 + calls(len(list), 100)
	return list, next, nil
}

// CountListed counts what a list has; see table.Ledger.
func (l *Ledger) CountListed(_ context.Context, s delivery.Selection) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return 0, err
	}
	l.Calls["CountListed"]++
	return len(l.selected(s)), nil
}

// pageOf sorts a list newest first and gives the page that follows a place.
func pageOf[T any](list []T, place func(T) string, after string, limit int) (page []T, next string) {
	slices.SortFunc(list, func(a, b T) int { return strings.Compare(place(b), place(a)) })
	for _, one := range list {
		if after != "" && place(one) >= after {
			continue
		}
		if len(page) == limit {
			return page, place(page[limit-1])
		}
		page = append(page, one)
	}
	return page, ""
}

func (l *Ledger) selected(s delivery.Selection) []delivery.Delivery {
	var list []delivery.Delivery
	for ref, d := range l.deliveries {
		switch {
		case ref.Organization != s.Organization,
			s.Interface != "" && d.Interface != s.Interface,
			s.Status != "" && d.Listed() != s.Status,
			s.Record != "" && !l.concerns(d, s.Record),
			!within(placeOf(d), s.Since, s.Until):
		default:
			list = append(list, d)
		}
	}
	return list
}

func within(place string, since, until time.Time) bool {
	return (since.IsZero() || place >= placeAt(since)) && (until.IsZero() || place < placeAt(until))
}

// concerns reports whether a record finds the delivery: one of several records only if they were listed.
func (l *Ledger) concerns(d delivery.Delivery, record string) bool {
	if len(d.Records) == 1 {
		return d.Records[0] == record
	}
	return slices.Contains(l.listed[d.Ref()].records, record)
}

// ListRecords lets each of a delivery's several records find it; see table.Ledger.
func (l *Ledger) ListRecords(_ context.Context, deliveries []delivery.Delivery) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := distinct(deliveries, func(d delivery.Delivery) delivery.Ref { return d.Ref() }); err != nil {
		return err
	}
	items := 0
	for _, d := range deliveries {
		if len(d.Records) < 2 {
			continue
		}
		items += len(d.Records)
		is := listedRecords{expires: keptExpiry(d.Expires)}
		if d.Expires.IsZero() {
			is.expires = keptExpiry(d.CreatedAt.Add(delivery.LedgerTime))
		}
		for n := range d.Records {
			is.records = slices.Clone(d.Records[:n+1])
			if err := l.write(d.Records[n], func() { l.listed[d.Ref()] = is }); err != nil {
				return err
			}
			l.IndexUnits++
		}
	}
	l.Calls["ListRecords"] += calls(items, 25)
	return nil
}

// Expire lets what lies beside a delivery be forgotten; see table.Ledger.
func (l *Ledger) Expire(_ context.Context, ref delivery.Ref, attempts int, expires time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["Expire"] += 1 + calls(max(0, attempts-1)+len(l.listed[ref].records), 25) + calls(len(l.bodies[ref]), 25)
	if err := l.setExpiry(ref, attempts, keptExpiry(expires)); err != nil {
		return err
	}
	if _, there := l.bodies[ref]; !there {
		return nil
	}
	return l.write(nil, func() { delete(l.bodies, ref) })
}

// setExpiry sets or takes away the expiry of attempts 2 to attempts and of listed records.
func (l *Ledger) setExpiry(ref delivery.Ref, attempts int, expires time.Time) error {
	for n := 2; n <= attempts; n++ {
		if err := l.write(nil, func() {
			if a, there := l.attempts[ref][n]; there {
				a.expires = expires
				l.attempts[ref][n] = a
			}
		}); err != nil {
			return err
		}
	}
	is, there := l.listed[ref]
	if !there {
		return nil
	}
	is.expires = expires
	return l.write(nil, func() { l.listed[ref] = is })
}

// Beside is what lies beside a delivery, by its sort key, and when it is forgotten; zero: never.
func (l *Ledger) Beside(ref delivery.Ref) map[string]time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	beside := map[string]time.Time{}
	for n, a := range l.attempts[ref] {
		beside[fmt.Sprintf("attempt#%04d", n)] = a.expires
	}
	for n := range l.bodies[ref] {
		beside[fmt.Sprintf("body#%04d", n)] = l.tests[ref]
	}
	for n := range l.listed[ref].records {
		beside[fmt.Sprintf("record#%04d", n)] = l.listed[ref].expires
	}
	return beside
}
