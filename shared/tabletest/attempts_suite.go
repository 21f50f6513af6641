package tabletest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/setaside"
)

func attemptsKept(t *testing.T, api LedgerAPI, content LedgerContent) {
	organization, expires := organizationOfItsOwn(), suiteTime.Add(delivery.LedgerTime)
	second, many := map[delivery.Ref]delivery.Attempt{}, map[delivery.Ref]delivery.Attempt{}
	for i := range 30 {
		ref := delivery.Ref{Organization: organization, ID: fmt.Sprintf("e1-%05d", i)}
		second[ref] = delivery.Attempt{Number: 2, At: suiteTime, Duration: time.Second, Error: delivery.Timeout, Detail: ref.ID, Answer: "👩‍👩‍👧"}
	}
	ref := delivery.Ref{Organization: organization, ID: "e1-00000"}
	keepAttempts(t, api, second, expires)
	keepAttempts(t, api, second, expires)
	for n := 3; n <= 30; n++ {
		if n == 5 {
			continue // Its sender crashed.
		}
		many[ref] = delivery.Attempt{Number: n, At: suiteTime, Status: 500, Error: delivery.BadStatus, Records: []string{"contact/1"}}
		keepAttempts(t, api, many, expires)
	}
	checkAttempt(t, api, ref, 30, many[ref])
	checkAttempt(t, api, ref, 2, second[ref])
	for _, none := range []int{1, 5, 31} {
		if got, err := api.Attempt(t.Context(), ref, none); err != nil || got != nil {
			t.Errorf("attempt %d is %v, error %v; want none", none, got, err)
		}
	}
	if err := api.KeepForever(t.Context(), ref, 29); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]time.Time{2: {}, 29: {}, 30: expires.Truncate(time.Second)} {
		if got := content.Expiry(t, ref, n); !got.Equal(want) {
			t.Errorf("attempt %d expires at %v, want %v", n, got, want)
		}
	}
	if got, err := api.Attempt(t.Context(), ref, 5); err != nil || got != nil {
		t.Errorf("what was never written is there once the others are kept: %v, error %v", got, err)
	}
	other := delivery.Ref{Organization: organization, ID: "e1-00001"}
	if got, want := content.Expiry(t, other, 2), expires.Truncate(time.Second); !got.Equal(want) {
		t.Errorf("another delivery's attempt expires at %v, want %v", got, want)
	}
	if err := api.KeepForever(t.Context(), other, 1); err != nil {
		t.Errorf("keeping a delivery with one attempt: %v", err)
	}
}

func keepAttempts(t *testing.T, api LedgerAPI, attempts map[delivery.Ref]delivery.Attempt, expires time.Time) {
	t.Helper()
	if err := api.KeepAttempts(t.Context(), attempts, expires); err != nil {
		t.Fatal(err)
	}
}

func checkAttempt(t *testing.T, api LedgerAPI, ref delivery.Ref, n int, want delivery.Attempt) {
	t.Helper()
	got, err := api.Attempt(t.Context(), ref, n)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("attempt %d differs (-want +got):\n%s", n, diff)
	}
}

func asideOnce(t *testing.T, api LedgerAPI, content LedgerContent) {
	organization := organizationOfItsOwn()
	item := func(source setaside.Source, id string) setaside.Item {
		return setaside.Item{
			Organization: organization, Source: source, ID: id, At: kept(suiteTime), Subject: "contact/" + id, Cause: "not understood", Body: `{"a":1}`,
		}
	}
	var want []setaside.Item
	for i := range 60 {
		want = append(want, item(setaside.Stream, fmt.Sprintf("%05d", i)))
	}
	for _, name := range oddNames() {
		want = append(want, item(setaside.Stream, name))
	}
	want = append(want, item(setaside.Queue, "00000"))
	big := item(setaside.Queue, "big")
	big.Body = strings.Repeat("x", setaside.BodyKept)
	want = append(want, big)
	elsewhere := item(setaside.Queue, "00000")
	elsewhere.Organization = organizationOfItsOwn()
	for range 2 {
		if err := api.SetAside(t.Context(), append(slices.Clone(want), want[0], elsewhere)); err != nil {
			t.Fatal(err)
		}
	}
	got := content.SetAsideOf(t, organization)
	byPlace := func(a, b setaside.Item) int {
		return strings.Compare(string(a.Source)+"#"+a.ID, string(b.Source)+"#"+b.ID)
	}
	slices.SortFunc(got, byPlace)
	slices.SortFunc(want, byPlace)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("things set aside differ (-want +got):\n%s", diff)
	}
}
