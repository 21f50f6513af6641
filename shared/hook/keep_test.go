package hook_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/hook"
)

// same reports how two hooks differ, in what they hold and in what they do.
func same(t *testing.T, want, got *hook.Hook) {
	t.Helper()
	if diff := cmp.Diff(want, got, compared()); diff != "" {
		t.Errorf("hook (-want +got):\n%s", diff)
	}
	if want.Filter.String() != got.Filter.String() {
		t.Errorf("filter = %q, want %q", got.Filter, want.Filter)
	}
	number := `A/1 &?#%"é`
	if want, got := written(want.RequestV1(number)), written(got.RequestV1(number)); want != got {
		t.Errorf("request =\n%s\nwant\n%s", got, want)
	}
}

func TestMarshalUnmarshal(t *testing.T) {
	t.Parallel()
	everything, err := os.ReadFile("testdata/everything.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]string{
		"v1": v1(), "v2": v2(), "everything": string(everything), "events": events("events", `["order.*","contact.created"]`, "includePrevious", "true"), "trigger": trigger(),
		"v1, payload": v1("method", `"POST"`, "payload", `{"a":"<${contactNumber}>"}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := parse(t, source)
			text, err := hook.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := hook.Unmarshal(text)
			if err != nil {
				t.Fatal(err)
			}
			same(t, want, got)
		})
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                         "read hook: unexpected end of JSON input",
		`{}`:                       "read hook: version 0 is not known, only 1",
		`{"v":2}`:                  "read hook: version 2 is not known, only 1",
		`{"v":1,"filter":"a"}`:     "read hook's filter: column 2",
		`{"v":1,"details":"X"}`:    "read hook: details[0]",
		`{"v":1,"timeout":"long"}`: "read hook: json: cannot unmarshal",
	} {
		if h, err := hook.Unmarshal([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) || h != nil {
			t.Errorf("Unmarshal(%s) = %v, %v, want %s", text, h, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"everything", "faults-v1", "faults-v2"} {
		source, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	f.Add([]byte(v1("method", `"POST"`, "payload", `{"a":[1e5,"${contactNumber}",null]}`)))
	f.Add([]byte(events("ordered", "true", "includePrevious", "true", "filter", `"a=b"`)))
	f.Add([]byte(trigger("method", `"POST"`, "customParameters", `{"a":"b"}`)))
	f.Add([]byte(v1("url", `"http://h/a?b=${contactNumber}&"`, "customParameters", `{"a":"b"}`)))
	f.Fuzz(func(t *testing.T, source []byte) {
		hook.DependenciesOf(source)
		h, faults := hook.Parse(source, given())
		if (h == nil) != (len(faults) > 0) {
			t.Fatalf("hook %v with faults %v", h, faults)
		}
		if h == nil {
			return
		}
		text, err := hook.Marshal(h)
		if err != nil {
			t.Fatalf("Marshal: %v", err)
		}
		got, err := hook.Unmarshal(text)
		if err != nil {
			t.Fatalf("Unmarshal(%s): %v", text, err)
		}
		same(t, h, got)
		if h.Type == hook.CRMTrigger {
			checkTriggers(t, h)
		} else if hook.HostOf(h.RequestV1("0").URL) == "" {
			t.Errorf("no host in %q", h.URL)
		}
	})
}

// BenchmarkUnmarshal reads a configuration with two schedules and a filter; Parse checks the same one anew.
func BenchmarkUnmarshal(b *testing.B) {
	source, err := os.ReadFile("testdata/everything.json")
	if err != nil {
		b.Fatal(err)
	}
	text, err := hook.Marshal(parse(b, string(source)))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := hook.Unmarshal(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, faults := hook.Parse(source, given()); faults != nil {
				b.Fatal(faults)
			}
		}
	})
}
