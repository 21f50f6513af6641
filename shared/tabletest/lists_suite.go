package tabletest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
)

// ListsAPI is what the fake and table.Ledger both are.
type ListsAPI interface {
	LedgerAPI
	Listed(ctx context.Context, s delivery.Selection, after string, limit int) (list []delivery.Delivery, next string, err error)
	CountListed(ctx context.Context, s delivery.Selection) (int, error)
	ListRecords(ctx context.Context, deliveries []delivery.Delivery) error
	Log(ctx context.Context, ref delivery.Ref) ([]delivery.Attempt, error)
	Expire(ctx context.Context, ref delivery.Ref, attempts int, expires time.Time) error
}

// RunLists checks what lists, replays and dismissals of deliveries rely on; each check has an organization of its own.
func RunLists(t *testing.T, api ListsAPI, content LedgerContent) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, ListsAPI){
		"of an interface": listOfInterface, "of a record": listOfRecord, "of a status": listOfStatus, "a delivery comes and goes": listsFollow,
		"opened as ended": listedEnded, "of a record and more": mixedList, "page after page": listPages, "bounds of time": listBounds, "whole deliveries": listedWhole,
		"of anything": oddLists, "attempts in their order": logInOrder, "what nothing is named": noSuchLists,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, api)
		})
	}
	t.Run("what lies beside", func(t *testing.T) {
		t.Parallel()
		besideExpires(t, api, content)
	})
}

// eventually repeats a check until it is satisfied, as an index shows a write a moment later.
func eventually(t *testing.T, check func() (problem string)) {
	t.Helper()
	problem := check()
	for n := 0; problem != "" && n < 20; n++ {
		time.Sleep(100 * time.Millisecond)
		problem = check()
	}
	if problem != "" {
		t.Error(problem)
	}
}

// nth is the n-th delivery of an interface; each is a second newer than the one before.
func nth(organization, name string, n int, records ...string) delivery.Delivery {
	if len(records) == 0 {
		records = []string{fmt.Sprintf("contact/%d", n)}
	}
	d := deliveryOf(organization, fmt.Sprintf("e%03d-00000", n), records...)
	d.Interface, d.CreatedAt = name, kept(suiteTime.Add(time.Duration(n)*time.Second))
	return d
}

// failing is a delivery after an attempt that failed.
func failing(d delivery.Delivery) delivery.Delivery {
	d.Attempts, d.Claim, d.LastStatus, d.LastError = d.Attempts+1, time.Time{}, 500, delivery.BadStatus
	return d
}

