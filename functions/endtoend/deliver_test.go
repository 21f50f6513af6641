package endtoend_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/receiver"
	"crmhook/shared/stage"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestAContactArrivesAsV2(t *testing.T) {
	w := open(t)
	w.put("crm", "v2", "/in?fixed=1", `"details":["GENERAL","ADDRESSES"],"filter":"role=MEMBER;addresses(isMain).zipCode=13.*",`+
		`"customParameters":{"tenant":"1 2"},"headers":{"X-Team":"crm"},`+schedule(100, 10), "active")
	w.contact("C1", `{"contactId":90071992547409931,"role":"MEMBER","odd":"é\u2028\"<&>","indicators":[{"code":"I","value":true}],
		"addresses":[{"main":true,"zipCode":"13001"}],"unknownField":{"n":1.50}}`)
	w.contact("C2", `{"role":"MEMBER","addresses":[{"main":true,"zipCode":"75001"}]}`)
	w.contact("C3", `{"role":"GUEST","addresses":[{"main":true,"zipCode":"13002"}]}`)
	got := w.arrive("/in", 1)[0]
	golden(t, "created.json", got.Body)
	if got.Method != "POST" || got.Query != "fixed=1&tenant=1%202" || got.Headers.Get("X-Team") != "crm" || got.Headers.Get("Content-Type") != "application/json" {
		t.Errorf("got %s ?%s, headers %v", got.Method, got.Query, got.Headers)
	}
	if agent := got.Headers.Get("User-Agent"); !strings.HasPrefix(agent, "crmhook/") {
		t.Errorf("User-Agent %q", agent)
	}
	if at, err := strconv.ParseInt(got.Headers.Get("Webhook-Timestamp"), 10, 64); err != nil || time.Since(time.Unix(at, 0)).Abs() > patience {
		t.Errorf("webhook-timestamp %q", got.Headers.Get("Webhook-Timestamp"))
	}
	id := got.Headers.Get("Webhook-Id")
	if want := (delivery.Request{Body: got.Body}).WebhookID(stage.DeliveryOf(id)); id != want {
		t.Errorf("webhook-id %s, want %s: the delivery and the body's hash", id, want)
	}
	found, _ := w.delivery(got, "delivered")
	if diff := cmp.Diff([]any{"contact/C1"}, found["records"]); diff != "" {
		t.Errorf("records in the ledger (-want +got):\n%s", diff)
	}
	w.quiet("crm")

	w.contact("C1", `{"contactId":90071992547409931,"role":"MEMBER","addresses":[{"main":true,"zipCode":"13002"},{"main":false,"zipCode":"75001"}]}`)
	changed := w.arrive("/in", 2)[1]
	golden(t, "changed.json", changed.Body)
	if again := changed.Headers.Get("Webhook-Id"); again == id {
		t.Errorf("the changed contact has the webhook-id %s of the created one", again)
	}
	w.quiet("crm")
	if n := len(w.receiver.Requests()); n != 2 {
		t.Errorf("%d requests, want 2: contacts that do not match the filter are not sent", n)
	}
}

