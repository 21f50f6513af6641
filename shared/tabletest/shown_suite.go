package tabletest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/audit"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/setaside"
)

// ShownAPI is what the fake and table.Ledger both are.
type ShownAPI interface {
	SetAside(ctx context.Context, items []setaside.Item) error
	AsidePage(ctx context.Context, organization, after string, limit int) (list []setaside.Item, next string, err error)
	AsideListed(ctx context.Context, organization, after string, since, until time.Time, limit int) (list []setaside.Item, next string, err error)
	Aside(ctx context.Context, organization, id string) (setaside.Item, bool, error)
	DropAside(ctx context.Context, organization, id string) error
	Count(ctx context.Context, counts map[hook.Key]hours.Counts, at time.Time) error
	Hours(ctx context.Context, keys []hook.Key, now time.Time) (map[hook.Key][hours.Shown]hours.Counts, error)
	Record(ctx context.Context, e audit.Entry) error
	Recorded(ctx context.Context, organization, after string, since, until time.Time, limit int) (list []audit.Entry, next string, err error)
}

// RunShown checks what people are shown beside deliveries: counts, the audit and what was set aside; each check has an
// organization of its own.
func RunShown(t *testing.T, api ShownAPI) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, ShownAPI){
		"counts of hours": hoursCounted, "counts at once": hoursAtOnce, "counts of many": hoursOfMany,
		"the audit": auditPages, "an entry is kept whole": auditWhole, "set aside, page after page": asidePages, "set aside, newest first": asideNewest, "set aside, by time": asideBetween,
		"one thing set aside": asideOne,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, api)
		})
	}
}

func checkHours(t *testing.T, api ShownAPI, key hook.Key, now time.Time, want map[int]hours.Counts) {
	t.Helper()
	shown, err := api.Hours(t.Context(), []hook.Key{key}, now)
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]hours.Counts{}
	for i, c := range shown[key] {
		if c != (hours.Counts{}) {
			got[i] = c
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("at %v: counts by their place differ (-want +got):\n%s", now, diff)
	}
}

func hoursCounted(t *testing.T, api ShownAPI) {
	key := hook.Key{Organization: organizationOfItsOwn(), Name: "crm"}
	now := time.Date(2026, 11, 24, 14, 59, 59, 0, time.FixedZone("", 3600)) // 13:59:59 UTC
	count := func(back time.Duration, c hours.Counts) {
		t.Helper()
		if err := api.Count(t.Context(), map[hook.Key]hours.Counts{key: c, {Organization: key.Organization, Name: "idle"}: {}}, now.Add(-back)); err != nil {
			t.Fatal(err)
		}
	}
	checkHours(t, api, key, now, map[int]hours.Counts{})
	count(0, hours.Counts{Delivered: 1, Failed: 2, Stopped: 3})
	count(59*time.Minute, hours.Counts{Delivered: 10})
	count(time.Hour, hours.Counts{Failed: 4})
	count(14*time.Hour, hours.Counts{Stopped: 5}) // the day before
	count(23*time.Hour, hours.Counts{Delivered: 6})
	count(24*time.Hour, hours.Counts{Delivered: 7}) // too long ago
	checkHours(t, api, key, now, map[int]hours.Counts{23: {Delivered: 11, Failed: 2, Stopped: 3}, 22: {Failed: 4}, 9: {Stopped: 5}, 0: {Delivered: 6}})
	checkHours(t, api, key, now.Add(time.Second), map[int]hours.Counts{22: {Delivered: 11, Failed: 2, Stopped: 3}, 21: {Failed: 4}, 8: {Stopped: 5}})
	checkHours(t, api, key, now.Add(10*time.Hour), map[int]hours.Counts{13: {Delivered: 11, Failed: 2, Stopped: 3}, 12: {Failed: 4}})
	checkHours(t, api, key, now.Add(48*time.Hour), map[int]hours.Counts{})
	checkHours(t, api, hook.Key{Organization: key.Organization, Name: "idle"}, now, map[int]hours.Counts{})
}

