package tabletest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
)

// mixedList selects a few of many deliveries of a record.
func mixedList(t *testing.T, api ListsAPI) {
	organization, record := organizationOfItsOwn(), "contact/1"
	var all, stopped, ofOther, both []delivery.Delivery
	for n := range 240 {
		name := "crm"
		if n%40 == 0 {
			name = "other"
		}
		d := nth(organization, name, n, record)
		if n%60 == 0 {
			d = d.End(delivery.Stopped, "", suiteTime)
			stopped = append([]delivery.Delivery{d}, stopped...)
		}
		if name == "other" {
			ofOther = append([]delivery.Delivery{d}, ofOther...)
		}
		if n%120 == 0 {
			both = append([]delivery.Delivery{d}, both...)
		}
		all = append(all, d)
	}
	open(t, api, all...)
	for _, tt := range []struct {
		s    delivery.Selection
		want []delivery.Delivery
	}{
		{delivery.Selection{Organization: organization, Record: record, Status: delivery.Stopped}, stopped},
		{delivery.Selection{Organization: organization, Record: record, Interface: "other"}, ofOther},
		{delivery.Selection{Organization: organization, Record: record, Interface: "other", Status: delivery.Stopped}, both},
		{delivery.Selection{Organization: organization, Record: record, Status: delivery.Pending}, nil},
		{delivery.Selection{Organization: organization, Record: record, Interface: "none"}, nil},
	} {
		checkListed(t, api, tt.s, tt.want...)
		checkListPages(t, api, tt.s, 1, tt.want)
		checkListPages(t, api, tt.s, 2, tt.want)
	}
}

// checkListPages reads a list page by page.
func checkListPages(t *testing.T, api ListsAPI, s delivery.Selection, limit int, want []delivery.Delivery) {
	t.Helper()
	eventually(t, func() string {
		var got []delivery.Delivery
		after := ""
		for n := 0; n == 0 || after != ""; n++ {
			page, next, err := api.Listed(t.Context(), s, after, limit)
			if err != nil || len(page) > limit || next != "" && next == after || n > 2*len(want)+10 {
				return fmt.Sprintf("%+v: %d on a page of %d after %q, next %q, error %v", s, len(page), limit, after, next, err)
			}
			got, after = append(got, page...), next
		}
		if diff := cmp.Diff(idsOf(want), idsOf(got)); diff != "" {
			return fmt.Sprintf("%+v, %d a page: deliveries differ (-want +got):\n%s", s, limit, diff)
		}
		return ""
	})
}

// listPages reads lists in pages of all sizes, with deliveries of the same millisecond.
func listPages(t *testing.T, api ListsAPI) {
	organization := organizationOfItsOwn()
	var want []delivery.Delivery
	for n := range 40 {
		d := nth(organization, "crm", n, "contact/1")
		d.CreatedAt = kept(suiteTime.Add(time.Duration(n/10) * time.Millisecond))
		want = append(want, d.End(delivery.Stopped, "", suiteTime))
	}
	open(t, api, want...)
	slices.Reverse(want)
	for _, s := range []delivery.Selection{{Interface: "crm"}, {Record: "contact/1"}, {Status: delivery.Stopped}, {Status: delivery.Stopped, Interface: "crm"}} {
		s.Organization = organization
		for _, limit := range []int{1, 7, 39, 40, 41} {
			checkListPages(t, api, s, limit, want)
		}
		page, next, err := api.Listed(t.Context(), s, "", 40)
		if err != nil || len(page) != 40 || next != "" {
			t.Errorf("%+v: %d on the only page, goes on after %q, error %v", s, len(page), next, err)
		}
		s.Since, s.Until = suiteTime.Add(time.Millisecond), suiteTime.Add(3*time.Millisecond)
		checkListPages(t, api, s, 3, want[:20])
	}
}

func listBounds(t *testing.T, api ListsAPI) {
	organization := organizationOfItsOwn()
	var want []delivery.Delivery
	for n := range 5 {
		want = append(want, nth(organization, "crm", n, "contact/1").End(delivery.Stopped, "", suiteTime))
	}
	open(t, api, want...)
	slices.Reverse(want)
	second := func(n int) time.Time { return kept(suiteTime).Add(time.Duration(n) * time.Second) }
	for _, s := range []delivery.Selection{{Interface: "crm"}, {Record: "contact/1"}, {Status: delivery.Stopped}, {Record: "contact/1", Status: delivery.Stopped}} {
		s.Organization = organization
		for _, tt := range []struct {
			name         string
			since, until time.Time
			want         []delivery.Delivery
		}{
			{"inclusive", second(1), time.Time{}, want[:4]},
			{"just after", second(1).Add(1), time.Time{}, want[:3]},
			{"exclusive", time.Time{}, second(1), want[4:]},
			{"just after the end", time.Time{}, second(1).Add(1), want[3:]},
			{"both", second(1), second(4), want[1:4]},
			{"none between", second(1).Add(1), second(2), nil},
			{"at once", second(1), second(1), nil},
			{"the wrong way round", second(3), second(1), nil},
			{"long ago", time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC), nil},
			{"from long ago", time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}, want},
			{"in a far future", time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), nil},
			{"until a far future", time.Time{}, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), want},
		} {
			s.Since, s.Until = tt.since, tt.until
			checkListed(t, api, s, tt.want...)
		}
	}
}

func oddLists(t *testing.T, api ListsAPI) {
	organization := organizationOfItsOwn()
	for n, name := range oddNames() {
		record := "contact/" + name
		one, several := nth(organization, "crm", n, record), nth(organization, "crm", 100+n, record, "contact/other")
		one.ID = name
		if err := api.ListRecords(t.Context(), []delivery.Delivery{several}); err != nil {
			t.Fatal(err)
		}
		open(t, api, one, several)
		checkListed(t, api, delivery.Selection{Organization: organization, Record: record}, several, one)
	}
}

// noSuchLists asks for what no key can be, as callers may.
func noSuchLists(t *testing.T, api ListsAPI) {
	organization := organizationOfItsOwn()
	long := strings.Repeat("é", 3000)
	open(t, api, nth(organization, "crm", 1, "contact/1").End(delivery.Stopped, "", suiteTime))
	for _, s := range []delivery.Selection{{Record: long}, {Interface: long}, {Interface: long, Status: delivery.Stopped}, {Record: long, Status: delivery.Stopped}} {
		s.Organization = organization
		checkListed(t, api, s)
	}
	found, err := api.Deliveries(t.Context(), []delivery.Ref{{Organization: organization, ID: long}, {Organization: organization}})
	if err != nil || len(found) != 0 {
		t.Errorf("deliveries of no id: %v, error %v", found, err)
	}
	for after, want := range map[string]int{"0" + long: 0, "x" + long: 1, "\x00": 0, "9": 1} {
		for _, s := range []delivery.Selection{{Interface: "crm"}, {Record: "contact/1"}, {Status: delivery.Stopped, Since: suiteTime.Add(-time.Hour)}} {
			s.Organization = organization
			eventually(t, func() string {
				list, next, err := api.Listed(t.Context(), s, after, 5)
				if err != nil || len(list) != want || next != "" {
					return fmt.Sprintf("%+v after %.5q: %d deliveries, next %q, error %v, want %d", s, after, len(list), next, err, want)
				}
				return ""
			})
		}
	}
}
