package hook

import (
	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
)

// Key names an interface.
type Key struct {
	Organization string
	Name         string
}

// String is organization/name, the form of logs and mails.
func (k Key) String() string { return k.Organization + "/" + k.Name }

// Key is the interface's.
func (i Interface) Key() Key { return Key{Organization: i.Organization, Name: i.Name} }

// KeyOf is the interface that a delivery is for.
func KeyOf(m delivery.Message) Key { return Key{Organization: m.Organization, Name: m.Interface} }

// Lane is where records wait for the interface.
func (i Interface) Lane() backlog.Lane {
	return backlog.Lane{Organization: i.Organization, Interface: i.Name, Generation: i.Generation}
}

// Checked is an interface together with what it was checked against.
type Checked struct {
	Interface
	// DependsOn names the parameters that matter to it besides its own, as secret#name and setting#name.
	DependsOn []string
}
