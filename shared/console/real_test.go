package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/managetest"
)

// overReal is the console over the use case itself, with an interface of contacts.
func overReal(t *testing.T) (*world, *managetest.World, string) {
	t.Helper()
	under := managetest.New(t)
	under.Interface("crm", managetest.Contacts)
	w := open(t, newHas())
	w.now = under.Clock.Now()
	w.manage = under.Handler
	w.Handler = w.made()
	return w, under, w.signIn(manager)
}

// TestNothingThatWasWrittenIsLost shows every form again as it was sent, whatever is wrong with it.
func TestNothingThatWasWrittenIsLost(t *testing.T) {
	t.Parallel()
	w, under, cookie := overReal(t)
	under.Parameter("rules/vip", `{"name":"VIP","event":{"type":"tag.added","value":"VIP"},"then":[],"state":"paused"}`)
	const typo = `{"type":"contact-webhook-v2", "mine": }`
	for address, action := range map[string]string{
		"/console/demo/interfaces/crm/json": "../../../demo/interfaces/crm/json",
		"/console/demo/rules/vip":           "../../demo/rules/vip",
		"/console/demo/new-rule":            "../demo/new-rule",
	} {
		sent := values(t, w.get(address, cookie).is(http.StatusOK).body, action)
		etag := sent.Get("etag")
		for _, text := range []string{typo, `[1]`, "", `{"mine":1}`, `{"mine":1,"mine":2}`} {
			sent.Set("text", text)
			if sent.Has("id") {
				sent.Set("id", "mine-too")
			}
			answer := w.do("POST", address, cookie, sent).is(http.StatusUnprocessableEntity).has("to correct", "Not saved: ")
			checkPage(t, answer.body, true)
			again := values(t, answer.body, action)
			if again.Get("text") != text || again.Get("etag") != etag {
				t.Errorf("%s: sent %q, shown again %q of state %q, want state %q", address, text, again.Get("text"), again.Get("etag"), etag)
			}
		}
	}
	form := values(t, w.get("/console/demo/interfaces/crm", cookie).body, "../../demo/interfaces/crm")
	form.Set("url", "ftp://mine")
	w.do("POST", "/console/demo/interfaces/crm", cookie, form).is(http.StatusUnprocessableEntity).has(`value="ftp://mine"`, `id="f-url-faults"`)
	w.do("POST", "/console/demo/secrets", cookie, url.Values{"name": {"mine"}, "value": {"dummy"}, "hosts": {"http://x"}}).is(http.StatusUnprocessableEntity).has(`value="mine"`, `value="http://x"`, `id="f-hosts-faults"`).lacks("dummy")
}

// TestWhatIsSavedIsLive writes through the use case and reads it back.
func TestWhatIsSavedIsLive(t *testing.T) {
	t.Parallel()
	w, _, cookie := overReal(t)
	form := values(t, w.get("/console/demo/interfaces/crm", cookie).body, "../../demo/interfaces/crm")
	form.Set("names.fr", "Les contacts")
	w.do("POST", "/console/demo/interfaces/crm", cookie, form).leads("../../demo/interfaces/crm?done=saved")
	w.get("/console/demo/interfaces/crm?done=saved", cookie).has("Saved. It is live now.", `value="Les contacts"`)
	w.do("POST", "/console/demo/interfaces/crm", cookie, form).is(http.StatusPreconditionFailed).has("Somebody saved")
	w.get("/console/demo/audit", cookie).has("saved interface", "interface crm", "desk")
}

func TestFaultsOfAFilterStandBesideIt(t *testing.T) {
	t.Parallel()
	w, _, cookie := overReal(t)
	for query, want := range map[string][]string{
		"interface=a+b&status=":                                       {`id="f-interface-faults"`, `href="#f-interface"`, "1 fault to correct"},
		"record=" + strings.Repeat("4", 30):                           {`id="f-record-faults"`, `href="#f-record"`, "1 fault to correct"},
		"interface=a+b&record=x/y/z&since=x":                          {`id="since-fault"`, `href="#since"`},
		"interface=a+b&record=//":                                     {`id="f-interface-faults"`, `id="f-record-faults"`, "2 faults to correct"},
		"since=2026-12-02T00:00&until=2026-12-01T00:00&interface=crm": {`id="until-fault"`},
	} {
		for _, page := range []string{"deliveries?", "deliveries/replay?", "deliveries/dismiss?"} {
			answer := w.get("/console/demo/"+page+query, cookie).is(http.StatusUnprocessableEntity).has(want...)
			checkPage(t, answer.body, true)
		}
	}
	w.do("POST", "/console/demo/deliveries/replay", cookie, url.Values{"interface": {"a b"}}).is(http.StatusUnprocessableEntity).has(`id="f-interface-faults"`)
	w.get("/console/demo/deliveries/replay?since=2027-12-01T00:00", cookie).is(http.StatusUnprocessableEntity).has(`id="since-fault"`)
}

