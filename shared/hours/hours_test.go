package hours_test

import (
	"testing"
	"time"

	"crmhook/shared/hours"
)

func TestLastEndsWithTheHourUnderWay(t *testing.T) {
	t.Parallel()
	for _, now := range []time.Time{
		time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 24, 23, 59, 59, 999, time.UTC),
		time.Date(2026, 3, 29, 3, 30, 0, 0, time.FixedZone("", 5*3600+1800)), time.Date(2027, 1, 1, 0, 10, 0, 0, time.UTC),
	} {
		last := hours.Last(now)
		under := last[hours.Shown-1]
		if now.Before(under) || !now.Before(under.Add(time.Hour)) {
			t.Errorf("at %v the last hour begins at %v", now, under)
		}
		for i, hour := range last {
			if hour.Location() != time.UTC || hour.Minute() != 0 || hour.Second() != 0 || hour.Nanosecond() != 0 {
				t.Errorf("at %v: %v is no whole hour of UTC", now, hour)
			}
			if want := under.Add(time.Duration(i-hours.Shown+1) * time.Hour); !hour.Equal(want) {
				t.Errorf("at %v: hour %d is %v, want %v", now, i, hour, want)
			}
		}
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	c := hours.Counts{Delivered: 1, Failed: 2, Stopped: 3}
	c.Add(hours.Counts{Delivered: 10, Failed: 20, Stopped: 30})
	if want := (hours.Counts{Delivered: 11, Failed: 22, Stopped: 33}); c != want {
		t.Errorf("added up to %+v, want %+v", c, want)
	}
}
