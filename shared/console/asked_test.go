package console_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/fault"
	"crmhook/shared/refusal"
)

func TestWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		address string
		form    url.Values
		want    string
		leads   string
	}{
		"immediate":     {crm + "/executions", url.Values{"what": {"immediate"}, "schedule": {"each minute"}}, `start crm-contacts {"schedule":"each minute"}`, "../../../demo/interfaces/crm-contacts/executions/01run?done=started"},
		"identifiers":   {crm + "/executions", url.Values{"what": {"identifiers"}, "identifiers": {"4711, 4712\r\n4713"}}, `start crm-contacts {"identifiers":["4711","4712","4713"]}`, "../../../demo/interfaces/crm-contacts/executions/01run?done=started"},
		"nobody":        {crm + "/executions", url.Values{"what": {"identifiers"}}, `start crm-contacts {"identifiers":[]}`, "../../../demo/interfaces/crm-contacts/executions/01run?done=started"},
		"all":           {crm + "/executions", url.Values{"what": {"all"}, "schedule": {"nightly copy"}}, `start crm-contacts {"schedule":"nightly copy","all":true}`, "../../../demo/interfaces/crm-contacts/executions/01run?done=started"},
		"cancel":        {crm + "/executions/01run/cancel", url.Values{}, "cancel crm-contacts 01run", "../../../../../demo/interfaces/crm-contacts/executions/01run?done=cancelled"},
		"sample":        {crm + "/test", url.Values{"record": {" 4711 "}}, `test crm-contacts {"record":"4711"}`, "../../../demo/deliveries/01test-00000"},
		"made-up":       {crm + "/test", url.Values{"record": {""}}, `test crm-contacts {}`, "../../../demo/deliveries/01test-00000"},
		"replay":        {"/console/demo/deliveries/01a-00004/replay", url.Values{}, "replay 01a-00004", "../../../demo/deliveries/01a-00004?done=replayed"},
		"dismiss":       {"/console/demo/deliveries/01a-00004/dismiss", url.Values{}, "dismiss 01a-00004", "../../../demo/deliveries/01a-00004?done=dismissed"},
		"replay all":    {"/console/demo/deliveries/replay", url.Values{"interface": {"crm"}, "record": {"4711"}}, "replay all crm contact/4711 dry false", "../../demo/deliveries?done=replaying&interface=crm&record=contact%2F4711&status=stopped"},
		"dismiss all":   {"/console/demo/deliveries/dismiss", url.Values{}, "dismiss all   dry false", "../../demo/deliveries?done=dismissing&status=stopped"},
		"trigger":       {"/console/demo/triggers/01t2/replay", url.Values{}, "replay trigger 01t2", "../../../demo/triggers/01t2?done=replayed"},
		"dismiss aside": {"/console/demo/setaside/c3RyZWFtIzQ3MTE/dismiss", url.Values{}, "dismiss aside c3RyZWFtIzQ3MTE", "../../../demo/setaside?done=dismissed"},
		"set aside":     {"/console/demo/setaside/c3RyZWFtIzQ3MTE/replay", url.Values{}, "replay aside c3RyZWFtIzQ3MTE", "../../../demo/setaside?done=replayed"},
		"secret":        {"/console/demo/secrets", url.Values{"name": {"crm-password"}, "value": {" dummy\"<&> "}, "hosts": {"a.example.com, b.example.com"}}, `put secret crm-password {"value":" dummy\"<&> ","hosts":["a.example.com","b.example.com"]}`, "../demo/secrets?done=secret"},
		"delete secret": {"/console/demo/secrets/signing/delete", url.Values{}, "delete secret signing", "../../../demo/secrets?done=deleted"},
		"delete rule":   {"/console/demo/rules/vip-welcome/delete", url.Values{"etag": {`"1-a"`}}, `delete rule vip-welcome ["1-a"]`, "../../../demo/rules?done=deleted"},
		"save rule":     {"/console/demo/rules/vip-welcome", url.Values{"etag": {`"1-a"`}, "text": {"{\"event\":\r\n{}}"}}, "put rule vip-welcome {\"event\":\n{}}", "../../demo/rules/vip-welcome?done=saved"},
		"pause":         {"/console/demo/interfaces/welcome/state", url.Values{"etag": {`"6-x"`}, "state": {"paused"}}, `put welcome {"type":"rule-webhook","url":"https://welcome.example.com/r","state":"paused"}`, "../../../demo/interfaces/welcome?done=paused"},
		"delete":        {"/console/demo/interfaces/welcome/delete", url.Values{"etag": {`"6-x"`}}, `delete welcome`, "../../../demo?done=deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, full())
			cookie := w.signIn(manager)
			w.do("POST", c.address, cookie, c.form).leads(c.leads)
			if got := w.has.calls; len(got) != 1 || got[0] != "desk: "+c.want {
				t.Errorf("did %q, want %q", got, c.want)
			}
			if strings.Contains(w.log.String(), "dummy") {
				t.Error("the log holds a secret")
			}
		})
	}
}

