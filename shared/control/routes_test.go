package control_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const at = "/organizations/demo"

const telling = `{"type":"event-webhook","url":"https://crm.example.com/events","events":["*"]}`

// plain is an answer's JSON without white space.
func (s said) plain() string {
	s.Helper()
	var value any
	if err := json.Unmarshal(s.body, &value); err != nil {
		s.Fatalf("answer %.200q: %v", s.body, err)
	}
	text, err := json.Marshal(value)
	if err != nil {
		s.Fatal(err)
	}
	return string(text)
}

// names are a field of all items of a list, page by page of so many.
func (w *world) names(list, field string, limit int) []string {
	w.Helper()
	separator := "?"
	if strings.Contains(list, "?") {
		separator = "&"
	}
	names := []string{}
	for target := fmt.Sprintf("%s%slimit=%d", list, separator, limit); ; {
		page := w.do("GET", target, "").is(http.StatusOK).object()
		items := page["items"].([]any)
		for _, item := range items {
			names = append(names, fmt.Sprint(item.(map[string]any)[field]))
		}
		if page["next"] == nil {
			return names
		}
		if len(items) != limit {
			w.Errorf("a page of %s has %d items and is followed by another", list, len(items))
		}
		target = fmt.Sprintf("%s%slimit=%d&cursor=%s", list, separator, limit, page["next"])
	}
}

func TestAnInterfaceIsWrittenReadAndDeleted(t *testing.T) {
	t.Parallel()
	_, w := openManaged(t)
	path := at + "/interfaces/events"
	w.do("GET", path, "").is(http.StatusNotFound)
	made := w.do("PUT", path, telling, "If-None-Match: *").is(http.StatusCreated)
	tag := made.header.Get("ETag")
	want := `{"configuration":` + w.do("GET", path, "").is(http.StatusOK).sub("configuration") +
		`,"faults":[],"lastExecution":null,"name":"events","nextExecution":null,"state":"active","type":"event-webhook","waiting":0,"waitingAsOf":null}`
	if got := made.plain(); got != want || tag == "" || made.header.Get("Content-Type") != "application/json" {
		t.Errorf("got %s of %s with ETag %q, want %s", got, made.header.Get("Content-Type"), tag, want)
	}
	for header, status := range map[string]int{
		"If-None-Match: " + tag: 304, "If-None-Match: W/" + tag: 304, "If-None-Match: *": 304, `If-None-Match: "a"`: 200, "Accept: text/html": 200,
	} {
		got := w.do("GET", path, "", header).is(status)
		if got.header.Get("ETag") != tag || status == 304 && len(got.body) > 0 {
			t.Errorf("%s: got ETag %q and %q, want %q", header, got.header.Get("ETag"), got.body, tag)
		}
	}
	changed := w.do("PUT", path, strings.Replace(telling, "*", "contact.*", 1), "If-Match: "+tag).is(http.StatusOK)
	if changed.header.Get("ETag") == tag {
		t.Errorf("a change keeps the ETag %s", tag)
	}
	w.do("PUT", path, telling, "If-Match: "+tag).is(http.StatusPreconditionFailed)
	w.do("DELETE", path, "", "If-Match: "+tag).is(http.StatusPreconditionFailed)
	if got := w.do("DELETE", path, "", "If-Match: "+changed.header.Get("ETag")).is(http.StatusNoContent); len(got.body) > 0 {
		t.Errorf("a deletion answers %q", got.body)
	}
	w.do("DELETE", path, "").is(http.StatusNotFound)
}

// sub is a member of the answer as JSON.
func (s said) sub(name string) string {
	s.Helper()
	text, err := json.Marshal(s.object()[name])
	if err != nil {
		s.Fatal(err)
	}
	return string(text)
}

