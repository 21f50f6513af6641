package rule

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"crmhook/shared/fault"
	"crmhook/shared/filter"
	"crmhook/shared/hook"
)

// Most characters of what a rule's texts may have.
const (
	longestName        = 200
	longestDescription = 2_000
	longestValue       = 200
	longestConditions  = 8_000
)

// check is what reads one field.
type check = func(location string, value json.RawMessage)

// Parse checks the configuration of a rule and makes it ready to use; interfaces are the organization's, with the type
// that each one's parameter names. With any fault there is no Definition; the list holds all of them, those of fields in
// the order of the text.
func Parse(source []byte, interfaces map[string]hook.Type) (*Definition, fault.List) {
	var faults fault.List
	f := read(source, &faults)
	if f == nil {
		return nil, faults
	}
	d := &Definition{State: hook.Active, Conditions: &filter.Filter{}}
	f.each(map[string]check{
		"name":        func(at string, v json.RawMessage) { d.Name = f.text(at, v, longestName) },
		"description": func(at string, v json.RawMessage) { d.Description = f.text(at, v, longestDescription) },
		"event":       func(at string, v json.RawMessage) { d.Event = f.event(at, v) },
		"conditions":  func(at string, v json.RawMessage) { d.Conditions = f.conditions(at, v) },
		"then":        func(at string, v json.RawMessage) { d.Then = f.branch(at, v, interfaces) },
		"else":        func(at string, v json.RawMessage) { d.Else = f.branch(at, v, interfaces) },
		"limits":      func(at string, v json.RawMessage) { d.Limits = f.limits(at, v) },
		"state":       func(at string, v json.RawMessage) { d.State = f.state(at, v) },
	}, "name", "description", "event", "conditions", "then", "else", "limits", "state")
	f.required()
	if len(faults) > 0 {
		return nil, faults
	}
	return d, nil
}

// required wants what a rule cannot do without.
func (f *form) required() {
	if f.values["event"] == nil {
		f.faults.Add("event", `is missing: write what the rule waits for, such as {"type":"contact.created"}`)
	}
	if f.none("then") && f.none("else") {
		f.faults.Add("then", `is missing: list the interfaces to call when the conditions hold, or in else those to call when they do not`)
	}
}

// none reports whether a list is not written, or empty.
func (f *form) none(name string) bool {
	var items []json.RawMessage
	return f.values[name] == nil || json.Unmarshal(f.values[name], &items) == nil && len(items) == 0
}

func (f *form) event(location string, value json.RawMessage) (event Event) {
	inner := f.inner(location, "a rule's event", value)
	if inner == nil {
		return event
	}
	inner.each(map[string]check{
		"type":  func(at string, v json.RawMessage) { event.Type = inner.eventType(at, v) },
		"value": func(string, json.RawMessage) {}, // checked once the type is known
	}, "type", "value")
	if inner.values["type"] == nil {
		f.faults.Add(inner.at("type"), "is missing: write one of %s", allTypes())
	}
	inner.value(&event)
	return event
}

func (f *form) eventType(location string, value json.RawMessage) Type {
	if !f.is(location, value, "a string", '"') {
		return ""
	}
	t := Type(f.text(location, value, longestValue))
	if !slices.Contains(Types(), t) {
		f.faults.AddValue(location, shown(value), "must be one of %s", allTypes())
		return ""
	}
	return t
}

func allTypes() string {
	var names []string
	for _, t := range Types() {
		names = append(names, string(t))
	}
	return strings.Join(names, ", ")
}

// value reads what the type of event wants of a value.
func (f *form) value(event *Event) {
	value, location := f.values["value"], f.at("value")
	switch event.Type {
	case "":
	case ScoreReached:
		event.Score = f.score(location, value)
	case TagAdded, TagRemoved, FunnelChanged:
		if value == nil {
			return
		}
		if event.Value = f.text(location, value, longestValue); event.Value == "" && string(value) == `""` {
			f.faults.Add(location, "must not be empty: leave it out for any")
		}
	default:
		if value != nil {
			f.faults.AddValue(location, shown(value), "does not belong to %s: remove it", event.Type)
		}
	}
}

