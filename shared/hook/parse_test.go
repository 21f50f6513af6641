package hook_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crmhook/shared/contact"
	"crmhook/shared/hook"
	"crmhook/shared/schedule"
)

// compared leaves out what is derived.
func compared() cmp.Option {
	return cmp.Options{
		cmpopts.IgnoreUnexported(hook.Hook{}), cmpopts.IgnoreFields(hook.Hook{}, "Filter"), cmpopts.EquateEmpty(),
		cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
	}
}

func TestParseDefaults(t *testing.T) {
	t.Parallel()
	common := hook.Hook{
		State: hook.Active, RetriesBeforeWarning: 8, RetriesBeforeStop: 12, RetryDelay: time.Minute, Timeout: time.Minute,
		Authentication: hook.Authentication{Mode: hook.None},
		Schedules: []schedule.Schedule{{
			Name: "s", Launch: schedule.Automatic, FrequencyMinutes: 15, Start: given().FirstSeen, Location: time.UTC,
			BatchSize: 60, BucketSize: 1,
		}},
	}
	first := common
	first.Type, first.URL, first.Method = hook.ContactWebhookV1, "http://dev.environment.com/${contactNumber}", "GET"
	second := common
	second.Type, second.URL, second.Method = hook.ContactWebhookV2, "https://crm.example.com/contacts", "POST"
	second.Details = contact.General
	second.Schedules = append([]schedule.Schedule{}, common.Schedules...)
	second.Schedules[0].BatchSize = 100

	tests := map[string]struct {
		source string
		want   hook.Hook
	}{
		"v1": {v1("schedules", `[{"name":"s"}]`, "method", ""), first},
		"v2": {v2("schedules", `[{"name":"s"}]`), second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(&test.want, parse(t, test.source), compared()); diff != "" {
				t.Errorf("hook (-want +got):\n%s", diff)
			}
		})
	}
}

// TestParseEverything reads the configuration in testdata that uses every field.
func TestParseEverything(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("testdata/everything.json")
	if err != nil {
		t.Fatal(err)
	}
	h := parse(t, string(source))
	kept, err := hook.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var pretty strings.Builder
	encoder := json.NewEncoder(&pretty)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(json.RawMessage(kept)); err != nil {
		t.Fatal(err)
	}
	golden(t, "everything.golden", []byte(pretty.String()))
}

// TestParseManyFaults holds the messages for a configuration with a fault nearly everywhere.
func TestParseManyFaults(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"faults-v1", "faults-v2"} {
		source, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		h, faults := hook.Parse(source, given())
		if h != nil {
			t.Errorf("%s: a hook in spite of faults", name)
		}
		var lines strings.Builder
		encoder := json.NewEncoder(&lines)
		encoder.SetEscapeHTML(false)
		for _, f := range faults {
			if err := encoder.Encode(f); err != nil {
				t.Fatal(err)
			}
		}
		golden(t, name+".golden", []byte(lines.String()))
	}
}

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"document: path":              v1("url", `"http://dev.environment.com/${contactNumber}"`),
		"document: query":             v1("url", `"http://dev.environment.com/path/?data=${contactNumber}"`),
		"document: path and query":    v1("url", `"http://dev.environment.com/path/${contactNumber}?update=true"`),
		"document: amid text":         v1("url", `"https://mydomain.com/myeventualpath/whatever${contactNumber}whatever"`),
		"placeholder twice":           v1("url", `"https://h.example.com/${contactNumber}/${contactNumber}?n=${contactNumber}"`),
		"POST without payload":        v1("method", `"POST"`),
		"POST, placeholder in JSON":   v1("method", `"POST"`, "url", `"https://h.example.com"`, "payload", `{"a":[{"n":"no ${contactNumber}"}]}`),
		"POST, placeholder in text":   v1("method", `"POST"`, "url", `"https://h.example.com"`, "payload", `"{\"n\":\"${contactNumber}\"}"`),
		"POST, placeholder as key":    v1("method", `"POST"`, "url", `"https://h.example.com"`, "payload", `{"${contactNumber}":1}`),
		"payload with braces":         v1("method", `"POST"`, "payload", `{"text":"{{name}} owes $5 {x}"}`),
		"payload null":                v1("payload", `null`),
		"V1 filter with its details":  v1("filter", `"role=MEMBER;addresses(isMain).zipCode=13.*"`, "details", `["GENERAL","ADDRESSES"]`),
		"V1 filter, no group needed":  v1("filter", `"contactNumber=1.*"`),
		"allowHttp true":              v2("url", `"http://crm.example.com"`, "allowHttp", `true`),
		"http to allowed network":     v2("url", `"http://127.0.0.1:8080/x"`),
		"http to mapped address":      v2("url", `"http://[::ffff:127.0.0.1]/x"`),
		"http to localhost":           v2("url", `"http://localhost:8080/x"`),
		"http to allowed IPv6":        v2("url", `"http://[fd00::1]:80/x"`),
		"V1, no http, allowed":        v1("url", `"http://127.0.0.1/${contactNumber}"`, "allowHttp", `false`),
		"upper-case scheme":           v2("url", `"HTTPS://CRM.example.com/contacts"`),
		"query with dollar":           v2("url", `"https://crm.example.com/c?$filter=a&b=%7E"`),
		"BASIC":                       v2("authentication", `{"mode":"BASIC","login":"s360","secret":"crm-password"}`),
		"NONE with empty form fields": v2("authentication", `{"mode":"NONE","login":"","secret":""}`),
		"stop 0":                      v2("retriesBeforeStop", `0`),
		"bounds, low":                 v2("retriesBeforeWarning", `0`, "retriesBeforeStop", `0`, "retryDelaySeconds", `1`, "timeoutSeconds", `1`),
		"bounds, high":                v2("retriesBeforeWarning", `12`, "retriesBeforeStop", `12`, "retryDelaySeconds", `42000`, "timeoutSeconds", `120`),
		"schedule bounds, low":        v2("schedules", `[{"name":"s","frequencyMinutes":1,"batchSize":1,"bucketSize":1}]`),
		"schedule bounds, high":       v2("schedules", `[{"name":"s","frequencyMinutes":1440,"batchSize":100000,"bucketSize":1000}]`),
		"schedule, dates null":        v2("schedules", `[{"name":"s","start":null,"end":null}]`),
		"over already":                v2("schedules", `[{"name":"s","end":"2020-01-01T00:00"}]`),
		"twenty odd characters":       v2("schedules", `[{"name":"s","identifiers":["日本日本日本日本日本日本日本日本日本日本"]}]`),
		"paused":                      v2("state", `"paused"`),
		"empty lists":                 v2("schedules", `[]`, "origins", `[]`, "ignoreOrigins", `[]`, "notify", `[]`, "headers", `{}`, "customParameters", `{}`, "filter", `""`),
		"origins":                     v2("origins", `["agent-console","api","bulk","csv-import","auto-log","inbound:Tabology"]`),
		"success codes":               v2("successCodes", `[200,299]`),
	}
	for name, source := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parse(t, source)
		})
	}
}

