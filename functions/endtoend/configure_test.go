package endtoend_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"crmhook/shared/receiver"
)

func receiverRequest(r receiver.Request) *http.Request { return &http.Request{Header: r.Headers} }

func TestAnInvalidInterfaceShowsAllItsFaults(t *testing.T) {
	w := open(t)
	w.put("crm", "v2", "/{contactNumber}", `"details":["GENERAL","NOPE"],"filter":"role=(","extra":1,"timeoutSeconds":0,`+schedule(0, 10), "invalid")
	_, faults, err := w.stage.State(t.Context(), w.organization, "crm")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"url"`, `"details[1]"`, `"filter"`, "column 6", `"extra"`, `"timeoutSeconds"`, `"schedules[0].batchSize"`} {
		if !strings.Contains(faults, want) {
			t.Errorf("the faults do not name %s: %s", want, faults)
		}
	}
	w.contact("C1", `{"role":"MEMBER"}`)
	w.waits("crm", 1)
	w.put("crm", "v2", "/in", `"details":["GENERAL"],`+schedule(100, 10), "active")
	w.arrive("/in", 1)
	w.quiet("crm")
}

func TestWhatChangesDuringAPauseGoesAfterIt(t *testing.T) {
	w := open(t)
	w.put("crm", "v2", "/in", `"details":["GENERAL"],"state":"paused",`+schedule(100, 10), "paused")
	w.contact("C1", `{"version":1}`)
	w.waits("crm", 1)
	time.Sleep(70 * time.Second) // More than a minute: dispatch has run and could have sent it.
	if got := len(w.receiver.Requests()); got != 0 {
		t.Errorf("%d requests while paused, want none", got)
	}
	w.waits("crm", 1)
	w.put("crm", "v2", "/in", `"details":["GENERAL"],`+schedule(100, 10), "active")
	w.arrive("/in", 1)
	w.quiet("crm")
	if got := receiver.Times(w.receiver.Requests())["C1"]; got != 1 {
		t.Errorf("C1 arrived %d times, want once", got)
	}
}

func TestANewInterfaceOfAnOldNameStartsClean(t *testing.T) {
	w := open(t)
	w.put("crm", "v2", "/old", `"details":["GENERAL"],"state":"paused",`+schedule(100, 10), "paused")
	w.contact("C1", `{"role":"MEMBER"}`)
	w.waits("crm", 1)
	old, err := w.stage.Lane(t.Context(), w.organization, "crm")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.stage.DeleteParameter(t.Context(), w.stage.Parameter(w.organization, "interfaces", "crm")); err != nil {
		t.Fatal(err)
	}
	w.until("the interface to be removed", func() (bool, error) {
		state, _, err := w.stage.State(t.Context(), w.organization, "crm")
		return state == "", err
	})
	w.put("crm", "v2", "/anew", `"details":["GENERAL"],`+schedule(100, 10), "active")
	w.contact("C2", `{"role":"MEMBER"}`)
	w.arrive("/anew", 1)
	w.until("the removed interface's rows to go", func() (bool, error) {
		rows, err := w.stage.Rows(t.Context(), old)
		return len(rows) == 0, err
	})
	w.quiet("crm")
	if got := receiver.Times(w.receiver.Requests()); len(got) != 1 || got["C2"] != 1 {
		t.Errorf("the new interface of the same name sent %v, want C2 alone", got)
	}
}

func TestAnEventMakesAChangeLiveAtOnce(t *testing.T) {
	w := open(t)
	w.put("first", "v2", "/in", `"details":["GENERAL"]`, "active") // By then configure knows the stage's settings.
	w.write("crm", `{"type":"contact-webhook-v2","url":"`+w.receiver.URL()+`/in","details":["GENERAL"]}`)
	began := time.Now()
	w.tell("crm", "Create")
	if state, _, err := w.stage.State(t.Context(), w.organization, "crm"); err != nil || state != "active" {
		t.Errorf("state %q after the event (%v), want active", state, err)
	}
	t.Logf("live %s after the event", time.Since(began).Round(time.Millisecond))
}
