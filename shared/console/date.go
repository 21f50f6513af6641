package console

import (
	"encoding/json"
	"net/url"
	"strings"

	"crmhook/shared/fault"
)

// date is a start or an end as the form shows it: none, a local time, or days before or after the first product date.
type date struct {
	// Name is start or end.
	Name string
	// Form is none, at, before, after, or json for what is written otherwise.
	Form string
	// Day and Time are those of at; Days those of before and after; Text is the JSON of anything else.
	Day, Time, Days, Text string
	Faults                fault.List
}

// The members of a date that counts from the first product date.
const (
	daysBefore = "daysBeforeFirstProductDate"
	daysAfter  = "daysAfterFirstProductDate"
)

// dateOf is what a schedule holds.
func dateOf(name string, d *document) date {
	raw := d.get([]string{name})
	shown := date{Name: name, Form: "none"}
	var text string
	switch inner, isObject := readDocument(raw); {
	case raw == nil || string(raw) == "null":
	case json.Unmarshal(raw, &text) == nil:
		shown.Form = "at"
		shown.Day, shown.Time, _ = strings.Cut(text, "T")
	case isObject && len(inner.names) == 1 && inner.names[0] == daysBefore:
		shown.Form, shown.Days = "before", compact(inner.values[daysBefore])
	case isObject && len(inner.names) == 1 && inner.names[0] == daysAfter:
		shown.Form, shown.Days = "after", compact(inner.values[daysAfter])
	default:
		shown.Form, shown.Text = "json", compact(raw)
	}
	return shown
}

// sentDate is what the form sent.
func sentDate(name string, form url.Values) date {
	value := func(part string) string { return strings.TrimSpace(form.Get(name + part)) }
	return date{Name: name, Form: value("-form"), Day: value("-day"), Time: value("-time"), Days: value("-days"), Text: value("-text")}
}

// write puts the date into a schedule. What shows the same as before stays as it is written.
func (w date) write(d *document) {
	if w.is(dateOf(w.Name, d)) {
		return
	}
	raw := w.encode()
	if raw == nil && d.get([]string{w.Name}) == nil {
		return
	}
	d.put(w.Name, raw)
}

// is compares what counts of the form.
func (w date) is(other date) bool {
	switch {
	case w.Form != other.Form:
		return false
	case w.Form == "at":
		return w.Day == other.Day && w.Time == other.Time
	case w.Form == "before" || w.Form == "after":
		return w.Days == other.Days
	}
	return true
}

func (w date) encode() json.RawMessage {
	days := func(name string) json.RawMessage {
		d := newDocument()
		d.put(name, field{Kind: number}.encode(w.Days, true))
		if len(d.names) == 0 {
			d.put(name, json.RawMessage("null"))
		}
		return d.text()
	}
	switch w.Form {
	case "at":
		clock := w.Time
		if clock == "" {
			clock = "00:00"
		}
		return quoted(w.Day + "T" + clock)
	case "before":
		return days(daysBefore)
	case "after":
		return days(daysAfter)
	case "json":
		if json.Valid([]byte(w.Text)) {
			return json.RawMessage(w.Text)
		}
		return quoted(w.Text)
	}
	return nil
}

// Words is the date as a list shows it.
func (w date) Words() string {
	switch w.Form {
	case "at":
		return strings.TrimSpace(w.Day + " " + w.Time)
	case "before":
		return w.Days + " days before the first product date"
	case "after":
		return w.Days + " days after the first product date"
	case "json":
		return w.Text
	}
	return ""
}
