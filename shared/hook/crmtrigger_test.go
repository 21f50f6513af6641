package hook_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/hook"
)

// trigger writes a good configuration of a crm-trigger, changed as v1 and v2 are.
func trigger(changes ...string) string {
	return configuration([]string{
		"type", `"crm-trigger"`,
		"urls", `{"case":{"create":"https://crm.example.com/case","edit":"https://crm.example.com/case?do=edit"}}`,
	}, changes)
}

func triggerFaults() map[string]faulty {
	const (
		example = `such as {"case":{"create":"https://crm.example.com/case-created"}}`
		none    = "urls: must hold at least one URL, " + example
		noHTTP  = "must start with https://: crm-trigger sends nothing over plain http"
		notAny  = " is no entity of crm-trigger, which knows customer, case, followup, task"
		noEvent = " is no event of crm-trigger, which knows create, edit, delete"
		only    = "is not a field of crm-trigger, whose URLs are always https: remove it"
		own     = "is a parameter that crmhook adds itself: remove it"
		fills   = "must hold no placeholder: crm-trigger sends the ids in the query, where crmhook adds them"
	)
	urls := func(text string) string { return trigger("urls", text) }
	one := func(url string) string { return urls(`{"case":{"edit":"` + url + `"}}`) }
	return map[string]faulty{
		"missing":      {trigger("urls", ""), []string{"urls: is missing: write the URLs to call, " + example}},
		"null":         {urls("null"), []string{"urls: must be an object, found null"}},
		"list":         {urls(`["https://crm.example.com/"]`), []string{"urls: must be an object, found a list"}},
		"text":         {urls(`"https://crm.example.com/"`), []string{"urls: must be an object, found a string"}},
		"none":         {urls("{}"), []string{none}},
		"none of two":  {urls(`{"case":{},"task":{}}`), []string{none}},
		"entity":       {urls(`{"contact":{"create":"https://crm.example.com/"}}`), []string{"urls.contact:" + notAny}},
		"entity, case": {urls(`{"Case":{"create":"https://crm.example.com/"}}`), []string{"urls.Case:" + notAny}},
		"entity, null": {urls(`{"case":null}`), []string{"urls.case: must be an object, found null"}},
		"entity, URL":  {urls(`{"case":"https://crm.example.com/"}`), []string{"urls.case: must be an object, found a string"}},
		"event":        {urls(`{"case":{"update":"https://crm.example.com/"}}`), []string{"urls.case.update:" + noEvent}},
		"URL, null":    {urls(`{"case":{"edit":null}}`), []string{"urls.case.edit: must be a string, found null"}},
		"URL, list":    {urls(`{"case":{"edit":["https://crm.example.com/"]}}`), []string{"urls.case.edit: must be a string, found a list"}},
		"URL twice":    {urls(`{"case":{"edit":"https://crm.example.com/","edit":"https://crm.example.com/"}}`), []string{"urls.case.edit: is given twice: keep one of them"}},
		"entity twice": {urls(`{"case":{"edit":"https://crm.example.com/"},"case":{}}`), []string{"urls.case: is given twice: keep one of them"}},
		"URL, empty":   {one(""), []string{"urls.case.edit: must not be empty"}},
		"scheme":       {one("ftp://crm.example.com/"), []string{"urls.case.edit: must start with https:// or http://"}},
		"no host":      {one("https:///case"), []string{"urls.case.edit: must name a host, such as https://crm.example.com/contacts"}},
		"user":         {one("https://a:b@crm.example.com/"), []string{"urls.case.edit: must not hold a user or password: write them as authentication"}},
		"fragment":     {one("https://crm.example.com/#a"), []string{"urls.case.edit: must not have a fragment (# in column 25), which is never sent"}},
		"blank":        {one("https://crm.example.com/a b"), []string{"urls.case.edit: holds ' ' in column 26, which must be percent-encoded (in a host: written as xn--…)"}},
		"percent":      {one("https://crm.example.com/?a=5%"), []string{"urls.case.edit: has a % in column 29 that two hexadecimal digits must follow: write %25 for the sign itself"}},
		"http":         {one("http://crm.example.com/"), []string{"urls.case.edit: " + noHTTP}},
		"http, elsewhere": {
			one("http://10.0.0.1/"), []string{"urls.case.edit: " + noHTTP},
		},
		"http, allowed": {
			`{"allowHttp":true,` + one("http://crm.example.com/")[1:], []string{"allowHttp: " + only, "urls.case.edit: " + noHTTP},
		},
		"allowHttp, false": {trigger("allowHttp", "false"), []string{"allowHttp: " + only}},
		"placeholder":      {one("https://crm.example.com/${CaseID}"), []string{"urls.case.edit: " + fills}},
		"placeholder, http": {
			one("http://crm.example.com/{CaseID}"), []string{"urls.case.edit: " + fills, "urls.case.edit: " + noHTTP},
		},
		"the document's query": {
			one("https://crm.example.com/?AccountID=aaa&CaseID=ccc"),
			[]string{"urls.case.edit: must not hold the parameter AccountID, which crmhook adds", "urls.case.edit: must not hold the parameter CaseID, which crmhook adds"},
		},
		"an id in another case": {one("https://crm.example.com/?a=1&caseid"), []string{"urls.case.edit: must not hold the parameter CaseID, which crmhook adds"}},
		"custom parameters": {
			trigger("customParameters", `{"accountID":"1","CaseID":"1","FollowupID":"1","TaskID":"1","Account":"1"}`),
			[]string{"customParameters.accountID: " + own, "customParameters.CaseID: " + own, "customParameters.FollowupID: " + own, "customParameters.TaskID: " + own},
		},
		"all faults": {
			urls(`{"case":{"create":"http://crm.example.com/","edit":"","remove":1},"order":{},"task":{"delete":"x"},"followup":[]}`),
			[]string{
				"urls.case.create: " + noHTTP, "urls.case.edit: must not be empty", "urls.case.remove:" + noEvent, "urls.order:" + notAny,
				"urls.task.delete: must start with https:// or http://", "urls.followup: must be an object, found a list",
			},
		},
		"method":        {trigger("method", `"PUT"`), []string{"method: must be GET or POST"}},
		"method's type": {trigger("method", "1"), []string{"method: must be a string, found a number"}},
		"others' fields": {
			trigger("filter", `"a=b"`, "details", `["GENERAL"]`, "schedules", "[]", "events", `["*"]`, "includePrevious", "true", "ordered", "true",
				"payload", "{}", "url", `"https://crm.example.com/"`),
			[]string{
				"filter: is not a field of crm-trigger: remove it", "details: is not a field of crm-trigger: remove it",
				"schedules: is not a field of crm-trigger: remove it", "events: is not a field of crm-trigger: remove it",
				"includePrevious: is not a field of crm-trigger: remove it", "ordered: is not a field of crm-trigger: remove it",
				"payload: is not a field of crm-trigger: remove it", "url: is not a field of crm-trigger: did you mean urls?",
			},
		},
		"urls of another": {v2("urls", "{}"), []string{"urls: is not a field of contact-webhook-v2: did you mean url?"}},
		"origin":          {trigger("origins", `["console"]`), []string{"origins[0]: must be agent-console, api, bulk, csv-import, auto-log or inbound:<Platform>"}},
		"signing":         {trigger("signing", `{"secrets":[]}`), []string{"signing: is not supported by this version: remove it"}},
		"retries":         {trigger("retriesBeforeStop", "13"), []string{"retriesBeforeStop: must be 0 to 12 retries"}},
		"no such secret": {
			trigger("authentication", `{"mode":"BASIC","login":"a","secret":"none"}`),
			[]string{`authentication.secret: names no secret of the organization: write the SecureString parameter secrets/<name>, {"value":"…","hosts":["<host>"]}`},
		},
		"secret of some of the hosts": {
			trigger("urls", `{"case":{"create":"https://crm.example.com/","edit":"https://a.example.com/"},"task":{"edit":"https://b.example.com/","delete":"https://A.example.com/"}}`,
				"authentication", `{"mode":"BASIC","login":"a","secret":"crm-password"}`),
			[]string{
				"authentication.secret: names a secret that may not be sent to a.example.com: add this host to the secret's hosts",
				"authentication.secret: names a secret that may not be sent to b.example.com: add this host to the secret's hosts",
			},
		},
	}
}

