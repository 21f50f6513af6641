// Package precondition says what a request expects of a state before it is changed or read, by the state's entity tag (RFC
// 9110, 13.1). It must not know what the state is of.
package precondition

import (
	"strings"

	"crmhook/shared/fault"
)

// Conditions are what a request expects.
type Conditions struct{ match, noneMatch *tags }

// Failure is what a state fails.
type Failure int

// The failures: of none, of If-Match, which names another state or any where there is none, and of If-None-Match, which
// excludes the state.
const (
	None Failure = iota
	Match
	NoneMatch
)

// Read reads the values of If-Match and If-None-Match, nil where a header was not sent, and notes what is wrong with them.
func Read(ifMatch, ifNoneMatch []string, faults *fault.List) Conditions {
	read := func(name string, values []string) *tags {
		if values == nil {
			return nil
		}
		list, ok := parse(strings.Join(values, ","))
		if !ok {
			faults.AddValue("header."+name, fault.Shown(strings.Join(values, ",")), `must be * or a list of entity tags in double quotes, as ETag gave them`)
		}
		return list
	}
	return Conditions{read("If-Match", ifMatch), read("If-None-Match", ifNoneMatch)}
}

// Given reports whether anything is expected.
func (c Conditions) Given() bool { return c.match != nil || c.noneMatch != nil }

// Check says what a state fails; its tag is not looked at where it does not exist.
func (c Conditions) Check(exists bool, tag string) Failure {
	if m := c.match; m != nil && (!exists || !m.any && !m.has(tag, false)) {
		return Match
	}
	if n := c.noneMatch; n != nil && exists && (n.any || n.has(tag, true)) {
		return NoneMatch
	}
	return None
}

// Known reports whether the caller of a read has the state already.
func (c Conditions) Known(tag string) bool {
	return c.noneMatch != nil && (c.noneMatch.any || c.noneMatch.has(tag, true))
}

// MatchOnly are the conditions without If-None-Match, which a read of a known state does not fail.
func (c Conditions) MatchOnly() Conditions { return Conditions{match: c.match} }
