package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/hours"
)

// addresses are all pages that can be looked at, by an organization's samples.
func addresses() []string {
	const of = "/console/demo/interfaces/"
	return []string{
		"/console/demo", "/console/demo/new-interface", "/console/demo/new-interface?type=contact-webhook-v2", "/console/demo/new-interface?type=contact-webhook-v1",
		"/console/demo/new-interface?type=crm-trigger", "/console/demo/new-interface?type=event-webhook", "/console/demo/new-interface?type=rule-webhook",
		of + "crm-contacts", of + "crm-contacts/json", of + "crm-contacts/delete", of + "crm-contacts/schedules", of + "crm-contacts/schedules/0", of + "crm-contacts/schedules/new",
		of + "crm-contacts/executions", of + "crm-contacts/executions?part=live", of + "crm-contacts/executions/01kb9e4p8w3v7c2m5n6q8r0t1z", of + "loyalty", of + "mail-lists", of + "orders", of + "phone-desk", of + "orders/executions",
		"/console/demo/deliveries", "/console/demo/deliveries?record=4711&since=2026-12-01T00:00", "/console/demo/deliveries?since=x&until=y", "/console/demo/deliveries/01kb9e0000000000000000000a-00004", "/console/demo/deliveries/ev-19?part=live", "/console/demo/deliveries/ev-19", "/console/demo/deliveries/01test-00000",
		"/console/demo/deliveries/replay?interface=crm-contacts", "/console/demo/deliveries/dismiss?record=contact/4711",
		"/console/demo/triggers", "/console/demo/triggers?status=failed&since=2026-12-01T00:00", "/console/demo/triggers?since=x", "/console/demo/setaside?until=y", "/console/demo/setaside?since=2026-12-01T00:00", "/console/demo/setaside/c3RyZWFt/dismiss", "/console/demo/rules/vip-welcome/delete", "/console/demo/secrets/signing/delete", of + "crm-contacts/all", of + "crm-contacts/all?schedule=nightly+copy", "/console/demo/deliveries/01kb9e0000000000000000000a-00004/dismiss", "/console/demo/deliveries?interface=crm-contacts&status=", "/console/demo/deliveries?done=replaying", "/console/sign-in?done=expired", "/console/demo/triggers?status=failed", "/console/demo/triggers/01t2", "/console/demo/setaside", "/console/demo/rules", "/console/demo/rules/vip-welcome", "/console/demo/new-rule",
		"/console/demo/secrets", "/console/demo/secrets?name=crm-password", "/console/demo/audit", "/console/demo/erase", "/console/demo/erase?id=4711", "/console/demo/nowhere", "/console/-/home", "/console/sign-in?next=demo", "/console/sign-in",
	}
}

// TestEveryPageIsSound renders each page for an organization with something of everything, with nothing, and with what would
// do harm in a page that takes text for more than that.
func TestEveryPageIsSound(t *testing.T) {
	t.Parallel()
	for name, sample := range samples() {
		w := open(t, sample())
		w.has.next = "01next"
		cookie := w.signIn(manager)
		for _, address := range addresses() {
			t.Run(name+address, func(t *testing.T) {
				answer := w.get(address, cookie)
				if answer.status >= 500 {
					t.Fatalf("got %d", answer.status)
				}
				if answer.status == http.StatusSeeOther {
					return
				}
				checkHeaders(t, answer)
				checkPage(t, answer.body, !strings.Contains(address, "part=live"))
				if strings.Contains(answer.body, "<script>") || strings.Contains(answer.body, "<img") {
					t.Error("the page holds what was to stay text")
				}
			})
		}
		if strings.Contains(w.log.String(), `"level":"ERROR"`) {
			t.Errorf("%s: the log holds trouble: %.500s", name, w.log)
		}
	}
}