func hoursAtOnce(t *testing.T, api ShownAPI) {
	key := hook.Key{Organization: organizationOfItsOwn(), Name: "crm"}
	var wait sync.WaitGroup
	for range 10 {
		wait.Go(func() {
			if err := api.Count(t.Context(), map[hook.Key]hours.Counts{key: {Delivered: 1, Failed: 2}}, suiteTime); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	checkHours(t, api, key, suiteTime, map[int]hours.Counts{23: {Delivered: 10, Failed: 20}})
}

func hoursOfMany(t *testing.T, api ShownAPI) {
	organization := organizationOfItsOwn()
	counts, want := map[hook.Key]hours.Counts{}, map[hook.Key][hours.Shown]hours.Counts{}
	var keys []hook.Key
	for n := range 70 {
		key := hook.Key{Organization: organization, Name: fmt.Sprint("crm", n)}
		var shown [hours.Shown]hours.Counts
		if keys = append(keys, key); n%2 == 0 {
			counts[key] = hours.Counts{Delivered: n + 1}
			shown[hours.Shown-1] = counts[key]
		}
		want[key] = shown
	}
	if err := api.Count(t.Context(), counts, suiteTime); err != nil {
		t.Fatal(err)
	}
	got, err := api.Hours(t.Context(), keys, suiteTime)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("counts differ, error %v (-want +got):\n%s", err, diff)
	}
	if got, err := api.Hours(t.Context(), nil, suiteTime); err != nil || len(got) != 0 {
		t.Errorf("of no interface: %v, error %v", got, err)
	}
}

func auditOf(t *testing.T, organization string, n int) audit.Entry {
	t.Helper()
	at := kept(suiteTime.Add(time.Duration(n) * time.Hour))
	return audit.Entry{
		ID: idOf(t, at), Organization: organization, At: at, By: "operator/night", Action: audit.Replay, Subject: fmt.Sprint("delivery ", n), Detail: "3 matched",
	}
}

func auditPages(t *testing.T, api ShownAPI) {
	organization := organizationOfItsOwn()
	var all []audit.Entry
	for n := range 20 {
		e := auditOf(t, organization, n)
		for range 2 {
			if err := api.Record(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		all = append([]audit.Entry{e}, all...)
	}
	hour := func(n int) time.Time { return kept(suiteTime).Add(time.Duration(n) * time.Hour) }
	for _, tt := range []struct {
		since, until time.Time
		limit        int
		want         []audit.Entry
	}{
		{time.Time{}, time.Time{}, 100, all},
		{time.Time{}, time.Time{}, 20, all},
		{time.Time{}, time.Time{}, 6, all},
		{hour(10), time.Time{}, 3, all[:10]},
		{time.Time{}, hour(10), 3, all[10:]},
		{hour(10), hour(12), 1, all[8:10]},
		{hour(12), hour(10), 1, nil},
	} {
		var got []audit.Entry
		after := ""
		for n := 0; n == 0 || after != ""; n++ {
			page, next, err := api.Recorded(t.Context(), organization, after, tt.since, tt.until, tt.limit)
			if err != nil || len(page) > tt.limit || n > len(all) {
				t.Fatalf("%d on a page, error %v", len(page), err)
			}
			got, after = append(got, page...), next
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("since %v until %v: entries differ (-want +got):\n%s", tt.since, tt.until, diff)
		}
	}
	if page, next, err := api.Recorded(t.Context(), organizationOfItsOwn(), "", time.Time{}, time.Time{}, 5); len(page) != 0 || next != "" || err != nil {
		t.Errorf("another organization has %v, next %q, error %v", page, next, err)
	}
}

func auditWhole(t *testing.T, api ShownAPI) {
	for _, name := range append(oddNames(), "") {
		e := auditOf(t, organizationOfItsOwn(), 1)
		e.By, e.Subject, e.Detail = name, "contact "+name, name
		if err := api.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		got, _, err := api.Recorded(t.Context(), e.Organization, "", time.Time{}, time.Time{}, 5)
		if diff := cmp.Diff([]audit.Entry{e}, got); err != nil || diff != "" {
			t.Errorf("entry differs, error %v (-want +got):\n%s", err, diff)
		}
	}
}

func asideItem(organization string, source setaside.Source, id string) setaside.Item {
	return setaside.Item{Organization: organization, Source: source, ID: id, At: kept(suiteTime), Subject: "contact/1", Cause: "not understood", Body: `{"a":"<b>"}`}
}

func asidePages(t *testing.T, api ShownAPI) {
	organization := organizationOfItsOwn()
	var all []setaside.Item
	for n := range 30 {
		all = append(all, asideItem(organization, []setaside.Source{setaside.Queue, setaside.Stream}[n%2], fmt.Sprintf("%05d", n)))
	}
	for _, name := range oddNames() {
		all = append(all, asideItem(organization, setaside.Stream, name))
	}
	all[7].Body = strings.Repeat("x", setaside.BodyKept)
	if err := api.SetAside(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b setaside.Item) int { return strings.Compare(b.Key(), a.Key()) })
	for _, limit := range []int{1, 7, len(all) - 1, len(all), len(all) + 1} {
		var got []setaside.Item
		after := ""
		for n := 0; n == 0 || after != ""; n++ {
			page, next, err := api.AsidePage(t.Context(), organization, after, limit)
			if err != nil || len(page) > limit || n > len(all) {
				t.Fatalf("%d on a page of %d, error %v", len(page), limit, err)
			}
			got, after = append(got, page...), next
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("%d a page: differs (-want +got):\n%s", limit, diff)
		}
	}
}

func asideOne(t *testing.T, api ShownAPI) {
	organization := organizationOfItsOwn()
	stays := asideItem(organization, setaside.Stream, "stays")
	for _, name := range oddNames() {
		item := asideItem(organization, setaside.Queue, name)
		if err := api.SetAside(t.Context(), []setaside.Item{item, stays}); err != nil {
			t.Fatal(err)
		}
		id := "queue#" + name
		got, there, err := api.Aside(t.Context(), organization, id)
		if diff := cmp.Diff(item, got); err != nil || !there || diff != "" {
			t.Errorf("%q: there %v, error %v (-want +got):\n%s", id, there, err, diff)
		}
		for range 2 {
			if err := api.DropAside(t.Context(), organization, id); err != nil {
				t.Fatal(err)
			}
		}
		if _, there, err := api.Aside(t.Context(), organization, id); err != nil || there {
			t.Errorf("%q is there once it was dropped: %v, error %v", id, there, err)
		}
	}
	if _, there, err := api.Aside(t.Context(), organization, "stream#stays"); err != nil || !there {
		t.Errorf("another is gone with it: %v, error %v", !there, err)
	}
	for _, id := range []string{"", "stream", "stream#", "#stays", "stays", strings.Repeat("é", 3000)} {
		if _, there, err := api.Aside(t.Context(), organization, id); err != nil || there {
			t.Errorf("%q is there: %v, error %v", id, there, err)
		}
	}
}
