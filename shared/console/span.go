package console

import (
	"net/url"
	"time"

	"crmhook/shared/fault"
)

// span is the time that a list is bounded to, as a form writes it.
type span struct {
	Since, Until string
	Faults       fault.List
	since, until time.Time
}

// spanOf reads since and until.
func spanOf(values url.Values) span {
	s := span{Since: values.Get("since"), Until: values.Get("until")}
	var ok bool
	if s.since, ok = at(s.Since); !ok {
		s.Faults.Add("since", "must be a time such as 2026-12-24T18:00")
	}
	if s.until, ok = at(s.Until); !ok {
		s.Faults.Add("until", "must be a time such as 2026-12-24T18:00")
	}
	if !s.since.IsZero() && !s.until.IsZero() && !s.until.After(s.since) {
		s.Faults.Add("until", "must be after the beginning")
	}
	s.Since, s.Until = local(s.since, s.Since), local(s.until, s.Until)
	return s
}

// local is a time as a field for a date and a time takes it, in UTC; the text itself where it is no time.
func local(t time.Time, text string) string {
	if t.IsZero() {
		return text
	}
	if t.Second() == 0 && t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04")
	}
	return t.Format("2006-01-02T15:04:05")
}