func idsOf(list []delivery.Delivery) []string {
	ids := make([]string, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	return ids
}

// checkListed compares a list's ids, read in one page.
func checkListed(t *testing.T, api ListsAPI, s delivery.Selection, want ...delivery.Delivery) {
	t.Helper()
	eventually(t, func() string {
		list, next, err := api.Listed(t.Context(), s, "", 100)
		if err != nil || next != "" {
			return fmt.Sprintf("%+v: goes on after %q, error %v", s, next, err)
		}
		if diff := cmp.Diff(idsOf(want), idsOf(list)); diff != "" {
			return fmt.Sprintf("%+v: deliveries differ (-want +got):\n%s", s, diff)
		}
		if s.Status == "" {
			return ""
		}
		if n, err := api.CountListed(t.Context(), s); err != nil || n != len(want) {
			return fmt.Sprintf("%+v: counts %d, error %v, want %d", s, n, err, len(want))
		}
		return ""
	})
}

func listOfInterface(t *testing.T, api ListsAPI) {
	organization := organizationOfItsOwn()
	crm := delivery.Selection{Organization: organization, Interface: "crm"}
	checkListed(t, api, crm)
	var want []delivery.Delivery
	for n := range 60 {
		d := nth(organization, "crm", n)
		open(t, api, d, nth(organization, "other", 100+n))
		want = append([]delivery.Delivery{d}, want...)
	}
	checkListed(t, api, crm, want...)
	checkListed(t, api, delivery.Selection{Organization: organizationOfItsOwn(), Interface: "crm"})
	checkListed(t, api, delivery.Selection{Organization: organization, Interface: "cr"})
}

func listOfRecord(t *testing.T, api ListsAPI) {
	organization := organizationOfItsOwn()
	one, two, three := nth(organization, "crm", 1, "contact/1"), nth(organization, "crm", 2, "contact/1", "contact/2"), nth(organization, "other", 3, "contact/2")
	unlisted := nth(organization, "crm", 4, "contact/1", "contact/2")
	many := nth(organization, "crm", 5, append(numbered(999), "contact/1")...)
	for range 2 {
		if err := api.ListRecords(t.Context(), []delivery.Delivery{one, two, many}); err != nil {
			t.Fatal(err)
		}
	}
	checkListed(t, api, delivery.Selection{Organization: organization, Record: "contact/2"})
	open(t, api, one, two, three, unlisted, many)
	checkListed(t, api, delivery.Selection{Organization: organization, Record: "contact/1"}, many, two, one)
	checkListed(t, api, delivery.Selection{Organization: organization, Record: "contact/2"}, three, two)
	checkListed(t, api, delivery.Selection{Organization: organization, Record: "contact/0998"}, many)
	checkListed(t, api, delivery.Selection{Organization: organization, Record: "contact/"})
	checkListed(t, api, delivery.Selection{Organization: organizationOfItsOwn(), Record: "contact/1"})
}

func listOfStatus(t *testing.T, api ListsAPI) {
	organization := organizationOfItsOwn()
	var stopped, pending, ofOther []delivery.Delivery
	for n := range 12 {
		name := []string{"crm", "other"}[n%2]
		d := nth(organization, name, n)
		open(t, api, d)
		next := failing(d)
		if n%3 == 0 {
			next = next.End(delivery.Stopped, "given up", suiteTime)
			stopped = append([]delivery.Delivery{next}, stopped...)
		} else {
			pending = append([]delivery.Delivery{next}, pending...)
		}
		update(t, api, d, next, true)
		if n%3 == 0 && name == "other" {
			ofOther = append([]delivery.Delivery{next}, ofOther...)
		}
	}
	checkListed(t, api, delivery.Selection{Organization: organization, Status: delivery.Stopped}, stopped...)
	checkListed(t, api, delivery.Selection{Organization: organization, Status: delivery.Pending}, pending...)
	checkListed(t, api, delivery.Selection{Organization: organization, Status: delivery.Stopped, Interface: "other"}, ofOther...)
	checkListed(t, api, delivery.Selection{Organization: organizationOfItsOwn(), Status: delivery.Stopped})
}

// listsFollow looks at the lists while a delivery is tried again and again, stopped and dismissed.
func listsFollow(t *testing.T, api ListsAPI) {
	organization := organizationOfItsOwn()
	d := nth(organization, "crm", 1)
	open(t, api, d)
	again, claimed := failing(d), failing(d)
	claimed.Claim, claimed.Attempts = kept(suiteTime.Add(time.Hour)), 3
	stopped := failing(claimed).End(delivery.Stopped, "given up", kept(suiteTime))
	dismissed := stopped.End(delivery.Dismissed, "dismissed", kept(suiteTime))
	was := d
	for _, step := range []struct {
		name string
		next delivery.Delivery
		in   delivery.Status
	}{
		{"not yet failed", d, ""},
		{"failed", again, delivery.Pending},
		{"claimed again", claimed, delivery.Pending},
		{"stopped", stopped, delivery.Stopped},
		{"dismissed", dismissed, ""},
	} {
		next := step.next
		next.Interface, next.Records, next.CreatedAt = "", nil, time.Time{}
		update(t, api, was, next, true)
		was = step.next
		for _, status := range []delivery.Status{delivery.Pending, delivery.Stopped} {
			var want []delivery.Delivery
			if status == step.in {
				want = append(want, d)
			}
			checkListed(t, api, delivery.Selection{Organization: organization, Status: status}, want...)
			checkListed(t, api, delivery.Selection{Organization: organization, Status: status, Interface: "crm"}, want...)
		}
		checkListed(t, api, delivery.Selection{Organization: organization, Interface: "crm"}, d)
	}
}

func listedEnded(t *testing.T, api ListsAPI) {
	organization := organizationOfItsOwn()
	stopped := nth(organization, "crm", 1).End(delivery.Stopped, "the interface is paused", suiteTime)
	cancelled := nth(organization, "crm", 2).End(delivery.Cancelled, "no sender came", suiteTime)
	open(t, api, stopped, cancelled)
	checkListed(t, api, delivery.Selection{Organization: organization, Status: delivery.Stopped}, stopped)
	checkListed(t, api, delivery.Selection{Organization: organization, Status: delivery.Stopped, Interface: "crm"}, stopped)
	checkListed(t, api, delivery.Selection{Organization: organization, Interface: "crm"}, cancelled, stopped)
}

// listedWhole looks at all that a list shows of a delivery.
func listedWhole(t *testing.T, api ListsAPI) {
	organization := organizationOfItsOwn()
	event := nth(organization, "crm", 1, "order/1")
	event.Changes, event.Event, event.ReplayOf, event.Execution = nil, &delivery.Event{Type: "order.created"}, "e000-00000", ""
	test := nth(organization, "crm", 2, "contact/SAMPLE")
	test.Changes, test.Event, test.Test = nil, &delivery.Event{Type: delivery.TestEvent}, true
	open(t, api, event, test)
	next := failing(event)
	next.First = &delivery.Attempt{Number: 1, At: suiteTime, Status: 500, Error: delivery.BadStatus, Answer: "no"}
	update(t, api, event, next, true)
	checkDeliveries(t, api, next, test)
	eventually(t, func() string {
		list, _, err := api.Listed(t.Context(), delivery.Selection{Organization: organization, Interface: "crm"}, "", 10)
		if err != nil {
			return err.Error()
		}
		return cmp.Diff([]delivery.Delivery{test, next}, list)
	})
}
