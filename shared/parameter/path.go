package parameter

import (
	"fmt"
	"strings"

	"crmhook/shared/change"
)

// Kind is what a parameter configures.
type Kind string

// The kinds, by the folder of the parameter's name.
const (
	Interface Kind = "interface"
	Rule      Kind = "rule"
	Secret    Kind = "secret"
	Source    Kind = "source"
	Key       Kind = "key"
	Setting   Kind = "setting"
	Customer  Kind = "customer"
)

var (
	stageFolders        = map[string]Kind{"settings": Setting, "keys": Key, "customers": Customer}
	organizationFolders = map[string]Kind{
		"interfaces": Interface, "rules": Rule, "secrets": Secret, "sources": Source, "keys": Key, "settings": Setting,
	}
)

// Path is what a parameter's name says. Organization is empty for what concerns the whole stage.
type Path struct {
	Organization string
	Kind         Kind
	Name         string
}

// String is the place within its organization, interface#name; it is also how dependencies are named.
func (p Path) String() string { return string(p.Kind) + "#" + p.Name }

// Root is the path under which all parameters of a stage lie.
func Root(stage string) string { return "/crmhook/" + stage }

// ParsePath reads a parameter's full name. The error says which names there are.
func ParsePath(stage, name string) (Path, error) {
	rest, ok := strings.CutPrefix(name, Root(stage)+"/")
	if !ok {
		return Path{}, fmt.Errorf("expected a name under %s/", Root(stage))
	}
	first, rest, _ := strings.Cut(rest, "/")
	if first != "organizations" {
		return stagePath(first, rest)
	}
	organization, rest, _ := strings.Cut(rest, "/")
	if !change.ValidOrganization(organization) {
		return Path{}, fmt.Errorf("organization %q: expected 1 to 63 of a-z, 0-9 and -, not starting with -", organization)
	}
	folder, rest, _ := strings.Cut(rest, "/")
	kind, ok := organizationFolders[folder]
	if !ok {
		return Path{}, fmt.Errorf("folder %q: an organization has interfaces, rules, secrets, sources, keys and settings", folder)
	}
	if rest == "" || strings.Contains(rest, "/") {
		return Path{}, fmt.Errorf("expected one name after %s/, found %q", folder, rest)
	}
	return Path{Organization: organization, Kind: kind, Name: rest}, nil
}

func stagePath(folder, rest string) (Path, error) {
	kind, ok := stageFolders[folder]
	if !ok {
		return Path{}, fmt.Errorf("folder %q: a stage has organizations, settings, keys and customers", folder)
	}
	if slashes := strings.Count(rest, "/"); rest == "" || (slashes > 0 && kind != Customer) {
		return Path{}, fmt.Errorf("expected one name after %s/, found %q", folder, rest)
	}
	return Path{Kind: kind, Name: rest}, nil
}

// Full is the parameter's name in a stage; ParsePath reads it back.
func (p Path) Full(stage string) string {
	folder := string(p.Kind) + "s"
	if p.Organization == "" {
		return Root(stage) + "/" + folder + "/" + p.Name
	}
	return Root(stage) + "/organizations/" + p.Organization + "/" + folder + "/" + p.Name
}