func TestARuleIsWrittenReadAndDeleted(t *testing.T) {
	t.Parallel()
	_, w := openManaged(t)
	w.do("PUT", at+"/interfaces/called", `{"type":"rule-webhook","url":"https://crm.example.com/rule"}`).is(http.StatusCreated)
	path, body := at+"/rules/welcome", `{"event":{"type":"contact.created"},"then":["called"]}`
	made := w.do("PUT", path, body, "If-None-Match: *").is(http.StatusCreated)
	tag := made.header.Get("ETag")
	if got, want := made.plain(), `{"configuration":`+body+`,"faults":[],"id":"welcome","state":"active"}`; got != want || tag == "" {
		t.Errorf("got %s with ETag %q, want %s", got, tag, want)
	}
	w.do("GET", path, "", "If-None-Match: "+tag).is(http.StatusNotModified)
	w.do("PUT", path, body, `If-Match: "0-0"`).is(http.StatusPreconditionFailed)
	w.do("PUT", path, strings.Replace(body, "created", "updated", 1), "If-Match: "+tag).is(http.StatusOK)
	w.do("DELETE", path, "").is(http.StatusNoContent)
	w.do("GET", path, "").is(http.StatusNotFound)
}

func TestASecretIsNeverAnswered(t *testing.T) {
	t.Parallel()
	_, w := openManaged(t)
	path, body := at+"/secrets/crm-password", `{"value":"not-a-real-password","hosts":["crm.example.com"]}`
	for _, status := range []int{http.StatusCreated, http.StatusNoContent} {
		if got := w.do("PUT", path, body).is(status); len(got.body) > 0 || got.header.Get("Content-Type") != "" {
			t.Errorf("got %q of type %q, want no body", got.body, got.header.Get("Content-Type"))
		}
	}
	if got := w.do("PUT", path, `{"value":"not-a-real-password","hosts":[7],"not-a-real-password":1}`); got.status != 422 || strings.Contains(string(got.body), "real-password\",\"value") {
		t.Errorf("got %d %s", got.status, got.body)
	}
	w.do("GET", path, "").is(http.StatusMethodNotAllowed)
	w.do("DELETE", path, "").is(http.StatusNoContent)
	if strings.Contains(w.log.String(), "real-password") {
		t.Errorf("the log tells the secret: %s", w.log)
	}
}

func TestPagesListEverythingOnce(t *testing.T) {
	t.Parallel()
	_, w := openManaged(t)
	want := []string{"crm"}
	for i := range 7 {
		name := fmt.Sprintf("e%d", i)
		w.do("PUT", at+"/interfaces/"+name, telling).is(http.StatusCreated)
		want = append(want, name)
	}
	for _, limit := range []int{1, 3, 4, 50} {
		if diff := cmp.Diff(want, w.names(at+"/interfaces", "name", limit)); diff != "" {
			t.Errorf("%d a page (-want +got):\n%s", limit, diff)
		}
	}
	actions := w.names(at+"/audit", "subject", 3)
	if len(actions) != 7 || actions[0] != "interface e6" || actions[6] != "interface e0" {
		t.Errorf("the audit lists %q, newest first", actions)
	}
	if got := w.do("GET", "/organizations/other/interfaces", "", "Authorization: Bearer token-of-other").is(http.StatusOK).plain(); got != `{"items":[],"next":null}` {
		t.Errorf("another organization's list is %s", got)
	}
}

