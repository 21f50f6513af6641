// Package rule says what an automation rule is (SALESmanago's rules): when something happens to a contact and conditions
// hold or not, interfaces are called, within limits for each contact. It checks a rule's configuration, naming every fault
// at once, and finds the rules that a change concerns. It must not know where rules and counts are kept, nor call anybody.
package rule

import (
	"time"

	"crmhook/shared/fault"
	"crmhook/shared/hook"
)

// Rule is one rule as the configuration table holds it.
type Rule struct {
	Organization string
	ID           string
	// Generation tells this rule from an earlier, deleted one of the same id: a new one's counts start from nothing.
	Generation string
	// Version and Modified are those of the parameter it was read from.
	Version  int64
	Modified time.Time
	// State is hook.Active, hook.Paused or hook.Invalid.
	State hook.State
	// Faults are what is wrong with the parameter; with any, Definition is nil.
	Faults fault.List
	// Text is what the parameter holds, for people to see and change; empty where that is a SecureString.
	Text string
	// Definition is the checked configuration, ready to use.
	Definition *Definition
}

// Working reports whether the rule fires.
func (r Rule) Working() bool { return r.State == hook.Active && r.Definition != nil }

// Key names a rule.
type Key struct{ Organization, ID string }

// String is organization/id, the form of logs.
func (k Key) String() string { return k.Organization + "/" + k.ID }

// Key is the rule's.
func (r Rule) Key() Key { return Key{r.Organization, r.ID} }

// Checked is a rule together with what it was checked against.
type Checked struct {
	Rule
	// DependsOn are the interfaces that matter to it as they were found: interface#name=type, or interface#name where there
	// was none.
	DependsOn []string
}
