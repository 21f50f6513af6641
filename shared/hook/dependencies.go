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
	d.AllowedNetworks = slices.ContainsFunc(urlsIn(root), func(text string) bool {
		parsed, message, _ := checkURL(masked(text, v1), v1)
		if message != "" {
			return false
		}
		_, is := literal(parsed.Hostname())
		return is
	})
	if schedules := root.member("schedules"); schedules != nil {
		d.FirstProductDate = slices.ContainsFunc(schedules.items, func(s *node) bool {
			return relativeTo(s.member("start")) || relativeTo(s.member("end"))
		})
	}
	return d
}

// urlsIn are the URL and, of a crm-trigger, the URLs of a configuration.
func urlsIn(root *node) []string {
	found := []string{root.text("url")}
	if urls := root.member("urls"); urls != nil {
		for _, events := range urls.items {
			for _, n := range events.items {
				found = append(found, n.value)
			}
		}
	}
	return found
}

func relativeTo(n *node) bool { return n.member(before) != nil || n.member(after) != nil }
