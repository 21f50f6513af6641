package schedule

import (
	"strings"
	"testing"
	"time"
)

func TestParseLocal(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, zone, want string }{
		{"the document's example", "2026-12-01T00:00", "Europe/Paris", "2026-12-01T00:00:00+01:00"},
		{"with seconds", "2026-12-01T00:00:59", "Europe/Paris", "2026-12-01T00:00:59+01:00"},
		{"UTC", "2026-12-01T00:00", "UTC", "2026-12-01T00:00:00Z"},
		{"a leap day", "2028-02-29T23:59", "UTC", "2028-02-29T23:59:00Z"},
		{"before a gap", "2026-03-29T01:59:59", "Europe/Paris", "2026-03-29T01:59:59+01:00"},
		{"a gap's first", "2026-03-29T02:00", "Europe/Paris", "2026-03-29T03:00:00+02:00"},
		{"in a gap", "2026-03-29T02:30", "Europe/Paris", "2026-03-29T03:00:00+02:00"},
		{"after a gap", "2026-03-29T03:00", "Europe/Paris", "2026-03-29T03:00:00+02:00"},
		{"before an overlap", "2026-10-25T01:59", "Europe/Paris", "2026-10-25T01:59:00+02:00"},
		{"an overlap's first", "2026-10-25T02:00", "Europe/Paris", "2026-10-25T02:00:00+02:00"},
		{"in an overlap", "2026-10-25T02:59", "Europe/Paris", "2026-10-25T02:59:00+02:00"},
		{"after an overlap", "2026-10-25T03:00", "Europe/Paris", "2026-10-25T03:00:00+01:00"},
		{"New York, in a gap", "2026-03-08T02:59", "America/New_York", "2026-03-08T03:00:00-04:00"},
		{"New York, in an overlap", "2026-11-01T01:00", "America/New_York", "2026-11-01T01:00:00-04:00"},
		{"Lord Howe, in a gap", "2026-10-04T02:29", "Australia/Lord_Howe", "2026-10-04T02:30:00+11:00"},
		{"Lord Howe, after a gap", "2026-10-04T02:30", "Australia/Lord_Howe", "2026-10-04T02:30:00+11:00"},
		{"Lord Howe, in an overlap", "2026-04-05T01:30", "Australia/Lord_Howe", "2026-04-05T01:30:00+11:00"},
		{"Lord Howe, after an overlap", "2026-04-05T02:00", "Australia/Lord_Howe", "2026-04-05T02:00:00+10:30"},
		{"a day left out", "2011-12-30T12:00", "Pacific/Apia", "2011-12-31T00:00:00+14:00"},
		{"a day that came twice", "1993-08-20T12:00", "Pacific/Kwajalein", "1993-08-20T12:00:00-12:00"},
		{"the end of the calendar", "9999-12-31T23:59", "America/New_York", "9999-12-31T23:59:00-05:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseLocal(tt.text, zone(t, tt.zone))
			if err != nil || got.Format(time.RFC3339) != tt.want {
				t.Errorf("ParseLocal(%q, %s) = %v, %v, want %s", tt.text, tt.zone, got, err, tt.want)
			}
		})
	}
	if got, err := ParseLocal("2026-12-01T00:00", nil); err != nil || got.Format(time.RFC3339) != "2026-12-01T00:00:00Z" {
		t.Errorf("ParseLocal without a zone = %v, %v, want UTC", got, err)
	}
}

func TestParseLocalErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                          "expected a local time that exists, such as 2026-12-01T00:00",
		"2026-12-01":                "such as 2026-12-01T00:00",
		"2026-12-01 00:00":          "such as 2026-12-01T00:00",
		"2026-12-01T0:00":           "such as 2026-12-01T00:00",
		"2026-12-01T24:00":          "that exists",
		"2026-02-29T00:00":          "that exists",
		"2026-13-01T00:00":          "that exists",
		"2026-12-01T00:00:60":       "that exists",
		"2026-12-01T00:00:00.5":     "such as 2026-12-01T00:00",
		"2026-12-01T00:00 ":         "such as 2026-12-01T00:00",
		"2026-12-01T00:00:00Z":      "timeZone says whose it is",
		"2026-12-01T00:00:00+01:00": "timeZone says whose it is",
		"1969-12-31T23:59":          "of the years 1970 to 9999",
		"12026-12-01T00:00":         "such as 2026-12-01T00:00",
	} {
		got, err := ParseLocal(text, time.UTC)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseLocal(%q) = %v, %v, want an error with %q", text, got, err, want)
		}
	}
}

func FuzzParseLocal(f *testing.F) {
	for _, text := range []string{"2026-12-01T00:00", "2026-03-29T02:30:15", "2026-10-25T02:30", "2011-12-30T00:00", "2026-12-01T0:00"} {
		f.Add(text, "Europe/Paris")
		f.Add(text, "Pacific/Apia")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		location, err := time.LoadLocation(name)
		if err != nil {
			t.Skip()
		}
		at, err := ParseLocal(text, location)
		if err != nil {
			return
		}
		layout := "2006-01-02T15:04:05"[:len(text)]
		// Either the clock shows the time, or it jumped over it at this very instant.
		before := at.Add(-time.Nanosecond).Format(layout)
		if shown := at.Format(layout); shown != text && (shown < text || before >= text) {
			t.Errorf("ParseLocal(%q, %s) = %v, just before %s", text, name, at, before)
		}
	})
}
