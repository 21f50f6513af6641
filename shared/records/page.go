package records

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/directory"
	"crmhook/shared/fault"
	"crmhook/shared/page"
	"crmhook/shared/reach"
	"crmhook/shared/record"
)

// Bounds of a page.
const (
	DefaultLimit = page.DefaultLimit
	MostLimit    = page.MostLimit
	// mostPageBytes is where a page ends early: an answer has 6 MB, and a record more than is left of them may follow.
	mostPageBytes = 4 << 20
	// chunk is how many records are read at a time.
	chunk = 50
)

// List asks for a page of records.
type List struct {
	Organization, Entity string
	// Query has limit, cursor, and for contacts email and phone.
	Query url.Values
}

// Page is a part of a list. Next is the cursor of the next part, empty at the end.
type Page struct {
	Items []record.Record
	Next  string
}

// query is what a list's query says.
type query struct {
	limit int
	after string
	refs  []directory.Ref
}

// Page lists the records of an entity by their ids, or the contacts with an e-mail address or phone number (both: with
// both). A page may hold fewer than the limit where records are large. Refusals: 422.
func (h *Handler) Page(ctx context.Context, l List) (Page, error) {
	var faults fault.List
	checkEntity(&faults, l.Entity)
	q := l.query(&faults)
	if err := refuse(faults, true); err != nil {
		return Page{}, err
	}
	if len(q.refs) > 0 {
		return h.found(ctx, q)
	}
	var page Page
	size := 0
	for {
		read, more, err := h.Pages.Page(ctx, l.Organization, l.Entity, q.after, min(q.limit-len(page.Items), chunk))
		if err != nil {
			return Page{}, fmt.Errorf("read page: %w", err)
		}
		fitting, err := cut(read, &size)
		if err != nil {
			return Page{}, err
		}
		page.Items = append(page.Items, read[:fitting]...)
		if rest := more || fitting < len(read); !rest || len(read) == 0 {
			return page, nil
		}
		last := page.Items[len(page.Items)-1].Key
		if fitting < len(read) || len(page.Items) == q.limit {
			page.Next = cursor(last)
			return page, nil
		}
		q.after = last.ID
	}
}

// cut is how many of the records a page still takes, at least one in all; size is what the page has in bytes.
func cut(list []record.Record, size *int) (int, error) {
	for i, is := range list {
		text, err := contact.AppendJSON(nil, is.Data)
		if err != nil {
			return 0, fmt.Errorf("write %s: %w", is.Entity, err)
		}
		if *size > 0 && *size+len(text) > mostPageBytes {
			return i, nil
		}
		*size += len(text)
	}
	return len(list), nil
}

// found is the page of the contacts that have all of the values.
func (h *Handler) found(ctx context.Context, q query) (Page, error) {
	matches, err := h.CRM.Find(ctx, q.refs)
	if err != nil {
		return Page{}, fmt.Errorf("find contacts: %w", err)
	}
	list := matches[q.refs[0]].Contacts
	for _, ref := range q.refs[1:] {
		also := matches[ref].Contacts
		list = slices.DeleteFunc(list, func(is record.Record) bool {
			return !slices.ContainsFunc(also, func(other record.Record) bool { return other.Key == is.Key })
		})
	}
	list = slices.DeleteFunc(list, func(is record.Record) bool { return is.ID <= q.after })
	slices.SortFunc(list, func(a, b record.Record) int { return strings.Compare(a.ID, b.ID) })
	size := 0
	fitting, err := cut(list[:min(len(list), q.limit)], &size)
	if err != nil {
		return Page{}, err
	}
	page := Page{Items: list[:fitting]}
	if fitting < len(list) {
		page.Next = cursor(list[fitting-1].Key)
	}
	return page, nil
}

// query reads the query and notes everything that is wrong with it.
func (l List) query(faults *fault.List) query {
	q := query{limit: DefaultLimit}
	for _, name := range slices.Sorted(maps.Keys(l.Query)) {
		values, location := l.Query[name], "query."+fault.Shown(name)
		switch name {
		case "limit", "cursor", "email", "phone":
			if len(values) > 1 {
				faults.Add(location, "must be given once, found %d times", len(values))
			} else {
				l.parameter(faults, &q, name, values[0])
			}
		default:
			faults.Add(location, "is not known here: use limit, cursor, email or phone")
		}
	}
	return q
}

func (l List) parameter(faults *fault.List, q *query, name, value string) {
	switch name {
	case "limit":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > MostLimit || strconv.Itoa(n) != value {
			faults.AddValue("query.limit", fault.Shown(value), "must be a whole number from 1 to %d", MostLimit)
		}
		q.limit = n
	case "cursor":
		after, ok := readCursor(l.Organization, l.Entity, value)
		if !ok {
			faults.AddValue("query.cursor", fault.Shown(value), "must be what next said on the page before, of the same list")
		}
		q.after = after
	case "email":
		q.refs = append(q.refs, l.ref(faults, directory.Email, directory.EmailValue(value)))
	case "phone":
		// A plus sign that was not escaped arrives as a blank.
		if strings.HasPrefix(value, " ") {
			value = "+" + value[1:]
		}
		q.refs = append(q.refs, l.ref(faults, directory.Phone, reach.PhoneValue(value, "")))
	}
}

// ref is what contacts are looked for by. The value is not shown: it is personal.
func (l List) ref(faults *fault.List, kind directory.Kind, value string) directory.Ref {
	location := "query." + string(kind)
	if l.Entity != change.Contact {
		faults.Add(location, "can be asked for contacts only")
	}
	if value == "" {
		rule := "must be an e-mail address"
		if kind == directory.Phone {
			rule = "must be a phone number in its international form, such as +33199001234 (with the plus sign as %2B)"
		}
		faults.Add(location, "%s", rule)
	}
	return directory.Ref{Organization: l.Organization, Kind: kind, Value: value}
}
