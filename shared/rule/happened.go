package rule

import (
	"encoding/json"
	"reflect"
	"slices"

	"crmhook/shared/change"
)

// ContactOf is the contact that a change's rules are about: the record itself, or the one that a message names by its
// contactNumber.
func ContactOf(c change.Change) change.Key {
	if c.Entity == change.Contact {
		return c.Key
	}
	return change.Key{Organization: c.Organization, Entity: change.Contact, ID: textOf(c.New["contactNumber"])}
}

// tagsOf are a contact's tags, each once.
func tagsOf(contact map[string]any) []string {
	list, _ := contact["tags"].([]any)
	var tags []string
	for _, item := range list {
		if tag := textOf(item); tag != "" {
			tags = append(tags, tag)
		}
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

// without are the members of a sorted list that another sorted one lacks.
func without(list, others []string) []string {
	var rest []string
	for _, member := range list {
		if _, there := slices.BinarySearch(others, member); !there {
			rest = append(rest, member)
		}
	}
	return rest
}

// addedEvents are the names of the events that a change added to a message, each once, in their order.
func addedEvents(c change.Change) []string {
	before, _ := c.Old["events"].([]any)
	after, _ := c.New["events"].([]any)
	left := slices.Clone(before)
	var names []string
	for _, event := range after {
		if at := slices.IndexFunc(left, func(one any) bool { return reflect.DeepEqual(one, event) }); at >= 0 {
			left = slices.Delete(left, at, at+1)
			continue
		}
		of, _ := event.(map[string]any)
		if name := textOf(of["event"]); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// textOf is a value's text, "" for what is neither text nor number.
func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return string(v)
	}
	return ""
}