// golden compares a body, byte by byte, with a file of testdata; -update writes the file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestAContactsNumberArrivesIntactAsV1(t *testing.T) {
	w := open(t)
	numbers := []string{"plain", strings.Repeat("é", 20), "a/b&c?d#e%f g", "é漢🎫", `"quoted\`, "%2F+;=~"}
	w.put("get", "v1", "/v1/${contactNumber}", `"method":"GET",`+schedule(60, 1), "active")
	w.put("post", "v1", "/post", `"method":"POST","payload":{"number":"${contactNumber}","list":["x${contactNumber}y"]},`+schedule(60, 1), "active")
	for _, n := range numbers {
		w.contact(n, `{"role":"MEMBER"}`)
	}
	w.contact(strings.Repeat("x", 21), `{"role":"MEMBER"}`)
	times := receiver.Times(w.arrive("/v1/", len(numbers)))
	posted := map[string]bool{}
	for _, r := range w.arrive("/post", len(numbers)) {
		var body struct {
			Number string
			List   []string
		}
		if err := json.Unmarshal(r.Body, &body); err != nil || len(body.List) != 1 || body.List[0] != "x"+body.Number+"y" {
			t.Errorf("body %s: %v", r.Body, err)
		}
		posted[body.Number] = true
	}
	for _, n := range numbers {
		if times[n] != 1 || !posted[n] {
			t.Errorf("%q: %d times by GET (as %s), by POST %v", n, times[n], url.PathEscape(n), posted[n])
		}
	}
	w.until("the long number to be set aside", func() (bool, error) {
		items, err := w.stage.SetAside(w.Context(), w.organization)
		return len(items) == 1 && strings.Contains(fmt.Sprint(items[0]["cause"]), "must have 1 to 20 characters, this one has 21"), err
	})
}

func TestFiveChangesArriveOnce(t *testing.T) {
	w := open(t)
	w.put("crm", "v2", "/in", `"details":["GENERAL"],"retryDelaySeconds":5,`+schedule(100, 1), "active")
	w.receiver.Script("/in", receiver.Statuses(500)...)
	for version := range 5 {
		w.contact("C1", fmt.Sprintf(`{"version":%d}`, version))
	}
	first := w.arrive("/in", 1)[0]
	w.contact("C1", `{"version":5}`) // while its delivery waits for its retry
	w.until("the last state to arrive", func() (bool, error) {
		for _, r := range receiver.Taken(w.receiver.Requests()) {
			if strings.Contains(string(r.Body), `"version":5`) {
				return true, nil
			}
		}
		return false, nil
	})
	w.quiet("crm")
	last := -1
	for i, r := range w.receiver.Requests() {
		var body []struct{ Version int }
		if err := json.Unmarshal(r.Body, &body); err != nil || len(body) != 1 {
			t.Fatalf("request %d: %s: %v", i, r.Body, err)
		}
		if body[0].Version < last {
			t.Errorf("request %d sent state %d after state %d", i, body[0].Version, last)
		}
		last = body[0].Version
	}
	// The five may lie on both sides of a scan, and the sixth goes with the retry or after it.
	if n := len(w.receiver.Requests()); last != 5 || n > 4 || !strings.Contains(string(first.Body), `"version"`) {
		t.Errorf("%d requests, the last with state %d; want at most 4, the last with state 5", n, last)
	}
}

func TestAThousandContacts(t *testing.T) {
	w := open(t)
	const contacts = 1_000
	w.put("load", "v2", "/load", `"details":["GENERAL"],`+schedule(contacts, 10), "active")
	list := make([]stage.Contact, contacts)
	for i := range list {
		list[i] = stage.Contact{ID: fmt.Sprintf("C%04d", i), Data: map[string]any{"role": "MEMBER"}}
	}
	began := time.Now()
	if err := w.stage.PutContacts(t.Context(), w.organization, list); err != nil {
		t.Fatal(err)
	}
	w.until("a thousand contacts to arrive", func() (bool, error) {
		return len(receiver.Times(receiver.Taken(w.receiver.Requests()))) >= contacts, nil
	})
	w.quiet("load")
	requests := w.receiver.Requests()
	times := receiver.Times(requests)
	twice := 0
	for _, n := range times {
		if n > 1 {
			twice++
		}
	}
	if len(times) != contacts || twice != 0 {
		t.Errorf("%d of %d delivered, %d twice", len(times), contacts, twice)
	}
	t.Logf("%d contacts in %d requests: %d lost, %d twice, %.1f s from the first write to the first arrival, %.1f s to the last", contacts,
		len(requests), contacts-len(times), twice, requests[0].At.Sub(began).Seconds(), requests[len(requests)-1].At.Sub(began).Seconds())
}

// TestAReceiverThatHangsHoldsUpNobody dispatches one interface's deliveries while all of another's hang: they must go out
// within seconds of their execution.
func TestAReceiverThatHangsHoldsUpNobody(t *testing.T) {
	w := open(t)
	const contacts, atMost = 10, 20 * time.Second
	w.receiver.Script("/hangs", receiver.Answer{Hang: time.Hour, Times: receiver.Forever})
	w.put("hangs", "v2", "/hangs", `"details":["GENERAL"],"filter":"role=HANGS","timeoutSeconds":100,"retryDelaySeconds":1,`+schedule(100, 1), "active")
	w.put("works", "v2", "/works", `"details":["GENERAL"],"filter":"role=WORKS",`+schedule(100, 1), "active")
	for i := range contacts {
		w.contact(fmt.Sprintf("H%d", i), `{"role":"HANGS"}`)
	}
	w.arrive("/hangs", contacts)
	for i := range contacts {
		w.contact(fmt.Sprintf("W%d", i), `{"role":"WORKS"}`)
	}
	requests := w.arrive("/works", contacts)
	w.quiet("works")
	executions, err := w.stage.Executions(t.Context(), w.organization, "works")
	if err != nil {
		t.Fatal(err)
	}
	var longest time.Duration
	for _, r := range requests {
		begun := begin(t, executions, delivery.ExecutionOf(stage.DeliveryOf(r.Headers.Get("Webhook-Id"))))
		longest = max(longest, r.At.Sub(begun))
		if n := underWay(receiver.At(w.receiver.Requests(), "/hangs"), r.At); n == 0 {
			t.Errorf("no request hung when request %d arrived", r.Number)
		}
	}
	if longest > atMost {
		t.Errorf("a request arrived %s after its execution began, want at most %s beside a receiver that hangs", longest, atMost)
	}
	t.Logf("beside %d requests that hang, %d others arrived within %s of their execution", contacts, len(requests), longest.Round(time.Millisecond))
}

// begin is when an execution began.
func begin(t *testing.T, executions []map[string]any, id string) time.Time {
	t.Helper()
	for _, e := range executions {
		if at, ok := e["at"].(json.Number); ok && e["sk"] == id {
			ms, err := at.Int64()
			if err != nil {
				t.Fatal(err)
			}
			return time.UnixMilli(ms)
		}
	}
	t.Fatalf("the ledger has no execution %s", id)
	return time.Time{}
}

// underWay counts the requests that had arrived and not ended at a time.
func underWay(requests []receiver.Request, at time.Time) int {
	n := 0
	for _, r := range requests {
		if r.At.Before(at) && (r.Ended.IsZero() || r.Ended.After(at)) {
			n++
		}
	}
	return n
}
