package endtoend_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhook/shared/receiver"
)

// immediate is a schedule that runs only when it is asked to.
const immediate = `"details":["GENERAL"],"retryDelaySeconds":1,"retriesBeforeStop":0,"schedules":[{"name":"by hand","launch":"manual","batchSize":100,"bucketSize":2}]`

func TestAnInterfaceIsSavedAndLiveAtOnce(t *testing.T) {
	o := openControl(t)
	at := o.at("/interfaces/crm")
	refused := o.into(http.StatusUnprocessableEntity, http.MethodPut, at, `{"type":"contact-webhook-v2","url":"ftp://x","details":["NAMES"],"colour":1,"retriesBeforeStop":13}`)
	if faults, _ := refused["errors"].([]any); len(faults) < 4 {
		t.Errorf("faults %v: want those of url, details, colour and retriesBeforeStop at once", refused["errors"])
	}
	o.want(http.StatusNotFound, http.MethodGet, at, "")
	o.save("crm", "contact-webhook-v2", "/in", `"details":["GENERAL"],`+schedule(100, 1))
	first := o.want(http.StatusOK, http.MethodGet, at, "")
	if state, faults, err := o.stage.State(o.Context(), o.organization, "crm"); state != "active" || err != nil {
		t.Errorf("the interface is %q (%s, %v) right after it was saved, want active", state, faults, err)
	}
	o.contact("C1", `{"role":"MEMBER"}`)
	o.arrive("/in", 1)

	was := first.Headers.Get("ETag")
	text := strings.Replace(string(configuration(t, first.Body)), `"GENERAL"`, `"GENERAL","ADDRESSES"`, 1)
	o.want(http.StatusOK, http.MethodPut, at, text, "If-Match", was)
	o.want(http.StatusPreconditionFailed, http.MethodPut, at, text, "If-Match", was)
	o.want(http.StatusPreconditionFailed, http.MethodPut, at, text, "If-None-Match", "*")
	if listed := o.list(o.at("/interfaces?limit=1")); len(listed) != 1 || listed[0]["name"] != "crm" || listed[0]["state"] != "active" {
		t.Errorf("the list shows %v", listed)
	}
	o.want(http.StatusNoContent, http.MethodDelete, at, "", "If-Match", o.want(http.StatusOK, http.MethodGet, at, "").Headers.Get("ETag"))
	o.want(http.StatusNotFound, http.MethodGet, at, "")

	var actions []string
	for _, entry := range o.list(o.at("/audit?limit=2")) {
		actions = append(actions, fmt.Sprint(entry["by"], " ", entry["action"], " ", entry["subject"]))
	}
	if got, want := strings.Join(actions, "; "), "key delete-interface interface crm; key put-interface interface crm; key put-interface interface crm"; got != want {
		t.Errorf("audit %s, want %s", got, want)
	}
}

// configuration is an answered interface's.
func configuration(t *testing.T, body []byte) json.RawMessage {
	t.Helper()
	var is struct{ Configuration json.RawMessage }
	if err := json.Unmarshal(body, &is); err != nil {
		t.Fatal(err)
	}
	return is.Configuration
}

// TestOneOfTwoWritersWins: those that come later are told, and nothing is overwritten unseen.
func TestOneOfTwoWritersWins(t *testing.T) {
	o := openControl(t)
	o.save("crm", "contact-webhook-v2", "/in", immediate)
	at := o.at("/interfaces/crm")
	was := o.want(http.StatusOK, http.MethodGet, at, "")
	text, tag := string(configuration(t, was.Body)), was.Headers.Get("ETag")
	statuses := make([]int, 4)
	var wait sync.WaitGroup
	for i := range statuses {
		wait.Go(func() {
			changed := strings.Replace(text, `"retriesBeforeStop":0`, fmt.Sprintf(`"retriesBeforeStop":%d`, i+1), 1)
			statuses[i] = o.call(http.MethodPut, at, changed, "If-Match", tag).Status
		})
	}
	wait.Wait()
	won := 0
	for _, status := range statuses {
		switch status {
		case http.StatusOK:
			won++
		case http.StatusPreconditionFailed, http.StatusConflict, http.StatusTooManyRequests:
		default:
			t.Errorf("a writer got %d", status)
		}
	}
	if won != 1 {
		t.Errorf("%d writers of one state won (%v), want one", won, statuses)
	}
}

