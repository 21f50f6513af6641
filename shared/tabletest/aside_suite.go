package tabletest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/setaside"
)

// asideListed goes through the whole list, page by page.
func asideListed(t *testing.T, api ShownAPI, organization string, since, until time.Time, limit int) (list []setaside.Item) {
	t.Helper()
	after := ""
	for n := 0; n == 0 || after != ""; n++ {
		page, next, err := api.AsideListed(t.Context(), organization, after, since, until, limit)
		if err != nil || len(page) > limit || n > 200 {
			t.Fatalf("page %d: %d on a page of %d, error %v", n, len(page), limit, err)
		}
		list, after = append(list, page...), next
	}
	return list
}

// asideNewest lists by the time, whatever the ids are; what was set aside again stands where it was set aside last.
func asideNewest(t *testing.T, api ShownAPI) {
	organization := organizationOfItsOwn()
	var all []setaside.Item
	for n, name := range append(oddNames(), delivery.ID("01kaqvc9vv8m3c1s2f5h7n0p4r", 3)+"/contact/4711", "B", "A") {
		item := asideItem(organization, []setaside.Source{setaside.Queue, setaside.Stream}[n%2], name)
		item.At = item.At.Add(time.Duration(n*7%11) * time.Millisecond)
		all = append(all, item)
	}
	for n := range 12 {
		item := asideItem(organization, setaside.Stream, fmt.Sprint("big", n))
		item.Body = strings.Repeat("x", setaside.BodyKept)
		all = append(all, item)
	}
	again := all[0]
	again.At = again.At.Add(-time.Hour)
	gone := asideItem(organization, setaside.Queue, "gone")
	for _, items := range [][]setaside.Item{{again, gone}, all, {asideItem(organizationOfItsOwn(), setaside.Queue, "elsewhere")}} {
		if err := api.SetAside(t.Context(), items); err != nil {
			t.Fatal(err)
		}
	}
	if err := api.DropAside(t.Context(), organization, gone.Key()); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b setaside.Item) int { return strings.Compare(asidePlace(b), asidePlace(a)) })
	for _, limit := range []int{1, 7, len(all) - 1, len(all), len(all) + 1} {
		if diff := cmp.Diff(all, asideListed(t, api, organization, time.Time{}, time.Time{}, limit)); diff != "" {
			t.Errorf("%d a page: differs (-want +got):\n%s", limit, diff)
		}
	}
}

// asideBetween bounds the list by time; what is open for another reason is not in it.
func asideBetween(t *testing.T, api ShownAPI) {
	organization := organizationOfItsOwn()
	var all []setaside.Item
	for n := range 5 {
		item := asideItem(organization, setaside.Stream, fmt.Sprint("0", n))
		item.At = item.At.Add(time.Duration(n) * time.Millisecond)
		all = append(all, item)
	}
	if err := api.SetAside(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	at := func(n int, more time.Duration) time.Time { return all[n].At.Add(more) }
	for name, tt := range map[string]struct {
		since, until time.Time
		want         string
	}{
		"all":           {want: "04 03 02 01 00"},
		"since":         {since: at(2, 0), want: "04 03 02"},
		"until":         {until: at(2, 0), want: "01 00"},
		"both":          {since: at(1, 0), until: at(4, 0), want: "03 02 01"},
		"within one":    {since: at(1, time.Microsecond), until: at(3, time.Microsecond), want: "03 02"},
		"after them":    {since: at(4, time.Millisecond)},
		"before them":   {until: at(0, 0)},
		"none between":  {since: at(2, 0), until: at(2, 0)},
		"the other way": {since: at(3, 0), until: at(1, 0)},
	} {
		for _, limit := range []int{1, 2, 5} {
			var got []string
			for _, item := range asideListed(t, api, organization, tt.since, tt.until, limit) {
				got = append(got, item.ID)
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%s, %d a page: got %q, want %q", name, limit, got, tt.want)
			}
		}
	}
	if list, _, err := api.(interface {
		Listed(ctx context.Context, s delivery.Selection, after string, limit int) ([]delivery.Delivery, string, error)
	}).Listed(t.Context(), delivery.Selection{Organization: organization, Status: delivery.Stopped}, "", 10); err != nil || len(list) > 0 {
		t.Errorf("deliveries that were stopped: %v, error %v", list, err)
	}
}
