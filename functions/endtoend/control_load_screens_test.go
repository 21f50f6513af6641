package endtoend_test

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// place is a screen or a list of both organizations.
type place struct {
	name         string
	large, small string
}

// compare measures each screen and list of a large organization beside those of a small one.
func compare(t *testing.T, large, small *operator, many, few crowd) {
	t.Helper()
	for of, o := range map[crowd]*operator{many: large, few: small} {
		if listed := o.list(o.at("/deliveries?limit=200&status=stopped")); len(listed) != of.allStopped() {
			t.Errorf("%s: %d deliveries are stopped, want %d", o.organization, len(listed), of.allStopped())
		}
		if listed := o.list(o.at("/deliveries?limit=200&interface=" + busyName(3))); len(listed) != of.each() {
			t.Errorf("%s: %d deliveries of one interface, want %d", o.organization, len(listed), of.each())
		}
	}
	browsers := [2]*browser{large.signedIn(), small.signedIn()}
	t.Logf("%-44s %6s %18s %18s %16s", "", "rows", "bytes", "gzip", "ttfb (median of 9)")
	for _, p := range screens(large, small) {
		measure(t, p, browsers)
	}
}

// screens are all screens of the console, then all lists of the API.
func screens(large, small *operator) []place {
	console := func(o *operator) string { return o.stage.ConsoleURL + "/" + o.organization }
	api := func(o *operator) string { return o.stage.ApiURL + o.at("") }
	stopped := [2]string{large.oneStopped(), small.oneStopped()}
	ran := [2]string{large.oneExecution(), small.oneExecution()}
	var list []place
	add := func(name, path string, of func(*operator) string, one [2]string) {
		list = append(list, place{name, of(large) + path + one[0], of(small) + path + one[1]})
	}
	none, is := [2]string{}, "/interfaces/"+busyName(1)
	add("sign-in (reads nothing)", "/sign-in", func(o *operator) string { return o.stage.ConsoleURL }, none)
	for _, s := range [][2]string{
		{"overview", ""},
		{"overview, last page", "last:"},
		{"interface General", is},
		{"Schedules", is + "/schedules"},
		{"Executions", is + "/executions"},
		{"deliveries stopped", "/deliveries?status=stopped"},
		{"deliveries stopped, last page", "last:/deliveries?status=stopped"},
		{"deliveries by interface", "/deliveries?interface=" + busyName(1)},
		{"deliveries by record", "/deliveries?record=L1"},
		{"deliveries by interface, stopped", "/deliveries?status=stopped&interface=" + busyName(1)},
		{"deliveries by record, stopped", "/deliveries?status=stopped&record=L1"},
		{"triggers", "/triggers"},
		{"triggers failed", "/triggers?status=failed"},
		{"set aside", "/setaside"},
		{"rules", "/rules"},
		{"secrets", "/secrets"},
		{"audit", "/audit"},
	} {
		path, last := strings.CutPrefix(s[1], "last:")
		if last {
			list = append(list, place{s[0], "last:" + console(large) + path, "last:" + console(small) + path})
			continue
		}
		add(s[0], path, console, none)
	}
	add("a delivery", "/deliveries/", console, stopped)
	add("an execution", is+"/executions/", console, ran)
	for _, path := range []string{
		"/interfaces", is, is + "/executions", "/deliveries?status=stopped", "/deliveries?interface=" + busyName(1), "/deliveries?record=L1", "/triggers",
		"/triggers?status=failed", "/setaside", "/rules", "/audit",
	} {
		add("GET "+path, path, api, none)
	}
	add("GET /deliveries?interface, 10 of them", "/deliveries?limit=10&interface="+busyName(1), api, none)
	add("GET /interfaces, 10 of them", "/interfaces?limit=10", api, none)
	add("GET a delivery", "/deliveries/", api, stopped)
	return list
}

func (o *operator) oneStopped() string {
	o.Helper()
	id, _ := o.into(http.StatusOK, http.MethodGet, o.at("/deliveries?status=stopped&limit=1"), "")["items"].([]any)[0].(map[string]any)["id"].(string)
	return id
}

func (o *operator) oneExecution() string {
	o.Helper()
	id, _ := o.into(http.StatusOK, http.MethodGet, o.at("/interfaces/"+busyName(1)+"/executions?limit=1"), "")["items"].([]any)[0].(map[string]any)["id"].(string)
	return id
}

// browser asks with a session and with a token, whichever a place looks at.
type browser struct {
	*operator
	cookie string
}

// signedIn is a browser with a session of the operator's key.
func (o *operator) signedIn() *browser {
	o.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(o.stage.ConsoleURL+"/sign-in", url.Values{"key": {o.token}})
	if err != nil {
		o.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	cookie, _, _ := strings.Cut(response.Header.Get("Set-Cookie"), ";")
	if response.StatusCode != http.StatusSeeOther || cookie == "" {
		o.Fatalf("sign in: got %s, cookie %q", response.Status, cookie)
	}
	return &browser{o, cookie}
}

// get asks for an address and says how long the first byte of the answer took.
func (b *browser) get(address, encoding string) ([]byte, time.Duration) {
	b.Helper()
	var took time.Duration
	begun := time.Now()
	trace := &httptrace.ClientTrace{GotFirstResponseByte: func() { took = time.Since(begun) }}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(b.Context(), trace), http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", encoding)
	request.Header.Set("Cookie", b.cookie)
	if strings.HasPrefix(address, b.stage.ApiURL+"/organizations/") {
		request.Header.Set("Authorization", "Bearer "+b.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		b.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		b.Fatalf("%s: got %s %.300s", address, response.Status, body.Bytes())
	}
	return body.Bytes(), took
}

var nextPage = regexp.MustCompile(`href="(\?[^"]*)" rel="next"`)

// last goes through a list to its last page.
func (b *browser) last(address string) string {
	b.Helper()
	base, _, _ := strings.Cut(address, "?")
	for {
		page, _ := b.get(address, "identity")
		next := nextPage.FindSubmatch(page)
		if next == nil {
			return address
		}
		address = base + html.UnescapeString(string(next[1]))
	}
}

func measure(t *testing.T, p place, browsers [2]*browser) {
	t.Helper()
	var rows, plain, packed, took [2]string
	var times [2][]time.Duration
	addresses := [2]string{p.large, p.small}
	for i, b := range browsers {
		if first, ok := strings.CutPrefix(addresses[i], "last:"); ok {
			addresses[i] = b.last(first)
		}
		body, _ := b.get(addresses[i], "identity")
		zipped, _ := b.get(addresses[i], "gzip")
		var listed struct{ Items []any }
		if json.Unmarshal(body, &listed) == nil {
			rows[i] = strconv.Itoa(len(listed.Items))
		} else {
			rows[i] = strconv.Itoa(max(0, bytes.Count(body, []byte("<tr"))-1, bytes.Count(body, []byte("<article"))))
		}
		plain[i], packed[i] = strconv.Itoa(len(body)), strconv.Itoa(len(zipped))
	}
	for range 9 {
		for i, b := range browsers {
			_, first := b.get(addresses[i], "gzip")
			times[i] = append(times[i], first)
		}
	}
	for i := range took {
		slices.Sort(times[i])
		took[i] = times[i][len(times[i])/2].Round(100 * time.Microsecond).String()
	}
	both := func(of [2]string) string { return of[0] + " / " + of[1] }
	t.Logf("%-44s %9s %18s %16s %18s", p.name, both(rows), both(plain), both(packed), both(took))
}