func TestExecutionsByHand(t *testing.T) {
	o := openControl(t)
	o.save("crm", "contact-webhook-v2", "/in", immediate)
	runs := o.at("/interfaces/crm/executions")
	for i := range 3 {
		o.contact(fmt.Sprintf("C%d", i), `{"role":"MEMBER"}`)
	}
	o.waits("crm", 3)

	started := o.into(http.StatusAccepted, http.MethodPost, runs, `{"identifiers":["C1"]}`)
	done := o.becomes(runs+"/"+started["id"].(string), "status", "done")
	if done["startedBy"] != "identifiers" || counts(done, "taken", "sent", "delivered") != "1 1 1" {
		t.Errorf("identifiers: %v", done)
	}
	started = o.into(http.StatusAccepted, http.MethodPost, runs, `{}`)
	done = o.becomes(runs+"/"+started["id"].(string), "status", "done")
	if done["startedBy"] != "immediate" || done["schedule"] != "by hand" || counts(done, "taken", "delivered") != "2 2" {
		t.Errorf("immediate: %v", done)
	}
	started = o.into(http.StatusAccepted, http.MethodPost, runs, `{"all":true}`)
	done = o.becomes(runs+"/"+started["id"].(string), "status", "done")
	if done["startedBy"] != "all" || counts(done, "taken", "delivered") != "3 3" {
		t.Errorf("all: %v", done)
	}
	file := "\xef\xbb\xbfname;contactNumber\r\n\"Muster; A\";C0\r\nB;C2\r\nC;\r\nD;C2\r\nE;not a number at all, is it\r\n"
	started = o.into(http.StatusAccepted, http.MethodPost, runs, file, "Content-Type", "application/octet-stream")
	done = o.becomes(runs+"/"+started["id"].(string), "status", "done")
	refusals, _ := done["refusals"].([]any)
	if done["startedBy"] != "file" || counts(done, "numbers", "taken", "delivered", "refused") != "2 2 2 3" || len(refusals) != 3 {
		t.Errorf("file: %v", done)
	}
	if listed := o.list(runs + "?limit=3"); len(listed) != 4 || listed[0]["startedBy"] != "file" {
		t.Errorf("the list has %d executions, want 4, the newest first: %v", len(listed), listed)
	}
	refused := o.into(http.StatusUnprocessableEntity, http.MethodPost, runs, `{"schedule":"none","identifiers":["C1","C1",""],"all":true,"colour":1}`)
	if faults, _ := refused["errors"].([]any); len(faults) < 4 {
		t.Errorf("faults %v, want all at once", refused["errors"])
	}
	o.quiet("crm")
}

// TestACancelledExecutionSendsNoMore: what has not been sent is not, and its records wait again.
func TestACancelledExecutionSendsNoMore(t *testing.T) {
	o := openControl(t)
	o.save("crm", "contact-webhook-v2", "/in", strings.Replace(immediate, `"retryDelaySeconds":1,"retriesBeforeStop":0`, `"retryDelaySeconds":600`, 1))
	o.receiver.Script("/in", receiver.Answer{Status: 503, Times: 1000})
	for i := range 6 {
		o.contact(fmt.Sprintf("C%d", i), `{"role":"MEMBER"}`)
	}
	o.waits("crm", 6)
	runs := o.at("/interfaces/crm/executions")
	id := o.into(http.StatusAccepted, http.MethodPost, runs, `{}`)["id"].(string)
	o.arrive("/in", 3)
	o.becomes(runs+"/"+id, "failed", 6)
	o.want(http.StatusNoContent, http.MethodPost, runs+"/"+id+"/cancel", "")
	o.becomes(runs+"/"+id, "status", "cancelled")
	o.want(http.StatusNoContent, http.MethodPost, runs+"/"+id+"/cancel", "")
	o.until("the records to wait again", func() (bool, error) {
		lane, err := o.stage.Lane(o.Context(), o.organization, "crm")
		if err != nil {
			return false, err
		}
		rows, err := o.stage.Rows(o.Context(), lane)
		free := 0
		for _, row := range rows {
			if row["delivery"] == nil || row["delivery"] == "" {
				free++
			}
		}
		return free == 6, err
	})
	o.receiver.Script("/in")
	id = o.into(http.StatusAccepted, http.MethodPost, runs, `{}`)["id"].(string)
	o.becomes(runs+"/"+id, "delivered", 6)
	o.quiet("crm")
}

