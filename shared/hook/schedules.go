package hook

import (
	"fmt"
	"time"
	"unicode/utf8"

	"crmhook/shared/contact"
	"crmhook/shared/schedule"
)

// mostDays bounds relative dates: about ten years.
const mostDays = 3_650

func (c *checker) schedules(n *node) {
	if !c.is(n, list) {
		return
	}
	seen := map[string]bool{}
	for _, item := range n.items {
		if !c.is(item, object) {
			continue
		}
		s := c.schedule(item)
		if s.Name != "" && seen[s.Name] {
			c.fault(item.member("name"), "is the name of another schedule: names must differ")
		}
		seen[s.Name] = true
		c.hook.Schedules = append(c.hook.Schedules, s)
	}
}

func (c *checker) schedule(n *node) schedule.Schedule {
	s := schedule.Schedule{
		Launch: schedule.Automatic, FrequencyMinutes: DefaultFrequency, Location: time.UTC,
		BatchSize: DefaultBatchV2, BucketSize: DefaultBucket,
	}
	if c.v1() {
		s.BatchSize = DefaultBatchV1
	}
	// The dates are read in the zone, wherever it is written.
	if zone := n.member("timeZone"); zone != nil {
		s.Location = c.timeZone(zone)
	}
	fields := c.scheduleFields(&s)
	c.members(n, func(name string, value *node) {
		if check, ok := fields[name]; ok {
			check(value)
			return
		}
		c.unknown(value, name, "a schedule", keys(fields))
	})
	if n.member("name") == nil {
		c.missing(n, "name", "is missing: executions are told apart by it")
	}
	c.startAndEnd(n, &s)
	return s
}

func (c *checker) scheduleFields(s *schedule.Schedule) map[string]func(*node) {
	return map[string]func(*node){
		"name": func(n *node) {
			if c.is(n, text) && c.shownText(n) {
				s.Name = n.value
			}
		},
		"launch":           func(n *node) { c.launch(n, s) },
		"frequencyMinutes": func(n *node) { c.whole(n, 1, LongestFrequency, "minutes", &s.FrequencyMinutes) },
		"start":            func(n *node) { s.Start = c.date(n, s.Location) },
		"end":              func(n *node) { s.End = c.date(n, s.Location) },
		"timeZone":         func(*node) {}, // read first
		"batchSize":        func(n *node) { c.whole(n, 1, LargestBatch, "contacts", &s.BatchSize) },
		"bucketSize":       func(n *node) { c.bucketSize(n, s) },
		"identifiers":      func(n *node) { s.Identifiers = c.identifiers(n) },
	}
}

func (c *checker) launch(n *node, s *schedule.Schedule) {
	if !c.is(n, text) {
		return
	}
	switch launch := schedule.Launch(n.value); launch {
	case schedule.Automatic, schedule.Manual:
		s.Launch = launch
	default:
		c.fault(n, "must be automatic or manual")
	}
}

func (c *checker) bucketSize(n *node, s *schedule.Schedule) {
	if c.whole(n, 1, LargestBucket, "contacts", &s.BucketSize) && c.v1() && s.BucketSize != 1 {
		c.fault(n, "must be 1: contact-webhook-v1 calls the URL for each contact")
	}
}

func (c *checker) timeZone(n *node) *time.Location {
	if !c.is(n, text) {
		return time.UTC
	}
	location, err := time.LoadLocation(n.value)
	if err != nil || n.value == "" || n.value == "Local" {
		c.fault(n, "must be the name of a time zone such as Europe/Paris or UTC")
		return time.UTC
	}
	return location
}

// date reads a start or an end; zero for none.
func (c *checker) date(n *node, location *time.Location) time.Time {
	const forms = `a local time such as "2026-12-01T00:00", null, {"daysBeforeFirstProductDate":30} or {"daysAfterFirstProductDate":10}`
	switch n.kind {
	case null:
		return time.Time{}
	case text:
		at, err := schedule.ParseLocal(n.value, location)
		if err != nil {
			c.fault(n, "%s", err)
		}
		return at
	case object:
		return c.relative(n, location)
	}
	c.hidden(n, "must be %s, found %s", forms, found(n))
	return time.Time{}
}

// relative reads a date that counts from the first product date: the beginning of that day in the schedule's zone.
func (c *checker) relative(n *node, location *time.Location) time.Time {
	days, sign := 0, 0
	good := true
	c.members(n, func(name string, value *node) {
		switch name {
		case before:
			sign = -1
		case after:
			sign = 1
		default:
			c.unknown(value, name, "a date", []string{before, after})
			good = false
			return
		}
		good = c.whole(value, 0, mostDays, "days", &days) && good
	})
	if good && (sign == 0 || len(n.names) != 1) {
		c.hidden(n, "must hold either %s or %s", before, after)
		return time.Time{}
	}
	first := c.context.FirstProductDate
	if sign != 0 && first.IsZero() {
		c.hidden(n, "counts from the first product date, which is not known: write the organization's parameter settings/firstProductDate, such as 2026-12-24")
		return time.Time{}
	}
	if !good {
		return time.Time{}
	}
	return c.midnight(n, first.AddDate(0, 0, sign*days), location)
}

// The fields of a relative date.
const (
	before = "daysBeforeFirstProductDate"
	after  = "daysAfterFirstProductDate"
)

func (c *checker) midnight(n *node, day time.Time, location *time.Location) time.Time {
	at, err := schedule.ParseLocal(fmt.Sprintf("%04d-%02d-%02dT00:00", day.Year(), day.Month(), day.Day()), location)
	if err != nil {
		c.hidden(n, "leads to a day that cannot be used: %s", err)
	}
	return at
}

// startAndEnd gives a schedule without a start the time the interface was first seen.
func (c *checker) startAndEnd(n *node, s *schedule.Schedule) {
	if !s.Start.IsZero() && !s.End.IsZero() && !s.End.After(s.Start) {
		c.fault(n.member("end"), "must be after start")
	}
	if s.Start.IsZero() {
		s.Start = c.context.FirstSeen
	}
}

func (c *checker) identifiers(n *node) []string {
	var identifiers []string
	c.texts(n, func(item *node) {
		if length := utf8.RuneCountInString(item.value); length == 0 || length > contact.NumberLength {
			c.fault(item, "must be a contact number of 1 to %d characters", contact.NumberLength)
			return
		}
		identifiers = append(identifiers, item.value)
	})
	if len(n.items) > MostIdentifiers {
		c.hidden(n, "must list at most %d contact numbers, found %d: upload a file for more", MostIdentifiers, len(n.items))
	}
	return identifiers
}