func TestFaultsOfAStartStandBesideIt(t *testing.T) {
	t.Parallel()
	w, _, cookie := overReal(t)
	const address = "/console/demo/interfaces/crm/executions"
	long := strings.Repeat("4", 30)
	for name, c := range map[string]struct {
		form url.Values
		want []string
	}{
		"a number":          {url.Values{"what": {"identifiers"}, "identifiers": {long}}, []string{`id="identifiers-faults"`, `href="#identifiers"`, long, "1 fault to correct"}},
		"no number":         {url.Values{"what": {"identifiers"}}, []string{`id="identifiers-faults"`}},
		"a schedule":        {url.Values{"what": {"immediate"}, "schedule": {"gone"}}, []string{`id="schedule-now-faults"`, `href="#schedule-now"`}},
		"another's":         {url.Values{"what": {"identifiers"}, "identifiers": {"1"}, "schedule": {"gone"}}, []string{`id="schedule-identifiers-faults"`}},
		"a schedule of all": {url.Values{"what": {"all"}, "schedule": {"gone"}}, []string{`id="schedule-all-faults"`}},
	} {
		answer := w.do("POST", address, cookie, c.form).is(http.StatusUnprocessableEntity).has(append(c.want, "Not started: ")...)
		if t.Failed() {
			t.Log(name)
		}
		checkPage(t, answer.body, true)
	}
	answer := w.send(multipartOf(t, "/console/demo/interfaces/crm/upload", cookie, map[string]string{"schedule": "gone"}, []byte(long))).is(http.StatusUnprocessableEntity)
	answer.has(`id="schedule-file-faults"`, `id="file-faults"`, "<code>line 1</code>")
	checkPage(t, answer.body, true)
}

// TestARefusedSampleIsShownWhereItWasAskedFor keeps the number and says beside it what is wrong.
func TestARefusedSampleIsShownWhereItWasAskedFor(t *testing.T) {
	t.Parallel()
	w, under, cookie := overReal(t)
	under.Parameter("interfaces/bad", `{"type":"contact-webhook-v2","url":"x"}`)
	for name, c := range map[string]struct {
		of, record string
		status     int
	}{
		"nobody":         {"crm", "4711", http.StatusNotFound},
		"no number":      {"crm", strings.Repeat("4", 30), http.StatusUnprocessableEntity},
		"not now at all": {"bad", "4711", http.StatusConflict},
	} {
		answer := w.do("POST", "/console/demo/interfaces/"+c.of+"/test", cookie, url.Values{"record": {c.record}})
		if answer.status != c.status {
			t.Errorf("%s: got %d, want %d", name, answer.status, c.status)
		}
		checkPage(t, answer.body, true)
		answer.has(`value="`+c.record+`"`, `id="sample-faults"`, "Not sent: "+c.of)
	}
}

// TestReplayingAllConcernsWhatWasCounted leaves alone what is made between the count and the answer, and leads back to the list.
func TestReplayingAllConcernsWhatWasCounted(t *testing.T) {
	t.Parallel()
	w, under, cookie := overReal(t)
	is := under.Interface("events", managetest.Events)
	under.StoppedEvent(is, "contact.created", "contact/4711", `{"n":1}`)
	under.Clock.Pass(1500 * time.Millisecond)
	w.now = under.Clock.Now()
	const list = "interface=events&record=contact%2F4711&since=2026-12-01T00%3A00"
	page := w.get("/console/demo/deliveries/replay?"+list, cookie).is(http.StatusOK).has("Replay 1 stopped delivery?")
	sent := values(t, page.body, "../../demo/deliveries/replay")
	until, err := time.Parse("2006-01-02T15:04:05", sent.Get("until"))
	if err != nil || until.After(w.now) || w.now.Sub(until) >= time.Second {
		t.Fatalf("counted at %s, sent until %q", w.now, sent.Get("until"))
	}
	under.Clock.Pass(time.Minute)
	late := under.StoppedEvent(is, "contact.created", "contact/4711", `{"n":2}`)
	w.do("POST", "/console/demo/deliveries/replay", cookie, sent).leads("../../demo/deliveries?done=replaying&" + list + "&status=stopped")
	jobs := under.Backlog.AllJobs()
	if len(jobs) != 1 || !jobs[0].Matching.Until.Equal(until) || !late.CreatedAt.After(until) {
		t.Errorf("asked for %+v, want one until %s", jobs, until)
	}
	after := w.get("/console/demo/deliveries?done=replaying&"+list+"&status=stopped", cookie).is(http.StatusOK)
	after.has("Rows leave this list as it goes on; reload to see.").lacks("Replay all that match", "Dismiss all that match")
	w.get("/console/demo/deliveries?"+list+"&status=stopped", cookie).has("Replay all that match", "Dismiss all that match")
}