func TestATestShowsRequestAndAnswer(t *testing.T) {
	o := openControl(t)
	o.save("crm", "contact-webhook-v2", "/in", immediate+`,"state":"paused"`)
	o.receiver.Script("/in", receiver.Answer{Status: 418, Body: "no coffee"})
	id := o.into(http.StatusAccepted, http.MethodPost, o.at("/interfaces/crm/test"), "{}")["id"].(string)
	failed := o.becomes(o.at("/deliveries/"+id), "status", "cancelled")
	log, _ := failed["log"].([]any)
	if attempt, _ := log[0].(map[string]any); len(log) != 1 || fmt.Sprint(attempt["status"]) != "418" || attempt["answer"] != "no coffee" || attempt["headers"] == nil {
		t.Errorf("the failed test shows %v", failed)
	}
	o.contact("C1", `{"role":"MEMBER"}`)
	id = o.into(http.StatusAccepted, http.MethodPost, o.at("/interfaces/crm/test"), `{"record":"contact/C1"}`)["id"].(string)
	o.becomes(o.at("/deliveries/"+id), "status", "delivered")
	if requests := o.arrive("/in", 2); len(requests[1].Contacts) != 1 || requests[1].Contacts[0] != "C1" {
		t.Errorf("the test of C1 sent %s", requests[1].Body)
	}
}

// TestNobodyElseSeesAnything: another organization's key learns nothing, not even what exists; an operator's sees all and
// changes nothing.
func TestNobodyElseSeesAnything(t *testing.T) {
	o := openControl(t)
	o.save("crm", "contact-webhook-v2", "/in", immediate)
	other, paths := o.anotherOrganization(), []string{"/interfaces", "/interfaces/crm", "/interfaces/none", "/deliveries?interface=crm", "/triggers", "/audit", "/setaside", "/rules"}
	for _, path := range paths {
		o.want(http.StatusForbidden, http.MethodGet, o.at(path), "", "Authorization", "Bearer "+other)
		o.want(http.StatusUnauthorized, http.MethodGet, o.at(path), "", "Authorization", "Bearer "+rand.Text())
		if path != "/interfaces/none" {
			o.want(http.StatusOK, http.MethodGet, o.at(path), "", "Authorization", "Bearer "+o.stage.OperatorToken)
		}
	}
	o.want(http.StatusForbidden, http.MethodPut, o.at("/interfaces/crm"), "{}", "Authorization", "Bearer "+o.stage.OperatorToken)
	o.want(http.StatusForbidden, http.MethodPost, o.at("/contacts/C1/erase"), "", "Authorization", "Bearer "+o.stage.OperatorToken)
	o.save("crm2", "contact-webhook-v2", "/in", immediate)
	cursor := o.into(http.StatusOK, http.MethodGet, o.at("/interfaces?limit=1"), "")["next"].(string)
	o.want(http.StatusUnprocessableEntity, http.MethodGet, "/organizations/"+o.organization+"-else/interfaces?cursor="+cursor, "", "Authorization", "Bearer "+other)
}

func TestASecretIsWrittenAndNeverRead(t *testing.T) {
	o := openControl(t)
	const value = "dummy-password-of-a-test"
	o.forget(o.stage.Parameter(o.organization, "secrets", "crm-password"))
	o.want(http.StatusCreated, http.MethodPut, o.at("/secrets/crm-password"), `{"value":"`+value+`","hosts":["127.0.0.1"]}`)
	o.save("crm", "contact-webhook-v2", "/in", `"authentication":{"mode":"BASIC","login":"s360","secret":"crm-password"},`+immediate)
	id := o.into(http.StatusAccepted, http.MethodPost, o.at("/interfaces/crm/test"), "{}")["id"].(string)
	shown := fmt.Sprint(o.becomes(o.at("/deliveries/"+id), "status", "delivered"))
	request := o.arrive("/in", 1)[0]
	if got := request.Headers.Get("Authorization"); got != basic("s360", value) {
		t.Errorf("the receiver got %q", got)
	}
	for _, path := range []string{"/interfaces/crm", "/audit"} {
		shown += string(o.want(http.StatusOK, http.MethodGet, o.at(path), "").Body)
	}
	if strings.Contains(shown, value) || strings.Contains(shown, basic("s360", value)) {
		t.Error("the secret is shown")
	}
	o.want(http.StatusNoContent, http.MethodPut, o.at("/secrets/crm-password"), `{"value":"another-dummy","hosts":["127.0.0.1"]}`)
	o.want(http.StatusMethodNotAllowed, http.MethodGet, o.at("/secrets/crm-password"), "")
	o.want(http.StatusNoContent, http.MethodDelete, o.at("/secrets/crm-password"), "")
	o.becomes(o.at("/interfaces/crm"), "state", "invalid")
}

