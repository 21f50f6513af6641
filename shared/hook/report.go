package hook

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"crmhook/shared/fault"
)

// report collects what is wrong with a configuration, with the place of each fault, so that all are told at once and in
// the order in which a reader of the text meets them.
type report struct{ found []placed }

type placed struct {
	fault.Fault
	at int
}

// at adds a fault; value is what was found, nil to show nothing.
func (r *report) at(offset int, location string, value any, format string, args ...any) {
	f := fault.Fault{Location: location, Message: fmt.Sprintf(format, args...), Value: value}
	r.found = append(r.found, placed{Fault: f, at: offset})
}

// fault is about a value and shows it.
func (r *report) fault(n *node, format string, args ...any) {
	r.at(n.start, n.path, n.shown(), format, args...)
}

// hidden is about a value that might be secret, and does not show it.
func (r *report) hidden(n *node, format string, args ...any) {
	r.at(n.start, n.path, nil, format, args...)
}

// missing is about a field that the object lacks.
func (r *report) missing(n *node, name, format string, args ...any) {
	r.at(n.end, join(n.path, name), nil, format, args...)
}

// faults are all of them in the order of the text.
func (r *report) faults() fault.List {
	if len(r.found) == 0 {
		return nil
	}
	slices.SortStableFunc(r.found, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	faults := make(fault.List, len(r.found))
	for i, f := range r.found {
		faults[i] = f.Fault
	}
	return faults
}

// is reports whether a value is of the kind that is wanted, and adds a fault when it is not.
func (r *report) is(n *node, want kind) bool {
	if n.kind != want {
		value := n.shown()
		if maySecret(n.path) {
			value = nil
		}
		r.at(n.start, n.path, value, "must be %s, found %s", want, found(n))
		return false
	}
	return true
}

// maySecret reports whether people may have written something secret at the path.
func maySecret(path string) bool {
	for _, field := range []string{"authentication", "headers", "signing", "url", "customParameters"} {
		if strings.HasPrefix(path, field) {
			return true
		}
	}
	return false
}

// found names a node's JSON type, as opposed to what is expected of one.
func found(n *node) kind {
	if n.kind == boolean {
		return kind(n.value)
	}
	return n.kind
}
