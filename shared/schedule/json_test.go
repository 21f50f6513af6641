package schedule

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sameZone compares zones by name: they are read anew each time.
func sameZone() cmp.Option {
	return cmp.Comparer(func(a, b *time.Location) bool { return (a == nil) == (b == nil) && a.String() == b.String() })
}

func TestJSON(t *testing.T) {
	t.Parallel()
	paris := zone(t, "Europe/Paris")
	for _, tt := range []struct {
		name     string
		schedule Schedule
		want     string
	}{
		{
			"all",
			Schedule{"each minute", Automatic, 1, local(t, "2026-12-01T00:00", paris), local(t, "2027-07-01T00:00:30", paris), paris, 100, 10, []string{"C1", "C2"}},
			`{"name":"each minute","launch":"automatic","frequencyMinutes":1,"start":"2026-11-30T23:00:00Z","end":"2027-06-30T22:00:30Z","timeZone":"Europe/Paris","batchSize":100,"bucketSize":10,"identifiers":["C1","C2"]}`,
		},
		{
			"parameter's first time, no end",
			Schedule{"manual", Manual, 15, instantOf(t, "2026-11-24T08:00:00.123456789Z"), time.Time{}, time.UTC, 60, 1, []string{}},
			`{"name":"manual","launch":"manual","frequencyMinutes":15,"start":"2026-11-24T08:00:00.123456789Z","timeZone":"UTC","batchSize":60,"bucketSize":1,"identifiers":[]}`,
		},
		{"zero", Schedule{}, `{"name":"","launch":"","frequencyMinutes":0,"batchSize":0,"bucketSize":0,"identifiers":null}`},
		{
			"the end of the calendar",
			Schedule{End: local(t, "9999-12-31T23:59", zone(t, "America/New_York")), Location: zone(t, "America/New_York")},
			`{"name":"","launch":"","frequencyMinutes":0,"end":"9999-12-31T23:59:00-05:00","timeZone":"America/New_York","batchSize":0,"bucketSize":0,"identifiers":null}`,
		},
		{
			"an offset with seconds",
			Schedule{Start: local(t, "1970-01-01T00:00", zone(t, "Africa/Monrovia")), Location: zone(t, "Africa/Monrovia")},
			`{"name":"","launch":"","frequencyMinutes":0,"start":"1970-01-01T00:44:30Z","timeZone":"Africa/Monrovia","batchSize":0,"bucketSize":0,"identifiers":null}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, err := json.Marshal(tt.schedule)
			if err != nil {
				t.Fatalf("Marshal: %v", err)
			}
			if diff := cmp.Diff(tt.want, string(text)); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
			var got Schedule
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatalf("Unmarshal: %v", err)
			}
			if diff := cmp.Diff(tt.schedule, got, sameZone()); diff != "" {
				t.Errorf("round trip (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJSONKeepsTheZone(t *testing.T) {
	t.Parallel()
	paris := zone(t, "Europe/Paris")
	s := Schedule{Launch: Automatic, FrequencyMinutes: 1440, Start: local(t, "2026-03-01T02:30", paris), Location: paris}
	text, err := json.Marshal([]Schedule{s})
	if err != nil {
		t.Fatalf("Marshal: %v", err)
	}
	var got []Schedule
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("Unmarshal: %v", err)
	}
	after := instantOf(t, "2026-03-28T12:00:00Z")
	if diff := cmp.Diff(dues(s, after, 3), dues(got[0], after, 3)); diff != "" {
		t.Errorf("due times after a round trip (-want +got):\n%s", diff)
	}
}

func TestJSONErrors(t *testing.T) {
	t.Parallel()
	for _, location := range []*time.Location{time.FixedZone("somewhere", 3600), time.FixedZone("", 3600), time.Local} {
		if text, err := json.Marshal(Schedule{Location: location}); err == nil || !strings.Contains(err.Error(), "IANA") {
			t.Errorf("Marshal with zone %q = %s, %v, want an error", location, text, err)
		}
	}
	kept := Schedule{Name: "kept"}
	for _, text := range []string{`{"timeZone":"Nowhere/Town"}`, `{"start":"2026-12-01T00:00"}`, `[]`} {
		if err := json.Unmarshal([]byte(text), &kept); err == nil || kept.Name != "kept" {
			t.Errorf("Unmarshal(%s) = %v, %v, want an error and nothing changed", text, kept, err)
		}
	}
}