// TestAnErasedContactLeavesNothing that the API or the ledger shows.
func TestAnErasedContactLeavesNothing(t *testing.T) {
	o := openControl(t)
	const marker = "erased.person@example.com"
	o.save("events", "event-webhook", "/in", `"events":["contact.*"],"retryDelaySeconds":1,"retriesBeforeStop":0`)
	o.receiver.Script("/in", receiver.Answer{Status: 500, Times: 1, Body: "no such person " + marker})
	o.want(http.StatusCreated, http.MethodPut, o.path("contact", "C1"), `{"individualContact":{"email":"`+marker+`"}}`)
	o.arrive("/in", 1)
	o.until("the event to be stopped", func() (bool, error) { return len(o.list(o.at("/deliveries?record=C1"))) == 1, nil })
	id := o.list(o.at("/deliveries?record=C1"))[0]["id"].(string)
	o.becomes(o.at("/deliveries/"+id), "status", "stopped")
	found := o.into(http.StatusOK, http.MethodPost, o.at("/contacts/C1/erase"), "")
	if found["record"] != true || fmt.Sprint(found["deliveries"]) != "1" || fmt.Sprint(found["bodies"]) != "1" {
		t.Errorf("found %v", found)
	}
	o.want(http.StatusNotFound, http.MethodGet, o.path("contact", "C1"), "")
	shown := fmt.Sprint(o.into(http.StatusOK, http.MethodGet, o.at("/deliveries/"+id), ""))
	items, attempts, err := o.stage.Delivery(o.Context(), o.organization, id)
	if err != nil || strings.Contains(shown+fmt.Sprint(items, attempts), marker) {
		t.Errorf("the person is still in the delivery (%v): %s %v %v", err, shown, items, attempts)
	}
	if listed := o.list(o.path("contact", "")[:len(o.path("contact", ""))-1] + "?email=" + marker); len(listed) != 0 {
		t.Errorf("the contact is still found by the e-mail address: %v", listed)
	}
	requests := o.arrive("/in", 2)
	if last := requests[len(requests)-1]; strings.Contains(string(last.Body), marker) || !strings.Contains(string(last.Body), "contact.deleted") {
		t.Errorf("what is told of the erasure: %s", last.Body)
	}
	if again := o.into(http.StatusOK, http.MethodPost, o.at("/contacts/C1/erase"), ""); fmt.Sprint(again["bodies"]) != "0" {
		t.Errorf("a second time %v is found", again)
	}
}

// TestAFileLargerThanTheWindow is worked off over passes.
func TestAFileLargerThanTheWindow(t *testing.T) {
	o := openControl(t)
	const contacts = 600
	var file strings.Builder
	for i := range contacts {
		fmt.Fprintf(&file, "F%d\n", i)
	}
	o.save("crm", "contact-webhook-v2", "/in", strings.Replace(immediate, `"bucketSize":2`, `"bucketSize":5`, 1))
	o.putContacts(contacts)
	o.waits("crm", contacts) // Else a change that is read while a contact is in flight has it wait again.
	runs := o.at("/interfaces/crm/executions")
	begun := time.Now()
	id := o.into(http.StatusAccepted, http.MethodPost, runs, file.String(), "Content-Type", "application/octet-stream")["id"].(string)
	done := o.becomes(runs+"/"+id, "status", "done")
	t.Logf("%d contacts of a file in deliveries of five: %s", contacts, since(begun))
	if counts(done, "taken", "delivered", "stopped") != fmt.Sprint(contacts, " ", contacts, " 0") {
		t.Errorf("the execution is %v", done)
	}
	if times := receiver.Times(o.receiver.Requests()); len(times) != contacts {
		t.Errorf("%d contacts arrived, want %d", len(times), contacts)
	}
	o.quiet("crm")
}
