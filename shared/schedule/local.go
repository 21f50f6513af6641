package schedule

import (
	"errors"
	"time"
)

// ParseLocal reads a local time of a zone, 2026-12-01T00:00 or 2026-12-01T00:00:00, of the years 1970 to 9999 (nil
// means UTC). A time that clocks leave out is the first instant after the gap, one that comes twice the first.
// Its error says what was expected.
func ParseLocal(text string, location *time.Location) (time.Time, error) {
	if location == nil {
		location = time.UTC
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		wall, err := time.Parse(layout, text)
		switch {
		case err == nil && wall.Format(layout) == text && wall.Year() >= 1970:
			return firstInstant(wall, location), nil
		case err == nil && wall.Format(layout) == text:
			return time.Time{}, errors.New("expected a local time of the years 1970 to 9999, such as 2026-12-01T00:00")
		}
	}
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return time.Time{}, errors.New("expected a local time without Z or offset, such as 2026-12-01T00:00: timeZone says whose it is")
	}
	return time.Time{}, errors.New("expected a local time that exists, such as 2026-12-01T00:00 or 2026-12-01T00:00:00")
}

// wallOf is what a zone's clock shows, as if it were UTC.
func wallOf(t time.Time, location *time.Location) time.Time {
	local := t.In(location)
	_, offset := local.Zone()
	return time.Unix(local.Unix()+int64(offset), int64(local.Nanosecond())).UTC()
}

// firstInstant is when a zone's clock first shows the wall time or a later one. So it is the first of two, and the end
// of a gap. (time.Date promises neither.)
func firstInstant(wall time.Time, location *time.Location) time.Time {
	// No zone was ever as much as 26 hours from UTC, so the clock is still before the wall time here.
	t := wall.Add(-26 * time.Hour).In(location)
	for {
		_, offset := t.Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		_, end := t.ZoneBounds()
		switch {
		case at.Before(t):
			return t // the clock jumped over it when this offset began
		case end.IsZero() || at.Before(end):
			return at.In(location)
		}
		t = end
	}
}
