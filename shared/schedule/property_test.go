package schedule

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawSchedule is an automatic one without end whose start lies within a few days of clock changes.
func drawSchedule(t *rapid.T, frequency *rapid.Generator[int]) Schedule {
	location, err := time.LoadLocation(rapid.SampledFrom([]string{
		"UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia",
	}).Draw(t, "zone"))
	if err != nil {
		t.Fatalf("load zone: %v", err)
	}
	return Schedule{
		Launch: Automatic, FrequencyMinutes: frequency.Draw(t, "frequency"), Location: location,
		Start: drawTime(t, "start"),
	}
}

func drawTime(t *rapid.T, label string) time.Time {
	near := rapid.SampledFrom([]string{
		"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", "2026-04-04T15:00:00Z",
		"2026-10-03T15:30:00Z", "2018-11-04T03:00:00Z", "2018-02-18T02:00:00Z", "2011-12-30T10:00:00Z",
	}).Draw(t, label+" near")
	at, err := time.Parse(time.RFC3339, near)
	if err != nil {
		t.Fatalf("time: %v", err)
	}
	return at.Add(time.Duration(rapid.IntRange(-3*24*60, 3*24*60).Draw(t, label+" minutes"))*time.Minute +
		time.Duration(rapid.SampledFrom([]int{0, 1, 30e9, 59999999999}).Draw(t, label+" nanoseconds")))
}

// TestNextElapsedIsTheGrid: what Next answers is on the grid, after the given time, and one step earlier is not.
func TestNextElapsedIsTheGrid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule(t, rapid.OneOf(rapid.SampledFrom([]int{1, 15, 60, 90, 1439}), rapid.IntRange(1, 1439)))
		period := time.Duration(s.FrequencyMinutes) * time.Minute
		after := drawTime(t, "after")
		for range 5 {
			due, ok := s.Next(after)
			if !ok || !due.After(after) || due.Before(s.Start) {
				t.Fatalf("Next(%v) = %v, %v: want a later time from %v on", after, due, ok, s.Start)
			}
			if due.Sub(s.Start)%period != 0 {
				t.Fatalf("Next(%v) = %v is off the grid of %v from %v", after, due, period, s.Start)
			}
			if earlier := due.Add(-period); earlier.After(after) && !earlier.Before(s.Start) {
				t.Fatalf("Next(%v) = %v skips %v", after, due, earlier)
			}
			after = due
		}
	})
}

// TestNextDailyIsTheGrid holds the daily grid to one that is counted day by day, with the clock watched minute by minute.
func TestNextDailyIsTheGrid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule(t, rapid.Just(1440))
		days := rapid.IntRange(0, 400).Draw(t, "days")
		after := s.Start.Add(time.Duration(days)*24*time.Hour + time.Duration(rapid.IntRange(-3*60, 3*60).Draw(t, "minutes"))*time.Minute)
		want := s.Start
		for n := max(1, days-3); !want.After(after); n++ {
			want = watched(s.Start, n, s.Location)
		}
		got, ok := s.Next(after)
		if !ok || !got.Equal(want) {
			t.Fatalf("Next(%v) = %v, %v, want %v", after, got, ok, want.In(s.Location))
		}
		if second, ok := s.Next(got); !ok || !second.After(got) {
			t.Fatalf("Next(%v) = %v, %v: want a later time", got, second, ok)
		}
	})
}

// watched is the start's wall time n days on: the first instant at which the clock shows it or more.
func watched(start time.Time, n int, location *time.Location) time.Time {
	shown := func(at time.Time) time.Time {
		at = at.In(location)
		return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
	}
	wall := shown(start).AddDate(0, 0, n)
	// Clocks change at whole minutes, so each minute's first instant and the wall time's own second and fraction are all.
	within := time.Duration(wall.Second())*time.Second + time.Duration(wall.Nanosecond())
	for at := wall.Truncate(time.Minute).Add(-27 * time.Hour); ; at = at.Add(time.Minute) {
		if !shown(at).Before(wall) {
			return at
		}
		if inner := at.Add(within); !shown(inner).Before(wall) {
			return inner
		}
	}
}