// score is a number, also as a text.
func (f *form) score(location string, value json.RawMessage) float64 {
	if value == nil {
		f.faults.Add(location, "is missing: %s needs the number to reach, such as 100", ScoreReached)
		return 0
	}
	score, ok := scoreOf(any(json.Number(value)))
	if first, _ := kindOf(value); first == '"' {
		score, ok = scoreOf(any(f.text(location, value, longestValue)))
	}
	if !ok {
		f.faults.AddValue(location, shown(value), "must be the number to reach, such as 100")
	}
	return score
}

// scoreOf is a score's number; false for what is none.
func scoreOf(value any) (float64, bool) {
	text, ok := "", false
	switch v := value.(type) {
	case json.Number:
		text, ok = string(v), true
	case string:
		text, ok = v, true
	}
	score, err := strconv.ParseFloat(text, 64)
	return score, ok && err == nil && !math.IsInf(score, 0) && !math.IsNaN(score)
}

func (f *form) conditions(location string, value json.RawMessage) *filter.Filter {
	compiled, err := filter.Compile(f.text(location, value, longestConditions))
	if err != nil {
		f.faults.AddValue(location, shown(value), "%v", err)
	}
	return compiled
}

// branch reads names of interfaces, each once.
func (f *form) branch(location string, value json.RawMessage, interfaces map[string]hook.Type) []string {
	var names []string
	for i, item := range f.items(location, value) {
		at := element(location, i)
		if !f.is(at, item, "a string", '"') {
			continue
		}
		name := f.text(at, item, longestValue)
		kind, exists := interfaces[name]
		switch {
		case !hook.ValidName(name):
			f.faults.AddValue(at, shown(item), "must be the name of an interface: letters, digits, _ . and -, at most 63")
		case slices.Contains(names, name):
			f.faults.AddValue(at, shown(item), "is listed twice")
		case !exists:
			f.faults.AddValue(at, shown(item), "names no interface of the organization: write the parameter interfaces/%s with the type %s", name, hook.RuleWebhook)
		case kind != hook.RuleWebhook:
			f.faults.AddValue(at, shown(item), "names an interface that is no %s: rules call no other", hook.RuleWebhook)
		}
		names = append(names, name)
	}
	return names
}

func (f *form) limits(location string, value json.RawMessage) (limits Limits) {
	inner := f.inner(location, "a rule's limits", value)
	if inner == nil {
		return limits
	}
	inner.each(map[string]check{
		"maxPerContact": func(at string, v json.RawMessage) {
			limits.MaxPerContact = inner.whole(at, v, LargestMaxPerContact, "times")
		},
		"minIntervalMinutes": func(at string, v json.RawMessage) {
			limits.MinInterval = time.Duration(inner.whole(at, v, LongestMinInterval, "minutes")) * time.Minute
		},
	}, "maxPerContact", "minIntervalMinutes")
	return limits
}

func (f *form) state(location string, value json.RawMessage) hook.State {
	if !f.is(location, value, "a string", '"') {
		return ""
	}
	state := hook.State(f.text(location, value, longestValue))
	if state != hook.Active && state != hook.Paused {
		f.faults.AddValue(location, shown(value), "must be active or paused")
	}
	return state
}

// InterfacesOf are the names of interfaces in a configuration, whether it is valid or not: one that does not exist yet
// matters most. What cannot be read names none.
func InterfacesOf(source []byte) []string {
	var form struct {
		Then json.RawMessage `json:"then"`
		Else json.RawMessage `json:"else"`
	}
	if json.Unmarshal(source, &form) != nil {
		return nil
	}
	var names []string
	for _, branch := range []json.RawMessage{form.Then, form.Else} {
		var items []any
		if json.Unmarshal(branch, &items) != nil {
			continue
		}
		for _, item := range items {
			if name, ok := item.(string); ok && hook.ValidName(name) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
