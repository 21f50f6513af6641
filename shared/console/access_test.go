package console_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/console"
	"crmhook/shared/gate"
	"crmhook/shared/manage"
)

// What the console needs is what these have.
var (
	_ console.Manage = (*manage.Handler)(nil)
	_ console.Gate   = (*gate.Gate)(nil)
)

func TestSigningIn(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	w.get("/console/demo/deliveries?status=stopped", "").leads("../sign-in?next=demo%2Fdeliveries%3Fstatus%3Dstopped")
	w.get("/console", "").leads("./console/sign-in")
	form := w.get("/console/sign-in?next=demo/deliveries%3Fstatus=stopped", "").is(http.StatusOK)
	form.has(`type="password"`, `autocomplete="off"`, `value="demo/deliveries?status=stopped"`)
	answer := w.do("POST", "/console/sign-in", "", url.Values{"key": {" " + manager + "\n"}, "next": {"demo/deliveries?status=stopped"}})
	answer.leads("./demo/deliveries?status=stopped")
	cookie := answer.header.Get("Set-Cookie")
	for _, part := range []string{"crmhook_session=", "; Max-Age=43200", "; HttpOnly", "; Secure", "; SameSite=Strict"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie %q lacks %q", cookie, part)
		}
	}
	if strings.Contains(cookie, "Path=") || strings.Contains(cookie, "Domain=") {
		t.Errorf("the cookie %q says where it goes", cookie)
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(cookie, "crmhook_session="), ";")
	if len(id) != 43 {
		t.Errorf("the session's id has %d characters", len(id))
	}
	session, there, err := w.sessions.Get(t.Context(), access.HashToken(id))
	if err != nil || !there || w.sessions.Len() != 1 || session.KeyHash != access.HashToken(manager) || !session.Expires.Equal(start.Add(12*time.Hour)) {
		t.Errorf("kept %+v (%t, %v), of %d sessions", session, there, err, w.sessions.Len())
	}
	if log := w.log.String(); strings.Contains(log, manager) || strings.Contains(log, id) {
		t.Error("the log holds a key or a session's id")
	}
}

// TestALinkFromElsewhereIsAskedForAgain gives the browser, which keeps the cookie back from a link on another site, the
// occasion to send it.
func TestALinkFromElsewhereIsAskedForAgain(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	answer := w.do("GET", "/console/demo", "", nil, "Sec-Fetch-Site: cross-site").is(http.StatusOK).lacks("demo")
	if got := answer.header.Get("Refresh"); got != "0" {
		t.Errorf("Refresh is %q", got)
	}
	checkPage(t, answer.body, true)
	if again := w.get("/console/demo", "").leads("./sign-in?next=demo"); again.header.Get("Refresh") != "" {
		t.Error("the reload is asked for again")
	}
}

func TestAWrongKeyIsAnsweredAlike(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	var first string
	for _, token := range []string{"", "nobody", reader, `"><script>`} {
		answer := w.do("POST", "/console/sign-in", "", url.Values{"key": {token}}).is(http.StatusUnauthorized)
		if first == "" {
			first = answer.body
		}
		if answer.body != first || answer.header.Get("Set-Cookie") != "" {
			t.Errorf("%q: cookie %q, the same page: %t", token, answer.header.Get("Set-Cookie"), answer.body == first)
		}
	}
	if w.sessions.Len() > 0 {
		t.Error("a session was kept")
	}
}

func TestSigningInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"": "./-/home", "demo": "./demo", "demo/rules?cursor=x": "./demo/rules?cursor=x", "//evil.example.com": "./-/home", "https://evil.example.com": "./-/home", "/demo": "./-/home",
		"../demo": "./-/home", "demo/../../x": "./-/home", `\\evil`: "./-/home", "javascript:alert(1)": "./-/home", "%2f%2fevil": "./-/home", "demo\r\nX: y": "./-/home",
	} {
		w := open(t, full())
		w.do("POST", "/console/sign-in", "", url.Values{"key": {manager}, "next": {target}}).leads(want)
	}
}

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *world, cookie string){
		"after its time": func(w *world, _ string) { w.now = w.now.Add(12 * time.Hour) },
		"with its key":   func(w *world, _ string) { delete(w.keys, access.HashToken(manager)) },
		"by signing out": func(w *world, cookie string) {
			w.do("POST", "/console/sign-out", cookie, url.Values{}).leads("./sign-in?done=signed-out")
			if w.sessions.Len() > 0 {
				w.Error("the session is still kept")
			}
		},
	} {
		w := open(t, full())
		cookie := w.signIn(manager)
		w.get("/console/demo", cookie).is(http.StatusOK)
		end(w, cookie)
		w.get("/console/demo", cookie).leads("./sign-in?next=demo")
		w.get("/console/-/home", cookie).leads("../sign-in?next=-%2Fhome")
		w.do("POST", "/console/demo/deliveries/x/replay", cookie, url.Values{}).leads("../../../sign-in?done=expired")
		if len(w.has.calls) > 0 {
			t.Errorf("%s: did %v", name, w.has.calls)
		}
	}
}

