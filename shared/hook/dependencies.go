package hook

import "slices"

// Dependencies are the parameters, besides its own, that a configuration was checked against. When one of them changes
// it is checked again.
type Dependencies struct {
	// Secrets are names of the organization's secrets.
	Secrets []string `json:"secrets,omitempty"`
	// FirstProductDate and AllowedNetworks say whether these settings matter.
	FirstProductDate bool `json:"firstProductDate,omitempty"`
	AllowedNetworks  bool `json:"allowedNetworks,omitempty"`
}

// Names are the parameters in the form of Checked.DependsOn.
func (d Dependencies) Names() []string {
	var names []string
	for _, secret := range d.Secrets {
		names = append(names, "secret#"+secret)
	}
	if d.FirstProductDate {
		names = append(names, "setting#firstProductDate")
	}
	if d.AllowedNetworks {
		names = append(names, "setting#allowedNetworks")
	}
	return names
}

// DependenciesOf finds what a configuration depends on, whether it is valid or not: a secret that does not exist yet
// matters most. What cannot be read depends on nothing.
func DependenciesOf(source []byte) Dependencies {
	var d Dependencies
	root, unreadable := read(source, &report{})
	if unreadable != nil {
		return d
	}
	if secret := root.member("authentication").text("secret"); ValidName(secret) {
		d.Secrets = []string{secret}
	}
	v1 := root.text("type") == string(ContactWebhookV1)
	if parsed, message, _ := checkURL(masked(root.text("url"), v1), v1); message == "" {
		_, d.AllowedNetworks = literal(parsed.Hostname())
	}
	if schedules := root.member("schedules"); schedules != nil {
		d.FirstProductDate = slices.ContainsFunc(schedules.items, func(s *node) bool {
			return relativeTo(s.member("start")) || relativeTo(s.member("end"))
		})
	}
	return d
}

func relativeTo(n *node) bool { return n.member(before) != nil || n.member(after) != nil }