func TestRefusalsAreShown(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(manager)
	w.has.refuse = refusal.New(http.StatusConflict, "only a stopped delivery can be replayed")
	answer := w.do("POST", "/console/demo/deliveries/x/replay", cookie, url.Values{}).is(http.StatusConflict).has("only a stopped delivery can be replayed")
	checkPage(t, answer.body, true)
	held := refusal.New(http.StatusConflict, "somebody else writes it just now")
	held.RetryAfter = 1500 * time.Millisecond
	w.has.refuse = held
	answer = w.do("POST", "/console/demo/secrets", cookie, url.Values{"name": {"a"}, "value": {"dummy"}}, "Referer: http://example.com/console/demo/secrets?name=a&done=secret").is(http.StatusConflict)
	answer.has("somebody else writes it just now", `href="../demo/secrets?name=a">Back to the form</a>`)
	if got := answer.header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After is %q, want 2", got)
	}
	var faults fault.List
	faults.AddValue("identifiers[0]", evil, "must be a contact number")
	w.has.refuse = refusal.Faulty(http.StatusUnprocessableEntity, faults)
	answer = w.do("POST", crm+"/executions", cookie, url.Values{"what": {"identifiers"}, "identifiers": {evil}}).is(http.StatusUnprocessableEntity)
	answer.has("Not started: 1 fault to correct", "<code>identifiers[0]</code>")
	checkPage(t, answer.body, true)
	answer = w.get("/console/demo/deliveries?record=x", cookie).is(http.StatusUnprocessableEntity).has("1 fault to correct", `value="contact/x"`)
	checkPage(t, answer.body, true)
	answer = w.do("POST", "/console/demo/secrets", cookie, url.Values{"name": {"-"}, "value": {""}}).is(http.StatusUnprocessableEntity).has("2 faults to correct")
	checkPage(t, answer.body, true)
	w.has.refuse = http.ErrBodyNotAllowed
	w.do("POST", "/console/demo/deliveries/x/replay", cookie, url.Values{}).is(http.StatusInternalServerError).lacks("allow body")
	if !strings.Contains(w.log.String(), http.ErrBodyNotAllowed.Error()) {
		t.Error("the log does not say why")
	}
	w.get("/console/demo/deliveries?cursor=abc", cookie).is(http.StatusBadRequest)
}

func TestErasing(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(manager)
	w.get("/console/demo/erase?id=4711", cookie).has("once more")
	w.do("POST", "/console/demo/erase", cookie, url.Values{"id": {"4711"}, "again": {"4712"}}).is(http.StatusUnprocessableEntity)
	long := strings.Repeat("4", 40)
	w.do("POST", "/console/demo/erase", cookie, url.Values{"id": {long}, "again": {long}}).is(http.StatusUnprocessableEntity)
	if len(w.eraser.asked) > 0 {
		t.Fatalf("erased %v", w.eraser.asked)
	}
	answer := w.do("POST", "/console/demo/erase", cookie, url.Values{"id": {"4711"}, "again": {" 4711"}}).is(http.StatusOK).has("Erased", "removed")
	checkPage(t, answer.body, true)
	if diff := cmp.Diff([]string{"demo/4711 by desk"}, w.eraser.asked); diff != "" {
		t.Error(diff)
	}
}

