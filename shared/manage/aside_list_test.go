package manage_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/audit"
	"crmhook/shared/manage"
	"crmhook/shared/managetest"
	"crmhook/shared/setaside"
)

// aside are the keys of what is set aside of demo, two a page.
func aside(t *testing.T, w *managetest.World, l manage.List) []string {
	t.Helper()
	keys := []string{}
	for l.Limit = 2; ; {
		page, err := w.Handler.SetAside(t.Context(), "demo", l)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			keys = append(keys, keyOf(t, item.ID))
		}
		if l.After = page.Next; page.Next == "" {
			return keys
		}
	}
}

func TestWhatWasSetAsideIsListedNewestFirst(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	start := w.Clock.Now()
	for _, id := range []string{"2", "9", "1"} {
		w.Aside(setaside.Item{Source: setaside.Stream, ID: id, Subject: "contact/" + id, Cause: "no data", Body: "{}"})
		w.Clock.Pass(time.Second)
	}
	w.Aside(setaside.Item{Organization: "other", Source: setaside.Stream, ID: "4"})
	after := func(d time.Duration) time.Time { return start.Add(d) }
	for name, tt := range map[string]struct {
		list manage.List
		want []string
	}{
		"all":   {manage.List{}, []string{"stream#1", "stream#9", "stream#2"}},
		"since": {manage.List{Since: after(time.Second)}, []string{"stream#1", "stream#9"}},
		"until": {manage.List{Until: after(time.Second)}, []string{"stream#2"}},
		"both":  {manage.List{Since: after(time.Second), Until: after(2 * time.Second)}, []string{"stream#9"}},
		"none":  {manage.List{Since: after(time.Hour)}, []string{}},
	} {
		if diff := cmp.Diff(tt.want, aside(t, w, tt.list)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	page, err := w.Handler.SetAside(t.Context(), "demo", manage.List{Limit: 1})
	want := []manage.SetAside{{
		ID: asideID("stream#1"), Source: setaside.Stream, At: after(2 * time.Second), Subject: "contact/1", Cause: "no data", Body: "{}",
	}}
	if diff := cmp.Diff(want, page.Items); diff != "" || err != nil {
		t.Errorf("shown as, error %v (-want +got):\n%s", err, diff)
	}
}

func TestTimesWithoutMomentsInThem(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	now := w.Clock.Now()
	for name, list := range map[string]func(l manage.List) error{
		"set aside": func(l manage.List) error { _, err := w.Handler.SetAside(t.Context(), "demo", l); return err },
		"audit":     func(l manage.List) error { _, err := w.Handler.Recorded(t.Context(), "demo", l); return err },
	} {
		for _, since := range []time.Time{now, now.Add(time.Second)} {
			t.Run(name, func(t *testing.T) {
				refused(t, list(manage.List{Since: since, Until: now}), http.StatusUnprocessableEntity, "query.since", "must be before until")
			})
		}
	}
}

// TestIDsOfWhatWasSetAside: each of those that producers make is one that a path can hold, and is found again; others are not.
func TestIDsOfWhatWasSetAside(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"01kaqvc9vv8m3c1s2f5h7n0p4r-00000/contact/4711", "01kaqvc9vv8m3c1s2f5h7n0p4r-00000/order/a b?#/%2F", "495000000000011112345",
		"0123456789abcdef0123456789abcdef", "5fea7756-0ea4-451a-a703-a558b933e274", "Zoë/東京",
	} {
		w := managetest.New(t)
		w.Aside(setaside.Item{Source: setaside.Queue, ID: id, Subject: "contact/4711", Body: "{"})
		page, err := w.Handler.SetAside(t.Context(), "demo", manage.List{})
		if err != nil || len(page.Items) != 1 || strings.Trim(page.Items[0].ID, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Fatalf("%s: listed %+v, %v", id, page.Items, err)
		}
		kept(t, w, "demo", page.Items[0].ID, "no JSON object")
	}
	w := managetest.New(t)
	id := w.Aside(setaside.Item{Source: setaside.Queue, ID: "m1"})
	for _, id := range []string{"", "!", "queue#m1", id + "=", id + "A", id[:len(id)-1] + "F", asideID("queue#m2"), asideID("stream#m1"), asideID("queue#\xff"), asideID("m1")} {
		refused(t, w.Handler.ReplaySetAside(t.Context(), managetest.Who(), id), http.StatusNotFound, "no such thing set aside")
		refused(t, w.Handler.DismissSetAside(t.Context(), managetest.Who(), id), http.StatusNotFound, "no such thing set aside")
	}
}

// TestAMessageOfAnotherOrganization does not become that organization's because it says so.
func TestAMessageOfAnotherOrganization(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"delivery":"d-00000","organization":"other","interface":"crm","generation":"g","records":["contact/1"],"changes":[1]}`,
		`{"trigger":"t","organization":"other","platform":"Shopify","at":"2026-11-24T10:00:00Z","due":"2026-11-24T10:00:00Z"}`,
		`{"delivery":"d-00000"}`,
	} {
		w := managetest.New(t)
		kept(t, w, "demo", w.Aside(setaside.Item{Source: setaside.Queue, ID: "m1", Body: body}), "names the organization", "lies under demo")
	}
	w := managetest.New(t)
	own := `{"delivery":"d-00000","organization":"demo","interface":"crm","generation":"g","records":["contact/1"],"changes":[1]}`
	ran(t, w, "demo", w.Aside(setaside.Item{Source: setaside.Queue, ID: "m1", Body: own}))
	nobodys := strings.Replace(own, `"demo"`, `"demo#crm"`, 1)
	w = managetest.New(t)
	ran(t, w, setaside.Unknown, w.Aside(setaside.Item{Organization: setaside.Unknown, Source: setaside.Queue, ID: "m1", Body: nobodys}))
	if list, err := w.Handler.Recorded(t.Context(), "demo#crm", manage.List{}); err != nil || len(list.Items) > 0 {
		t.Errorf("the audit of no organization: %+v, %v", list.Items, err)
	}
}

func TestWhatWasSetAsideIsDismissed(t *testing.T) {
	t.Parallel()
	for _, organization := range []string{"demo", setaside.Unknown} {
		w := managetest.New(t)
		stays := w.Aside(setaside.Item{Organization: organization, Source: setaside.Queue, ID: "m2"})
		id := w.Aside(setaside.Item{Organization: organization, Source: setaside.Stream, ID: "d/contact/1", Subject: "contact/1"})
		who := manage.Who{Organization: organization, By: "operator/ops"}
		refused(t, w.Handler.DismissSetAside(t.Context(), manage.Who{Organization: "other", By: "ops"}, id), http.StatusNotFound)
		if err := w.Handler.DismissSetAside(t.Context(), who, id); err != nil {
			t.Fatal(err)
		}
		refused(t, w.Handler.DismissSetAside(t.Context(), who, id), http.StatusNotFound)
		recorded(t, w, organization, audit.Dismiss, id)
		if left := w.Ledger.AllAside(); len(left) != 1 || asideID(left[0].Key()) != stays {
			t.Errorf("left are %+v", left)
		}
		if len(w.Backlog.All()) > 0 || w.Inbox.Len() > 0 || w.Outbox.Len() > 0 {
			t.Error("something was run")
		}
	}
}

// TestACrashOfADismissal leaves the item, to be dismissed again, or nothing of it; never one that is gone unrecorded.
func TestACrashOfADismissal(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		w := managetest.New(t)
		id := w.Aside(setaside.Item{Source: setaside.Stream, ID: "1"})
		w.Kill.At(at)
		err := w.Handler.DismissSetAside(t.Context(), managetest.Who(), id)
		w.Kill.At(0)
		if err == nil {
			break
		}
		list, failed := w.Handler.Recorded(t.Context(), "demo", manage.List{})
		if failed != nil || len(w.Ledger.AllAside()) == 0 && len(list.Items) == 0 {
			t.Errorf("killed at %d: it is gone, and the audit says %+v, %v", at, list.Items, failed)
		}
		if len(w.Ledger.AllAside()) > 0 {
			if err := w.Handler.DismissSetAside(t.Context(), managetest.Who(), id); err != nil || len(w.Ledger.AllAside()) > 0 {
				t.Errorf("killed at %d: dismissed again: %v", at, err)
			}
		}
	}
}
