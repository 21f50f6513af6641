package delivery_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
)

func TestWebhookIDFollowsWhatIsSent(t *testing.T) {
	t.Parallel()
	post := func(body string) string {
		return delivery.Request{URL: "https://crm.example.com", Body: []byte(body)}.WebhookID("d-00001")
	}
	get := func(url string) string { return delivery.Request{URL: url}.WebhookID("d-00001") }
	first := post("[1]")
	if again, other := post("[1]"), post("[2]"); again != first || other == first {
		t.Errorf("ids %s, %s, %s: the same body must have the same, another body another", first, again, other)
	}
	if get("https://crm.example.com/1") == get("https://crm.example.com/2") {
		t.Error("without a body, another URL must have another id")
	}
	id := post("[1]")
	if suffix := strings.TrimPrefix(id, "d-00001-"); len(suffix) != 8 || strings.Trim(suffix, "0123456789abcdef") != "" {
		t.Errorf("id %q, want d-00001- and eight hex digits", id)
	}
}

func TestExecutionIDs(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	make26 := func(at time.Time, random byte) string {
		id, err := delivery.NewExecution(at, bytes.NewReader(bytes.Repeat([]byte{random}, 10)))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	early, same, late := make26(now, 0xff), make26(now, 0xfe), make26(now.Add(time.Millisecond), 0)
	if len(early) != 26 || early == same || early >= late || same >= late {
		t.Errorf("ids %q, %q, %q: want 26 characters, unique, sorted by time", early, same, late)
	}
	if id := delivery.ID(early, 7); delivery.ExecutionOf(id) != early || strings.Contains(id, ".") {
		t.Errorf("delivery id %q does not lead back to %q", id, early)
	}
	if _, err := delivery.NewExecution(now, strings.NewReader("short")); err == nil {
		t.Error("want an error where randomness ends")
	}
}

func TestMessageJSON(t *testing.T) {
	t.Parallel()
	m := delivery.Message{
		ID: "e-00000", Organization: "demo", Interface: "crm", Generation: "g1", Execution: "e", Records: []string{"contact/a/b"}, Changes: []int64{3},
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"delivery":"e-00000","organization":"demo","interface":"crm","generation":"g1","execution":"e","records":["contact/a/b"],"changes":[3]}`
	if string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	if !m.Valid() {
		t.Error("a whole message must be valid")
	}
	for name, broken := range map[string]func(*delivery.Message){
		"no id": func(m *delivery.Message) { m.ID = "" }, "no organization": func(m *delivery.Message) { m.Organization = "" },
		"no interface": func(m *delivery.Message) { m.Interface = "" }, "no generation": func(m *delivery.Message) { m.Generation = "" },
		"no records": func(m *delivery.Message) { m.Records, m.Changes = nil, nil }, "fewer counts": func(m *delivery.Message) { m.Changes = nil },
	} {
		bad := m
		if broken(&bad); bad.Valid() {
			t.Errorf("%s: must not be valid", name)
		}
	}
}

func TestAttemptJSON(t *testing.T) {
	t.Parallel()
	want := delivery.Attempt{
		Number: 2, At: time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC), Duration: 1500 * time.Millisecond, Status: 503, Error: delivery.BadStatus,
		Detail: "not a success", Answer: "closed", Headers: map[string]string{"Webhook-Id": "x"}, Records: []string{"contact/1"},
	}
	sent := want
	sent.RetryAfter = time.Minute // It is not kept.
	text, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	golden := `{"number":2,"at":"2026-12-01T08:00:00Z","durationMs":1500,"status":503,"error":"status","detail":"not a success","answer":"closed","headers":{"Webhook-Id":"x"},"records":["contact/1"]}`
	if string(text) != golden {
		t.Errorf("got %s, want %s", text, golden)
	}
	var got delivery.Attempt
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestASecretIsNeverShown(t *testing.T) {
	t.Parallel()
	secret := delivery.Secret("dummy-password")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", secret, "request", fmt.Sprintf("%+v", delivery.Request{Password: secret}))
	text, err := json.Marshal(map[string]any{"secret": secret})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{log.String(), string(text), fmt.Sprint(secret), fmt.Sprintf("%v %s %#v %q", secret, secret, secret, secret)} {
		if strings.Contains(shown, "dummy-password") {
			t.Errorf("shown: %s", shown)
		}
	}
	for _, verb := range "vsqxXdtcbeEfFgGoOUT" {
		if shown := fmt.Sprintf("%"+string(verb), any(secret)); strings.Contains(shown, "dummy-password") || strings.Contains(shown, "64756d6d79") {
			t.Errorf("%%%c shows %s", verb, shown)
		}
	}
	if string(secret) != "dummy-password" {
		t.Error("converting to string must give the value")
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		n    int
		want string
	}{
		{"", 0, ""},
		{"abc", 0, ""},
		{"abc", 2, "ab"},
		{"abc", 3, "abc"},
		{"abc", 9, "abc"},
		{"añb", 1, "a"},
		{"añb", 2, "a"},
		{"añb", 3, "añ"},
		{"😀x", 3, ""},
		{"😀x", 4, "😀"},
		{"a\xff\x80\x80b", 3, "a"},
	} {
		if got := delivery.Cut(test.text, test.n); got != test.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", test.text, test.n, got, test.want)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add("añb", 2)
	f.Add("", 0)
	f.Add("abc", 5)
	f.Fuzz(func(t *testing.T, text string, n int) {
		if n < 0 || !utf8.ValidString(text) {
			t.Skip()
		}
		got := delivery.Cut(text, n)
		_, next := utf8.DecodeRuneInString(text[min(len(got), len(text)):])
		whole, longest := len(got) == len(text), len(got)+next > n
		if len(got) > n || !whole && !longest || !strings.HasPrefix(text, got) || !utf8.ValidString(got) {
			t.Errorf("Cut(%q, %d) = %q", text, n, got)
		}
	})
}
