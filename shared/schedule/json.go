package schedule

import (
	"encoding/json"
	"fmt"
	"time"
)

// stored is a Schedule as configurations that are ready to use keep it.
type stored struct {
	Name             string     `json:"name"`
	Launch           Launch     `json:"launch"`
	FrequencyMinutes int        `json:"frequencyMinutes"`
	Start            *time.Time `json:"start,omitempty"`
	End              *time.Time `json:"end,omitempty"`
	TimeZone         string     `json:"timeZone,omitempty"`
	BatchSize        int        `json:"batchSize"`
	BucketSize       int        `json:"bucketSize"`
	Identifiers      []string   `json:"identifiers"`
}

// MarshalJSON writes start and end as RFC 3339 and the zone by its name in the IANA database, and fails for a zone that
// could not be read back.
func (s Schedule) MarshalJSON() ([]byte, error) {
	zone := ""
	if s.Location != nil {
		zone = s.Location.String()
		if _, err := time.LoadLocation(zone); err != nil || zone == "" || s.Location == time.Local {
			return nil, fmt.Errorf("schedule %q: zone %q has no name in the IANA database", s.Name, zone)
		}
	}
	return json.Marshal(stored{
		s.Name, s.Launch, s.FrequencyMinutes, optional(s.Start), optional(s.End), zone, s.BatchSize, s.BucketSize, s.Identifiers,
	})
}

// UnmarshalJSON reads what MarshalJSON wrote. Zones need the IANA database of the machine or of time/tzdata.
func (s *Schedule) UnmarshalJSON(text []byte) error {
	var read stored
	if err := json.Unmarshal(text, &read); err != nil {
		return fmt.Errorf("read schedule: %w", err)
	}
	decoded := Schedule{
		Name: read.Name, Launch: read.Launch, FrequencyMinutes: read.FrequencyMinutes,
		BatchSize: read.BatchSize, BucketSize: read.BucketSize, Identifiers: read.Identifiers,
	}
	if read.TimeZone != "" {
		location, err := time.LoadLocation(read.TimeZone)
		if err != nil {
			return fmt.Errorf("read schedule %q: %w", read.Name, err)
		}
		decoded.Location = location
	}
	decoded.Start, decoded.End = instant(read.Start, decoded.location()), instant(read.End, decoded.location())
	*s = decoded
	return nil
}

// optional is nil for no time. The time is written in UTC, whose offset has no seconds, as those of old local times
// have and RFC 3339 has not; only the last hours of the year 9999 must stay in their zone.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	if utc := t.UTC(); utc.Year() <= 9999 {
		return &utc
	}
	return &t
}

func instant(t *time.Time, location *time.Location) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.In(location)
}
