package console_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const crm = "/console/demo/interfaces/crm-contacts"

// TestAFormThatIsSentAsItIsChangesNothing sends each form back as the page shows it.
func TestAFormThatIsSentAsItIsChangesNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		crmText,
		`{"state":"paused","type":"contact-webhook-v1","url":"https://a.example.com/${contactNumber}","method":"POST","payload":"{\"n\":\"${contactNumber}\"}","filter":"a=b","names":{"en":"x","pt-BR":"y"},"retryDelaySeconds":6e1,"details":[]}`,
		`{"type":"event-webhook","url":"https://a.example.com","events":["order.*"],"ordered":false,"headers":{"X":{"secret":"s"}},"customParameters":{"a":"1=2","b":""},"successCodes":[202]}`,
		`{"type":"crm-trigger","urls":{"task":{"delete":"https://a.example.com"},"case":{"create":"https://b.example.com"}},"method":"POST"}`,
		`{"type":"rule-webhook","url":"https://a.example.com","origins":["api"],"signing":{"secrets":["a"]}}`,
	} {
		w := open(t, full())
		is := w.has.put("it", text)
		cookie := w.signIn(manager)
		page := w.get("/console/demo/interfaces/it", cookie).is(http.StatusOK)
		sent := values(t, page.body, "../../demo/interfaces/it")
		w.has.calls = nil
		answer := w.do("POST", "/console/demo/interfaces/it", cookie, sent)
		if len(is.Faults) > 0 {
			answer.is(http.StatusUnprocessableEntity)
			continue
		}
		answer.leads("../../demo/interfaces/it?done=saved")
		if got, want := w.has.calls, []string{"desk: put it " + text}; !cmp.Equal(want, got) {
			t.Errorf("saved otherwise (-want +got):\n%s", cmp.Diff(want, got))
		}
	}
}

func TestAFormWritesWhatItShowsAndKeepsTheRest(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(manager)
	page := w.get(crm, cookie).has(`value="Contacts CRM"`, `value="GENERAL, ADDRESSES"`, ">\ntenant=12</textarea>", `value="crm-password"`)
	sent := values(t, page.body, "../../demo/interfaces/crm-contacts")
	for name, value := range map[string]string{
		"names.fr": "", "names.de": "Kontakte", "url": " https://crm.example.com/v2 ", "details": "GENERAL;ADDRESSES\r\nQUALITIES", "timeoutSeconds": "30",
		"customParameters": "tenant=13\r\nregion = eu=1\r\n", "notify": "", "state": "paused",
	} {
		sent.Set(name, value)
	}
	w.do("POST", crm, cookie, sent).is(http.StatusSeeOther)
	want := `{"type":"contact-webhook-v2","names":{"en":"CRM contacts","pt":"Contactos","de":"Kontakte"},"url":"https://crm.example.com/v2","authentication":{"mode":"BASIC","login":"s360","secret":"crm-password"},` +
		`"retriesBeforeWarning":8,"retriesBeforeStop":12,"retryDelaySeconds":60,"details":["GENERAL","ADDRESSES","QUALITIES"],"filter":"role=MEMBER;addresses(isMain).zipCode=13.*","customParameters":{"tenant":"13","region":"eu=1"},"headers":{"X-Env":"live"},` +
		`"schedules":[{"name":"each minute","frequencyMinutes":1,"start":"2026-12-01T00:00","timeZone":"Europe/Paris","batchSize":100,"bucketSize":1},{"name":"nightly copy","launch":"manual","batchSize":5000,"bucketSize":200,"identifiers":["4711","4712"]}],"state":"paused","timeoutSeconds":30}`
	if diff := cmp.Diff([]string{"desk: put crm-contacts " + want}, w.has.calls); diff != "" {
		t.Errorf("saved (-want +got):\n%s", diff)
	}
}