// TestTriggerFaultsHideSecrets: a URL's query and user may be secret.
func TestTriggerFaultsHideSecrets(t *testing.T) {
	t.Parallel()
	for _, urls := range []string{
		`"DUMMY-SECRET"`, `{"case":"DUMMY-SECRET"}`, `{"case":{"edit":["DUMMY-SECRET"]}}`, `{"case":{"update":"DUMMY-SECRET"}}`, `{"order":"DUMMY-SECRET"}`,
		`{"case":{"edit":"https://u:DUMMY-SECRET@crm.example.com/"}}`, `{"case":{"edit":"http://crm.example.com/?CaseID=DUMMY-SECRET"}}`,
	} {
		_, faults := hook.Parse([]byte(trigger("urls", urls)), given())
		if len(faults) == 0 {
			t.Errorf("%s: no faults", urls)
		}
		for _, f := range faults {
			if value, _ := f.Value.(string); strings.Contains(f.String()+value, "DUMMY-SECRET") {
				t.Errorf("%s: %v (%v) shows the secret", urls, f, f.Value)
			}
		}
	}
}

func TestParseCRMTrigger(t *testing.T) {
	t.Parallel()
	h := parse(t, trigger("authentication", `{"mode":"BASIC","login":"a","secret":"crm-password"}`, "retriesBeforeStop", "3",
		"urls", `{"customer":{},"case":{"create":"https://CRM.example.com/a?b=1"},"followup":{"edit":"http://127.0.0.1:8080/f"}}`))
	want := map[string]map[change.Kind]string{
		"case": {change.Create: "https://CRM.example.com/a?b=1"}, "followup": {change.Edit: "http://127.0.0.1:8080/f"},
	}
	if diff := cmp.Diff(want, h.URLs); diff != "" {
		t.Errorf("urls (-want +got):\n%s", diff)
	}
	if h.Type != hook.CRMTrigger || h.Method != "GET" || h.URL != "" || h.RetriesBeforeStop != 3 || h.RetriesBeforeWarning != 3 {
		t.Errorf("hook %+v", h)
	}
	if !h.Type.TellsEvents() || h.WantsEvent("case.created") || !h.Matches(nil) {
		t.Error("it is told other than the events of its URLs")
	}
	if got := parse(t, trigger("method", `"POST"`)).Method; got != "POST" {
		t.Errorf("method %s, want POST", got)
	}
}

