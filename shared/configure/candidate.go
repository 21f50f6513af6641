package configure

import (
	"strconv"
	"time"

	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
)

// mostFaults of one parameter are kept: 8 KB of JSON can have thousands, and an item of the table ends at 400 KB.
const mostFaults = 500

// candidate is an interface on its way into the table.
type candidate struct {
	*task
	old     hook.Interface
	checked hook.Checked
}

// check makes the interface of a parameter's value.
func (c *candidate) check(against *facts) {
	v := c.value
	c.checked = hook.Checked{Interface: hook.Interface{
		Organization: c.Organization, Name: c.Name, Type: hook.TypeOf([]byte(v.Text)), Version: v.Version, Modified: v.Modified,
		Generation: strconv.FormatInt(v.Modified.UnixMilli(), 36), FirstSeen: v.Modified.Truncate(time.Second),
	}}
	if sameLife(c.old.Generation, c.old.Version, c.old.Modified, v.Parameter) {
		c.checked.Generation, c.checked.FirstSeen = c.old.Generation, c.old.FirstSeen
	}
	if !hook.ValidName(c.Name) {
		c.checked.Faults.Add("", nameRule)
	}
	if v.Secure {
		c.checked.Faults.Add("", "must be a String parameter: secrets have parameters of their own, under secrets/")
	} else {
		c.checked.Text = v.Text
		context := against.context
		context.FirstSeen = c.checked.FirstSeen
		ready, faults := hook.Parse([]byte(v.Text), context)
		c.checked.Hook, c.checked.Faults = ready, append(c.checked.Faults, faults...)
		c.checked.DependsOn = hook.DependenciesOf([]byte(v.Text)).Names()
	}
	switch unchanged := c.old.Version == v.Version && c.old.Modified.Equal(v.Modified); {
	case len(c.checked.Faults) > 0:
		c.checked.State, c.checked.Hook, c.checked.Faults = hook.Invalid, nil, bounded(c.checked.Faults)
	case unchanged && c.old.State == hook.Disabled:
		// Only writing the parameter enables it again.
		c.checked.State = hook.Disabled
	default:
		c.checked.State = c.checked.Hook.State
	}
}

// sameLife reports whether the parameter is the one that a version and generation were read from, not one written anew
// after its deletion: then versions start again at 1.
func sameLife(generation string, version int64, modified time.Time, p parameter.Parameter) bool {
	return generation != "" && (p.Version > version || p.Version == version && p.Modified.Equal(modified))
}

func bounded(faults fault.List) fault.List {
	if len(faults) <= mostFaults {
		return faults
	}
	rest := len(faults) - mostFaults
	faults = faults[:mostFaults:mostFaults]
	faults.Add("", "and %d more faults", rest)
	return faults
}
