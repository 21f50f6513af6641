package control

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/delivery"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/page"
	"crmhook/shared/trigger"
	"crmhook/shared/web"
)

// parameter is a parameter of the query: what it may hold, and how it is read.
type parameter struct {
	name, text string
	schema     *huma.Schema
	read       func(c *caller, value string)
}

// parameters are those that an operation takes.
func (a asked) parameters() []parameter {
	if a.list == "" {
		return a.query
	}
	return append(slices.Clip(a.query), limit(), cursor())
}

func (a asked) queryOf() []*huma.Param {
	var list []*huma.Param
	for _, p := range a.parameters() {
		list = append(list, web.QueryParameter(p.name, p.text, p.schema))
	}
	return list
}

// unknown says which parameters there are.
func unknown(known []parameter) string {
	names := make([]string, len(known))
	for i, p := range known {
		names[i] = p.name
	}
	if len(names) == 0 {
		return "is not known here, where nothing may be added to the path"
	}
	return "is not known here: use " + strings.Join(names, ", ")
}

func limit() parameter {
	schema := &huma.Schema{Type: huma.TypeInteger, Minimum: web.Bound(1), Maximum: web.Bound(page.MostLimit), Default: page.DefaultLimit}
	return parameter{"limit", "The most entries of the page.", schema, func(c *caller, value string) {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > page.MostLimit || strconv.Itoa(n) != value {
			c.faults.AddValue("query.limit", fault.Shown(value), "must be a whole number from 1 to %d", page.MostLimit)
		}
		c.list.Limit = n
	}}
}

// cursor is read once all that it depends on is.
func cursor() parameter {
	return parameter{"cursor", "What next said on the page before.", &huma.Schema{Type: huma.TypeString}, func(*caller, string) {}}
}

// times bound what is listed.
func times() []parameter {
	schema := &huma.Schema{Type: huma.TypeString, Format: "date-time", Examples: []any{"2026-11-24T00:00:00Z"}}
	return []parameter{
		{"since", "Only what was made at this time or later.", schema, func(c *caller, value string) { c.list.Since = c.time("since", value) }},
		{"until", "Only what was made before this time.", schema, func(c *caller, value string) { c.list.Until = c.time("until", value) }},
	}
}

func (c *caller) time(name, value string) time.Time {
	// A plus sign that was not escaped arrives as a blank.
	at, err := time.Parse(time.RFC3339, strings.Replace(value, " ", "+", 1))
	if err != nil || at.Year() < 1970 || at.Year() > 2200 {
		c.faults.AddValue("query."+name, fault.Shown(value), "must be a time from 1970 to 2200 as RFC 3339 has it, such as 2026-11-24T00:00:00Z")
		return time.Time{}
	}
	return at
}

// oneOf is a parameter that holds one of some words.
func oneOf(name, text string, words ...string) parameter {
	schema := &huma.Schema{Type: huma.TypeString}
	for _, word := range words {
		schema.Enum = append(schema.Enum, word)
	}
	return parameter{name, text, schema, func(c *caller, value string) {
		if !slices.Contains(words, value) {
			c.faults.AddValue("query."+name, fault.Shown(value), "must be %s", strings.Join(words, " or "))
		}
	}}
}

func triggerStatus() parameter {
	return oneOf("status", "Only those that have failed, or wait for their time.", string(trigger.Failed), string(trigger.Waiting))
}

func deliveryStatus() parameter {
	return oneOf("status", "Only those that were stopped, or are tried again: those have failed at least once.", string(delivery.Stopped), string(delivery.Pending))
}

// dryRun is read as a truth.
func dryRun() parameter {
	p := oneOf("dryRun", "Whether to count only, and do nothing.", "true", "false")
	p.schema = &huma.Schema{Type: huma.TypeBoolean, Default: false}
	return p
}

func interfaceOf() parameter {
	schema := &huma.Schema{Type: huma.TypeString, Pattern: namePattern.String()}
	return parameter{"interface", "Only those of this interface.", schema, func(c *caller, value string) {
		if !namePattern.MatchString(value) {
			c.faults.AddValue("query.interface", fault.Shown(value), "%s", hook.NameRule)
		}
	}}
}

func recordOf() parameter {
	schema := &huma.Schema{Type: huma.TypeString, MinLength: web.Number(1), Examples: []any{"contact/4711"}}
	return parameter{
		"record", "Only those that concern this record: its entity, a slash and its id; an id alone is a contact's.", schema,
		func(c *caller, value string) {
			if value == "" {
				c.faults.Add("query.record", "must not be empty: leave it out for any")
			}
		},
	}
}

// scheduleOf names the schedule of a file.
func scheduleOf() parameter {
	schema := &huma.Schema{Type: huma.TypeString, MinLength: web.Number(1), MaxLength: web.Number(longestSchedule)}
	return parameter{"schedule", "With a file: the schedule whose bucket size counts, else the first.", schema, func(c *caller, value string) {
		if n := utf8.RuneCountInString(value); n < 1 || n > longestSchedule || !utf8.ValidString(value) {
			c.faults.AddValue("query.schedule", fault.Shown(value), "must be a schedule's name: 1 to %d characters", longestSchedule)
		}
	}}
}

// longestSchedule is the most characters of a schedule's name.
const longestSchedule = 200