// TestTriggersWantOrigins: changes made in the agent console, unless others are named.
func TestTriggersWantOrigins(t *testing.T) {
	t.Parallel()
	all := []string{"agent-console", "api", "bulk", "csv-import", "auto-log", "inbound:Shopify", "inbound:Zendesk"}
	for name, test := range map[string]struct {
		source string
		want   []string
	}{
		"default":          {trigger(), []string{"agent-console"}},
		"none named":       {trigger("origins", "[]"), []string{"agent-console"}},
		"widened":          {trigger("origins", `["agent-console","api","inbound:Shopify"]`), []string{"agent-console", "api", "inbound:Shopify"}},
		"replaced":         {trigger("origins", `["bulk"]`), []string{"bulk"}},
		"ignored":          {trigger("ignoreOrigins", `["agent-console"]`), nil},
		"widened, no echo": {trigger("origins", `["api","inbound:Shopify"]`, "ignoreOrigins", `["inbound:Shopify"]`), []string{"api"}},
		"an event-webhook": {events(), all},
	} {
		h := parse(t, test.source)
		got := slices.DeleteFunc(slices.Clone(all), func(origin string) bool { return !h.Wants(origin) })
		if diff := cmp.Diff(test.want, got, compared()); diff != "" {
			t.Errorf("%s: origins that are wanted (-want +got):\n%s", name, diff)
		}
	}
}

