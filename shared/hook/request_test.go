package hook_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
)

// TestRequests holds what is sent for the documents' examples.
func TestRequests(t *testing.T) {
	t.Parallel()
	const odd = `A/1 &?#%+é"\`
	requests := []struct {
		name    string
		request delivery.Request
	}{
		{"V1, GET, path", parse(t, v1()).RequestV1("4711")},
		{"V1, GET, query", parse(t, v1("url", `"http://dev.environment.com/path/?data=${contactNumber}"`)).RequestV1("4711")},
		{"V1, GET, path and query", parse(t, v1("url", `"http://dev.environment.com/path/${contactNumber}?update=true"`)).RequestV1("4711")},
		{"V1, GET, amid text", parse(t, v1("url", `"https://mydomain.com/myeventualpath/whatever${contactNumber}whatever"`)).RequestV1("4711")},
		{"V1, GET, odd number", parse(t, v1("url", `"http://dev.environment.com/${contactNumber}?n=${contactNumber}"`)).RequestV1(odd)},
		{"V1, GET, parameters", parse(t, v1("customParameters", `{"tenant":"12","a b":"c&d=é ~"}`)).RequestV1("4711")},
		{"V1, GET, parameters after a query", parse(t, v1("url", `"http://dev.environment.com/?data=${contactNumber}"`, "customParameters", `{"b":"2","a":"1"}`)).RequestV1("4711")},
		{"V1, GET, parameters after an empty query", parse(t, v1("url", `"http://dev.environment.com/${contactNumber}?"`, "customParameters", `{"a":""}`)).RequestV1("4711")},
		{"V1, POST", parse(t, v1("method", `"POST"`)).RequestV1("4711")},
		{"V1, POST, payload", parse(t, v1("method", `"POST"`, "payload", `{"z":[1.0, {"number":"${contactNumber}"}],"a":"no ${contactNumber} <é>"}`)).RequestV1("4711")},
		{"V1, POST, payload as text", parse(t, v1("url", `"http://dev.environment.com/"`, "method", `"POST"`, "payload", `"{ \"number\" : \"${contactNumber}\" }"`)).RequestV1(odd)},
		{"V1, POST, payload a text", parse(t, v1("method", `"POST"`, "payload", `"\"${contactNumber}\""`)).RequestV1("4711")},
		{"V2", parse(t, v2()).RequestV2([][]byte{[]byte(`{"contactNumber":"4711"}`)})},
		{"V2, two contacts, everything", parse(t, v2(
			"authentication", `{"mode":"BASIC","login":"s360","secret":"crm-password"}`, "customParameters", `{"tenant":"12"}`,
			"headers", `{"X-Tenant":"12"}`, "timeoutSeconds", `5`)).RequestV2([][]byte{[]byte(`{"contactNumber":"4711"}`), []byte(`{"contactNumber":"4712"}`)})},
		{"V2, no contact", parse(t, v2()).RequestV2(nil)},
	}
	var text strings.Builder
	for _, r := range requests {
		fmt.Fprintf(&text, "# %s\n%s\n", r.name, written(r.request))
	}
	golden(t, "requests.golden", []byte(text.String()))
}

func written(r delivery.Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.URL)
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		fmt.Fprintf(&b, "%s: %s\n", name, r.Headers[name])
	}
	if r.Login != "" {
		fmt.Fprintf(&b, "(login %s)\n", r.Login)
	}
	fmt.Fprintf(&b, "(timeout %s)\n", r.Timeout)
	if len(r.Body) > 0 {
		fmt.Fprintf(&b, "\n%s\n", r.Body)
	}
	return b.String()
}

func TestSuccess(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		source string
		want   []int
	}{
		"v1":          {v1(), []int{200, 201, 202, 204, 226, 299}},
		"v2":          {v2(), []int{200}},
		"v1, its own": {v1("successCodes", `[202]`), []int{202}},
		"v2, its own": {v2("successCodes", `[201,204]`), []int{201, 204}},
	}
	candidates := []int{0, 100, 199, 200, 201, 202, 204, 226, 299, 300, 301, 304, 400, 404, 410, 429, 500, 503, 599}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			success := parse(t, test.source).RequestV2(nil).Success
			var got []int
			for _, status := range candidates {
				if success(status) {
					got = append(got, status)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("successes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRequestsShareNothing: a sender may change the headers of its own request.
func TestRequestsShareNothing(t *testing.T) {
	t.Parallel()
	h := parse(t, v2("headers", `{"A":"1"}`))
	first := h.RequestV2(nil)
	first.Headers["A"] = "changed"
	if got := h.RequestV2(nil).Headers["A"]; got != "1" {
		t.Errorf("header of the next request = %q, want 1", got)
	}
}

func TestHostOf(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		v2():     "crm.example.com",
		events(): "crm.example.com",
		v2("url", `"https://CRM.Example.com:8443/x"`): "crm.example.com",
		v2("url", `"http://[fd00::1]:80/"`):           "fd00::1",
		v1():                                          "dev.environment.com",
	}
	for source, want := range tests {
		if got := hook.HostOf(parse(t, source).RequestV1("A/1").URL); got != want {
			t.Errorf("host of a request of %s = %q, want %q", source, got, want)
		}
	}
	for _, target := range []string{"", ":", "https:"} {
		if got := hook.HostOf(target); got != "" {
			t.Errorf("HostOf(%q) = %q, want none", target, got)
		}
	}
}

func TestSentTo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		hosts []string
		host  string
		want  bool
	}{
		{[]string{"crm.example.com"}, "crm.example.com", true},
		{[]string{"a", "CRM.example.COM"}, "crm.example.com", true},
		{[]string{"[fd00::1]"}, "fd00::1", true},
		{[]string{"example.com"}, "crm.example.com", false},
		{[]string{"*"}, "crm.example.com", false},
		{nil, "crm.example.com", false},
		{[]string{""}, "", false},
	}
	for _, test := range tests {
		if got := hook.SentTo(test.hosts, test.host); got != test.want {
			t.Errorf("SentTo(%q, %q) = %v, want %v", test.hosts, test.host, got, test.want)
		}
	}
}

func BenchmarkRequestV1(b *testing.B) {
	h := parse(b, v1("method", `"POST"`, "payload", `{"number":"${contactNumber}"}`, "customParameters", `{"tenant":"12"}`))
	b.ReportAllocs()
	for b.Loop() {
		if r := h.RequestV1("4711"); r.Timeout != time.Minute {
			b.Fatal(r.Timeout)
		}
	}
}