// TestAnIDIsFoundAsAPartnerNamesIt takes the webhook-id that a receiver was sent.
func TestAnIDIsFoundAsAPartnerNamesIt(t *testing.T) {
	t.Parallel()
	w, under, cookie := overReal(t)
	contacts := under.Stopped(under.Interface("crm", managetest.Contacts), "contact/4711")
	event := under.StoppedEvent(under.Interface("events", managetest.Events), "contact.created", "contact/4711", `{}`)
	for text, id := range map[string]string{
		contacts.ID: contacts.ID, " " + contacts.ID + "-0badf00d": contacts.ID, event.ID: event.ID,
	} {
		w.get("/console/demo/deliveries?record="+url.QueryEscape(text), cookie).leads("../demo/deliveries/" + id)
		w.get("/console/demo/deliveries/"+id, cookie).is(http.StatusOK).has(id)
	}
	for _, text := range []string{"4711", strings.Repeat("4", 20), "contact/" + contacts.ID} {
		if got := w.get("/console/demo/deliveries?record="+url.QueryEscape(text), cookie).status; got == http.StatusSeeOther {
			t.Errorf("%s leads to a delivery", text)
		}
	}
}

func TestEmptyListsTellTheTruth(t *testing.T) {
	t.Parallel()
	w, _, cookie := overReal(t)
	for query, want := range map[string]string{
		"":                                        "<p>No delivery is stopped.</p>",
		"?since=2026-12-01T00:00":                 "<p>No delivery made in this time is stopped.</p>",
		"?status=stopped&interface=crm":           "<p>No delivery to <bdi>crm</bdi> is stopped.</p>",
		"?status=pending":                         "<p>No delivery is being retried.</p>",
		"?interface=crm&status=":                  "<p>Nothing was sent to <bdi>crm</bdi>.</p>",
		"?record=4711":                            "<p>Nothing was sent about <bdi>contact/4711</bdi>. Check the number. The contact may still wait for the next run",
		"?record=order/1&since=2026-12-01T00:00":  "<p>Nothing was sent about <bdi>order/1</bdi> in this time. Check the number. The record may still wait",
		"?record=4711&interface=crm&status=":      "<p>Nothing was sent about <bdi>contact/4711</bdi> to <bdi>crm</bdi>.",
		"?record=4711&status=stopped&interface=x": "<p>No delivery to <bdi>x</bdi> about <bdi>contact/4711</bdi> is stopped.</p>",
	} {
		answer := w.get("/console/demo/deliveries"+query, cookie).is(http.StatusOK).has(want)
		if widen := strings.Contains(answer.body, "widen the time"); widen != strings.Contains(query, "since") {
			t.Errorf("%s: offers to widen the time: %t", query, widen)
		}
	}
}

func TestADeliverySaysWhatHappened(t *testing.T) {
	t.Parallel()
	w, under, cookie := overReal(t)
	is := under.Interface("crm", managetest.Contacts)
	stopped := under.Stopped(is, "contact/4711")
	w.get("/console/demo/deliveries/"+stopped.ID, cookie).has("The last attempt failed: 500 after 120\u00a0ms.")
	pending := under.Fail(under.Delivery(is, "contact/4712", "contact/4713"), 503, "busy")
	w.get("/console/demo/deliveries/"+pending.ID, cookie).has("The last attempt failed: 503 after 120\u00a0ms. It is tried again.", `deliveries?record=contact%2f4713"`)
	w.do("POST", "/console/demo/deliveries/"+stopped.ID+"/replay", cookie, url.Values{}).is(http.StatusSeeOther)
	w.get("/console/demo/deliveries/"+stopped.ID, cookie).has("replayed", "Deliveries of this record", `href="../../demo/deliveries?record=contact%2f4711"`)
}

// TestDismissingAsksFirst has a page to look at before what cannot be undone.
func TestDismissingAsksFirst(t *testing.T) {
	t.Parallel()
	w, under, cookie := overReal(t)
	stopped := under.Stopped(under.Interface("crm", managetest.Contacts), "contact/4711")
	address := "/console/demo/deliveries/" + stopped.ID + "/dismiss"
	page := w.get(address, cookie).is(http.StatusOK).has("Dismiss this delivery?")
	if got := under.Ledger.All()[stopped.Ref()].Status; got != delivery.Stopped {
		t.Fatalf("looking made it %s", got)
	}
	w.do("POST", address, cookie, values(t, page.body, "../../../demo/deliveries/"+stopped.ID+"/dismiss")).is(http.StatusSeeOther)
	if got := under.Ledger.All()[stopped.Ref()].Status; got != delivery.Dismissed {
		t.Errorf("it is %s", got)
	}
	all := w.get("/console/demo/interfaces/crm/all?schedule=nightly", cookie).is(http.StatusOK).has("Send all contacts?")
	sent := values(t, all.body, "../../../demo/interfaces/crm/executions")
	if diff := cmp.Diff(url.Values{"what": {"all"}, "schedule": {"nightly"}}, sent); diff != "" {
		t.Errorf("the page sends (-want +got):\n%s", diff)
	}
	w.do("POST", "/console/demo/interfaces/crm/executions", cookie, sent).is(http.StatusSeeOther)
	w.get("/console/demo/interfaces/crm/executions", cookie).has("nightly", ">all")
}