// TestTriesOfOneAddressEnd keeps strangers to their share, and nobody who has a key from signing in.
func TestTriesOfOneAddressEnd(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	w.strangers = limited{"192.0.2.1": 2}
	w.Handler = w.made()
	for range 2 {
		w.do("POST", "/console/sign-in", "", url.Values{"key": {"nobody"}}).is(http.StatusUnauthorized)
	}
	answer := w.do("POST", "/console/sign-in", "", url.Values{"key": {"nobody"}}).is(http.StatusTooManyRequests)
	if got := answer.header.Get("Retry-After"); got != "7" {
		t.Errorf("Retry-After is %q, want 7", got)
	}
	checkPage(t, answer.body, true)
	w.signIn(manager)
}

func TestSigningInEndsTheFormerSession(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	before := w.signIn(manager)
	w.do("POST", "/console/sign-in", before, url.Values{"key": {operator}}).is(http.StatusSeeOther)
	if w.sessions.Len() != 1 {
		t.Errorf("%d sessions are kept", w.sessions.Len())
	}
	w.get("/console/demo", before).leads("./sign-in?next=demo")
}

// TestWhoSavesWithoutSessionIsTold leads back to the form, and to no other place.
func TestWhoSavesWithoutSessionIsTold(t *testing.T) {
	t.Parallel()
	for referer, next := range map[string]string{
		"http://example.com/console/demo/interfaces/crm-contacts?done=saved&x=1":               "&next=demo%2Finterfaces%2Fcrm-contacts%3Fx%3D1",
		"http://example.com/_aws/execute-api/x1/$default/console/demo/interfaces/crm-contacts": "&next=demo%2Finterfaces%2Fcrm-contacts",
		"http://evil.example.com/console/demo/interfaces/crm-contacts":                         "",
		"http://example.com/console/demo/interfaces/crm-contacts/upload":                       "",
		"http://example.com/console":            "",
		"http://example.com/console/demo/../..": "",
		"":                                      "",
	} {
		w := open(t, full())
		answer := w.do("POST", "/console/demo/interfaces/crm-contacts", "", url.Values{"names.fr": {"x"}}, "Referer: "+referer)
		answer.leads("../../sign-in?done=expired" + next)
	}
	w := open(t, full())
	w.get("/console/sign-in?done=expired&next=demo", "").is(http.StatusOK).has(`note warn`, "You were signed out, so nothing was saved.")
}

func TestAnotherOrganizationIsRefusedAlikeWhetherItExists(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(manager)
	theirs := w.get("/console/theatre", cookie).is(http.StatusForbidden)
	none := w.get("/console/nowhere", cookie).is(http.StatusForbidden)
	if theirs.body != none.body {
		t.Error("the answers differ")
	}
	theirs.lacks("theatre", "Deliveries")
}

func TestWhereAKeyLeads(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	w.get("/console/-/home", w.signIn(manager)).leads("../demo")
	w.get("/console/-/home", w.signIn(both)).is(http.StatusOK).has(`href="../demo"`, `href="../theatre"`).lacks("Go to an organization")
	cookie := w.signIn(operator)
	w.get("/console/-/home", cookie).is(http.StatusOK).has(`href="../opera-house"`, "Go to an organization", "operator/incident")
	w.do("POST", "/console/-/home", cookie, url.Values{"organization": {" museum "}}).leads("../museum")
	for _, name := range []string{"", "..", "a/b", "//evil.example.com"} {
		w.do("POST", "/console/-/home", cookie, url.Values{"organization": {name}}).is(http.StatusUnprocessableEntity)
	}
	w.do("POST", "/console/-/home", w.signIn(manager), url.Values{"organization": {"museum"}}).is(http.StatusForbidden)
	w.key("token-of-replayer", "", "repeater", access.OperateReplay)
	cookie = w.signIn("token-of-replayer")
	w.get("/console/-/home", cookie).is(http.StatusOK).has("Go to an organization", "operator/repeater").lacks("opera-house", "museum", "configured yet")
	w.do("POST", "/console/-/home", cookie, url.Values{"organization": {"museum"}}).leads("../museum")
}

