package hook

// Key names an interface.
type Key struct {
	Organization string
	Name         string
}

// String is organization/name, the form of logs and mails.
func (k Key) String() string { return k.Organization + "/" + k.Name }

// Key is the interface's.
func (i Interface) Key() Key { return Key{Organization: i.Organization, Name: i.Name} }

// Checked is an interface together with what it was checked against.
type Checked struct {
	Interface
	// DependsOn names the parameters that matter to it besides its own, as secret#name and setting#name.
	DependsOn []string
}
