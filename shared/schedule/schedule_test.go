package schedule

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("load zone: %v", err)
	}
	return location
}

func local(t testing.TB, text string, location *time.Location) time.Time {
	t.Helper()
	at, err := ParseLocal(text, location)
	if err != nil {
		t.Fatalf("ParseLocal(%q): %v", text, err)
	}
	return at
}

func instantOf(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatalf("instant: %v", err)
	}
	return at
}

// dues are the due times after the given one, at most count.
func dues(s Schedule, after time.Time, count int) []string {
	var texts []string
	for range count {
		due, ok := s.Next(after)
		if !ok {
			break
		}
		texts = append(texts, due.Format(time.RFC3339Nano))
		after = due
	}
	return texts
}

func TestNextAcrossClockChanges(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, zone string
		frequency  int
		start      string // local
		after      string
		want       []string
	}{
		{"Paris forward", "Europe/Paris", 1, "2026-03-28T00:00", "2026-03-29T01:58:30+01:00", []string{"2026-03-29T01:59:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:01:00+02:00"}},
		{"Paris forward", "Europe/Paris", 15, "2026-03-28T00:00", "2026-03-29T01:40:00+01:00", []string{"2026-03-29T01:45:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:15:00+02:00"}},
		{"Paris forward", "Europe/Paris", 60, "2026-03-28T00:00", "2026-03-29T00:30:00+01:00", []string{"2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00"}},
		{"Paris forward", "Europe/Paris", 90, "2026-03-28T00:00", "2026-03-29T00:30:00+01:00", []string{"2026-03-29T01:30:00+01:00", "2026-03-29T04:00:00+02:00", "2026-03-29T05:30:00+02:00"}},
		{"Paris forward, in the gap", "Europe/Paris", 1440, "2026-03-27T02:30", "2026-03-27T02:30:00+01:00", []string{"2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
		{"Paris forward, beside the gap", "Europe/Paris", 1440, "2026-03-28T12:00", "2026-03-28T11:59:59+01:00", []string{"2026-03-28T12:00:00+01:00", "2026-03-29T12:00:00+02:00"}},
		{"Paris back", "Europe/Paris", 1, "2026-10-24T00:00", "2026-10-25T02:58:30+02:00", []string{"2026-10-25T02:59:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:01:00+01:00"}},
		{"Paris back", "Europe/Paris", 15, "2026-10-24T00:00", "2026-10-25T02:40:00+02:00", []string{"2026-10-25T02:45:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:15:00+01:00"}},
		{"Paris back", "Europe/Paris", 60, "2026-10-24T00:00", "2026-10-25T01:30:00+02:00", []string{"2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"}},
		{"Paris back", "Europe/Paris", 90, "2026-10-24T00:00", "2026-10-25T00:30:00+02:00", []string{"2026-10-25T01:30:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:30:00+01:00"}},
		{"Paris back, in the overlap", "Europe/Paris", 1440, "2026-10-24T02:30", "2026-10-24T02:30:00+02:00", []string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00", "2026-10-27T02:30:00+01:00"}},
		{"Paris back, asked in the second pass", "Europe/Paris", 1440, "2026-10-24T02:30", "2026-10-25T02:10:00+01:00", []string{"2026-10-26T02:30:00+01:00"}},

		{"New York forward", "America/New_York", 1, "2026-03-07T00:00", "2026-03-08T01:58:30-05:00", []string{"2026-03-08T01:59:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-08T03:01:00-04:00"}},
		{"New York forward", "America/New_York", 15, "2026-03-07T00:00", "2026-03-08T01:40:00-05:00", []string{"2026-03-08T01:45:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-08T03:15:00-04:00"}},
		{"New York forward", "America/New_York", 60, "2026-03-07T00:00", "2026-03-08T00:30:00-05:00", []string{"2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-08T04:00:00-04:00"}},
		{"New York forward", "America/New_York", 90, "2026-03-07T00:00", "2026-03-08T00:30:00-05:00", []string{"2026-03-08T01:30:00-05:00", "2026-03-08T04:00:00-04:00", "2026-03-08T05:30:00-04:00"}},
		{"New York forward, in the gap", "America/New_York", 1440, "2026-03-06T02:30", "2026-03-06T12:00:00-05:00", []string{"2026-03-07T02:30:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"}},
		{"New York back", "America/New_York", 1, "2026-10-31T00:00", "2026-11-01T01:58:30-04:00", []string{"2026-11-01T01:59:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T01:01:00-05:00"}},
		{"New York back", "America/New_York", 15, "2026-10-31T00:00", "2026-11-01T01:40:00-04:00", []string{"2026-11-01T01:45:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T01:15:00-05:00"}},
		{"New York back", "America/New_York", 60, "2026-10-31T00:00", "2026-11-01T00:30:00-04:00", []string{"2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T02:00:00-05:00"}},
		{"New York back", "America/New_York", 90, "2026-10-31T00:00", "2026-11-01T00:30:00-04:00", []string{"2026-11-01T01:30:00-04:00", "2026-11-01T02:00:00-05:00", "2026-11-01T03:30:00-05:00"}},
		{"New York back, in the overlap", "America/New_York", 1440, "2026-10-31T01:30", "2026-10-31T01:30:00-04:00", []string{"2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00", "2026-11-03T01:30:00-05:00"}},

		{"Lord Howe back by 30 minutes", "Australia/Lord_Howe", 1, "2026-04-04T00:00", "2026-04-05T01:58:30+11:00", []string{"2026-04-05T01:59:00+11:00", "2026-04-05T01:30:00+10:30", "2026-04-05T01:31:00+10:30"}},
		{"Lord Howe back by 30 minutes", "Australia/Lord_Howe", 15, "2026-04-04T00:00", "2026-04-05T01:40:00+11:00", []string{"2026-04-05T01:45:00+11:00", "2026-04-05T01:30:00+10:30", "2026-04-05T01:45:00+10:30"}},
		{"Lord Howe back by 30 minutes", "Australia/Lord_Howe", 60, "2026-04-04T00:00", "2026-04-05T00:30:00+11:00", []string{"2026-04-05T01:00:00+11:00", "2026-04-05T01:30:00+10:30", "2026-04-05T02:30:00+10:30"}},
		{"Lord Howe back by 30 minutes", "Australia/Lord_Howe", 90, "2026-04-04T00:00", "2026-04-05T00:30:00+11:00", []string{"2026-04-05T01:30:00+11:00", "2026-04-05T02:30:00+10:30", "2026-04-05T04:00:00+10:30"}},
		{"Lord Howe back, in the overlap", "Australia/Lord_Howe", 1440, "2026-04-04T01:45", "2026-04-04T01:45:00+11:00", []string{"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30", "2026-04-07T01:45:00+10:30"}},
		{"Lord Howe forward by 30 minutes", "Australia/Lord_Howe", 1, "2026-10-03T00:00", "2026-10-04T01:58:30+10:30", []string{"2026-10-04T01:59:00+10:30", "2026-10-04T02:30:00+11:00", "2026-10-04T02:31:00+11:00"}},
		{"Lord Howe forward by 30 minutes", "Australia/Lord_Howe", 15, "2026-10-03T00:00", "2026-10-04T01:40:00+10:30", []string{"2026-10-04T01:45:00+10:30", "2026-10-04T02:30:00+11:00", "2026-10-04T02:45:00+11:00"}},
		{"Lord Howe forward by 30 minutes", "Australia/Lord_Howe", 60, "2026-10-03T00:00", "2026-10-04T00:30:00+10:30", []string{"2026-10-04T01:00:00+10:30", "2026-10-04T02:30:00+11:00", "2026-10-04T03:30:00+11:00"}},
		{"Lord Howe forward by 30 minutes", "Australia/Lord_Howe", 90, "2026-10-03T00:00", "2026-10-04T00:30:00+10:30", []string{"2026-10-04T01:30:00+10:30", "2026-10-04T03:30:00+11:00", "2026-10-04T05:00:00+11:00"}},
		{"Lord Howe forward, in the gap", "Australia/Lord_Howe", 1440, "2026-10-02T02:15", "2026-10-02T02:15:00+10:30", []string{"2026-10-03T02:15:00+10:30", "2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},

		{"a gap at midnight", "America/Sao_Paulo", 1440, "2018-11-02T00:00", "2018-11-02T00:00:00-03:00", []string{"2018-11-03T00:00:00-03:00", "2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"}},
		{"a day that was left out is due once", "Pacific/Apia", 1440, "2011-12-28T00:00", "2011-12-28T00:00:00-10:00", []string{"2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00", "2012-01-01T00:00:00+14:00"}},
		{"a rule far ahead", "Europe/Paris", 1440, "2026-03-01T02:30", "2126-03-30T12:00:00+01:00", []string{"2126-03-31T03:00:00+02:00", "2126-04-01T02:30:00+02:00"}},
	} {
		t.Run(tt.name+"/"+time.Duration(tt.frequency*int(time.Minute)).String(), func(t *testing.T) {
			t.Parallel()
			location := zone(t, tt.zone)
			s := Schedule{Launch: Automatic, FrequencyMinutes: tt.frequency, Start: local(t, tt.start, location), Location: location}
			if diff := cmp.Diff(tt.want, dues(s, instantOf(t, tt.after), len(tt.want))); diff != "" {
				t.Errorf("due after %s (-want +got):\n%s", tt.after, diff)
			}
		})
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	start := instantOf(t, "2026-12-01T00:00:00.25Z")
	quarter := func(end string, change func(*Schedule)) Schedule {
		s := Schedule{Launch: Automatic, FrequencyMinutes: 15, Start: start}
		if end != "" {
			s.End = instantOf(t, end)
		}
		if change != nil {
			change(&s)
		}
		return s
	}
	for _, tt := range []struct {
		name     string
		schedule Schedule
		after    string
		want     []string
	}{
		{"before the start", quarter("", nil), "2020-01-01T00:00:00Z", []string{"2026-12-01T00:00:00.25Z", "2026-12-01T00:15:00.25Z"}},
		{"the zero time", quarter("", nil), "0001-01-01T00:00:00Z", []string{"2026-12-01T00:00:00.25Z"}},
		{"at the start: strictly after", quarter("", nil), "2026-12-01T00:00:00.25Z", []string{"2026-12-01T00:15:00.25Z"}},
		{"a fraction before a due time", quarter("", nil), "2026-12-01T00:15:00.249999999Z", []string{"2026-12-01T00:15:00.25Z"}},
		{"a late run does not shift the next", quarter("", nil), "2026-12-01T00:29:00Z", []string{"2026-12-01T00:30:00.25Z", "2026-12-01T00:45:00.25Z"}},
		{"the end is exclusive", quarter("2026-12-01T00:30:00.25Z", nil), "2026-12-01T00:00:00Z", []string{"2026-12-01T00:00:00.25Z", "2026-12-01T00:15:00.25Z"}},
		{"just after a due time ends", quarter("2026-12-01T00:15:00.250000001Z", nil), "2026-12-01T00:00:01Z", []string{"2026-12-01T00:15:00.25Z"}},
		{"past the end", quarter("2026-12-02T00:00:00Z", nil), "2027-01-01T00:00:00Z", nil},
		{"an end before the start", quarter("2026-11-01T00:00:00Z", nil), "2026-01-01T00:00:00Z", nil},
		{"manual", quarter("", func(s *Schedule) { s.Launch = Manual }), "2026-12-01T00:00:00Z", nil},
		{"no launch", quarter("", func(s *Schedule) { s.Launch = "" }), "2026-12-01T00:00:00Z", nil},
		{"no frequency", quarter("", func(s *Schedule) { s.FrequencyMinutes = 0 }), "2026-12-01T00:00:00Z", nil},
		{"centuries later", quarter("", nil), "2800-01-01T00:07:00Z", []string{"2800-01-01T00:15:00.25Z"}},
		{"centuries later, daily", quarter("", func(s *Schedule) { s.FrequencyMinutes = 1440 }), "2800-01-01T00:07:00Z", []string{"2800-01-02T00:00:00.25Z"}},
		{"a minute less than a day", quarter("", func(s *Schedule) { s.FrequencyMinutes = 1439 }), "2026-12-01T12:00:00Z", []string{"2026-12-01T23:59:00.25Z", "2026-12-02T23:58:00.25Z"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			count := len(tt.want)
			if count == 0 || !tt.schedule.End.IsZero() {
				count++ // one more than there is
			}
			if diff := cmp.Diff(tt.want, dues(tt.schedule, instantOf(t, tt.after), count)); diff != "" {
				t.Errorf("due after %s (-want +got):\n%s", tt.after, diff)
			}
		})
	}
}

func TestNextBeyondTheCalendar(t *testing.T) {
	t.Parallel()
	s := Schedule{Launch: Automatic, FrequencyMinutes: 1440, Start: instantOf(t, "2026-12-01T00:00:00Z")}
	if due, ok := s.Next(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)); ok {
		t.Errorf("Next after the year 9999 = %v, want none", due)
	}
}

func TestEarliest(t *testing.T) {
	t.Parallel()
	start, after := instantOf(t, "2026-12-01T00:00:00Z"), instantOf(t, "2026-12-01T12:00:00Z")
	hourly := Schedule{Launch: Automatic, FrequencyMinutes: 60, Start: start}
	odd := Schedule{Launch: Automatic, FrequencyMinutes: 7, Start: start}
	over := Schedule{Launch: Automatic, FrequencyMinutes: 1, Start: start, End: after}
	manual := Schedule{Launch: Manual, FrequencyMinutes: 1, Start: start}
	for _, tt := range []struct {
		name      string
		schedules []Schedule
		want      string
	}{
		{"the earliest of all", []Schedule{manual, hourly, odd, over}, "2026-12-01T12:01:00Z"},
		{"in any order", []Schedule{over, odd, hourly, manual}, "2026-12-01T12:01:00Z"},
		{"one", []Schedule{hourly}, "2026-12-01T13:00:00Z"},
		{"none is due again", []Schedule{manual, over}, ""},
		{"none at all", nil, ""},
	} {
		got, ok := Earliest(tt.schedules, after)
		if ok != (tt.want != "") || ok && got.Format(time.RFC3339) != tt.want {
			t.Errorf("%s: Earliest = %v, %v, want %q", tt.name, got, ok, tt.want)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	paris := zone(b, "Europe/Paris")
	for name, frequency := range map[string]int{"elapsed": 15, "daily": 1440} {
		s := Schedule{Launch: Automatic, FrequencyMinutes: frequency, Start: local(b, "1996-01-01T02:30", paris), Location: paris}
		after := instantOf(b, "2126-03-29T00:10:00Z")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := s.Next(after); !ok {
					b.Fatal("nothing due")
				}
			}
		})
	}
}