func TestUploads(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(manager)
	file := []byte("contactNumber\r\n4711\r\n\xe9\r\n")
	raw := httptest.NewRequestWithContext(t.Context(), "POST", crm+"/upload?schedule=nightly+copy", bytes.NewReader(file))
	raw.Header.Set("Content-Type", "application/octet-stream")
	raw.Header.Set("Cookie", cookie)
	w.send(raw).leads("../../../demo/interfaces/crm-contacts/executions/01run?done=started")
	w.send(multipartOf(t, crm+"/upload", cookie, map[string]string{"schedule": "each minute"}, file)).leads("../../../demo/interfaces/crm-contacts/executions/01run?done=started")
	etag := w.has.summaries["crm-contacts"].ETag
	w.send(multipartOf(t, crm+"/schedules/1", cookie, map[string]string{"etag": etag, "do": "immediate", "schedules[1].name": "nightly copy", "schedules[1].launch": "manual", "start-form": "none", "end-form": "none"}, file)).is(http.StatusSeeOther)
	want := []string{"desk: file crm-contacts nightly copy 24", "desk: file crm-contacts each minute 24", "desk: file crm-contacts nightly copy 24"}
	got := append(w.has.calls[:2:2], w.has.calls[3:]...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("did (-want +got):\n%s", diff)
	}
	for _, sent := range w.has.files {
		if !bytes.Equal(sent, file) {
			t.Errorf("the file came as %q", sent)
		}
	}
	large := httptest.NewRequestWithContext(t.Context(), "POST", crm+"/upload", bytes.NewReader(make([]byte, 4<<20+1)))
	large.Header.Set("Content-Type", "application/octet-stream")
	large.Header.Set("Cookie", cookie)
	w.send(large).is(http.StatusRequestEntityTooLarge)
}

func multipartOf(t *testing.T, address, cookie string, fields map[string]string, file []byte) *http.Request {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", "numbers.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", address, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Cookie", cookie)
	return r
}

func TestDeliveriesAreFoundAsAsked(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"":                              "list demo   stopped 0001-01-01T00:00 ",
		"?record=4711&status=":          "list demo  contact/4711  0001-01-01T00:00 ",
		"?interface=crm&record=order/1": "list demo crm order/1  0001-01-01T00:00 ",
		"?status=odd":                   "list demo   stopped 0001-01-01T00:00 ",
		"?status=pending&since=2026-12-01T10:00:00%2B01:00": "list demo   pending 2026-12-01T09:00 ",
	} {
		w := open(t, full())
		w.get("/console/demo/deliveries"+query, w.signIn(manager)).is(http.StatusOK)
		if got := w.has.calls; len(got) != 1 || got[0] != want {
			t.Errorf("%s: asked %q, want %q", query, got, want)
		}
	}
	w := open(t, full())
	w.has.next = "01last"
	cookie := w.signIn(manager)
	page := w.get("/console/demo/deliveries?status=stopped&done=x", cookie)
	for _, tag := range tagsOf(t, page.body) {
		if tag.attributes["rel"] == "next" {
			link := unescape(tag.attributes["href"])
			w.get("/console/demo/deliveries"+link, cookie).is(http.StatusOK).has("First page")
			if got := w.has.calls[1]; got != "list demo   stopped 0001-01-01T00:00 01last" {
				t.Errorf("the next page asked %q", got)
			}
			w.get("/console/demo/triggers"+link, cookie).is(http.StatusBadRequest)
			return
		}
	}
	t.Error("there is no next page")
}

func TestWhatIsUnderWayIsAskedForAgain(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(manager)
	const running, done = crm + "/executions/01kb9e4p8w3v7c2m5n6q8r0t1z", crm + "/executions/01kb9d0000000000000000000b"
	w.get(running, cookie).has(`id="live" data-live="2000"`, "<html", "Cancel execution")
	part := w.get(running+"?part=live", cookie).has(`id="live" data-live="2000"`).lacks("<html")
	checkHeaders(t, part)
	w.get(done, cookie).has(`<div id="live">`).lacks("Cancel execution")
	w.get("/console/demo/deliveries/ev-19", cookie).has(`data-live="5000"`)
	w.get("/console/demo/deliveries/01test-00000", cookie).has(`<div id="live">`, "Content", "SAMPLE")
	w.has.executions = w.has.executions[1:]
	w.get(crm+"/executions", cookie).has(`<div id="live">`)
}
