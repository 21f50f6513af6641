package platform

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"crmhook/shared/contact"
	"crmhook/shared/document"
	"crmhook/shared/fault"
)

// duplicates reads which contacts are the same person. Each is named once, so that there are no chains and no contact is
// merged into itself.
func (p *postalPlan) duplicates(list []document.Reader) fault.List {
	names := naming{at: map[string]string{}}
	for _, d := range list {
		kept := contactNumber(d.Need("keep"), "keep")
		names.once(kept, d.Path("keep"))
		items, isList := d.Value("merge").([]any)
		if !isList || len(items) == 0 {
			d.Fault("merge", "must be a list of contact numbers, one at least")
		}
		for i, item := range items {
			merged := names.number(item, fmt.Sprintf("%s[%d]", d.Path("merge"), i))
			p.add(kept, func(data map[string]any) { connect(data, merged) })
			p.add(merged, func(data map[string]any) { mergeInto(data, kept) })
		}
	}
	return names.faults
}

// naming keeps where each contact was named first.
type naming struct {
	at     map[string]string
	faults fault.List
}

func (n *naming) once(number, path string) {
	first, twice := n.at[number]
	switch {
	case number == "":
	case twice:
		n.wrong(path, "must be another contact: this one is named at %s already; each is kept or merged once", first)
	default:
		n.at[number] = path
	}
}

// number reads an item of a list of contact numbers.
func (n *naming) number(item any, path string) string {
	number := ""
	switch item.(type) {
	case string, json.Number:
		number = textOf(item)
	}
	if length := utf8.RuneCountInString(number); length == 0 || length > contact.NumberLength {
		n.wrong(path, "must be a contact number of 1 to %d characters", contact.NumberLength)
		return ""
	}
	n.once(number, path)
	return number
}

func (n *naming) wrong(path, format string, args ...any) {
	if len(n.faults) < document.MaxFaults {
		n.faults.Add(path, format, args...)
	}
}

// mergedType is the type of the connection to a duplicate.
const mergedType = "MERGED"

func connect(data map[string]any, number string) {
	connection := map[string]any{"type": mergedType, "contactNumber": number}
	connections, _ := data["contactConnections"].([]any)
	for _, item := range connections {
		if of, ok := item.(map[string]any); ok && of["type"] == mergedType && textOf(of["contactNumber"]) == number {
			return
		}
	}
	data["contactConnections"] = append(connections, connection)
}

// mergeInto marks a duplicate. The state that it had is kept until somebody undoes the merge.
func mergeInto(data map[string]any, number string) {
	if _, before := data["stateBeforeMerge"]; !before || data["state"] != invalidState {
		data["stateBeforeMerge"] = data["state"]
	}
	data["mergedInto"], data["state"] = number, invalidState
}

const invalidState = "INVALID"
