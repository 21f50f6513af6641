package platform

import (
	"bytes"
	"mime"
	"net/url"
	"slices"
	"strings"

	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/trigger"
)

// callbacks reads what an SMS platform calls with: a body of JSON (one object or a list of them) or a form; without a body
// the query, less QueueProcess's own parameters.
func callbacks(t trigger.Trigger) (list []document.Reader, faults func() fault.List) {
	kind, _, _ := mime.ParseMediaType(t.Headers["content-type"])
	switch {
	case len(bytes.TrimSpace(t.Body)) == 0:
		return inQuery(t.Query)
	case kind == document.FormType:
		return inForm(t)
	}
	value, found, err := document.Parse(t.Body)
	if err != nil {
		found.Add("", "the body must be a JSON object or a form (%s): %s", document.FormType, err)
	}
	if len(found) > 0 {
		return nil, func() fault.List { return found }
	}
	return document.ReadEach(value)
}

func inForm(t trigger.Trigger) ([]document.Reader, func() fault.List) {
	values, err := document.Form(t.Headers["content-type"], t.Body)
	if err != nil {
		return nil, func() fault.List { return fault.List{{Message: "the form cannot be read: " + err.Error()}} }
	}
	r := document.Read(fieldsOf(values))
	return []document.Reader{once(r, values)}, r.Faults
}

func inQuery(query url.Values) ([]document.Reader, func() fault.List) {
	values := url.Values{}
	for name, list := range query {
		if !slices.Contains(ownParameters(), strings.ToLower(name)) {
			values[name] = list
		}
	}
	r := document.Read(map[string]any{"query": fieldsOf(values)}).Object("query")
	return []document.Reader{once(r, values)}, r.Faults
}

// ownParameters are QueueProcess's, in lower case.
func ownParameters() []string {
	return []string{
		"sourceid", "zoneid", "brandid", "contactaddresstypeid", "batchmode", "email", "secondsofinvisibility", "store", "currency", "token",
	}
}

func fieldsOf(values url.Values) map[string]any {
	fields := make(map[string]any, len(values))
	for name := range values {
		fields[name] = values.Get(name)
	}
	return fields
}

// once notes a fault for each field that is given twice.
func once(r document.Reader, values url.Values) document.Reader {
	for _, name := range sorted(values) {
		if n := len(values[name]); n > 1 {
			r.Fault(name, "is given %d times: give it once", n)
		}
	}
	return r
}

func sorted[V any](of map[string]V) []string {
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// named is how an object spells a field that has several names, without regard to case: the first of them that has a value,
// else the first of all.
func named(r document.Reader, names ...string) string {
	fields := r.Fields()
	spellings := sorted(fields)
	for _, name := range names {
		if !blank(fields[name]) {
			return name
		}
		for _, spelling := range spellings {
			if strings.EqualFold(spelling, name) && !blank(fields[spelling]) {
				return spelling
			}
		}
	}
	return names[0]
}

func blank(value any) bool { return value == nil || value == "" }

// details are the fields that have no place of their own.
func details(r document.Reader, without ...string) map[string]any {
	rest := map[string]any{}
	for name, value := range r.Fields() {
		if !slices.Contains(without, name) {
			rest[name] = value
		}
	}
	return rest
}

// recordID checks a platform's id, which becomes part of a record's; "" with a fault where it cannot. A missing one is "".
func recordID(r document.Reader, name, id string) string {
	if id != "" && !validID(id) || len(id) > longestID {
		r.Fault(name, "must be an id of at most %d letters, digits or . _ ~ : @ + -", longestID)
		return ""
	}
	return id
}

// longestID leaves room for the platform's name before it.
const longestID = 100
