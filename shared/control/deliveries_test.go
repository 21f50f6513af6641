package control_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/setaside"
	"crmhook/shared/trigger"
)

// run is an execution's id; its n-th delivery is run-0000n.
const run = "01kaqvc9vv8m3c1s2f5h7n0p4r"

// deliver keeps a delivery of a contact to crm that failed and stands as it says.
func (m *managed) deliver(n int, contact string, status delivery.Status) string {
	m.Helper()
	at := m.now()
	was := delivery.Delivery{
		Message: delivery.Message{
			ID: delivery.ID(run, n), Organization: "demo", Interface: "crm", Generation: "g", Execution: run, Records: []string{"contact/" + contact}, Changes: []int64{1},
		},
		Status: delivery.Pending, CreatedAt: at,
	}
	if _, err := m.ledger.Open(m.Context(), []delivery.Delivery{was}); err != nil {
		m.Fatal(err)
	}
	now := was
	now.Status, now.Attempts, now.LastStatus, now.LastError = status, 1, 503, delivery.BadStatus
	now.First = &delivery.Attempt{Number: 1, At: at, Duration: 84 * time.Millisecond, Status: 503, Error: delivery.BadStatus, Answer: "<script>", Headers: map[string]string{"User-Agent": "crmhook"}}
	if done, err := m.ledger.Update(m.Context(), []delivery.Update{{Was: was, Now: now}}); err != nil || !done[0] {
		m.Fatalf("update: %v %v", done, err)
	}
	return was.ID
}

func TestDeliveriesAreListedByWhatIsAsked(t *testing.T) {
	t.Parallel()
	m, w := openManaged(t)
	var stopped, all, contact []string
	for i := range 5 {
		status, number := delivery.Stopped, "4711"
		if i%2 == 1 {
			status, number = delivery.Pending, "4712"
		}
		id := m.deliver(i, number, status)
		all = append([]string{id}, all...)
		if i%2 == 0 {
			stopped, contact = append([]string{id}, stopped...), append([]string{id}, contact...)
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
	id := m.deliver(7, "4711", delivery.Stopped)
	got := w.do("GET", at+"/deliveries/"+id, "").is(http.StatusOK).object()
	log := got["log"].([]any)[0].(map[string]any)
	delete(log, "at")
	want := map[string]any{
		"number": 1.0, "durationMs": 84.0, "status": 503.0, "error": "status", "answer": "<script>", "headers": map[string]any{"User-Agent": "crmhook"},
	}
	if diff := cmp.Diff(want, log); diff != "" {
		t.Errorf("the attempt differs (-want +got):\n%s", diff)
	}
	if got["status"] != "stopped" || got["webhookId"] != id || got["execution"] != run || got["lastStatus"] != 503.0 || got["lastError"] != "status" {
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
	first, pending := m.deliver(0, "4711", delivery.Stopped), m.deliver(1, "4711", delivery.Pending)
	w.do("POST", at+"/deliveries/"+pending+"/dismiss", "").is(http.StatusConflict)
	w.do("POST", at+"/deliveries/"+pending+"/replay", "").is(http.StatusConflict)
	if got := w.do("POST", at+"/deliveries/"+first+"/dismiss", "", "Authorization: Bearer token-of-replayer").is(http.StatusNoContent); len(got.body) > 0 {
		t.Errorf("a dismissal answers %q", got.body)
	}
	for _, what := range []string{"replay", "dismiss"} {
		path, body := at+"/deliveries/"+what, `{"interface":"crm","record":"4711"}`
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

func TestTriggersAndWhatWasSetAside(t *testing.T) {
	t.Parallel()
	m, w := openManaged(t)
	id := func(n int) string { return fmt.Sprintf("01kaqvc9vv8m3c1s2f5h7n0p%02d", n) }
	for i, status := range []trigger.Status{trigger.Applied, trigger.Failed, trigger.Waiting} {
		e := trigger.Entry{ID: id(i), Organization: "demo", Platform: "Shopify", Entity: "Customer", Action: "Update", SourceID: 1, At: m.now(), Status: status, Cause: "a cause"}
		if status != trigger.Applied {
			e.Message = []byte("{}")
		}
		if err := m.triggers.Keep(t.Context(), []trigger.Entry{e}); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string][]string{"": {id(2), id(1), id(0)}, "?status=failed": {id(1)}, "?status=waiting": {id(2)}} {
		if diff := cmp.Diff(want, w.names(at+"/triggers"+query, "id", 2)); diff != "" {
			t.Errorf("triggers%s (-want +got):\n%s", query, diff)
		}
	}
	if got := w.do("GET", at+"/triggers/"+id(1), "").is(http.StatusOK).object(); got["cause"] != "a cause" || got["kept"] != true || got["status"] != "failed" {
		t.Errorf("got %v", got)
	}
	w.do("POST", at+"/triggers/"+id(0)+"/replay", "").is(http.StatusConflict)
	if got := w.do("POST", at+"/triggers/"+id(1)+"/replay", "").is(http.StatusAccepted).plain(); got != `{"id":"`+id(1)+`"}` {
		t.Errorf("a replay answers %s", got)
	}
	item := setaside.Item{Organization: "demo", Source: setaside.Queue, ID: "m-1", At: m.now(), Subject: "contact/4711", Cause: "<b>", Body: "\x00{"}
	if err := m.ledger.SetAside(t.Context(), []setaside.Item{item}); err != nil {
		t.Fatal(err)
	}
	if got := w.names(at+"/setaside", "id", 1); !cmp.Equal(got, []string{"queue#m-1"}) {
		t.Errorf("set aside are %q", got)
	}
	w.do("POST", at+"/setaside/stream%23m-1/replay", "").is(http.StatusNotFound)
}
