package control_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/managetest"
	"crmhook/shared/setaside"
	"crmhook/shared/trigger"
)

// TestWhatWasSetAside sets something aside as each of its producers does, and runs it again or dismisses it over the API, by
// API Gateway too.
func TestWhatWasSetAside(t *testing.T) {
	t.Parallel()
	run := "01kaqvc9vv8m3c1s2f5h7n0p4r"
	bucket := `{"delivery":"d-00000","organization":"demo","interface":"crm","generation":"g","records":["contact/1"],"changes":[1]}`
	for producer, item := range map[string]setaside.Item{
		"send, a contact": {Source: setaside.Stream, ID: delivery.ID(run, 0) + "/contact/4711", Subject: "contact/4711"},
		"send, odd":       {Source: setaside.Stream, ID: delivery.ID(run, 0) + "/order/a b?#+%2F/東", Subject: "order/a b?#+%2F/東"},
		"emit":            {Source: setaside.Stream, ID: delivery.EventID("demo", "crm", "g", "contact/4711", "contact.updated", "1"), Subject: "contact/4711"},
		"scan":            {Source: setaside.Stream, ID: "495000000000011112345", Subject: "contact/4711"},
		"scan, of nobody": {Organization: setaside.Unknown, Source: setaside.Stream, ID: "495000000000011112345"},
		"stop":            {Organization: setaside.Unknown, Source: setaside.Queue, ID: "5fea7756-0ea4-451a-a703-a558b933e274", Body: bucket},
		"apply":           {Organization: setaside.Unknown, Source: setaside.Queue, ID: "5fea7756-0ea4-451a-a703-a558b933e274", Body: "{"},
	} {
		for _, what := range []string{"replay", "dismiss"} {
			m, w := openManaged(t)
			m.Record("order", "a b?#+%2F/東", map[string]any{})
			organization, token := "demo", token
			if item.Organization != "" {
				organization, token = item.Organization, "token-of-replayer"
			}
			m.Delivery(m.crm, "contact/4711")
			m.Aside(item)
			list := "/organizations/" + organization + "/setaside"
			reader := "Authorization: Bearer token-of-reader"
			shown := w.do("GET", list, "", reader).is(http.StatusOK).object()["items"].([]any)[0].(map[string]any)
			path := fmt.Sprint(list, "/", shown["id"], "/", what)
			got := w.do("POST", path, "", "Authorization: Bearer "+token)
			if what == "dismiss" {
				got.is(http.StatusNoContent)
			} else if got.status != http.StatusAccepted && got.status != http.StatusConflict || got.status == http.StatusAccepted && got.object()["id"] != shown["id"] {
				t.Errorf("%s: got %d %s", producer, got.status, got.body)
			}
			if left := len(m.Ledger.AllAside()); (got.status == http.StatusConflict) != (left == 1) {
				t.Errorf("%s: %d and %d left", producer, got.status, left)
			}
			w.do("POST", list+"/"+fmt.Sprint(shown["id"])+"/"+what, "", reader).is(http.StatusForbidden)
			if got.status != http.StatusConflict {
				w.do("POST", path, "", "Authorization: Bearer "+token).is(http.StatusNotFound)
			}
		}
	}
}

// timed are the lists whose entries have a time, of which each has one before and one after the moment that it answers.
func timed(m *managed) (lists []string, moment time.Time) {
	for i := range 2 {
		m.Stop(m.failed("4711"))
		m.Triggered(trigger.Failed, "a cause")
		m.Aside(setaside.Item{Source: setaside.Queue, ID: m.NewID()})
		if _, err := m.Handler.Start(m.T.Context(), managetest.Who(), "crm", nil); err != nil {
			m.T.Fatal(err)
		}
		m.Clock.Pass(time.Second)
		if i == 0 {
			moment = m.Clock.Now()
		}
	}
	return []string{
		"/interfaces/crm/executions?", "/deliveries?interface=crm&", "/deliveries?status=stopped&", "/deliveries?record=4711&", "/triggers?",
		"/triggers?status=failed&", "/setaside?", "/audit?",
	}, moment
}

// TestEveryListIsNewestFirstAndBoundByTime, where its entries have one.
func TestEveryListIsNewestFirstAndBoundByTime(t *testing.T) {
	t.Parallel()
	m, w := openManaged(t)
	lists, moment := timed(m)
	when := func(d time.Duration) string { return moment.Add(d).Format(time.RFC3339Nano) }
	for _, list := range lists {
		var ids []string
		for _, limit := range []int{1, 50} {
			ids = w.names(at+list, "id", limit)
			if len(ids) != 2 {
				t.Errorf("%s has %q, want two", list, ids)
				break
			}
		}
		for query, want := range map[string][]string{
			"since=" + when(0): ids[:1],
			"until=" + when(0): ids[1:],
			"since=" + when(-time.Hour) + "&until=" + when(time.Hour): ids,
			"since=" + when(0) + "&until=" + when(time.Millisecond):   {},
		} {
			if diff := cmp.Diff(want, w.names(at+list+query, "id", 50)); diff != "" {
				t.Errorf("%s%s (-want +got):\n%s", list, query, diff)
			}
		}
		got := w.do("GET", at+list+"since="+when(0)+"&until="+when(0), "").is(http.StatusUnprocessableEntity)
		if diff := cmp.Diff([]string{"query.since"}, got.locations()); diff != "" {
			t.Errorf("%s: times without moments in them (-want +got):\n%s", list, diff)
		}
	}
}