func checkHeaders(t *testing.T, answer said) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Referrer-Policy":         "same-origin", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8",
	} {
		if got := answer.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// tag is a start or an end tag with its attributes.
type tag struct {
	name       string
	end        bool
	attributes map[string]string
}

var (
	tagPattern       = regexp.MustCompile(`<(/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z:-]+(?:="[^"<>]*")?)*)\s*/?>`)
	attributePattern = regexp.MustCompile(`\s+([a-zA-Z:-]+)(?:="([^"<>]*)")?`)
	voids            = []string{"meta", "link", "input", "path", "br"}
)

// tagsOf takes a page apart. What stands between tags must hold no < nor > of its own.
func tagsOf(t *testing.T, page string) []tag {
	t.Helper()
	page = strings.TrimPrefix(page, "<!doctype html>")
	var list []tag
	at := 0
	for _, m := range tagPattern.FindAllStringSubmatchIndex(page, -1) {
		if text := page[at:m[0]]; strings.ContainsAny(text, "<>") {
			t.Fatalf("not well-formed: %.200q", text)
		}
		at = m[1]
		found := tag{name: page[m[4]:m[5]], end: m[3] > m[2], attributes: map[string]string{}}
		for _, a := range attributePattern.FindAllStringSubmatch(page[m[6]:m[7]], -1) {
			if _, twice := found.attributes[a[1]]; twice {
				t.Errorf("%s has %s twice", found.name, a[1])
			}
			found.attributes[a[1]] = a[2]
		}
		list = append(list, found)
	}
	if strings.ContainsAny(page[at:], "<>") {
		t.Fatalf("not well-formed at its end: %.200q", page[at:])
	}
	return list
}

// checkPage checks that tags are closed in their order, ids are there once, each control has a label, no link is absolute
// and nothing runs or is styled in the page itself.
func checkPage(t *testing.T, page string, whole bool) {
	t.Helper()
	var openTags []string
	ids, labels, heads := map[string]int{}, map[string]bool{}, 0
	var controls, refers []string
	for _, tag := range tagsOf(t, page) {
		switch {
		case tag.end:
			if len(openTags) == 0 || openTags[len(openTags)-1] != tag.name {
				t.Fatalf("</%s> closes %v", tag.name, openTags)
			}
			openTags = openTags[:len(openTags)-1]
			continue
		case !slices.Contains(voids, tag.name):
			openTags = append(openTags, tag.name)
		}
		checkAttributes(t, tag)
		if id, ok := tag.attributes["id"]; ok {
			ids[id]++
		}
		for _, name := range []string{"aria-describedby", "aria-labelledby"} {
			refers = append(refers, strings.Fields(tag.attributes[name])...)
		}
		switch tag.name {
		case "h1":
			heads++
		case "label":
			labels[tag.attributes["for"]] = true
		case "input", "select", "textarea":
			if tag.attributes["type"] != "hidden" {
				controls = append(controls, tag.attributes["id"])
			}
		}
	}
	if len(openTags) > 0 {
		t.Errorf("never closed: %v", openTags)
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("the id %q is there %d times", id, n)
		}
	}
	for _, id := range controls {
		if id == "" || !labels[id] {
			t.Errorf("a control %q has no label", id)
		}
	}
	for _, id := range refers {
		if ids[id] == 0 {
			t.Errorf("something is described by %q, which is not there", id)
		}
	}
	if whole && heads != 1 {
		t.Errorf("the page has %d first headings", heads)
	}
}

func checkAttributes(t *testing.T, tag tag) {
	t.Helper()
	for name, value := range tag.attributes {
		switch {
		case strings.HasPrefix(name, "on") || name == "style":
			t.Errorf("%s has %s", tag.name, name)
		case name == "href" && value == "data:," || name == "href" && strings.HasPrefix(value, "#"):
		case name == "href" || name == "src" || name == "action":
			if !strings.HasPrefix(value, "./") && !strings.HasPrefix(value, "../") && !strings.HasPrefix(value, "?") {
				t.Errorf("%s leads to %q, which is not relative", tag.name, value)
			}
		}
	}
	if (tag.name == "script") != (tag.attributes["src"] != "") {
		t.Errorf("a script stands in the page: %v", tag.attributes)
	}
	if tag.attributes["class"] == "cards" && tag.attributes["role"] != "table" {
		t.Error("a table of cards is no table any more on a phone")
	}
	if tag.name == "th" && tag.attributes["scope"] == "" {
		t.Error("a heading of a table has no scope")
	}
}

// TestLinksLeadSomewhere follows every link of every page, as a browser would below another path.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(manager)
	const base = "https://api.example.com/_aws/execute-api/x1/$default"
	seen := map[string]bool{}
	for _, address := range addresses() {
		from, err := url.Parse(base + address)
		if err != nil {
			t.Fatal(err)
		}
		for _, tag := range tagsOf(t, w.get(address, cookie).body) {
			for _, name := range []string{"href", "src"} {
				link, ok := tag.attributes[name]
				if !ok || strings.HasPrefix(link, "data:") || strings.HasPrefix(link, "#") {
					continue
				}
				to, err := from.Parse(strings.ReplaceAll(link, "&amp;", "&"))
				if err != nil {
					t.Errorf("%s: %v", address, err)
					continue
				}
				path, below := strings.CutPrefix(to.String(), base)
				if !below {
					t.Errorf("%s leads out of the console: %s", address, link)
					continue
				}
				if seen[path] {
					continue
				}
				seen[path] = true
				if got := w.get(path, cookie).status; got != http.StatusOK && got != http.StatusSeeOther && !gone(path) {
					t.Errorf("%s leads to %s, which answers %d", address, path, got)
				}
			}
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d links were found", len(seen))
	}
}