func TestParseRelativeDates(t *testing.T) {
	t.Parallel()
	h := parse(t, v2("schedules", `[{"name":"s","start":{"daysBeforeFirstProductDate":30},"end":{"daysAfterFirstProductDate":10},"timeZone":"Europe/Paris"}]`))
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	s := h.Schedules[0]
	if want := time.Date(2026, 11, 24, 0, 0, 0, 0, paris); !s.Start.Equal(want) {
		t.Errorf("start = %v, want %v", s.Start, want)
	}
	if want := time.Date(2027, 1, 3, 0, 0, 0, 0, paris); !s.End.Equal(want) {
		t.Errorf("end = %v, want %v", s.End, want)
	}
}

// TestParseStopAlone: a stop below the default warning moves the warning with it.
func TestParseStopAlone(t *testing.T) {
	t.Parallel()
	if h := parse(t, v2("retriesBeforeStop", `3`)); h.RetriesBeforeWarning != 3 || h.RetriesBeforeStop != 3 {
		t.Errorf("warning %d, stop %d, want 3 and 3", h.RetriesBeforeWarning, h.RetriesBeforeStop)
	}
}

func TestWants(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		source string
		origin string
		want   bool
	}{
		"all":              {v2(), "inbound:Tabology", true},
		"listed":           {v2("origins", `["api"]`), "api", true},
		"not listed":       {v2("origins", `["api"]`), "bulk", false},
		"ignored":          {v2("ignoreOrigins", `["inbound:Tabology"]`), "inbound:Tabology", false},
		"another platform": {v2("ignoreOrigins", `["inbound:Tabology"]`), "inbound:Square", true},
		"both":             {v2("origins", `["api","bulk"]`, "ignoreOrigins", `["api"]`), "api", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := parse(t, test.source).Wants(test.origin); got != test.want {
				t.Errorf("Wants(%q) = %v, want %v", test.origin, got, test.want)
			}
		})
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	h := parse(t, v2("filter", `"role=MEMBER"`))
	if !h.Matches(map[string]any{"role": "MEMBER"}) || h.Matches(map[string]any{"role": "GUEST"}) {
		t.Error("the filter is not applied")
	}
	if !parse(t, v2()).Matches(nil) {
		t.Error("without a filter a contact does not match")
	}
}

func TestValidName(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"a": true, "9": true, "crm-password": true, "A_b.c-9": true, strings.Repeat("a", 63): true,
		"": false, "-a": false, ".a": false, "_a": false, "a b": false, "a/b": false, "é": false, strings.Repeat("a", 64): false, "a\n": false,
	}
	pattern := regexp.MustCompile(hook.NamePattern)
	for name, want := range tests {
		if got, matches := hook.ValidName(name), pattern.MatchString(name); got != want || matches != want {
			t.Errorf("ValidName(%q) = %v, by the pattern %v, want %v", name, got, matches, want)
		}
	}
}
