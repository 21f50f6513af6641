// Package parameter says what crmhook's configuration parameters are called, and what is remembered of one: the version
// that was worked in, so that only what changed is read again. It must not know where parameters or memories are kept,
// nor what an interface's configuration means.
package parameter

import (
	"errors"
	"time"

	"crmhook/shared/fault"
)

// ErrToken says that a listing cannot be continued from its token, which is too old; it starts anew.
var ErrToken = errors.New("the listing's token is no longer valid")

// Why a parameter was not written, or not read.
var (
	// ErrThrottled says that Parameter Store was asked too often: it takes about three writes a second.
	ErrThrottled = errors.New("parameter store is asked too often")
	// ErrLarge says that a text is longer than MostText.
	ErrLarge = errors.New("the text is longer than a parameter may be")
	// ErrType says that a String parameter cannot become a SecureString, nor the other way round, until it was deleted.
	ErrType = errors.New("a parameter keeps its type until it is deleted")
	// ErrText says that Parameter Store does not take the text: it has none that is empty, and none with {{…}}, which it
	// takes for a reference to another parameter.
	ErrText = errors.New("parameter store does not take the text")
)

// MostText is the most bytes that a parameter holds, in the advanced tier.
const MostText = 8192

// Parameter is one parameter as a listing shows it: without its value.
type Parameter struct {
	Name    string
	Version int64
	// Modified is when this version was written, in whole milliseconds.
	Modified time.Time
	// Secure is true of a SecureString.
	Secure bool
}

// Value is one parameter with its value. It is not logged: the value may be a secret.
type Value struct {
	Parameter
	Text string
}

// Page is part of a listing. It may be empty with more to come; Next is empty on the last.
type Page struct {
	Parameters []Parameter
	Next       string
}

// Seen is what is remembered of a parameter: the version whose effect is complete.
type Seen struct {
	Name string
	// Version and Modified are zero while no version has been worked in.
	Version  int64
	Modified time.Time
	// Recheck is when something that the parameter depends on changed, or that it waits for another organization to let go
	// of a secret's value; zero when it has been checked since.
	Recheck time.Time
	// Generations are those of the interface that may have rows in the backlog.
	Generations []string
	// Revision is new with each writing, so that of two runs at work on one parameter only one completes it and the
	// other's work is repeated.
	Revision string
}

// Current reports whether this version has been worked in and nothing it depends on has changed since.
func (s Seen) Current(p Parameter) bool {
	return s.Version == p.Version && s.Modified.Equal(p.Modified) && s.Recheck.IsZero()
}

// Position is where a sweep that takes several runs goes on.
type Position struct {
	// Token continues the listing; empty: from the start.
	Token string
	// After is the name after which the known names are looked up next.
	After string
}

// Fact is what is kept of a setting or a secret, for interfaces to be checked against.
type Fact struct {
	Path
	Version  int64
	Modified time.Time
	// Value is a setting's text. A secret's value is never here.
	Value string
	// Hosts are those a secret may be sent to, without ports.
	Hosts []string
	// Faults are what is wrong with it; with any, it counts as not there.
	Faults fault.List
}

// Usable reports whether interfaces and functions may rely on the fact.
func (f Fact) Usable() bool { return len(f.Faults) == 0 }