// gone are pages of samples that are named but not there.
func gone(path string) bool {
	return strings.Contains(path, "/executions/01kb9e0000000000000000000a") || strings.Contains(path, "since=x")
}

func TestWeight(t *testing.T) {
	t.Parallel()
	h := newHas()
	for i := range 50 {
		name := fmt.Sprintf("interface-%02d", i)
		s := full().summaries["crm-contacts"]
		s.Name = name
		h.summaries[name] = s
	}
	w := open(t, h)
	cookie := w.signIn(manager)
	page := w.get("/console/demo", cookie)
	packed := w.do("GET", "/console/demo", cookie, nil, "Accept-Encoding: gzip")
	if packed.header.Get("Content-Encoding") != "gzip" || packed.body != page.body {
		t.Errorf("the page is not the same packed (%s)", packed.header.Get("Content-Encoding"))
	}
	if len(page.body) > 160<<10 || packed.header.Get("Content-Length") > "9999" && len(packed.header.Get("Content-Length")) > 5 {
		t.Errorf("the overview of 50 interfaces has %d bytes, packed %s", len(page.body), packed.header.Get("Content-Length"))
	}
	t.Logf("overview of 50 interfaces: %d bytes, packed %s", len(page.body), packed.header.Get("Content-Length"))
}

func TestWhatAnOperatorIsAskedOnThePhone(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(manager)
	failing := w.has.summaries["orders"]
	failing.Hours = [hours.Shown]hours.Counts{3: {Delivered: 7}, 22: {Failed: 2, Stopped: 1}}
	w.has.summaries["orders"] = failing
	for _, page := range []string{"", "/interfaces/orders"} {
		w.get("/console/demo"+page, cookie).is(http.StatusOK).has(
			">failing</span>", `deliveries?interface=orders&amp;status=stopped">1 stopped</a>`, `deliveries?interface=orders&amp;status=pending">2 failed attempts</a>`,
			"<title>09:00–10:00 UTC: 2 failed, 1 stopped</title>", "24 h ago")
	}
	w.get("/console/demo/interfaces/crm-contacts", cookie).lacks(">failing<").has("At a glance", "delivered</span>")
	w.get(crm+"/executions/01kb9e0000000000000000000a", cookie).has(`deliveries?status=stopped&amp;interface=crm-contacts&amp;since=2026-12-01T10%3A14%3A30Z&amp;until=2026-12-01T10%3A15%3A31Z">Stopped ones</a>`)
	w.get("/console/demo/deliveries", cookie).has(`list="interfaces"`, `<option value="phone-desk"></option>`, "host name not found", ">pending: being retried</span>", ">pending: being retried</option>", "Contact number or webhook-id")
	w.get("/console/demo/audit", cookie).has(">started execution<", ">saved interface<", ">replayed<")
	w.get("/console/demo/setaside", cookie).has("Run again", "/dismiss")
}

func TestListsOfWhatCameInAreBoundedInTime(t *testing.T) {
	t.Parallel()
	w := open(t, full())
	cookie := w.signIn(manager)
	w.has.next = "01next"
	for _, of := range []string{"triggers", "setaside", "audit"} {
		address := "/console/demo/" + of + "?since=2026-12-01T10:00:00%2B01:00&until=2026-12-02T00:00"
		page := w.get(address, cookie).is(http.StatusOK).has(`value="2026-12-01T09:00"`, `value="2026-12-02T00:00"`)
		for _, tag := range tagsOf(t, page.body) {
			if tag.attributes["rel"] == "next" {
				w.get("/console/demo/"+of+unescape(tag.attributes["href"]), cookie).is(http.StatusOK).has("First page")
			}
		}
		w.get("/console/demo/"+of+"?since=x", cookie).is(http.StatusUnprocessableEntity).has(`id="since-fault"`)
		if diff := cmp.Diff([2]string{"2026-12-01T09:00:00Z", "2026-12-02T00:00:00Z"}, w.has.bounds); diff != "" {
			t.Errorf("%s asked within (-want +got):\n%s", of, diff)
		}
		w.has.bounds = [2]string{}
	}
}