func TestFaultsStandBesideTheirFields(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(manager)
	sent := values(t, w.get(crm, cookie).body, "../../demo/interfaces/crm-contacts")
	for name, value := range map[string]string{"url": "ftp://x", "retryDelaySeconds": "soon", "notify": "ops@example.com, nobody", "details": "GENERAL, ALL", "filter": "=", "names.es": "a\x01"} {
		sent.Set(name, value)
	}
	answer := w.do("POST", crm, cookie, sent).is(http.StatusUnprocessableEntity)
	checkPage(t, answer.body, true)
	answer.has("6 faults to correct", "data-focus", `href="#f-notify"`, "<code>notify[1]</code>", "<code>details[1]</code>", `value="soon"`, `value="ftp://x"`,
		`aria-invalid="true" aria-describedby="f-url-faults f-url-help"`, `aria-describedby="f-names-es-faults"`)
	if len(w.has.calls) > 0 || w.has.summaries["crm-contacts"].ETag != sent.Get("etag") {
		t.Errorf("saved: %v", w.has.calls)
	}
	faulty := w.get("/console/demo/interfaces/loyalty", cookie).is(http.StatusOK)
	faulty.has("3 faults to correct", `<a href="../../demo/interfaces/loyalty/schedules/0"><code>schedules[0].frequencyMinutes</code></a>`, `id="f-retryDelaySeconds-faults"`)
}

func TestWhoSavesAnOlderStateSeesBoth(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(manager)
	for _, address := range []string{crm, crm + "/json", crm + "/schedules/0"} {
		w.has.put("crm-contacts", crmText)
		page := w.get(address, cookie)
		action := strings.Repeat("../", strings.Count(address, "/")-2) + strings.TrimPrefix(address, "/console/")
		sent := values(t, page.body, action)
		if sent.Get("text") != "" {
			sent.Set("text", strings.Replace(crmText, "Contacts CRM", "Mine", 1))
		}
		if sent.Get("names.fr") != "" {
			sent.Set("names.fr", "Mine")
		}
		if sent.Has("schedules[0].name") {
			sent.Set("schedules[0].name", "Mine")
		}
		w.has.put("crm-contacts", strings.Replace(crmText, "Contacts CRM", "Theirs", 1))
		answer := w.do("POST", address, cookie, sent).is(http.StatusPreconditionFailed)
		answer.has("Theirs", "Mine", w.has.summaries["crm-contacts"].ETag[1:4])
		checkPage(t, answer.body, true)
		over := values(t, answer.body, strings.Repeat("../", strings.Count(address, "/")-2)+"demo/interfaces/crm-contacts/json")
		w.do("POST", crm+"/json", cookie, over).leads("../../../demo/interfaces/crm-contacts/json?done=saved")
		if text := string(w.has.summaries["crm-contacts"].Configuration.(json.RawMessage)); !strings.Contains(text, "Mine") {
			t.Errorf("%s: mine was not saved over it: %s", address, text)
		}
	}
}