func TestTriggerSuccess(t *testing.T) {
	t.Parallel()
	of := func(source string) func(int) bool {
		r, err := parse(t, source).RequestTrigger("case.edit", []byte(`{"AccountID":"1","CaseID":"2"}`))
		if err != nil {
			t.Fatal(err)
		}
		return r.Success
	}
	for status, want := range map[int]bool{199: false, 200: true, 201: false, 202: false, 204: false, 299: false, 302: false, 404: false, 500: false} {
		if of(trigger())(status) != want {
			t.Errorf("status %d is a success: %v", status, !want)
		}
	}
	if own := of(trigger("successCodes", "[202,204]")); own(200) || !own(202) || !own(204) {
		t.Error("its own codes do not replace 200")
	}
}

// TestRequestTrigger holds the document's queries, and where they go.
func TestRequestTrigger(t *testing.T) {
	t.Parallel()
	all := func(url string, changes ...string) string {
		of := `{"create":"` + url + `","edit":"` + url + `","delete":"` + url + `"}`
		return trigger(append([]string{"urls", `{"customer":` + of + `,"case":` + of + `,"followup":` + of + `,"task":` + of + `}`}, changes...)...)
	}
	plain, odd := all("https://crm.example.com/t"), `A/1 &?#%+=é"\`
	ids, err := contact.AppendJSON(nil, map[string]any{"AccountID": odd, "CaseID": "2"})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ source, event, ids, want string }{
		"customer": {plain, "customer.create", `{"AccountID":"aaa"}`, "GET https://crm.example.com/t?AccountID=aaa"},
		"case":     {plain, "case.edit", `{"AccountID":"aaa","CaseID":"ccc"}`, "GET https://crm.example.com/t?AccountID=aaa&CaseID=ccc"},
		"followup": {
			plain, "followup.delete", `{"AccountID":"aaa","CaseID":"ccc","FollowupID":"fff"}`,
			"GET https://crm.example.com/t?AccountID=aaa&CaseID=ccc&FollowupID=fff",
		},
		"task":               {plain, "task.edit", `{"TaskID":"ttt","AccountID":"aaa"}`, "GET https://crm.example.com/t?AccountID=aaa&TaskID=ttt"},
		"its own URL":        {trigger(), "case.edit", `{"AccountID":"1","CaseID":"2"}`, "GET https://crm.example.com/case?do=edit&AccountID=1&CaseID=2"},
		"POST":               {trigger("method", `"POST"`), "case.create", `{"AccountID":"1","CaseID":"2"}`, "POST https://crm.example.com/case?AccountID=1&CaseID=2"},
		"a query":            {all("https://crm.example.com/t?a=%20b"), "task.edit", `{"AccountID":"1","TaskID":"2"}`, "GET https://crm.example.com/t?a=%20b&AccountID=1&TaskID=2"},
		"an empty query":     {all("https://crm.example.com/t?"), "customer.edit", `{"AccountID":"1"}`, "GET https://crm.example.com/t?AccountID=1"},
		"an open query":      {all("https://crm.example.com/t?a&"), "customer.edit", `{"AccountID":"1"}`, "GET https://crm.example.com/t?a&AccountID=1"},
		"no path":            {all("https://crm.example.com"), "customer.edit", `{"AccountID":"1"}`, "GET https://crm.example.com?AccountID=1"},
		"another's id in it": {all("https://crm.example.com/t?x=1"), "customer.edit", `{"AccountID":"1","CaseID":"9"}`, "GET https://crm.example.com/t?x=1&AccountID=1"},
		"parameters": {
			all("https://crm.example.com/t?z=1", "customParameters", `{"b":"ä b","a":""}`), "customer.edit", `{"AccountID":"1"}`,
			"GET https://crm.example.com/t?z=1&a=&b=%C3%A4%20b&AccountID=1",
		},
		"odd ids": {plain, "case.edit", string(ids), "GET https://crm.example.com/t?AccountID=A%2F1%20%26%3F%23%25%2B%3D%C3%A9%22%5C&CaseID=2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := parse(t, test.source).RequestTrigger(test.event, []byte(test.ids))
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Method + " " + r.URL; got != test.want {
				t.Errorf("request\n%s, want\n%s", got, test.want)
			}
			if r.Body != nil || len(r.Headers) != 0 || r.WebhookID("d1") != "d1" {
				t.Errorf("body %s, headers %v, webhook-id %s: want no body and the delivery's id", r.Body, r.Headers, r.WebhookID("d1"))
			}
		})
	}
}

func TestRequestTriggerRefuses(t *testing.T) {
	t.Parallel()
	h := parse(t, trigger())
	for name, test := range map[string]struct{ event, ids, want string }{
		"no URL":       {"case.delete", `{}`, "there is no URL for the event case.delete"},
		"no trigger's": {"case.updated", `{}`, "there is no URL for the event case.updated"},
		"no event":     {"case", `{}`, "there is no URL for the event case"},
		"no id":        {"case.edit", `{"AccountID":"1"}`, "the event case.edit has no CaseID"},
		"empty id":     {"case.edit", `{"AccountID":"","CaseID":"1"}`, "the event case.edit has no AccountID"},
		"no ids":       {"case.edit", `[]`, "read the ids of the event case.edit: json: cannot unmarshal"},
	} {
		if r, err := h.RequestTrigger(test.event, []byte(test.ids)); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: request %v, error %v, want %s", name, r.URL, err, test.want)
		}
	}
}

// checkTriggers looks at a request for each URL of a crm-trigger.
func checkTriggers(t *testing.T, h *hook.Hook) {
	t.Helper()
	if len(h.URLs) == 0 {
		t.Error("a crm-trigger without a URL")
	}
	for entity, urls := range h.URLs {
		for kind, target := range urls {
			checkTrigger(t, h, entity, kind, target, "7 &#é", "c/1")
		}
	}
}

// checkTrigger looks at one request: the URL as it was written, its own query and parameters as they are, then the ids,
// each once.
func checkTrigger(t *testing.T, h *hook.Hook, entity string, kind change.Kind, target, account, id string) {
	t.Helper()
	values := map[string]any{}
	for _, p := range hook.TriggerParameters(entity) {
		if values[p.Name] = id; p.Name == "AccountID" {
			values[p.Name] = account
		}
	}
	ids, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	r, err := h.RequestTrigger(hook.TriggerEvent(entity, kind), ids)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(r.URL, target) || hook.HostOf(r.URL) == "" {
		t.Fatalf("request to %q, want it to %q", r.URL, target)
	}
	u, err := url.Parse(r.URL)
	if err != nil || u.Fragment != "" {
		t.Fatalf("URL %q: %v", r.URL, err)
	}
	pairs := strings.Split(u.RawQuery, "&")
	for i, p := range hook.TriggerParameters(entity) {
		name, value, _ := strings.Cut(pairs[len(pairs)-len(values)+i], "=")
		if got, err := url.QueryUnescape(value); err != nil || name != p.Name || got != values[p.Name] {
			t.Errorf("%q has %s=%q (%v), want %s=%q", r.URL, name, got, err, p.Name, values[p.Name])
		}
		if n := strings.Count("&"+u.RawQuery, "&"+p.Name+"="); n != 1 {
			t.Errorf("%q has %s %d times", r.URL, p.Name, n)
		}
	}
}

// FuzzTriggerURL: whatever stands in the URL and in the ids, the receiver reads the ids as they are.
func FuzzTriggerURL(f *testing.F) {
	for _, seed := range [][4]string{
		{"https://crm.example.com/", "", "aaa", "ccc"},
		{"https://crm.example.com/a?b=c&", "a", "1&CaseID=2", "é ?#%41"},
		{"https://crm.example.com?", "AccountId", "\x00", "ÿ\u2028"},
		{"http://127.0.0.1:80/?%41ccountID=1", "a&AccountID", "%", "+"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, target, parameter, account, id string) {
		account, id = strings.ToValidUTF8(account, ""), strings.ToValidUTF8(id, "")
		if account == "" || id == "" {
			return
		}
		text, err := json.Marshal(map[string]any{
			"type": "crm-trigger", "customParameters": map[string]string{parameter: target}, "method": "POST",
			"urls": map[string]any{"followup": map[string]any{"edit": target}},
		})
		if err != nil {
			t.Fatal(err)
		}
		h, faults := hook.Parse(text, given())
		if faults != nil {
			return
		}
		checkTrigger(t, h, "followup", change.Edit, h.URLs["followup"][change.Edit], account, id)
	})
}
