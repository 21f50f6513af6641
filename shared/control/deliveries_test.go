package control_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/trigger"
)

func TestDeliveriesAreListedByWhatIsAsked(t *testing.T) {
	t.Parallel()
	m, w := openManaged(t)
	var stopped, all, contact []string
	for i := range 5 {
		d := m.failed([]string{"4711", "4712"}[i%2])
		all = append([]string{d.ID}, all...)
		if i%2 == 0 {
			d = m.Stop(d)
			stopped, contact = append([]string{d.ID}, stopped...), append([]string{d.ID}, contact...)
		}
	}
	for query, want := range map[string][]string{
		"interface=crm":                                        all,
		"interface=other":                                      {},
		"status=stopped":                                       stopped,
		"record=contact%2F4711":                                contact,
		"record=4711":                                          contact,
		"record=order%2F4711":                                  {},
		"interface=crm&status=stopped&record=4711":             contact,
		"interface=crm&since=2000-01-01T00:00:00Z":             all,
		"interface=crm&until=2000-01-01T00:00:00Z":             {},
		"status=stopped&interface=crm&since=2100-01-01T00:00Z": nil,
	} {
		if want == nil {
			w.do("GET", at+"/deliveries?"+query, "").is(http.StatusUnprocessableEntity)
			continue
		}
		for _, limit := range []int{1, 2, 50} {
			if diff := cmp.Diff(want, w.names(at+"/deliveries?"+query, "id", limit)); diff != "" {
				t.Errorf("%s, %d a page (-want +got):\n%s", query, limit, diff)
			}
		}
	}
}

func TestADeliveryHasItsAttempts(t *testing.T) {
	t.Parallel()
	m, w := openManaged(t)
	d := m.Stop(m.failed("4711"))
	id := d.ID
	got := w.do("GET", at+"/deliveries/"+id, "").is(http.StatusOK).object()
	log := got["log"].([]any)[0].(map[string]any)
	delete(log, "at")
	want := map[string]any{
		"number": 1.0, "durationMs": 120.0, "status": 503.0, "error": "status", "answer": "<script>",
		"headers": map[string]any{"webhook-id": id + "-0badf00d", "Content-Type": "application/json"},
	}
	if diff := cmp.Diff(want, log); diff != "" {
		t.Errorf("the attempt differs (-want +got):\n%s", diff)
	}
	if got["status"] != "stopped" || got["webhookId"] != id+"-0badf00d" || got["execution"] != d.Execution || got["lastStatus"] != 503.0 || got["lastError"] != "status" {
		t.Errorf("got %v", got)
	}
	w.do("GET", "/organizations/other/deliveries/"+id, "", "Authorization: Bearer token-of-other").is(http.StatusNotFound)
	for _, what := range []string{"replay", "dismiss"} {
		w.do("POST", "/organizations/other/deliveries/"+id+"/"+what, "", "Authorization: Bearer token-of-other").is(http.StatusNotFound)
	}
}

func TestDeliveriesAreReplayedAndDismissed(t *testing.T) {
	t.Parallel()
	m, w := openManaged(t)
	first, pending := m.Stop(m.failed("4711")).ID, m.failed("4712").ID
	m.Stop(m.failed("4712"))
	w.do("POST", at+"/deliveries/"+pending+"/dismiss", "").is(http.StatusConflict)
	w.do("POST", at+"/deliveries/"+pending+"/replay", "").is(http.StatusConflict)
	if got := w.do("POST", at+"/deliveries/"+first+"/dismiss", "", "Authorization: Bearer token-of-replayer").is(http.StatusNoContent); len(got.body) > 0 {
		t.Errorf("a dismissal answers %q", got.body)
	}
	if got := w.do("GET", at+"/deliveries/"+first, "").is(http.StatusOK).object()["status"]; got != "dismissed" {
		t.Errorf("what was dismissed is %v", got)
	}
	for _, what := range []string{"replay", "dismiss"} {
		path, body := at+"/deliveries/"+what, `{"interface":"crm","record":"4712"}`
		before := m.effects()
		if got := w.do("POST", path+"?dryRun=true", body).is(http.StatusAccepted).plain(); got != `{"matched":1}` || m.effects() != before {
			t.Errorf("%s counts %s, want 1 and nothing done", what, got)
		}
		got := w.do("POST", path+"?dryRun=false", body).is(http.StatusAccepted).object()
		if id, _ := got["id"].(string); len(id) != 26 || got["matched"] != 1.0 {
			t.Errorf("%s answers %v", what, got)
		}
	}
}

func TestTriggersAreListedAndReplayed(t *testing.T) {
	t.Parallel()
	m, w := openManaged(t)
	applied, failed, waiting := m.Triggered(trigger.Applied, "").ID, m.Triggered(trigger.Failed, "a cause").ID, m.Triggered(trigger.Waiting, "").ID
	for query, want := range map[string][]string{"": {waiting, failed, applied}, "?status=failed": {failed}, "?status=waiting": {waiting}} {
		if diff := cmp.Diff(want, w.names(at+"/triggers"+query, "id", 2)); diff != "" {
			t.Errorf("triggers%s (-want +got):\n%s", query, diff)
		}
	}
	if got := w.do("GET", at+"/triggers/"+failed, "").is(http.StatusOK).object(); got["cause"] != "a cause" || got["kept"] != true || got["status"] != "failed" {
		t.Errorf("got %v", got)
	}
	w.do("POST", at+"/triggers/"+applied+"/replay", "").is(http.StatusConflict)
	if got := w.do("POST", at+"/triggers/"+failed+"/replay", "").is(http.StatusAccepted).plain(); got != `{"id":"`+failed+`"}` {
		t.Errorf("a replay answers %s", got)
	}
}

// TestAListNamesTheFirstRecords of each delivery only: full pages of full buckets are more than an answer may hold.
func TestAListNamesTheFirstRecords(t *testing.T) {
	t.Parallel()
	m, w := openManaged(t)
	records := make([]string, 150)
	for i := range records {
		records[i] = fmt.Sprintf("contact/C%03d", i)
	}
	id := m.Delivery(m.crm, records...).ID
	listed := w.do("GET", at+"/deliveries?interface=crm", "").is(http.StatusOK).object()["items"].([]any)[0].(map[string]any)
	one := w.do("GET", at+"/deliveries/"+id, "").is(http.StatusOK).object()
	for what, test := range map[string]struct {
		is   map[string]any
		want int
	}{"a list": {listed, 100}, "the delivery itself": {one, 150}} {
		if got := len(test.is["records"].([]any)); got != test.want || test.is["recordCount"] != 150.0 {
			t.Errorf("%s names %d of %v records, want %d of 150", what, got, test.is["recordCount"], test.want)
		}
	}
}