func TestAnOperatorLooksAndRepeatsOnly(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(operator)
	w.get("/console/demo", cookie).is(http.StatusOK).lacks("New interface", "/erase")
	w.get("/console/demo/interfaces/crm-contacts", cookie).is(http.StatusOK).lacks(">Save<", "Send sample", "Delete interface").has(" disabled")
	w.get("/console/demo/interfaces/crm-contacts/executions", cookie).is(http.StatusOK).lacks("Immediate execution", "Upload and send")
	w.get("/console/demo/secrets", cookie).is(http.StatusOK).lacks("Save secret", "Replace")
	w.get("/console/demo/deliveries/01kb9e0000000000000000000a-00004", cookie).is(http.StatusOK).has(">Replay<", ">Dismiss<")
	for _, address := range []string{
		"interfaces/crm-contacts", "interfaces/crm-contacts/json", "interfaces/crm-contacts/state", "interfaces/crm-contacts/delete", "interfaces/crm-contacts/schedules/0",
		"interfaces/crm-contacts/schedules/0/remove", "interfaces/crm-contacts/executions", "interfaces/crm-contacts/upload", "interfaces/crm-contacts/test", "new-interface",
		"new-rule", "rules/vip-welcome", "rules/vip-welcome/delete", "secrets", "secrets/signing/delete", "erase",
	} {
		w.do("POST", "/console/demo/"+address, cookie, url.Values{}).is(http.StatusForbidden)
	}
	if len(w.has.calls) > 0 || len(w.eraser.asked) > 0 {
		t.Errorf("did %v %v", w.has.calls, w.eraser.asked)
	}
	w.do("POST", "/console/demo/deliveries/x/replay", cookie, url.Values{}).leads("../../../demo/deliveries/x?done=replayed")
	if got := w.has.calls; len(got) != 1 || got[0] != "operator/incident: replay x" {
		t.Errorf("did %v", got)
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(manager)
	for name, lines := range map[string][]string{
		"cross-site":    {"Sec-Fetch-Site: cross-site"},
		"same-site":     {"Sec-Fetch-Site: same-site"},
		"an old client": {"Sec-Fetch-Site: ", "Origin: https://evil.example.com"},
	} {
		answer := w.do("POST", "/console/demo/deliveries/x/replay", cookie, url.Values{}, lines...)
		if answer.status != http.StatusForbidden || len(w.has.calls) > 0 {
			t.Errorf("%s: got %d, did %v", name, answer.status, w.has.calls)
		}
		checkHeaders(t, answer)
		checkPage(t, answer.body, true)
	}
}

func TestAssetsMayBeKept(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	page := w.get("/console/sign-in", "").body
	for _, tag := range tagsOf(t, page) {
		link := tag.attributes["src"] + tag.attributes["href"]
		if !strings.Contains(link, "-/console.") {
			continue
		}
		answer := w.get("/console/"+strings.TrimPrefix(link, "./"), "").is(http.StatusOK)
		if got := answer.header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", link, got)
		}
		if got := answer.header.Get("Content-Security-Policy"); got == "" {
			t.Errorf("%s has no policy", link)
		}
		packed := w.do("GET", "/console/"+strings.TrimPrefix(link, "./"), "", nil, "Accept-Encoding: br, gzip;q=0.8")
		if packed.body != answer.body || packed.header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not the same packed", link)
		}
		plain := w.do("GET", "/console/"+strings.TrimPrefix(link, "./"), "", nil, "Accept-Encoding: gzip;q=0")
		if plain.header.Get("Content-Encoding") != "" {
			t.Errorf("%s is packed for who cannot read it", link)
		}
		t.Logf("%s: %d bytes, packed %s", link, len(answer.body), packed.header.Get("Content-Length"))
	}
	w.get("/console/-/console.000000000000.css", "").is(http.StatusNotFound)
}

func TestOddPaths(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(manager)
	for _, path := range []string{"/console//", "/console/demo/", "/console/./demo", "/console/demo/../demo", "/other", "/console/demo/what", "/consoles", "/console/demo/deliveries/a b", "/console/demo/deliveries/" + strings.Repeat("a", 513), "/console/demo/interfaces/\x00"} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/x", nil)
		r.URL.Path = path
		r.Header.Set("Cookie", cookie)
		answer := w.send(r)
		if answer.status != http.StatusNotFound || answer.header.Get("Location") != "" {
			t.Errorf("%s: got %d %s", path, answer.status, answer.header.Get("Location"))
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/console/demo/secrets", io.LimitReader(endless{}, 1<<20))
	r.Header.Set("Cookie", cookie)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w.send(r).is(http.StatusRequestEntityTooLarge)
}

// endless is a body of the letter a.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}
