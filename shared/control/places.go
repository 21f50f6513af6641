package control

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/records"
	"crmhook/shared/web"
)

// place is a part of a path.
type place struct {
	name, text string
	pattern    pattern
	// must says what it must be.
	must string
}

// pattern is compiled when it is first asked for: a start need not wait for it.
type pattern struct {
	text     string
	compiled func() *regexp.Regexp
}

// String is the pattern as the description has it.
func (p pattern) String() string { return p.text }

// MatchString reports whether a text is as the pattern says.
func (p pattern) MatchString(text string) bool { return p.compiled().MatchString(text) }

func lazily(text string) pattern {
	return pattern{text, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })}
}

// The patterns of names and ids.
var (
	namePattern     = lazily(hook.NamePattern)
	loosePattern    = lazily(`^[A-Za-z0-9_.-]{1,900}$`)
	runPattern      = lazily(`^[0-9a-z]{26}$`)
	deliveryPattern = lazily(`^[0-9a-z]{26}-[0-9]{5,10}$|^[0-9a-z]{32}$`)
	asidePattern    = lazily(`^[A-Za-z0-9_-]+$`)
	contactPattern  = lazily(`^[^/\x00-\x1f\x7f]{1,20}$`)
)

func interfaceName() place {
	return place{"name", "The interface's name.", namePattern, hook.NameRule}
}

func ruleID() place { return place{"id", "The rule's id.", namePattern, hook.NameRule} }

func secretName() place { return place{"name", "The secret's name.", namePattern, hook.NameRule} }

// loose is the place of a name that need not be one that works: what others have written to Parameter Store can be read and
// deleted.
func (p place) loose() place {
	p.pattern, p.must = loosePattern, "must be 1 to 900 of A-Z, a-z, 0-9, _, . and -"
	return p
}

func executionID() place {
	return place{"id", "The execution's id.", runPattern, "must be an execution's id: 26 digits and small letters"}
}

func deliveryID() place {
	return place{"id", "The delivery's id.", deliveryPattern, "must be a delivery's id: an execution's id, a hyphen and a number, or of an event 32 digits and small letters"}
}

func triggerID() place {
	return place{"id", "The trigger's id.", runPattern, "must be a trigger's id: 26 digits and small letters"}
}

func asideID() place {
	return place{"id", "Its id, as the list has it.", asidePattern, "must be an id as the list has it: letters, digits, - and _"}
}

func contactID() place {
	return place{"id", "The contact's contactNumber.", contactPattern, "must be a contactNumber: 1 to 20 characters, no slash"}
}

// check notes what is wrong with what stands there.
func (p place) check(faults *fault.List, value string) {
	// A gateway puts U+FFFD where a path was not UTF-8, and then nobody knows what it named.
	if !p.pattern.MatchString(value) || !utf8.ValidString(value) || strings.ContainsRune(value, utf8.RuneError) {
		faults.AddValue("path."+p.name, fault.Shown(value), "%s", p.must)
	}
}

// placesOf describes the path: the organization, then the rest.
func (a asked) placesOf() []*huma.Param {
	list := []*huma.Param{web.PathParameter("organization", "The organization: the key's own, or of an operator's key any.", records.OrganizationPattern)}
	for _, p := range a.places {
		list = append(list, web.PathParameter(p.name, p.text, p.pattern.String()))
	}
	return list
}
