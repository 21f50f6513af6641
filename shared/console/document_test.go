package console

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/hook"
	"crmhook/shared/hours"
)

func TestDocumentsKeepWhatIsNotChanged(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`:                         `{"a":{"b":1}}`,
		`{"z":1.50,"a":{"c":[ 1 ]}}`: `{"z":1.50,"a":{"c":[1],"b":1}}`,
		`{"a":{"b":2},"y":"<&>é"}`:   `{"a":{"b":1},"y":"<&>é"}`,
	} {
		d, ok := readDocument([]byte(text))
		if !ok || !d.set([]string{"a", "b"}, json.RawMessage("1")) {
			t.Fatalf("%s cannot be changed", text)
		}
		if got := string(d.text()); got != want {
			t.Errorf("%s became %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{``, `[]`, `1`, `"a"`, `{`, `{"a":1,"a":2}`, `{"a":1} x`, `null`} {
		if _, ok := readDocument([]byte(text)); ok {
			t.Errorf("%s counts as a document", text)
		}
	}
	d, _ := readDocument([]byte(`{"a":{"b":1},"c":2}`))
	d.set([]string{"a", "b"}, nil)
	if got := string(d.text()); got != `{"c":2}` {
		t.Errorf("removing leaves %s", got)
	}
	if d.set([]string{"c", "d"}, json.RawMessage("1")) {
		t.Error("a member was put into a number")
	}
}

// FuzzForms shows any configuration in every form and sends it back as it is shown: nothing that a form can show may change,
// and what it writes is JSON that can be shown again.
func FuzzForms(f *testing.F) {
	f.Add(`{"type":"contact-webhook-v2","names":{"fr":"é"},"url":"https://a","details":["GENERAL","A,B"],"customParameters":{"a":"1=2","{":""},"retryDelaySeconds":6e1}`)
	f.Add(`{"names":1,"url":{},"authentication":[],"notify":"a","filter":["x"],"payload":"{\"a\":1}","ordered":"yes","urls":{"task":{"edit":7}}}`)
	f.Add(`{"schedules":[{"name":"a","start":{"daysBeforeFirstProductDate":30},"end":"2026-12-01T00:00","identifiers":["1"," "]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		d, ok := readDocument([]byte(text))
		if !ok {
			return
		}
		before := string(d.text())
		for _, of := range append(types(), "") {
			for _, g := range formOf(of) {
				for _, field := range g.Fields {
					sendBack(t, field, d)
				}
			}
		}
		if got := string(d.text()); got != before {
			if again, ok := readDocument([]byte(got)); !ok || string(again.text()) != got {
				t.Errorf("%s became %s, which is no document", before, got)
			}
		}
	})
}

func sendBack(t *testing.T, f field, d *document) {
	t.Helper()
	raw, before := d.get(f.path()), string(d.text())
	fits := raw == nil
	if raw != nil {
		_, fits = f.shown(raw)
	}
	shown := f.read(d)
	f.write(d, strings.ReplaceAll(shown, "\n", "\r\n"))
	if got := string(d.text()); fits && got != before && !strings.ContainsAny(shown, "\r") && shown == strings.TrimSpace(shown) {
		t.Errorf("%s shown as %q: %s became %s", f.Name, shown, before, got)
	}
}

func FuzzDates(f *testing.F) {
	f.Add(`{"start":"2026-12-01T00:00"}`)
	f.Add(`{"start":{"daysBeforeFirstProductDate":30}}`)
	f.Add(`{"start":{"daysAfterFirstProductDate":"x","y":1}}`)
	f.Fuzz(func(t *testing.T, text string) {
		d, ok := readDocument([]byte(text))
		if !ok {
			return
		}
		before := string(d.text())
		dateOf("start", d).write(d)
		if got := string(d.text()); got != before {
			t.Errorf("%s became %s", before, got)
		}
		date{Name: "start", Form: "at", Day: text, Time: text}.write(d)
		date{Name: "start", Form: "before", Days: text}.write(d)
		date{Name: "start", Form: "json", Text: text}.write(d)
		if !json.Valid(d.text()) {
			t.Errorf("%q makes %s", text, d.text())
		}
	})
}

func FuzzNext(f *testing.F) {
	f.Add("demo/rules?cursor=a")
	f.Add("//evil.example.com")
	f.Add("javascript:alert(1)")
	f.Fuzz(func(t *testing.T, text string) {
		got := next(text)
		if strings.HasPrefix(got, "/") || strings.Contains(got, "\\") || strings.ContainsAny(got, "\r\n") || strings.Contains("/"+got+"/", "/../") {
			t.Errorf("%q leads to ./%s", text, got)
		}
	})
}

func TestThePlotShowsEachHour(t *testing.T) {
	t.Parallel()
	if p := plotOf([hours.Shown]hours.Counts{}, time.Time{}); !p.Empty || p.Delivered+p.Failed+p.Stopped != "" {
		t.Errorf("nothing is drawn as %+v", p)
	}
	p := plotOf([hours.Shown]hours.Counts{0: {Delivered: 1}, 22: {Delivered: 1_000_000}, 23: {Delivered: 500_000, Failed: 250_000, Stopped: 1}}, time.Date(2026, 12, 1, 10, 20, 30, 0, time.UTC))
	want := plot{
		Sum: hours.Counts{Delivered: 1_500_001, Failed: 250_000, Stopped: 1}, Width: 119, Height: 28,
		Delivered: "M0 28v-1h4v1zM110 28v-24h4v24zM115 19v-12h4v12z", Failed: "M115 26v-6h4v6z", Stopped: "M115 28v-1h4v1z",
		Spots: []spot{
			{0, "11:00–12:00 UTC: 1 delivered"},
			{110, "09:00–10:00 UTC: 1\u202f000\u202f000 delivered"},
			{115, "10:00–11:00 UTC: 500\u202f000 delivered, 250\u202f000 failed, 1 stopped"},
		},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("drawn otherwise (-want +got):\n%s", diff)
	}
}

func TestFailingIsWhatDeliveredNothingOfLate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		counts [hours.Shown]hours.Counts
		want   bool
	}{
		"nothing at all":          {},
		"failed long ago":         {counts: [hours.Shown]hours.Counts{21: {Failed: 3}}},
		"failed in the last hour": {counts: [hours.Shown]hours.Counts{20: {Delivered: 9}, 22: {Failed: 3}}, want: true},
		"failed now":              {counts: [hours.Shown]hours.Counts{21: {Delivered: 9}, 23: {Failed: 1}}, want: true},
		"stopped now":             {counts: [hours.Shown]hours.Counts{23: {Stopped: 1}}, want: true},
		"delivered before":        {counts: [hours.Shown]hours.Counts{22: {Delivered: 1}, 23: {Failed: 9}}},
		"delivered since":         {counts: [hours.Shown]hours.Counts{22: {Failed: 9}, 23: {Delivered: 1}}},
	} {
		if got := plotOf(c.counts, time.Now()).Failing; got != c.want {
			t.Errorf("%s: failing is %t", name, got)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		count(0): "0", count(999): "999", count(1000): "1\u202f000", count(1234567): "1\u202f234\u202f567", count(-1000): "-1\u202f000",
		plural(1, "delivery"): "1 delivery", plural(2, "stopped delivery"): "2 stopped deliveries", plural(0, "fault"): "0 faults",
		took(1500 * time.Microsecond): "1\u00a0ms", took(1500 * time.Millisecond): "1.5\u00a0s", took(61 * time.Second): "1\u00a0min\u00a01\u00a0s",
		tone(hook.Disabled): "warn", tone("x"): "calm", doneText("<b>"): "",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPretty(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000)
	for text, want := range map[string]string{
		` {"a":[1,{}]} `: "{\n  \"a\": [\n    1,\n    {}\n  ]\n}", "no JSON": "no JSON", "": "", `{"a":"[[["`: `{"a":"[[["`, deep: deep,
	} {
		if got := pretty([]byte(text)); got != want {
			t.Errorf("%.40q becomes %.60q, %d bytes", text, got, len(got))
		}
	}
}