func TestMakingAnInterface(t *testing.T) {
	t.Parallel()
	w := open(t, newHas())
	cookie := w.signIn(manager)
	w.get("/console/demo", cookie).has("There is no interface yet")
	page := w.get("/console/demo/new-interface?type=contact-webhook-v2", cookie).is(http.StatusOK)
	sent := values(t, page.body, "../demo/new-interface")
	sent.Set("name", "a b")
	w.do("POST", "/console/demo/new-interface", cookie, sent).is(http.StatusUnprocessableEntity).has(`id="f-name-faults"`)
	sent.Set("name", "crm")
	w.do("POST", "/console/demo/new-interface", cookie, sent).is(http.StatusUnprocessableEntity).has(`id="f-url-faults"`, `id="f-details-faults"`, "2 faults to correct")
	sent.Set("url", "https://crm.example.com")
	sent.Set("details", "GENERAL")
	w.do("POST", "/console/demo/new-interface", cookie, sent).leads("../demo/interfaces/crm/schedules?done=created")
	if diff := cmp.Diff([]string{`desk: put crm {"type":"contact-webhook-v2","url":"https://crm.example.com","details":["GENERAL"]}`}, w.has.calls); diff != "" {
		t.Errorf("saved (-want +got):\n%s", diff)
	}
	w.do("POST", "/console/demo/new-interface", cookie, sent).is(http.StatusUnprocessableEntity).has("there is an interface of this name already")
	w.get("/console/demo/interfaces/crm/schedules?done=created", cookie).has("Created. It is live now.", "nothing is sent")
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		address, action string
		set             map[string]string
		want, leads     string
	}{
		"as it is": {
			"schedules/0", "schedules/0", nil,
			`[{"name":"each minute","frequencyMinutes":1,"start":"2026-12-01T00:00","timeZone":"Europe/Paris","batchSize":100,"bucketSize":1},{"name":"nightly copy","launch":"manual","batchSize":5000,"bucketSize":200,"identifiers":["4711","4712"]}]`, "schedules?done=saved",
		},
		"changed": {
			"schedules/0", "schedules/0",
			map[string]string{"schedules[0].frequencyMinutes": "5", "start-form": "none", "end-form": "at", "end-day": "2027-01-01", "end-time": "18:30", "schedules[0].batchSize": ""},
			`[{"name":"each minute","frequencyMinutes":5,"timeZone":"Europe/Paris","bucketSize":1,"end":"2027-01-01T18:30"},{"name":"nightly copy","launch":"manual","batchSize":5000,"bucketSize":200,"identifiers":["4711","4712"]}]`, "schedules?done=saved",
		},
		"a new one, run at once": {
			"schedules/new", "schedules/new",
			map[string]string{"schedules[2].name": "now", "do": "immediate", "schedules[2].identifiers": "1,2"},
			`[{"name":"each minute","frequencyMinutes":1,"start":"2026-12-01T00:00","timeZone":"Europe/Paris","batchSize":100,"bucketSize":1},{"name":"nightly copy","launch":"manual","batchSize":5000,"bucketSize":200,"identifiers":["4711","4712"]},{"name":"now","identifiers":["1","2"]}]`, "executions/01run?done=started",
		},
		"removed": {"schedules", "schedules/0/remove", nil, `[{"name":"nightly copy","launch":"manual","batchSize":5000,"bucketSize":200,"identifiers":["4711","4712"]}]`, "schedules?done=deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, full())
			cookie := w.signIn(manager)
			up := strings.Repeat("../", strings.Count(c.address, "/")+3)
			sent := values(t, w.get(crm+"/"+c.address, cookie).is(http.StatusOK).body, up+"demo/interfaces/crm-contacts/"+c.action)
			for name, value := range c.set {
				if name != "do" && !sent.Has(name) {
					t.Errorf("the form has no %s", name)
				}
				sent.Set(name, value)
			}
			w.do("POST", crm+"/"+c.action, cookie, sent).leads(strings.Repeat("../", strings.Count(c.action, "/")+3) + "demo/interfaces/crm-contacts/" + c.leads)
			_, got, _ := strings.Cut(w.has.calls[0], `"schedules":`)
			if got != c.want+`,"state":"active"}` {
				t.Errorf("saved\n%s\nwant\n%s", got, c.want)
			}
			if sent.Get("do") == "immediate" && w.has.calls[1] != `desk: start crm-contacts {"schedule":"now"}` {
				t.Errorf("did %v", w.has.calls)
			}
		})
	}
}

func TestFaultsOfASchedule(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(manager)
	sent := url.Values{
		"etag": {w.has.summaries["crm-contacts"].ETag}, "schedules[2].frequencyMinutes": {"0"}, "start-form": {"before"}, "start-days": {"30"}, "end-form": {"at"}, "end-day": {"x"},
		"schedules[2].timeZone": {"Mars"}, "do": {"immediate"},
	}
	answer := w.do("POST", crm+"/schedules/new", cookie, sent).is(http.StatusUnprocessableEntity)
	checkPage(t, answer.body, true)
	answer.has("5 faults to correct", `id="start-faults"`, `id="end-faults"`, `id="f-schedules-2--timeZone-faults"`, `id="f-schedules-2--name-faults"`, "counts from the first product date, which is not known")
	if len(w.has.calls) > 0 {
		t.Errorf("did %v", w.has.calls)
	}
	w.get("/console/demo/interfaces/loyalty/schedules", cookie).has("1 fault")
	w.get("/console/demo/interfaces/loyalty/schedules/0", cookie).has("1 fault to correct", `href="#f-schedules-0--frequencyMinutes"`)
	w.get(crm+"/schedules/9", cookie).is(http.StatusNotFound)
}