// TestACursorHoldsForItsListAlone takes a cursor to other organizations, lists and filters.
func TestACursorHoldsForItsListAlone(t *testing.T) {
	t.Parallel()
	_, w := openManaged(t)
	for i := range 3 {
		w.do("PUT", fmt.Sprint(at, "/interfaces/e", i), telling).is(http.StatusCreated)
	}
	cursorOf := func(target string) string {
		next, ok := w.do("GET", target, "").is(http.StatusOK).object()["next"].(string)
		if !ok {
			t.Fatalf("%s has no next page", target)
		}
		return "cursor=" + url.QueryEscape(next)
	}
	list, audit := cursorOf(at+"/interfaces?limit=1"), cursorOf(at+"/audit?limit=1&since=2000-01-01T00:00:00Z")
	for target, status := range map[string]int{
		at + "/interfaces?" + list:                                  200,
		at + "/interfaces?limit=2&" + list:                          200,
		at + "/rules?" + list:                                       422,
		at + "/triggers?" + list:                                    422,
		at + "/interfaces/crm/executions?" + list:                   422,
		at + "/audit?" + list:                                       422,
		at + "/audit?since=2000-01-01T00:00:00Z&" + audit:           200,
		at + "/audit?since=2001-01-01T00:00:00Z&" + audit:           422,
		at + "/audit?" + audit:                                      422,
		"/organizations/other/interfaces?" + list:                   403,
		"/organizations/other/interfaces?" + list + "&nobody=knows": 403,
	} {
		w.do("GET", target, "").is(status)
	}
	for _, token := range []string{"token-of-other", "token-of-reader"} {
		w.do("GET", "/organizations/other/interfaces?"+list, "", "Authorization: Bearer "+token).is(http.StatusUnprocessableEntity)
	}
}

func TestTimesBoundWhatIsListed(t *testing.T) {
	t.Parallel()
	_, w := openManaged(t)
	w.do("PUT", at+"/interfaces/e", telling).is(http.StatusCreated)
	entry := w.do("GET", at+"/audit", "").is(http.StatusOK).object()["items"].([]any)[0].(map[string]any)
	at0 := fmt.Sprint(entry["at"])
	for query, want := range map[string]int{
		"since=" + at0: 1, "until=" + at0: 0, "since=2000-01-01T00:00:00Z": 1, "since=2000-01-01T00:00:00+01:00": 1, "until=2000-01-01T00:00:00%2B01:00": 0,
		"since=2100-01-01T00:00:00Z": 0,
	} {
		if got := w.names(at+"/audit?"+query, "id", 50); len(got) != want {
			t.Errorf("%s: got %d entries, want %d", query, len(got), want)
		}
	}
	if entry["by"] != "key" || entry["action"] != "put-interface" || entry["subject"] != "interface e" {
		t.Errorf("the audit says %v", entry)
	}
}

func TestExecutionsAreStartedByWhatIsSent(t *testing.T) {
	t.Parallel()
	_, w := openManaged(t)
	list := at + "/interfaces/crm/executions"
	for by, c := range map[string][]string{
		"immediate":   {"", ""},
		"identifiers": {`{"identifiers":["4711"]}`, "", "Content-Type: application/json"},
		"all":         {`{"all":true,"schedule":"each minute"}`, ""},
		"file":        {"contactNumber;name\r\n4711;a\r\n;b\r\n", "?schedule=each+minute", "Content-Type: application/octet-stream"},
	} {
		id, _ := w.do("POST", list+c[1], c[0], c[2:]...).is(http.StatusAccepted).object()["id"].(string)
		got := w.do("GET", list+"/"+id, "").is(http.StatusOK).object()
		if got["startedBy"] != by || got["status"] != "running" || got["schedule"] != "each minute" || got["endedAt"] != nil {
			t.Errorf("%s: got %v", by, got)
		}
		if by == "file" && (got["numbers"] != 1.0 || got["refused"] != 1.0 || len(got["refusals"].([]any)) != 1) {
			t.Errorf("of the file it knows %v", got)
		}
		if body := w.do("POST", list+"/"+id+"/cancel", "").is(http.StatusNoContent).body; len(body) > 0 {
			t.Errorf("a cancellation answers %q", body)
		}
		w.do("POST", list+"/"+id+"/cancel", "").is(http.StatusNoContent)
		if got := w.do("GET", list+"/"+id, "").is(http.StatusOK).object(); got["status"] != "cancelled" {
			t.Errorf("%s: a cancelled execution is %v", by, got["status"])
		}
	}
	if got := w.names(list, "id", 3); len(got) != 4 {
		t.Errorf("%d executions are listed, want 4", len(got))
	}
}
